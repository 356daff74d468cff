package form

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"omanager/modules/xrc"
)

// sameRow is how far apart (px) the tops of two controls may be to stand side by side.
const sameRow = 12

// children draws what is below a container, one object a row.
func (f *Form) children(n *xrc.Node) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	add := func(o fyne.CanvasObject) {
		if o != nil {
			out = append(out, o)
		}
	}
	if !placed(n.Children) {
		for _, c := range n.Children {
			add(f.node(c))
		}
		return out
	}
	for _, row := range rows(n.Children) {
		var cells []fyne.CanvasObject
		for _, c := range row {
			if o := f.node(c); o != nil {
				cells = append(cells, o)
			}
		}
		switch len(cells) {
		case 0:
		case 1:
			add(cells[0])
		default:
			add(container.New(layout.NewGridLayoutWithColumns(len(cells)), cells...))
		}
	}
	return out
}

// placed reports whether the controls have absolute positions.
func placed(nodes []*xrc.Node) bool {
	return slices.ContainsFunc(nodes, func(n *xrc.Node) bool { return n.HasPos })
}

// rows groups absolutely placed controls by their top edge, then by their left: the order on the old form, without
// its overlaps. Controls without a position keep their place in the file, each on a row of its own.
func rows(nodes []*xrc.Node) [][]*xrc.Node {
	var out [][]*xrc.Node
	sorted := slices.Clone(nodes)
	if !slices.ContainsFunc(nodes, func(n *xrc.Node) bool { return !n.HasPos }) {
		slices.SortStableFunc(sorted, func(a, b *xrc.Node) int { return a.Pos.Y - b.Pos.Y })
	}
	for _, n := range sorted {
		last := len(out) - 1
		if n.HasPos && last >= 0 && out[last][0].HasPos && abs(n.Pos.Y-out[last][0].Pos.Y) < sameRow {
			out[last] = append(out[last], n)
			continue
		}
		out = append(out, []*xrc.Node{n})
	}
	for _, row := range out {
		slices.SortStableFunc(row, func(a, b *xrc.Node) int { return a.Pos.X - b.Pos.X })
	}
	return out
}

func abs(n int) int { return max(n, -n) }

// node draws a container or a control.
func (f *Form) node(n *xrc.Node) fyne.CanvasObject {
	if n.Hidden {
		return nil
	}
	switch n.Class {
	case "wxBoxSizer", "wxStaticBoxSizer", "wxWrapSizer", "wxPanel", "wxScrolledWindow", "wxStdDialogButtonSizer":
		return f.box(n)
	case "wxGridSizer", "wxFlexGridSizer", "wxGridBagSizer":
		if kids := f.children(n); len(kids) > 0 {
			return container.New(layout.NewGridLayoutWithColumns(max(n.Cols, 1)), kids...)
		}
		return nil
	}
	o := f.control(n)
	if len(n.Children) == 0 {
		return o
	}
	kids := f.children(n)
	if o != nil {
		kids = append([]fyne.CanvasObject{o}, kids...)
	}
	return container.NewVBox(kids...)
}

func (f *Form) box(n *xrc.Node) fyne.CanvasObject {
	kids := f.children(n)
	if len(kids) == 0 {
		return nil
	}
	var o fyne.CanvasObject = container.NewVBox(kids...)
	if n.Horizontal && len(kids) > 1 {
		o = container.New(layout.NewGridLayoutWithColumns(len(kids)), kids...)
	}
	if n.Label == "" {
		return o
	}
	l := widget.NewLabel(n.Label)
	l.TextStyle.Bold = true
	return container.NewVBox(l, o)
}
