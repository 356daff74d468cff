package kit

import (
	"image/color"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/look"
)

// Segment is one part of an OutcomeBar.
type Segment struct {
	Color fyne.ThemeColorName
	Label string
	Count int
}

// OutcomeBar shows counts as a stacked bar under a legend ("● ok 12  ● failed 3"). What the segments leave of the total
// is drawn as not yet done.
type OutcomeBar struct {
	widget.BaseWidget
	segments []Segment
	total    int
	track    *canvas.Rectangle
	objects  *fyne.Container
}

var _ fyne.Widget = (*OutcomeBar)(nil)

// NewOutcomeBar makes an empty bar.
func NewOutcomeBar() *OutcomeBar {
	b := &OutcomeBar{track: canvas.NewRectangle(color.Transparent), objects: container.NewWithoutLayout()}
	b.ExtendBaseWidget(b)
	return b
}

// Set shows segments in their order; those of no count are left out.
func (b *OutcomeBar) Set(segments []Segment, total int) {
	b.segments = b.segments[:0]
	for _, s := range segments {
		if s.Count > 0 {
			b.segments = append(b.segments, s)
		}
	}
	b.total = total
	b.Refresh()
}

// CreateRenderer is for Fyne.
func (b *OutcomeBar) CreateRenderer() fyne.WidgetRenderer {
	b.draw()
	return widget.NewSimpleRenderer(b.objects)
}

const barHeight = 6

// MinSize is the height of legend and bar.
func (b *OutcomeBar) MinSize() fyne.Size {
	return fyne.NewSize(80, fyne.MeasureText("0", textSize(b), fyne.TextStyle{}).Height+barHeight+6)
}

// Resize draws the bar for the new width.
func (b *OutcomeBar) Resize(s fyne.Size) {
	b.BaseWidget.Resize(s)
	b.draw()
}

// Refresh draws the bar again.
func (b *OutcomeBar) Refresh() {
	b.draw()
	b.BaseWidget.Refresh()
}

func (b *OutcomeBar) draw() {
	width := b.Size().Width
	y := b.Size().Height - barHeight - 2
	b.track.FillColor = paint(b, look.ColorBorder)
	b.track.CornerRadius = barHeight / 2
	b.track.Move(fyne.NewPos(0, y))
	b.track.Resize(fyne.NewSize(width, barHeight))
	b.objects.Objects = append(b.objects.Objects[:0], b.track)
	sum := 0
	for _, s := range b.segments {
		sum += s.Count
	}
	x, legend, all := float32(0), float32(0), max(b.total, sum)
	for i, s := range b.segments {
		w := width * float32(s.Count) / float32(all)
		b.drawPart(s, x, y, w, i == len(b.segments)-1 && sum >= all)
		legend = b.drawLegend(s, legend, y)
		x += w
	}
	b.objects.Refresh()
}

func (b *OutcomeBar) drawPart(s Segment, x, y, w float32, last bool) {
	r := canvas.NewRectangle(paint(b, s.Color))
	if x == 0 {
		r.TopLeftCornerRadius, r.BottomLeftCornerRadius = barHeight/2, barHeight/2
	}
	if last {
		r.TopRightCornerRadius, r.BottomRightCornerRadius = barHeight/2, barHeight/2
	} else {
		w = max(w-1, 1)
	}
	r.Move(fyne.NewPos(x, y))
	r.Resize(fyne.NewSize(w, barHeight))
	b.objects.Add(r)
}

// drawLegend adds the words of a segment at x and returns where the next begins.
func (b *OutcomeBar) drawLegend(s Segment, x, height float32) float32 {
	dot := canvas.NewCircle(paint(b, s.Color))
	dot.Resize(fyne.NewSquareSize(dotSize))
	dot.Move(fyne.NewPos(x, (height-dotSize)/2))
	label := canvas.NewText(s.Label, paint(b, theme.ColorNameForeground))
	count := canvas.NewText(strconv.Itoa(s.Count), paint(b, s.Color))
	count.TextStyle.Bold = true
	label.TextSize, count.TextSize = textSize(b), textSize(b)
	x += dotSize + 5
	place(label, x, label.MinSize().Width, height)
	x += label.MinSize().Width + 5
	place(count, x, count.MinSize().Width, height)
	b.objects.Objects = append(b.objects.Objects, dot, label, count)
	return x + count.MinSize().Width + 14
}

// Badge is a short word in a coloured frame: a danger, a state, an outcome.
type Badge struct {
	widget.BaseWidget
	text  string
	color fyne.ThemeColorName
	frame *canvas.Rectangle
	label *canvas.Text
}

var _ fyne.Widget = (*Badge)(nil)

// NewBadge makes a badge.
func NewBadge(text string, name fyne.ThemeColorName) *Badge {
	b := &Badge{text: text, color: name, frame: canvas.NewRectangle(color.Transparent), label: canvas.NewText("", color.Transparent)}
	b.frame.StrokeWidth, b.frame.CornerRadius = 1, 4
	b.label.Alignment = fyne.TextAlignCenter
	b.ExtendBaseWidget(b)
	return b
}

// Set changes the word and its colour.
func (b *Badge) Set(text string, name fyne.ThemeColorName) {
	b.text, b.color = text, name
	b.Refresh()
}

// CreateRenderer is for Fyne.
func (b *Badge) CreateRenderer() fyne.WidgetRenderer {
	b.draw()
	return widget.NewSimpleRenderer(container.NewStack(b.frame, b.label))
}

// MinSize leaves room round the word.
func (b *Badge) MinSize() fyne.Size {
	return fyne.MeasureText(b.text, textSize(b)-1.5, fyne.TextStyle{Bold: true}).Add(fyne.NewSize(14, 4))
}

// Refresh draws the badge again.
func (b *Badge) Refresh() {
	b.draw()
	b.BaseWidget.Refresh()
}

func (b *Badge) draw() {
	b.frame.FillColor = paint(b, look.ColorHeader)
	b.frame.StrokeColor = paint(b, b.color)
	b.frame.Refresh()
	setText(b.label, b.text, textSize(b)-1.5, fyne.TextStyle{Bold: true}, paint(b, b.color))
}
