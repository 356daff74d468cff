package form

import (
	"cmp"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"omanager/modules/xrc"
	"omanager/ui/form/sizer"
)

// dialogButtons draws a row of standard buttons as wx does on this desktop: help alone on the left, the others on the
// right, the one that agrees last.
func (f *Form) dialogButtons(n *xrc.Node) fyne.CanvasObject {
	sorted := *n
	sorted.Children = slices.Clone(n.Children)
	slices.SortStableFunc(sorted.Children, func(a, b *xrc.Node) int { return cmp.Compare(buttonPlace(a), buttonPlace(b)) })
	objects, items := f.parts(&sorted)
	helps := 0
	for _, c := range sorted.Children {
		if buttonPlace(c) == 0 && !c.Hidden {
			helps++
		}
	}
	helps = min(helps, len(objects))
	objects = slices.Insert(objects, helps, layout.NewSpacer())
	items = slices.Insert(items, helps, sizer.Item{Proportion: 1})
	return container.New(&sizer.Box{Horizontal: true, Items: items}, objects...)
}

// buttonPlace is the order from left to right.
func buttonPlace(n *xrc.Node) int {
	switch n.Name {
	case "wxID_HELP", "wxID_CONTEXT_HELP":
		return 0
	case "wxID_NO":
		return 1
	case "wxID_APPLY":
		return 2
	case "wxID_CANCEL", "wxID_CLOSE":
		return 3
	case "wxID_OK", "wxID_YES", "wxID_SAVE":
		return 4
	}
	return 1
}
