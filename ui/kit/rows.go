package kit

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/look"
)

// Column is a column of Rows. Width 0 shares the space left, in parts of Stretch (0 counts as 1).
type Column struct {
	Title   string
	Width   float32
	Stretch float32
	Align   fyne.TextAlign
}

// Cell is one field of a row: one line of text, cut with "…" when too long. Dot puts an outcome's dot before it.
type Cell struct {
	Text  string
	Color fyne.ThemeColorName // "" is the foreground
	Bold  bool
	Mono  bool
	Dot   fyne.ThemeColorName // "" is none
}

// Rows is a dense virtual table with a header and fixed columns. Row callbacks give what is shown; nothing is kept.
// Call Refresh after the number of rows changed, RefreshRow after one of them did.
type Rows struct {
	widget.BaseWidget

	OnSelected  func(i int)                   // the selection moved
	OnActivated func(i int)                   // double tap or Return
	OnMenu      func(i int, at fyne.Position) // secondary tap; the position is absolute
	OnHeader    func(column int)              // a header was tapped, to sort
	OnCopy      func(text string)             // Ctrl+C: the row's cells, tab between; nil copies to the clipboard

	columns []Column
	sorted  int // column shown as sorted by, -1 none
	down    bool
	empty   string
	row     func(i int) []Cell
	list    *vlist
	header  *rowsHeader
	none    *canvas.Text
}

var _ fyne.Widget = (*Rows)(nil)

// NewRows makes a table of length() rows.
func NewRows(columns []Column, length func() int, row func(i int) []Cell) *Rows {
	r := &Rows{columns: columns, row: row, sorted: -1, none: canvas.NewText("", color.Transparent)}
	l := newVList(look.SizeRow)
	l.length, l.create, l.update = length, func() fyne.CanvasObject { return container.NewWithoutLayout() }, r.fillRow
	l.fill = zebra
	l.onTap = func(int, fyne.Position) {}
	l.onCursor = func(i int) { call(r.OnSelected, i) }
	l.onActivate = func(i int) { call(r.OnActivated, i) }
	l.onMenu = func(i int, at fyne.Position) {
		if r.OnMenu != nil {
			r.OnMenu(i, at)
		}
	}
	l.onCopy = r.copySelected
	r.list = l
	r.header = newRowsHeader(r)
	r.none.Alignment = fyne.TextAlignCenter
	r.ExtendBaseWidget(r)
	return r
}

func call(f func(int), i int) {
	if f != nil {
		f(i)
	}
}

func zebra(i int) fyne.ThemeColorName {
	if i%2 == 1 {
		return look.ColorZebra
	}
	return theme.ColorNameBackground
}

// CreateRenderer is for Fyne.
func (r *Rows) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(stacked{}, r.header, container.NewStack(r.list, r.none)))
}

// Refresh shows everything again.
func (r *Rows) Refresh() {
	r.header.Refresh()
	r.list.Refresh()
	text := r.empty
	if r.list.length() > 0 {
		text = ""
	}
	setText(r.none, text, textSize(r), fyne.TextStyle{}, paint(r, look.ColorMuted))
	r.BaseWidget.Refresh()
}

// RefreshRow shows one row again; it costs nothing when the row is not visible.
func (r *Rows) RefreshRow(i int) { r.list.refreshRow(i) }

// SetColumns changes the columns, for another language or another view.
func (r *Rows) SetColumns(columns []Column) {
	r.columns = columns
	r.Refresh()
}

// SetSorted marks the column the rows are sorted by; -1 is none.
func (r *Rows) SetSorted(column int, descending bool) {
	r.sorted, r.down = column, descending
	r.header.Refresh()
}

// SetEmpty sets the sentence shown while there are no rows.
func (r *Rows) SetEmpty(text string) {
	r.empty = text
	r.Refresh()
}

// Select moves the selection to a row, scrolls to it, and calls OnSelected if it moved.
func (r *Rows) Select(i int) { r.list.moveTo(i, false) }

// Unselect takes the selection away; OnSelected is not called.
func (r *Rows) Unselect() { r.list.clearCursor() }

