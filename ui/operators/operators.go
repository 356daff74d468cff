// Package operators is the page where operators and roles are managed.
package operators

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"omanager/app/console"
	"omanager/app/console/people"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// Page shows the operators or the roles.
type Page struct {
	deps   panel.Deps
	list   *list
	roles  *roles
	tabs   [2]*kit.ToolButton
	add    *kit.ToolButton
	inRole bool
	note   *panel.Note
	panel  *kit.Panel
}

// New makes the page; it reads the lists again.
func New(deps panel.Deps) *Page {
	p := &Page{deps: deps, note: panel.NewNote("", look.ColorFailed)}
	p.note.Hide()
	p.list, p.roles = newList(deps), newRoles(deps)
	p.tabs[0] = kit.NewToolButton(theme.AccountIcon(), deps.T("people.operators"), func() { p.Show(false) })
	p.tabs[1] = kit.NewToolButton(theme.ListIcon(), deps.T("people.roles"), func() { p.Show(true) })
	p.add = kit.NewPrimaryButton(theme.ContentAddIcon(), "", p.fresh)
	both := container.NewStack(p.list.content, p.roles.content)
	p.panel = kit.NewPanel(deps.T("people.title"), container.NewBorder(p.note, nil, nil, nil, both), p.tabs[0], p.tabs[1], p.add)
	p.Show(false)
	p.Update(console.All)
	return p
}

// Content is what to show.
func (p *Page) Content() fyne.CanvasObject { return p.panel }

// Focus gives the keyboard to the list on view.
func (p *Page) Focus() {
	if p.inRole {
		p.roles.rows.Focus()
		return
	}
	p.list.rows.Focus()
}

// Show brings the roles or the operators to the front.
func (p *Page) Show(inRoles bool) {
	p.inRole = inRoles
	p.tabs[0].SetOn(!inRoles)
	p.tabs[1].SetOn(inRoles)
	p.list.content.Hidden, p.roles.content.Hidden = inRoles, !inRoles
	p.add.SetText(p.deps.T("people.add"))
	if inRoles {
		p.add.SetText(p.deps.T("roles.add"))
	}
	p.panel.Refresh()
}

func (p *Page) fresh() {
	if p.inRole {
		p.roles.fresh()
		return
	}
	p.list.fresh()
}

// Update shows what changed.
func (p *Page) Update(t console.Topic) {
	if t&(console.People|console.Busy|console.Servers|console.Catalog) == 0 {
		return
	}
	p.note.SetText(p.deps.Sentence(p.deps.Console.Err(people.OpLoad)))
	p.list.update()
	p.roles.update()
	p.panel.Refresh()
}
