package kit

import (
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

// doubleTap is the longest time between the taps of a double tap. Fyne's own DoubleTappable would hold back every
// single tap for that long.
const doubleTap = 400 * time.Millisecond

// vlist is a virtual list of rows of one height that touch each other: only visible rows exist. widget.List puts the
// theme's padding between rows, which only a ThemeOverride takes away, and that costs a set of fonts for each list.
type vlist struct {
	widget.BaseWidget

	height fyne.ThemeSizeName
	length func() int
	create func() fyne.CanvasObject
	// update fills a row's object; it may read anything but change nothing of the list.
	update func(i int, o fyne.CanvasObject, size fyne.Size)
	width  func() float32 // of the widest row, for horizontal scrolling; nil: rows are as wide as the view

	onTap      func(i int, at fyne.Position) // after the cursor moved there
	onActivate func(i int)                   // double tap or Return
	onMenu     func(i int, at fyne.Position) // secondary tap, absolute position
	onCursor   func(i int)                   // the cursor moved
	onKey      func(k *fyne.KeyEvent) bool   // true: handled
	onCopy     func()
	onScroll   func()
	fill       func(i int) fyne.ThemeColorName // background of a row that is not selected

	selected, inactive fyne.ThemeColorName // of selected rows, with and without focus

	cursor, anchor int // -1: none; the rows between are selected
	ranges         bool
	focused        bool
	scroll         *container.Scroll
	body           *vbody
	now            func() time.Time
}

var (
	_ fyne.Widget       = (*vlist)(nil)
	_ fyne.Focusable    = (*vlist)(nil)
	_ fyne.Shortcutable = (*vlist)(nil)
)

func newVList(height fyne.ThemeSizeName) *vlist {
	l := &vlist{height: height, cursor: -1, anchor: -1, now: time.Now, selected: look.ColorSelected, inactive: look.ColorInactive}
	l.body = &vbody{list: l}
	l.body.ExtendBaseWidget(l.body)
	l.scroll = container.NewScroll(l.body)
	l.scroll.OnScrolled = func(fyne.Position) {
		l.body.sync(l.width != nil)
		if l.onScroll != nil {
			l.onScroll()
		}
	}
	l.ExtendBaseWidget(l)
	return l
}

func (l *vlist) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(l.scroll) }

// Resize lays the visible rows out anew.
func (l *vlist) Resize(s fyne.Size) {
	l.BaseWidget.Resize(s)
	l.scroll.Resize(s)
	l.body.sync(true)
}

// Refresh shows the list again, after its length or its rows changed.
func (l *vlist) Refresh() {
	n := l.length()
	l.cursor, l.anchor = min(l.cursor, n-1), min(l.anchor, n-1)
	l.scroll.Refresh()
	l.BaseWidget.Refresh()
}

func (l *vlist) rowHeight() float32 { return l.Theme().Size(l.height) }

// refreshRow shows one row again.
func (l *vlist) refreshRow(i int) {
	for _, r := range l.body.visible {
		if r.index == i {
			l.body.fill(r)
		}
	}
}

// moveTo puts the cursor on a row, scrolls to it, and reports it.
func (l *vlist) moveTo(i int, extend bool) {
	n := l.length()
	if n == 0 {
		return
	}
	i = max(0, min(i, n-1))
	moved := i != l.cursor
	l.cursor = i
	if !extend || !l.ranges || l.anchor < 0 {
		l.anchor = i
	}
	l.reveal(i)
	l.body.sync(true)
	if moved && l.onCursor != nil {
		l.onCursor(i)
	}
}

// reveal scrolls as little as needed to show a row.
func (l *vlist) reveal(i int) {
	h, view := l.rowHeight(), l.scroll.Size().Height
	y := float32(i) * h
	switch {
	case view <= 0:
	case y < l.scroll.Offset.Y:
		l.scrollTo(y)
	case y+h > l.scroll.Offset.Y+view:
		l.scrollTo(y + h - view)
	}
}

