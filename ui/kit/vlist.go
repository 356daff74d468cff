package kit

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
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

// rowHeight is a whole number of pixels; a theme that is not look's has none.
func (l *vlist) rowHeight() float32 { return max(l.Theme().Size(l.height), 14) }

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
	if !l.ranges || !extend || l.anchor < 0 {
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
	return max(0, l.contentHeight()-l.scroll.Size().Height)
}

// contentHeight is that of all rows, with room for the lower scroll bar where there is one.
func (l *vlist) contentHeight() float32 {
	h := float32(l.length()) * l.rowHeight()
	if l.width != nil && l.width() > l.scroll.Size().Width {
		h += barRoom
	}
	return h
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
