package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/look"
)

const (
	treeIndent = 16
	arrowRoom  = 18
	boxSize    = 13
	boxRoom    = 20
)

// boxX is where the box of a row begins.
func boxX(depth int) float32 { return 4 + float32(depth)*treeIndent + arrowRoom }

// treeRow draws one row of a TickTree.
type treeRow struct {
	widget.BaseWidget
	row    TreeRow
	arrow  [2]*canvas.Line
	box    *canvas.Rectangle
	mark   [2]*canvas.Line
	text   *canvas.Text
	detail *canvas.Text
	count  *canvas.Text
}

func newTreeRow() *treeRow {
	r := &treeRow{box: canvas.NewRectangle(color.Transparent), text: canvas.NewText("", color.Transparent), detail: canvas.NewText("", color.Transparent), count: canvas.NewText("", color.Transparent)}
	for i := range 2 {
		r.arrow[i], r.mark[i] = canvas.NewLine(color.Transparent), canvas.NewLine(color.Transparent)
		r.arrow[i].StrokeWidth, r.mark[i].StrokeWidth = 1.4, 1.8
	}
	r.box.CornerRadius, r.box.StrokeWidth = 3, 1
	r.count.Alignment = fyne.TextAlignTrailing
	r.ExtendBaseWidget(r)
	return r
}

func (r *treeRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewWithoutLayout(r.arrow[0], r.arrow[1], r.box, r.mark[0], r.mark[1],
		r.text, r.detail, r.count))
}

func (r *treeRow) set(row TreeRow) {
	r.row = row
	r.draw()
}

func (r *treeRow) Resize(s fyne.Size) {
	r.BaseWidget.Resize(s)
	r.draw()
}

func (r *treeRow) Refresh() {
	r.draw()
	r.BaseWidget.Refresh()
}

func (r *treeRow) draw() {
	x, h := boxX(r.row.Depth), r.Size().Height
	r.drawArrow(x-arrowRoom+5, h/2)
	r.drawBox(x, (h-boxSize)/2)
	x += boxRoom
	size, style := textSize(r), fyne.TextStyle{Bold: r.row.Depth == 0 && !r.row.Leaf}
	right := r.Size().Width - barRoom - 4
	count := countText(r.row)
	countWidth := fyne.MeasureText(count, size-1.5, fyne.TextStyle{}).Width
	place(r.count, right-countWidth, countWidth, h)
	name := look.ColorMuted
	if r.row.Ticked > 0 {
		name = theme.ColorNamePrimary
	}
	setText(r.count, count, size-1.5, fyne.TextStyle{}, paint(r, name))
	if countWidth > 0 {
		right -= countWidth + 8
	}
	text := Ellipsis(r.row.Text, right-x, size, style)
	textWidth := fyne.MeasureText(text, size, style).Width
	place(r.text, x, textWidth, h)
	setText(r.text, text, size, style, paint(r, theme.ColorNameForeground))
	x += textWidth + 8
	detail := Ellipsis(r.row.Detail, right-x, size-1, fyne.TextStyle{})
	place(r.detail, x, max(0, right-x), h)
	setText(r.detail, detail, size-1, fyne.TextStyle{}, paint(r, look.ColorMuted))
}

func place(o fyne.CanvasObject, x, w, h float32) {
	o.Move(fyne.NewPos(x, 0))
	o.Resize(fyne.NewSize(w, h))
}

func (r *treeRow) drawArrow(x, y float32) {
	for _, l := range r.arrow {
		l.Hidden = r.row.Leaf
		l.StrokeColor = paint(r, look.ColorMuted)
	}
	if r.row.Open {
		stroke(r.arrow[0], x-1, y-2, x+3, y+2)
		stroke(r.arrow[1], x+3, y+2, x+7, y-2)
	} else {
		stroke(r.arrow[0], x+1, y-4, x+5, y)
		stroke(r.arrow[1], x+5, y, x+1, y+4)
	}
}

func stroke(l *canvas.Line, x1, y1, x2, y2 float32) {
	l.Position1, l.Position2 = fyne.NewPos(x1, y1), fyne.NewPos(x2, y2)
	l.Refresh()
}

func (r *treeRow) drawBox(x, y float32) {
	r.box.Move(fyne.NewPos(x, y))
	r.box.Resize(fyne.NewSquareSize(boxSize))
	r.box.Hidden = r.row.Total == 0
	on := paint(r, theme.ColorNamePrimary)
	r.box.FillColor, r.box.StrokeColor = paint(r, theme.ColorNameInputBackground), paint(r, look.ColorMuted)
	if r.row.Tick != TickNone {
		r.box.FillColor, r.box.StrokeColor = on, on
	}
	r.box.Refresh()
	for _, m := range r.mark {
		m.StrokeColor = paint(r, theme.ColorNameForegroundOnPrimary)
	}
	r.mark[0].Hidden = r.row.Tick == TickNone
	r.mark[1].Hidden = r.row.Tick != TickAll
	if r.row.Tick == TickSome {
		stroke(r.mark[0], x+3.5, y+boxSize/2, x+boxSize-3.5, y+boxSize/2)
		return
	}
	stroke(r.mark[0], x+3, y+6.5, x+5.5, y+9)
	stroke(r.mark[1], x+5.5, y+9, x+10, y+4)
}
