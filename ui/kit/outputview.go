package kit

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/look"
)

// Line is one line of an OutputView, clean already (Clean, Cleaner).
type Line struct {
	Text  string
	Color fyne.ThemeColorName // "" is look.ColorTermText
}

// OutputView shows lines as a terminal does, light on dark, in a ring: past its capacity the oldest go. Lines are
// selected by tap, Shift and Ctrl+A, and copied by Ctrl+C. While it follows, it stays at the end; scrolling away from
// the end stops that, scrolling back starts it again.
type OutputView struct {
	widget.BaseWidget

	OnFollow func(on bool)          // following started or stopped by scrolling
	OnMenu   func(at fyne.Position) // secondary tap
	OnCopy   func(text string)      // Ctrl+C; nil copies to the clipboard

	ring   ring
	cells  int // widest line
	follow bool
	quiet  bool // scrolling is ours, not the person's
	empty  string
	list   *vlist
	back   *canvas.Rectangle
	none   *canvas.Text
}

var _ fyne.Widget = (*OutputView)(nil)

// NewOutputView makes a view that keeps the last capacity lines, and of very long lines fewer, and follows.
func NewOutputView(capacity int) *OutputView {
	v := &OutputView{ring: newRing(capacity), follow: true, back: canvas.NewRectangle(color.Transparent), none: canvas.NewText("", color.Transparent)}
	v.none.Alignment = fyne.TextAlignCenter
	l := newVList(look.SizeLine)
	l.ranges = true
	l.length = func() int { return v.ring.len() }
	l.create = func() fyne.CanvasObject { return container.NewWithoutLayout(canvas.NewText("", color.Transparent)) }
	l.update = v.fillLine
	l.width = func() float32 { return float32(v.cells)*v.cell() + 2*cellPad }
	l.fill = func(int) fyne.ThemeColorName { return look.ColorTerm }
	l.selected, l.inactive = look.ColorTermSelected, look.ColorTermSelected
	l.onCopy = v.copySelected
	l.onScroll = v.scrolled
	l.onMenu = func(_ int, at fyne.Position) {
		if v.OnMenu != nil {
			v.OnMenu(at)
		}
	}
	v.list = l
	v.ExtendBaseWidget(v)
	return v
}

// CreateRenderer is for Fyne.
func (v *OutputView) CreateRenderer() fyne.WidgetRenderer {
	v.paintBack()
	return widget.NewSimpleRenderer(container.NewStack(v.back, v.list, v.none))
}

func (v *OutputView) paintBack() {
	setFill(v.back, paint(v, look.ColorTerm))
	text := v.empty
	if v.ring.len() > 0 {
		text = ""
	}
	setText(v.none, text, textSize(v), fyne.TextStyle{}, paint(v, look.ColorTermMuted))
}

// cell is the width of a terminal cell.
func (v *OutputView) cell() float32 {
	return fyne.MeasureText("0", v.Theme().Size(look.SizeMono), fyne.TextStyle{Monospace: true}).Width
}

// Refresh shows everything again.
func (v *OutputView) Refresh() {
	v.paintBack()
	v.quiet = true
	v.list.Refresh()
	if v.follow {
		v.list.scrollTo(v.list.bottom())
	}
	v.quiet = false
	v.BaseWidget.Refresh()
}

// Resize keeps the end in view while following.
func (v *OutputView) Resize(s fyne.Size) {
	v.quiet = true
	v.BaseWidget.Resize(s)
	if v.follow {
		v.list.scrollTo(v.list.bottom())
	}
	v.quiet = false
}

// Append adds lines of one colour and shows them. Gather lines and append once for each redraw.
func (v *OutputView) Append(color fyne.ThemeColorName, lines ...string) {
	batch := make([]Line, len(lines))
	for i, s := range lines {
		batch[i] = Line{s, color}
	}
	v.AppendLines(batch)
}

// AppendLines adds lines and shows them.
func (v *OutputView) AppendLines(lines []Line) {
	if len(lines) == 0 {
		return
	}
	gone := v.ring.gone
	for _, l := range lines {
		v.ring.add(l)
		v.cells = max(v.cells, Cells(l.Text))
	}
	v.shift(v.ring.gone - gone)
	v.Refresh()
}

