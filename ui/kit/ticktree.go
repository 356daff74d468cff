package kit

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/look"
)

// TickTree shows a TreeModel: groups that open, boxes with three states, counts of ticked leaves. Change the model,
// then call Refresh.
type TickTree struct {
	widget.BaseWidget

	OnChanged  func()                              // the person changed a tick
	OnSelected func(row TreeRow)                   // the cursor moved to a row
	OnMenu     func(row TreeRow, at fyne.Position) // secondary tap

	model *TreeModel
	list  *vlist
}

var _ fyne.Widget = (*TickTree)(nil)

// NewTickTree makes a tree of a model.
func NewTickTree(model *TreeModel) *TickTree {
	t := &TickTree{model: model}
	l := newVList(look.SizeRow)
	l.length = model.Len
	l.create = func() fyne.CanvasObject { return newTreeRow() }
	l.update = func(i int, o fyne.CanvasObject, _ fyne.Size) { o.(*treeRow).set(t.model.Row(i)) }
	l.onTap, l.onKey = t.tapped, t.key
	l.onCursor = func(i int) {
		if t.OnSelected != nil {
			t.OnSelected(model.Row(i))
		}
	}
	l.onMenu = func(i int, at fyne.Position) {
		if t.OnMenu != nil {
			t.OnMenu(model.Row(i), at)
		}
	}
	l.onActivate = func(i int) {
		if r := model.Row(i); !r.Leaf {
			t.open(r, !r.Open)
		}
	}
	t.list = l
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer is for Fyne.
func (t *TickTree) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewStack(t.list))
}

// Refresh shows the model again.
func (t *TickTree) Refresh() {
	t.list.Refresh()
	t.BaseWidget.Refresh()
}

// Model is the model shown.
func (t *TickTree) Model() *TreeModel { return t.model }

// Selected is the id of the row with the cursor, "" when there is none.
func (t *TickTree) Selected() string { return t.model.Row(t.list.cursor).ID }

// SelectID puts the cursor on a visible node.
func (t *TickTree) SelectID(id string) {
	if i := t.model.RowOf(id); i >= 0 {
		t.list.moveTo(i, false)
	}
}

// Focus gives the tree the keyboard.
func (t *TickTree) Focus() { t.list.takeFocus() }

func (t *TickTree) toggle(r TreeRow) {
	if r.ID == "" || r.Total == 0 {
		return
	}
	t.model.Toggle(r.ID)
	t.list.Refresh()
	if t.OnChanged != nil {
		t.OnChanged()
	}
}

func (t *TickTree) open(r TreeRow, open bool) {
	if r.Leaf || r.Open == open {
		return
	}
	t.model.SetOpen(r.ID, open)
	t.list.Refresh()
}

func (t *TickTree) tapped(i int, at fyne.Position) {
	r := t.model.Row(i)
	box := boxX(r.Depth)
	switch {
	case !r.Leaf && at.X < box:
		t.open(r, !r.Open)
	case at.X >= box && at.X < box+boxRoom:
		t.toggle(r)
	}
}

func (t *TickTree) key(k *fyne.KeyEvent) bool {
	r := t.model.Row(t.list.cursor)
	switch k.Name {
	case fyne.KeySpace:
		t.toggle(r)
	case fyne.KeyRight:
		if r.Open {
			t.list.moveTo(t.list.cursor+1, false)
		} else {
			t.open(r, true)
		}
	case fyne.KeyLeft:
		if r.Open {
			t.open(r, false)
		} else if r.Parent != "" {
			t.SelectID(r.Parent)
		}
	default:
		return false
	}
	return true
}

func countText(r TreeRow) string {
	if r.Leaf {
		return ""
	}
	return strconv.Itoa(r.Ticked) + "/" + strconv.Itoa(r.Total)
}