// Selected is the selected row, or -1.
func (r *Rows) Selected() int { return r.list.cursor }

// ScrollTo scrolls as little as needed to show a row.
func (r *Rows) ScrollTo(i int) { r.list.reveal(i) }

// ScrollToEnd shows the last row.
func (r *Rows) ScrollToEnd() { r.list.scrollTo(r.list.bottom()) }

// Focus gives the table the keyboard.
func (r *Rows) Focus() { r.list.takeFocus() }

// Text is the whole table as text: header and rows, tab between cells.
func (r *Rows) Text() string {
	var b strings.Builder
	for i, c := range r.columns {
		if i > 0 {
			b.WriteByte('\t')
		}
		b.WriteString(c.Title)
	}
	for i := range r.list.length() {
		b.WriteString("\n" + r.rowText(i))
	}
	return b.String()
}

func (r *Rows) rowText(i int) string {
	var parts []string
	for _, c := range r.row(i) {
		parts = append(parts, c.Text)
	}
	return strings.Join(parts, "\t")
}

func (r *Rows) copySelected() {
	if i := r.list.cursor; i >= 0 {
		copyText(r.OnCopy, r.rowText(i))
	}
}

func copyText(to func(string), text string) {
	if to != nil {
		to(text)
		return
	}
	fyne.CurrentApp().Clipboard().SetContent(text)
}

const (
	cellPad = 7  // left of every cell
	barRoom = 10 // right of the last, for the scroll bar
	dotSize = 8
)

// widths shares a width among the columns.
func (r *Rows) widths(total float32) []float32 {
	out := make([]float32, len(r.columns))
	left, parts := total-barRoom, float32(0)
	for _, c := range r.columns {
		left -= c.Width
		if c.Width == 0 {
			parts += max(c.Stretch, 1)
		}
	}
	for i, c := range r.columns {
		out[i] = c.Width
		if c.Width == 0 {
			out[i] = max(40, left*max(c.Stretch, 1)/parts)
		}
	}
	return out
}

// fillRow puts the cells of row i into its container: for each column a text and a dot.
func (r *Rows) fillRow(i int, o fyne.CanvasObject, size fyne.Size) {
	c := o.(*fyne.Container)
	for len(c.Objects) < 2*len(r.columns) {
		c.Objects = append(c.Objects, canvas.NewText("", color.Transparent), canvas.NewCircle(color.Transparent))
	}
	cells, x := r.row(i), float32(0)
	for n, w := range r.widths(size.Width) {
		cell := Cell{}
		if n < len(cells) {
			cell = cells[n]
		}
		r.fillCell(cell, r.columns[n].Align, c.Objects[2*n].(*canvas.Text), c.Objects[2*n+1].(*canvas.Circle), x, fyne.NewSize(w, size.Height))
		x += w
	}
	for _, extra := range c.Objects[2*len(r.columns):] {
		extra.Hide()
	}
}

func (r *Rows) fillCell(cell Cell, align fyne.TextAlign, t *canvas.Text, dot *canvas.Circle, x float32, size fyne.Size) {
	left := float32(cellPad)
	dot.Hidden = cell.Dot == ""
	if cell.Dot != "" {
		dot.FillColor = paint(r, cell.Dot)
		dot.Resize(fyne.NewSquareSize(dotSize))
		dot.Move(fyne.NewPos(x+left, (size.Height-dotSize)/2))
		dot.Refresh()
		left += dotSize + 6
	}
	name := cell.Color
	if name == "" {
		name = theme.ColorNameForeground
	}
	room := size.Width - left - 2
	if align == fyne.TextAlignTrailing {
		room -= cellPad
	}
	style := fyne.TextStyle{Bold: cell.Bold, Monospace: cell.Mono}
	t.Hidden = false
	t.Alignment = align
	t.Move(fyne.NewPos(x+left, 0))
	t.Resize(fyne.NewSize(room, size.Height))
	setText(t, Ellipsis(cell.Text, room, textSize(r), style), textSize(r), style, paint(r, name))
}
