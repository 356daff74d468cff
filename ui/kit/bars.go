package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/look"
)

// Bar is a strip in the header colour with a line on one side, for tool bars, panel headers and status bars.
type Bar struct {
	widget.BaseWidget
	content fyne.CanvasObject
	top     bool // the line is above
	height  float32
	back    *canvas.Rectangle
	line    *canvas.Rectangle
}

func newBar(content fyne.CanvasObject, height float32, top bool) *Bar {
	b := &Bar{content: content, top: top, height: height, back: canvas.NewRectangle(color.Transparent), line: canvas.NewRectangle(color.Transparent)}
	b.line.SetMinSize(fyne.NewSize(1, 1))
	b.ExtendBaseWidget(b)
	return b
}

// NewToolBar lays objects out from left to right; layout.NewSpacer pushes the rest to the right.
func NewToolBar(objects ...fyne.CanvasObject) *Bar {
	return newBar(container.New(strip{4}, objects...), 34, false)
}

// CreateRenderer is for Fyne.
func (b *Bar) CreateRenderer() fyne.WidgetRenderer {
	b.paintBack()
	line := container.NewBorder(nil, b.line, nil, nil)
	if b.top {
		line = container.NewBorder(b.line, nil, nil, nil)
	}
	return widget.NewSimpleRenderer(container.NewStack(b.back, b.content, line))
}

// MinSize has the bar's own height.
func (b *Bar) MinSize() fyne.Size {
	s := b.content.MinSize()
	return fyne.NewSize(s.Width, max(s.Height, b.height))
}

// Refresh draws the bar again.
func (b *Bar) Refresh() {
	b.paintBack()
	b.BaseWidget.Refresh()
}

func (b *Bar) paintBack() {
	setFill(b.back, paint(b, look.ColorHeader))
	setFill(b.line, paint(b, look.ColorBorder))
}

// strip lays objects out in a row, each at its own size in the middle of the height; spacers share the rest.
type strip struct{ gap float32 }

func (s strip) MinSize(objects []fyne.CanvasObject) fyne.Size {
	w, h := float32(8), float32(0)
	for _, o := range objects {
		if o.Visible() && !isSpacer(o) {
			w, h = w+o.MinSize().Width+s.gap, max(h, o.MinSize().Height)
		}
	}
	return fyne.NewSize(w, h+2)
}

func isSpacer(o fyne.CanvasObject) bool {
	_, ok := o.(layout.SpacerObject)
	return ok
}

func (s strip) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	spacers := 0
	for _, o := range objects {
		if o.Visible() && isSpacer(o) {
			spacers++
		}
	}
	spare, x := max(0, size.Width-s.MinSize(objects).Width), float32(4)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		if isSpacer(o) {
			x += spare / float32(spacers)
			continue
		}
		m := o.MinSize()
		o.Resize(m)
		o.Move(fyne.NewPos(x, (size.Height-m.Height)/2))
		x += m.Width + s.gap
	}
}

// StatusBar is the line at the bottom of a window: left, middle and right text.
type StatusBar struct {
	widget.BaseWidget
	Left, Mid, Right *Text
}

// NewStatusBar makes an empty status bar.
func NewStatusBar() *StatusBar {
	s := &StatusBar{Left: Muted(""), Mid: Muted(""), Right: Muted("")}
	s.Left.MaxMin, s.Mid.MaxMin, s.Right.MaxMin = 200, 300, 400
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer is for Fyne.
func (s *StatusBar) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(newBar(container.New(&thirds{}, s.Left, s.Mid, s.Right), 22, true))
}

// Set changes all three texts.
func (s *StatusBar) Set(left, mid, right string) {
	s.Left.SetText(left)
	s.Mid.SetText(mid)
	s.Right.SetText(right)
	s.Refresh()
}

// thirds lays three objects out at the left, in the middle and at the right.
type thirds struct{}

func (thirds) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(120, objects[0].MinSize().Height)
}

