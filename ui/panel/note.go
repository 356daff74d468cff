package panel

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/look"
)

// Note is text of second rank that wraps. A Label of low importance would be as pale as what is disabled.
type Note struct {
	widget.RichText
	segment *widget.TextSegment
}

// firstWidth is taken for the width of a note that no layout has seen yet: without one it would ask for a single row.
const firstWidth = 440

// NewNote makes a note in a colour; empty is the muted one.
func NewNote(text string, color fyne.ThemeColorName) *Note {
	n := &Note{segment: &widget.TextSegment{Text: text}}
	if n.segment.Style.ColorName = color; color == "" {
		n.segment.Style.ColorName = look.ColorMuted
	}
	n.Segments = []widget.RichTextSegment{n.segment}
	n.Wrapping, n.Scroll = fyne.TextWrapWord, fyne.ScrollNone
	n.ExtendBaseWidget(n)
	n.Resize(fyne.NewSize(firstWidth, 0))
	return n
}

// Text is what it says.
func (n *Note) Text() string { return n.segment.Text }

// SetText changes the text; an empty one takes no room.
func (n *Note) SetText(text string) {
	n.Set(text, n.segment.Style.ColorName)
}

// Set changes text and colour.
func (n *Note) Set(text string, color fyne.ThemeColorName) {
	if n.segment.Text != text || n.segment.Style.ColorName != color {
		n.segment.Text, n.segment.Style.ColorName = text, color
		n.Refresh()
	}
	if (text == "") == n.Visible() {
		if text == "" {
			n.Hide()
		} else {
			n.Show()
		}
	}
}

// Card is a framed surface.
type Card struct {
	widget.BaseWidget
	content fyne.CanvasObject
	back    *canvas.Rectangle
}

// NewCard frames content.
func NewCard(content fyne.CanvasObject) *Card {
	c := &Card{content: content, back: canvas.NewRectangle(nil)}
	c.back.CornerRadius, c.back.StrokeWidth = 6, 1
	c.ExtendBaseWidget(c)
	return c
}

// CreateRenderer is for Fyne.
func (c *Card) CreateRenderer() fyne.WidgetRenderer {
	c.paint()
	return widget.NewSimpleRenderer(container.NewStack(c.back, c.content))
}

// Refresh draws the card again.
func (c *Card) Refresh() {
	c.paint()
	c.BaseWidget.Refresh()
}

func (c *Card) paint() {
	v := fyne.CurrentApp().Settings().ThemeVariant()
	c.back.FillColor = c.Theme().Color(theme.ColorNameMenuBackground, v)
	c.back.StrokeColor = c.Theme().Color(look.ColorBorder, v)
	c.back.Refresh()
}
