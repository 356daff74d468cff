package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/look"
)

// rowsHeader is the header of Rows.
type rowsHeader struct {
	widget.BaseWidget
	rows  *Rows
	back  *canvas.Rectangle
	line  *canvas.Rectangle
	texts *fyne.Container
}

var _ fyne.Tappable = (*rowsHeader)(nil)

func newRowsHeader(r *Rows) *rowsHeader {
	h := &rowsHeader{rows: r, back: canvas.NewRectangle(color.Transparent), line: canvas.NewRectangle(color.Transparent), texts: container.NewWithoutLayout()}
	h.line.SetMinSize(fyne.NewSize(1, 1))
	h.ExtendBaseWidget(h)
	return h
}

func (h *rowsHeader) CreateRenderer() fyne.WidgetRenderer {
	h.fill()
	return widget.NewSimpleRenderer(container.NewStack(h.back, h.texts, container.NewBorder(nil, h.line, nil, nil)))
}

func (h *rowsHeader) MinSize() fyne.Size { return fyne.NewSize(40, h.Theme().Size(look.SizeHeader)) }

func (h *rowsHeader) Resize(s fyne.Size) {
	h.BaseWidget.Resize(s)
	h.fill()
}

func (h *rowsHeader) Refresh() {
	h.fill()
	h.BaseWidget.Refresh()
}

func (h *rowsHeader) fill() {
	setFill(h.back, paint(h, look.ColorHeader))
	setFill(h.line, paint(h, look.ColorBorder))
	columns := h.rows.columns
	for len(h.texts.Objects) < len(columns) {
		h.texts.Objects = append(h.texts.Objects, canvas.NewText("", color.Transparent))
	}
	h.texts.Objects = h.texts.Objects[:len(columns)]
	x, style := float32(0), fyne.TextStyle{Bold: true}
	for i, w := range h.rows.widths(h.Size().Width) {
		t := h.texts.Objects[i].(*canvas.Text)
		title := columns[i].Title
		if h.rows.sorted == i && h.rows.down {
			title += " ▼"
		} else if h.rows.sorted == i {
			title += " ▲"
		}
		room := w - cellPad - 2
		if t.Alignment = columns[i].Align; t.Alignment == fyne.TextAlignTrailing {
			room -= cellPad
		}
		t.Move(fyne.NewPos(x+cellPad, 0))
		t.Resize(fyne.NewSize(room, h.Theme().Size(look.SizeHeader)))
		setText(t, Ellipsis(title, room, textSize(h)-1, style), textSize(h)-1, style, paint(h, look.ColorMuted))
		x += w
	}
}

// Tapped reports the column under the pointer.
func (h *rowsHeader) Tapped(ev *fyne.PointEvent) {
	x := float32(0)
	for i, w := range h.rows.widths(h.Size().Width) {
		x += w
		if ev.Position.X < x {
			call(h.rows.OnHeader, i)
			return
		}
	}
}
