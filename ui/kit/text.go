package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/look"
)

// Text is one line of text without a Label's padding: it follows the theme and is cut with "…" when too long. Its own
// smallest width is that of its text up to MaxMin.
type Text struct {
	widget.BaseWidget
	MaxMin float32 // 0: the smallest width is the whole text's

	text  string
	color fyne.ThemeColorName
	style fyne.TextStyle
	size  fyne.ThemeSizeName
	line  *canvas.Text
}

var _ fyne.Widget = (*Text)(nil)

// NewText makes a text; an empty colour is the foreground.
func NewText(text string, name fyne.ThemeColorName, style fyne.TextStyle) *Text {
	t := &Text{text: text, color: name, style: style, size: theme.SizeNameText, line: canvas.NewText("", color.Transparent)}
	t.ExtendBaseWidget(t)
	return t
}

// Muted makes a text of second rank.
func Muted(text string) *Text { return NewText(text, look.ColorMuted, fyne.TextStyle{}) }

// Bold makes a bold text.
func Bold(text string) *Text { return NewText(text, "", fyne.TextStyle{Bold: true}) }

// Heading makes the heading of a page or dialog.
func Heading(text string) *Text {
	t := Bold(text)
	t.size = theme.SizeNameSubHeadingText
	return t
}

// Mono makes a text in the mono face.
func Mono(text string) *Text { return NewText(text, "", fyne.TextStyle{Monospace: true}) }

// SetText changes the text.
func (t *Text) SetText(text string) { t.Set(text, t.color) }

// Set changes text and colour.
func (t *Text) Set(text string, name fyne.ThemeColorName) {
	if t.text != text || t.color != name {
		t.text, t.color = text, name
		t.Refresh()
	}
}

// Text is the whole text.
func (t *Text) Text() string { return t.text }

// CreateRenderer is for Fyne.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	t.draw()
	return widget.NewSimpleRenderer(t.line)
}

// MinSize is the text's, no wider than MaxMin.
func (t *Text) MinSize() fyne.Size {
	s := fyne.MeasureText(t.text, t.Theme().Size(t.size), t.style)
	if t.MaxMin > 0 {
		s.Width = min(s.Width, t.MaxMin)
	}
	return s
}

// Resize cuts the text for the new width.
func (t *Text) Resize(s fyne.Size) {
	t.BaseWidget.Resize(s)
	t.draw()
}

// Refresh draws the text again.
func (t *Text) Refresh() {
	t.draw()
	t.BaseWidget.Refresh()
}

func (t *Text) draw() {
	name := t.color
	if name == "" {
		name = theme.ColorNameForeground
	}
	size := t.Theme().Size(t.size)
	setText(t.line, Ellipsis(t.text, t.Size().Width+0.5, size, t.style), size, t.style, paint(t, name))
}
