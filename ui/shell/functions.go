package shell

import (
	"fyne.io/fyne/v2"

	"omanager/app/console"
)

// functionMenu lists the modules, each category in a menu of its own, and the pages.
func (s *Shell) functionMenu() *fyne.Menu {
	mods, _ := s.o.Console.Modules()
	menu := fyne.NewMenu(s.deps.T("menu.functions"))
	for _, category := range console.Categories() {
		sub := fyne.NewMenu("")
		for _, m := range mods {
			if m.Category == category {
				id := m.ID
				sub.Items = append(sub.Items, fyne.NewMenuItem(m.Title(s.o.Words.Language()), func() { s.ShowPage(Work); s.o.Console.Choose(id) }))
			}
		}
		item := fyne.NewMenuItem(s.deps.T("category."+category), nil)
		if item.ChildMenu = sub; len(sub.Items) == 0 {
			item.ChildMenu, item.Disabled = nil, true
		}
		menu.Items = append(menu.Items, item)
	}
	menu.Items = append(menu.Items, fyne.NewMenuItemSeparator())
	menu.Items = append(menu.Items, s.pageItems()...)
	return menu
}