// shift keeps what is in view in view after the oldest lines went.
func (v *OutputView) shift(gone int) {
	if gone == 0 {
		return
	}
	l := v.list
	if l.cursor >= 0 {
		l.cursor, l.anchor = max(0, l.cursor-gone), max(0, l.anchor-gone)
	}
	if !v.follow {
		v.quiet = true
		l.scrollTo(max(0, l.scroll.Offset.Y-float32(gone)*l.rowHeight()))
		v.quiet = false
	}
}

// SetLines replaces all lines.
func (v *OutputView) SetLines(lines []Line) {
	v.ring = newRing(v.ring.capacity)
	v.cells = 0
	v.list.cursor, v.list.anchor = -1, -1
	v.AppendLines(lines)
	if len(lines) == 0 {
		v.Refresh()
	}
}

// Clear takes all lines away.
func (v *OutputView) Clear() { v.SetLines(nil) }

// SetEmpty sets the sentence shown while there are no lines.
func (v *OutputView) SetEmpty(text string) {
	v.empty = text
	v.paintBack()
}

// Len is the number of lines kept.
func (v *OutputView) Len() int { return v.ring.len() }

// Dropped is the number of lines that went because the view was full.
func (v *OutputView) Dropped() int { return v.ring.gone }

// Text is all lines kept, each with its end.
func (v *OutputView) Text() string { return v.text(0, v.ring.len()-1) }

// Selection is the text of the selected lines, "" when none is.
func (v *OutputView) Selection() string {
	first, last := v.list.selection()
	if first < 0 {
		return ""
	}
	return v.text(first, last)
}

func (v *OutputView) text(first, last int) string {
	var b strings.Builder
	for i := first; i <= last && i < v.ring.len(); i++ {
		b.WriteString(v.ring.at(i).Text)
		b.WriteByte('\n')
	}
	return b.String()
}

func (v *OutputView) copySelected() {
	if s := v.Selection(); s != "" {
		copyText(v.OnCopy, s)
	}
}

// Find selects the next line that contains the text, whatever the case, after the selected one or before it, round the
// end; it reports whether there is one, and stops following.
func (v *OutputView) Find(text string, back bool) bool {
	n, step, at := v.ring.len(), 1, v.list.cursor
	if back {
		step = -1
		at = max(at, 0)
	}
	text = strings.ToLower(text)
	for i := 1; i <= n && text != ""; i++ {
		row := ((at+i*step)%n + n) % n
		if strings.Contains(strings.ToLower(v.ring.at(row).Text), text) {
			v.follow = false
			v.list.moveTo(row, false)
			return true
		}
	}
	return false
}

// Following reports whether the view stays at the end.
func (v *OutputView) Following() bool { return v.follow }

// SetFollow starts or stops following; OnFollow is not called.
func (v *OutputView) SetFollow(on bool) {
	v.follow = on
	if on {
		v.Refresh()
	}
}

// scrolled starts or stops following as the person scrolls.
func (v *OutputView) scrolled() {
	if v.quiet {
		return
	}
	atEnd := v.list.scroll.Offset.Y >= v.list.bottom()-1
	if atEnd != v.follow {
		v.follow = atEnd
		if v.OnFollow != nil {
			v.OnFollow(atEnd)
		}
	}
}

// fillLine draws only the part of a line that is in view: a whole long line would be one very wide texture.
func (v *OutputView) fillLine(i int, o fyne.CanvasObject, size fyne.Size) {
	line, t := v.ring.at(i), o.(*fyne.Container).Objects[0].(*canvas.Text)
	name := line.Color
	if name == "" {
		name = look.ColorTermText
	}
	scroll, cell := v.list.scroll, v.cell()
	text, skipped := cutCells(line.Text, int(scroll.Offset.X/cell)-1, int(scroll.Size().Width/cell)+3)
	t.Move(fyne.NewPos(cellPad+float32(skipped)*cell, 0))
	t.Resize(fyne.NewSize(size.Width, size.Height))
	setText(t, text, v.Theme().Size(look.SizeMono), fyne.TextStyle{Monospace: true}, paint(v, name))
}

// cutCells is the part of s that shows in n cells from a cell on, and the cells before that part.
func cutCells(s string, from, n int) (part string, skipped int) {
	start, cells := 0, 0
	for i, r := range s {
		if cells < from {
			start, skipped = i+len(string(r)), cells+runeCells(r)
		}
		if cells >= from+n {
			return s[start:i], skipped
		}
		cells += runeCells(r)
	}
	return s[start:], skipped
}
