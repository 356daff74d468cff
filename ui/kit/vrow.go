package kit

import (
	"image/color"
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/look"
)

// vbody is what scrolls: as high as all rows, holding the visible ones.
type vbody struct {
	widget.BaseWidget
	list    *vlist
	pool    []*vrow
	visible []*vrow
	objects []fyne.CanvasObject
}

func (b *vbody) CreateRenderer() fyne.WidgetRenderer { return &vbodyRenderer{b} }

// sync brings the visible rows in step with the scroll offset; all fills every one of them again.
func (b *vbody) sync(all bool) {
	l := b.list
	h, view := l.rowHeight(), l.scroll.Size()
	if view.Height <= 0 {
		return
	}
	first := max(0, int(l.scroll.Offset.Y/h))
	need := int(math.Ceil(float64(view.Height/h))) + 1
	for len(b.pool) < need {
		b.pool = append(b.pool, newVRow(l))
		all = true
	}
	size := fyne.NewSize(max(view.Width, b.Size().Width), h)
	b.visible, b.objects = b.visible[:0], b.objects[:0]
	for i := first; i < min(first+need, l.length()); i++ {
		r := b.pool[i%len(b.pool)]
		b.visible, b.objects = append(b.visible, r), append(b.objects, r)
		if all || r.index != i || r.Size() != size {
			r.index = i
			r.hovered = r.hovered && all
			r.Resize(size)
			r.Move(fyne.NewPos(0, float32(i)*h))
			b.fill(r)
		}
	}
	canvas.Refresh(b)
}

func (b *vbody) fill(r *vrow) {
	b.list.update(r.index, r.child, r.Size())
	r.paint()
}

type vbodyRenderer struct{ b *vbody }

func (r *vbodyRenderer) Destroy()                     {}
func (r *vbodyRenderer) Layout(fyne.Size)             { r.b.sync(false) }
func (r *vbodyRenderer) Objects() []fyne.CanvasObject { return r.b.objects }
func (r *vbodyRenderer) Refresh()                     { r.b.sync(true) }

func (r *vbodyRenderer) MinSize() fyne.Size {
	l := r.b.list
	s := fyne.NewSize(1, l.contentHeight())
	if l.width != nil {
		s.Width = l.width()
	}
	return s
}

// vrow is the place of one visible row.
type vrow struct {
	widget.BaseWidget
	list    *vlist
	back    *canvas.Rectangle
	child   fyne.CanvasObject
	index   int
	hovered bool
	tapped  time.Time

	dragging bool
}

var (
	_ fyne.Tappable          = (*vrow)(nil)
	_ fyne.SecondaryTappable = (*vrow)(nil)
	_ desktop.Hoverable      = (*vrow)(nil)
	_ fyne.Draggable         = (*vrow)(nil)
)

func newVRow(l *vlist) *vrow {
	r := &vrow{list: l, back: canvas.NewRectangle(color.Transparent), child: l.create(), index: -1}
	r.ExtendBaseWidget(r)
	return r
}

func (r *vrow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewStack(r.back, r.child))
}

// paint chooses the background.
func (r *vrow) paint() {
	name := theme.ColorNameBackground
	switch {
	case r.list.isSelected(r.index) && r.list.focused:
		name = r.list.selected
	case r.list.isSelected(r.index):
		name = r.list.inactive
	case r.hovered && r.list.onTap != nil:
		name = look.ColorHover
	case r.list.fill != nil:
		name = r.list.fill(r.index)
	}
	setFill(r.back, paint(r.list, name))
}

// Tapped moves the cursor here; the second of two quick taps activates the row.
func (r *vrow) Tapped(ev *fyne.PointEvent) {
	l, i := r.list, r.index
	l.takeFocus()
	again := l.cursor == i && l.now().Sub(r.tapped) < doubleTap
	r.tapped = l.now()
	l.moveTo(i, shiftHeld())
	if l.onTap != nil {
		l.onTap(i, ev.Position)
	}
	if again && l.onActivate != nil {
		l.onActivate(i)
	}
}

// TappedSecondary moves the cursor here, unless the row is selected already, and asks for a menu.
func (r *vrow) TappedSecondary(ev *fyne.PointEvent) {
	l, i := r.list, r.index
	l.takeFocus()
	if !l.isSelected(i) {
		l.moveTo(i, false)
	}
	if l.onMenu != nil {
		l.onMenu(i, ev.AbsolutePosition)
	}
}

// MouseIn lights the row up.
func (r *vrow) MouseIn(*desktop.MouseEvent) { r.hovered = true; r.paint() }

// MouseMoved does nothing.
func (r *vrow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends the light.
func (r *vrow) MouseOut() { r.hovered = false; r.paint() }

// Dragged selects the rows from the one where the drag began, where ranges are allowed.
func (r *vrow) Dragged(ev *fyne.DragEvent) {
	l := r.list
	if !l.ranges {
		return
	}
	if !r.dragging {
		r.dragging = true
		l.takeFocus()
		l.moveTo(r.index, false)
	}
	// not ev.Position: this object may show another row by now, for the list scrolls under the pointer
	top := fyne.CurrentApp().Driver().AbsolutePositionForObject(l.scroll).Y
	at := ev.AbsolutePosition.Y - top + l.scroll.Offset.Y
	l.moveTo(int(math.Floor(float64(at/l.rowHeight()))), true)
}

// DragEnd ends the selection.
func (r *vrow) DragEnd() { r.dragging = false }
