package form

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omanager/modules/xrc"
	"omanager/ui/form/sizer"
)

// parts draws what is below a container, with what its sizer is to know of each.
func (f *Form) parts(n *xrc.Node) (objects []fyne.CanvasObject, items []sizer.Item) {
	for _, c := range n.Children {
		if o := f.node(c); o != nil {
			objects, items = append(objects, o), append(items, item(c))
		}
	}
	return objects, items
}

func item(n *xrc.Node) sizer.Item {
	it := sizer.Item{Proportion: n.Proportion, Col: n.Cell.X, Row: n.Cell.Y, ColSpan: n.Span.X, RowSpan: n.Span.Y,
		Min: fyne.NewSize(float32(max(0, n.MinSize.X)), float32(max(0, n.MinSize.Y))),
		Pos: fyne.NewPos(float32(n.Pos.X), float32(n.Pos.Y))}
	if n.Class == "spacer" || sized(n.Class) {
		it.Min = it.Min.Max(fyne.NewSize(float32(max(0, n.Size.X)), float32(max(0, n.Size.Y))))
	}
	b := float32(n.Border)
	for _, flag := range n.Flags {
		switch flag {
		case "wxALL":
			it.Left, it.Top, it.Right, it.Bottom = b, b, b, b
		case "wxLEFT", "wxWEST":
			it.Left = b
		case "wxRIGHT", "wxEAST":
			it.Right = b
		case "wxTOP", "wxNORTH":
			it.Top = b
		case "wxBOTTOM", "wxSOUTH":
			it.Bottom = b
		case "wxEXPAND", "wxGROW":
			it.Expand = true
		case "wxALIGN_RIGHT":
			it.X = sizer.End
		case "wxALIGN_BOTTOM":
			it.Y = sizer.End
		case "wxALIGN_CENTER_HORIZONTAL", "wxALIGN_CENTRE_HORIZONTAL":
			it.X = sizer.Centre
		case "wxALIGN_CENTER_VERTICAL", "wxALIGN_CENTRE_VERTICAL":
			it.Y = sizer.Centre
		case "wxALIGN_CENTER", "wxALIGN_CENTRE":
			it.X, it.Y = sizer.Centre, sizer.Centre
		}
	}
	return it
}

// sized reports whether the size in the file is to be kept: not of containers, which are as large as what is inside.
func sized(class string) bool {
	switch class {
	case "wxTextCtrl", "wxListBox", "wxCheckListBox", "wxChoice", "wxComboBox", "wxButton", "wxGauge", "wxSlider", "wxStaticText",
		"wxListCtrl", "wxSearchCtrl", "wxStaticBitmap", "wxSpinCtrl", "wxToggleButton":
		return true
	}
	return false
}

// node draws a container or a control; nil if there is nothing to draw.
func (f *Form) node(n *xrc.Node) fyne.CanvasObject {
	if n.Hidden {
		return nil
	}
	switch n.Class {
	case "wxStdDialogButtonSizer":
		return f.dialogButtons(n)
	case "wxBoxSizer", "wxStaticBoxSizer", "wxWrapSizer", "wxGridSizer", "wxFlexGridSizer", "wxGridBagSizer":
		return f.sizer(n)
	case "wxPanel", "wxScrolledWindow", "wxDialog", "wxFrame", "wxScrollingDialog", "panewindow", "notebookpage", "choicebookpage",
		"listbookpage", "treebookpage", "simplebookpage":
		return f.window(n)
	case "wxNotebook", "wxChoicebook", "wxListbook", "wxTreebook", "wxSimplebook":
		return f.book(n)
	case "wxSplitterWindow":
		return f.split(n)
	case "wxCollapsiblePane":
		a := widget.NewAccordion(widget.NewAccordionItem(n.Label, f.window(n)))
		if !n.Collapsed {
			a.OpenAll()
		}
		return a
	case "wxMenuBar":
		return f.menuBar(n)
	case "wxToolBar":
		objects, items := f.parts(n)
		return container.New(&sizer.Wrap{Items: items}, objects...)
	case "wxMenu":
		return f.menu(n)
	}
	o := f.control(n)
	if len(n.Children) == 0 || n.Known {
		return o
	}
	objects, _ := f.parts(n)
	if o != nil {
		objects = append([]fyne.CanvasObject{o}, objects...)
	}
	return container.NewVBox(objects...)
}

func (f *Form) sizer(n *xrc.Node) fyne.CanvasObject {
	objects, items := f.parts(n)
	if len(objects) == 0 {
		return nil
	}
	var l fyne.Layout
	switch n.Class {
	case "wxGridSizer", "wxFlexGridSizer", "wxGridBagSizer":
		l = &sizer.Grid{Cols: n.Cols, Rows: n.Rows, HGap: float32(n.Gap), VGap: float32(n.VGap), Flex: n.Class == "wxFlexGridSizer",
			Bag: n.Class == "wxGridBagSizer", GrowCols: shares(n.GrowCols), GrowRows: shares(n.GrowRows), Items: items}
	case "wxWrapSizer":
		l = &sizer.Wrap{Items: items}
	default:
		l = &sizer.Box{Horizontal: n.Horizontal, Items: items, Least: fyne.NewSize(float32(max(0, n.MinSize.X)), float32(max(0, n.MinSize.Y)))}
	}
	o := container.New(l, objects...)
	if n.Class != "wxStaticBoxSizer" {
		return o
	}
	return framed(n.Label, o)
}

func shares(grow []xrc.Grow) map[int]int {
	m := make(map[int]int, len(grow))
	for _, g := range grow {
		m[g.Index] = max(1, g.Share)
	}
	return m
}

// window draws a window: its one sizer or child fills it, several are placed, or stacked if they have no positions.
func (f *Form) window(n *xrc.Node) fyne.CanvasObject {
	objects, items := f.parts(n)
	switch {
	case slices.ContainsFunc(n.Children, func(c *xrc.Node) bool { return c.HasPos }):
		gap := leftOut(n, items)
		for i := range items {
			items[i].Pos = fyne.NewPos(max(0, items[i].Pos.X), max(0, items[i].Pos.Y-gap))
		}
		return container.New(&sizer.Place{Items: items}, objects...)
	case len(objects) == 1:
		return objects[0]
	}
	return container.NewVBox(objects...)
}

// leftOut is the height at the top of a window that only what is not drawn would fill.
func leftOut(n *xrc.Node, items []sizer.Item) float32 {
	if len(items) == 0 || len(items) == len(n.Children) {
		return 0
	}
	top, all := items[0].Pos.Y, float32(max(0, n.Children[0].Pos.Y))
	for _, it := range items {
		top = min(top, it.Pos.Y)
	}
	for _, c := range n.Children {
		all = min(all, float32(max(0, c.Pos.Y)))
	}
	return max(0, top-all)
}

func (f *Form) book(n *xrc.Node) fyne.CanvasObject {
	tabs := container.NewAppTabs()
	for _, page := range n.Children {
		o := f.window(page)
		tabs.Append(container.NewTabItem(page.Label, o))
		if page.Selected {
			tabs.SelectIndex(len(tabs.Items) - 1)
		}
	}
	if len(tabs.Items) == 0 {
		return nil
	}
	return tabs
}

func (f *Form) split(n *xrc.Node) fyne.CanvasObject {
	objects, _ := f.parts(n)
	switch {
	case len(objects) != 2:
		return container.NewVBox(objects...)
	case n.Horizontal:
		return container.NewHSplit(objects[0], objects[1])
	}
	return container.NewVSplit(objects[0], objects[1])
}