func (l *vlist) scrollTo(y float32) {
	l.scroll.ScrollToOffset(fyne.NewPos(l.scroll.Offset.X, y))
	l.body.sync(l.width != nil)
}

// bottom is the scroll offset that shows the last row.
func (l *vlist) bottom() float32 {
	return max(0, float32(l.length())*l.rowHeight()-l.scroll.Size().Height)
}

// selection gives the selected rows, first and last; -1, -1 when there are none.
func (l *vlist) selection() (first, last int) {
	return min(l.cursor, l.anchor), max(l.cursor, l.anchor)
}

func (l *vlist) isSelected(i int) bool {
	first, last := l.selection()
	return first >= 0 && i >= first && i <= last
}

// clearCursor takes the selection away without telling anyone.
func (l *vlist) clearCursor() {
	l.cursor, l.anchor = -1, -1
	l.body.sync(true)
}

// FocusGained shows the selection in the active colour.
func (l *vlist) FocusGained() { l.setFocus(true) }

// FocusLost shows the selection in the inactive colour.
func (l *vlist) FocusLost() { l.setFocus(false) }

func (l *vlist) setFocus(on bool) {
	l.focused = on
	for _, r := range l.body.visible {
		r.paint()
	}
}

// TypedRune does nothing: rows are not edited.
func (l *vlist) TypedRune(rune) {}

// TypedKey moves the cursor.
func (l *vlist) TypedKey(k *fyne.KeyEvent) {
	if l.onKey != nil && l.onKey(k) {
		return
	}
	page := max(1, int(l.scroll.Size().Height/l.rowHeight())-1)
	extend := shiftHeld()
	switch k.Name {
	case fyne.KeyUp:
		l.moveTo(l.cursor-1, extend)
	case fyne.KeyDown:
		l.moveTo(l.cursor+1, extend)
	case fyne.KeyPageUp:
		l.moveTo(l.cursor-page, extend)
	case fyne.KeyPageDown:
		l.moveTo(l.cursor+page, extend)
	case fyne.KeyHome:
		l.moveTo(0, extend)
	case fyne.KeyEnd:
		l.moveTo(l.length()-1, extend)
	case fyne.KeyReturn, fyne.KeyEnter:
		if l.cursor >= 0 && l.onActivate != nil {
			l.onActivate(l.cursor)
		}
	}
}

// TypedShortcut copies, and selects all where ranges are allowed.
func (l *vlist) TypedShortcut(s fyne.Shortcut) {
	switch s.(type) {
	case *fyne.ShortcutCopy:
		if l.onCopy != nil {
			l.onCopy()
		}
	case *fyne.ShortcutSelectAll:
		if l.ranges && l.length() > 0 {
			l.anchor, l.cursor = 0, l.length()-1
			l.body.sync(true)
		}
	}
}

func shiftHeld() bool {
	d, ok := fyne.CurrentApp().Driver().(desktop.Driver)
	return ok && d.CurrentKeyModifiers()&fyne.KeyModifierShift != 0
}

// takeFocus gives the list the keyboard.
func (l *vlist) takeFocus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
		c.Focus(l)
	}
}

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
	first := max(0, int(l.scroll.Offset.Y/h))
	need := int(math.Ceil(float64(view.Height/h))) + 1
	if view.Height <= 0 || h <= 0 {
		return
	}
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
	s := fyne.NewSize(1, float32(l.length())*l.rowHeight())
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
}

var (
	_ fyne.Tappable          = (*vrow)(nil)
	_ fyne.SecondaryTappable = (*vrow)(nil)
	_ desktop.Hoverable      = (*vrow)(nil)
)

func newVRow(l *vlist) *vrow {
	r := &vrow{list: l, back: canvas.NewRectangle(nil), child: l.create(), index: -1}
	r.ExtendBaseWidget(r)
	return r
}

func (r *vrow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewStack(r.back, r.child))
}

// paint chooses the background.
func (r *vrow) paint() {
	name := fyne.ThemeColorName(theme.ColorNameBackground)
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
