package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// ToolButton is a small flat button with an icon, a text, or both. Fyne has no tool tips: OnHint gets Hint when the
// pointer comes and "" when it leaves, for a status bar to show.
type ToolButton struct {
	widget.DisableableWidget

	OnTapped func()
	OnHint   func(hint string)
	Hint     string

	icon             fyne.Resource
	text             string
	primary          bool
	on               bool
	hovered, focused bool
	back             *canvas.Rectangle
	image            *canvas.Image
	label            *canvas.Text
}

var (
	_ fyne.Tappable     = (*ToolButton)(nil)
	_ fyne.Focusable    = (*ToolButton)(nil)
	_ fyne.Disableable  = (*ToolButton)(nil)
	_ desktop.Hoverable = (*ToolButton)(nil)
)

// NewToolButton makes a button; icon may be nil and text "", not both.
func NewToolButton(icon fyne.Resource, text string, tapped func()) *ToolButton {
	b := &ToolButton{OnTapped: tapped, icon: icon, text: text, back: canvas.NewRectangle(color.Transparent), image: &canvas.Image{}, label: canvas.NewText("", color.Transparent)}
	b.image.FillMode = canvas.ImageFillContain
	b.ExtendBaseWidget(b)
	return b
}

// NewPrimaryButton makes a ToolButton in the primary colour: the one thing to do here.
func NewPrimaryButton(icon fyne.Resource, text string, tapped func()) *ToolButton {
	b := NewToolButton(icon, text, tapped)
	b.primary = true
	return b
}

// Text is the button's text.
func (b *ToolButton) Text() string { return b.text }

// SetText changes the text.
func (b *ToolButton) SetText(text string) {
	b.text = text
	b.Refresh()
}

// SetIcon changes the icon.
func (b *ToolButton) SetIcon(icon fyne.Resource) {
	b.icon = icon
	b.Refresh()
}

// SetOn shows the button as pressed in, for what is switched on and off.
func (b *ToolButton) SetOn(on bool) {
	b.on = on
	b.Refresh()
}

// CreateRenderer is for Fyne.
func (b *ToolButton) CreateRenderer() fyne.WidgetRenderer {
	b.draw()
	return widget.NewSimpleRenderer(container.NewWithoutLayout(b.back, b.image, b.label))
}

const (
	buttonHeight = 24
	buttonPad    = 6
)

func (b *ToolButton) labelWidth() float32 {
	if b.text == "" {
		return 0
	}
	return fyne.MeasureText(b.text, textSize(b), b.label.TextStyle).Width
}

// MinSize is that of icon and text.
func (b *ToolButton) MinSize() fyne.Size {
	w := b.labelWidth() + 2*buttonPad
	if b.icon != nil {
		w += b.Theme().Size(theme.SizeNameInlineIcon)
	}
	if b.icon != nil && b.text != "" {
		w += 5
	}
	return fyne.NewSize(max(w, buttonHeight), buttonHeight)
}

// Resize lays the parts out.
func (b *ToolButton) Resize(s fyne.Size) {
	b.BaseWidget.Resize(s)
	b.draw()
}

// Refresh draws the button again.
func (b *ToolButton) Refresh() {
	b.draw()
	b.BaseWidget.Refresh()
}

func (b *ToolButton) colors() (back, front fyne.ThemeColorName) {
	front = theme.ColorNameForeground
	switch {
	case b.Disabled() && b.primary:
		return theme.ColorNameDisabledButton, theme.ColorNameDisabled
	case b.Disabled():
		return "", theme.ColorNameDisabled
	case b.primary:
		return theme.ColorNamePrimary, theme.ColorNameForegroundOnPrimary
	case b.on:
		return theme.ColorNameSelection, front
	case b.hovered || b.focused:
		return theme.ColorNamePressed, front
	}
	return "", front
}

func (b *ToolButton) draw() {
	back, front := b.colors()
	b.back.Hidden = back == ""
	b.back.CornerRadius = b.Theme().Size(theme.SizeNameButtonRadius)
	b.back.StrokeWidth = 0
	if b.focused && !b.Disabled() {
		b.back.StrokeWidth, b.back.StrokeColor = 1, paint(b, theme.ColorNamePrimary)
	}
	if b.primary && b.hovered && !b.Disabled() {
		b.back.StrokeWidth, b.back.StrokeColor = 1.5, paint(b, theme.ColorNameForeground)
	}
	if back != "" {
		b.back.FillColor = paint(b, back)
	}
	size := b.Size()
	b.back.Resize(size)
	b.back.Refresh()
	x := max(buttonPad, (size.Width-b.MinSize().Width)/2+buttonPad)
	b.image.Hidden = b.icon == nil
	if b.icon != nil {
		side := b.Theme().Size(theme.SizeNameInlineIcon)
		if b.text == "" {
			x = (size.Width - side) / 2
		}
		b.image.Resource = theme.NewColoredResource(b.icon, front)
		b.image.Resize(fyne.NewSquareSize(side))
		b.image.Move(fyne.NewPos(x, (size.Height-side)/2))
		b.image.Refresh()
		x += side + 5
	}
	b.label.Move(fyne.NewPos(x, 0))
	b.label.Resize(fyne.NewSize(b.labelWidth(), size.Height))
	setText(b.label, b.text, textSize(b), fyne.TextStyle{Bold: b.primary}, paint(b, front))
}

// Tapped presses the button.
func (b *ToolButton) Tapped(*fyne.PointEvent) {
	if !b.Disabled() && b.OnTapped != nil {
		b.OnTapped()
	}
}

func (b *ToolButton) hint(text string) {
	if b.OnHint != nil {
		b.OnHint(text)
	}
}

// MouseIn lights the button up and gives its hint.
func (b *ToolButton) MouseIn(*desktop.MouseEvent) {
	b.hovered = true
	b.hint(b.Hint)
	b.Refresh()
}

// MouseMoved does nothing.
func (b *ToolButton) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends light and hint.
func (b *ToolButton) MouseOut() {
	b.hovered = false
	b.hint("")
	b.Refresh()
}

// FocusGained shows the focus.
func (b *ToolButton) FocusGained() { b.focused = true; b.Refresh() }

// FocusLost hides the focus.
func (b *ToolButton) FocusLost() { b.focused = false; b.Refresh() }

// TypedRune does nothing.
func (b *ToolButton) TypedRune(rune) {}

// TypedKey presses the button for Space and Return.
func (b *ToolButton) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeySpace || k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter {
		b.Tapped(nil)
	}
}