func (thirds) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	const edge, gap = 8, 16
	mid, right := objects[1].MinSize().Width, objects[2].MinSize().Width
	right = min(right, size.Width/2)
	rightX := size.Width - edge - right
	midX := max(size.Width/2-mid/2, edge)
	mid = max(0, min(mid, rightX-gap-midX))
	left := max(0, midX-gap-edge)
	if mid == 0 {
		left = rightX - gap - edge
	}
	for i, at := range [][2]float32{{edge, left}, {midX, mid}, {rightX, right}} {
		h := objects[i].MinSize().Height
		objects[i].Move(fyne.NewPos(at[0], (size.Height-h)/2))
		objects[i].Resize(fyne.NewSize(at[1], h))
	}
}

// Panel is a titled part of a window: a header with actions at its right, and content.
type Panel struct {
	widget.BaseWidget
	title   *Text
	note    *Text
	content *fyne.Container
	header  *Bar
}

// NewPanel makes a panel; actions are small objects, ToolButtons mostly.
func NewPanel(title string, content fyne.CanvasObject, actions ...fyne.CanvasObject) *Panel {
	p := &Panel{title: Bold(title), note: Muted(""), content: container.NewStack(content)}
	p.header = newBar(container.New(headline{}, p.title, p.note, container.New(strip{4}, actions...)), 26, false)
	p.ExtendBaseWidget(p)
	return p
}

// SetTitle changes the title.
func (p *Panel) SetTitle(title string) {
	p.title.SetText(title)
	p.header.content.Refresh()
}

// SetNote changes the muted text after the title: a count, a state.
func (p *Panel) SetNote(note string) {
	p.note.SetText(note)
	p.header.content.Refresh()
}

// SetContent replaces the content.
func (p *Panel) SetContent(o fyne.CanvasObject) {
	p.content.Objects = []fyne.CanvasObject{o}
	p.content.Refresh()
}

// CreateRenderer is for Fyne.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(stacked{}, p.header, p.content))
}

// NewFrame puts top above and bottom below the content without gaps; both may be nil.
func NewFrame(top, bottom, content fyne.CanvasObject) fyne.CanvasObject {
	if bottom != nil {
		content = container.New(hanging{}, bottom, content)
	}
	if top == nil {
		return content
	}
	return container.New(stacked{}, top, content)
}

// hanging puts the first object below the second without a gap.
type hanging struct{ stacked }

func (hanging) Layout(o []fyne.CanvasObject, size fyne.Size) {
	h := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(size.Width, h))
	o[0].Move(fyne.NewPos(0, size.Height-h))
	o[1].Move(fyne.NewPos(0, 0))
	o[1].Resize(fyne.NewSize(size.Width, max(0, size.Height-h)))
}

// headline lays out a title, a note that is cut to the room left, and actions at the right.
type headline struct{}

func (headline) MinSize(o []fyne.CanvasObject) fyne.Size {
	title, actions := o[0].MinSize(), o[2].MinSize()
	return fyne.NewSize(min(title.Width, 80)+actions.Width+12, max(title.Height, actions.Height))
}

func (headline) Layout(o []fyne.CanvasObject, size fyne.Size) {
	x, right := float32(4), size.Width-o[2].MinSize().Width
	o[2].Move(fyne.NewPos(right, 0))
	o[2].Resize(fyne.NewSize(max(0, size.Width-right), size.Height))
	for _, text := range o[:2] {
		m := text.MinSize()
		text.Move(fyne.NewPos(x, (size.Height-m.Height)/2))
		text.Resize(fyne.NewSize(max(0, min(m.Width, right-x-6)), m.Height))
		x += m.Width + 6
	}
}

// stacked puts the first object above the second without a gap.
type stacked struct{}

func (stacked) MinSize(o []fyne.CanvasObject) fyne.Size {
	a, b := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(max(a.Width, b.Width), a.Height+b.Height)
}

func (stacked) Layout(o []fyne.CanvasObject, size fyne.Size) {
	h := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(size.Width, h))
	o[1].Move(fyne.NewPos(0, h))
	o[1].Resize(fyne.NewSize(size.Width, max(0, size.Height-h)))
}
