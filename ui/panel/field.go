package panel

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/kit"
	"omanager/ui/look"
)

// Field is a control beside its label, with what is wrong with its value below it.
type Field struct {
	Width float32 // of the control, 0 fills the row
	Top   bool    // the label stands at the top: the control is text

	label   fyne.CanvasObject
	control fyne.CanvasObject
	note    *Note
	row     *fyne.Container
}

// NewField makes a field.
func NewField(label string, control fyne.CanvasObject) *Field {
	f := &Field{label: kit.NewText(label, "", fyne.TextStyle{}), control: control, note: NewNote("", look.ColorFailed)}
	f.note.Hide()
	f.row = container.New(&labeled{field: f}, f.label, f.control, f.note)
	return f
}

// SetHidden hides the whole row, or shows it.
func (f *Field) SetHidden(hidden bool) { f.row.Hidden = hidden }

// SetError shows what is wrong; empty is nothing.
func (f *Field) SetError(text string) { f.note.Set(text, look.ColorFailed) }

// SetHint shows a word of help in place of an error.
func (f *Field) SetHint(text string) { f.note.Set(text, look.ColorMuted) }

// Fields lays fields out below each other, their labels in a column of a width.
func Fields(labels float32, fields ...*Field) fyne.CanvasObject {
	box := container.New(layout.NewCustomPaddedVBoxLayout(6))
	for _, f := range fields {
		f.row.Layout = &labeled{field: f, width: labels}
		box.Add(f.row)
	}
	return box
}

// labeled puts a label before a control, and a note below the control.
type labeled struct {
	field *Field
	width float32
}

const labelGap = 8

// MinSize is the sum of the parts; the note's height depends on the width it has.
func (l *labeled) MinSize(o []fyne.CanvasObject) fyne.Size {
	c := o[1].MinSize()
	h := max(c.Height, o[0].MinSize().Height)
	if o[2].Visible() {
		h += o[2].MinSize().Height
	}
	return fyne.NewSize(l.width+labelGap+c.Width, h)
}

// Layout places the parts.
func (l *labeled) Layout(o []fyne.CanvasObject, s fyne.Size) {
	h, label := o[1].MinSize().Height, o[0].MinSize()
	if !o[2].Visible() {
		h = max(h, s.Height) // a control may fill
	}
	row := min(h, lineHeight)
	if l.field.Top {
		row = label.Height
	}
	o[0].Move(fyne.NewPos(0, (row-label.Height)/2))
	o[0].Resize(fyne.NewSize(l.width, label.Height))
	x := l.width + labelGap
	o[1].Move(fyne.NewPos(x, 0))
	width := s.Width - x
	if l.field.Width > 0 {
		width = min(width, l.field.Width)
	}
	o[1].Resize(fyne.NewSize(width, h))
	o[2].Move(fyne.NewPos(x, h))
	o[2].Resize(fyne.NewSize(s.Width-x, max(0, s.Height-h)))
}

// lineHeight is that of an entry of one line: where the label of a higher control stands.
const lineHeight = 30

// Gap is empty space of a height.
func Gap(height float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(1, height))
	return r
}

// Flush takes the room round a note away, so that it begins where a Text does.
func Flush(n *Note) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(-3, -3, -5, -5), n)
}

// Padded puts room round content.
func Padded(content fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(8, 8, 10, 10), content)
}

// Buttons lays buttons out from the right.
func Buttons(buttons ...fyne.CanvasObject) fyne.CanvasObject {
	return container.NewHBox(append([]fyne.CanvasObject{layout.NewSpacer()}, buttons...)...)
}

// Able switches a button when that changes anything.
func Able(b *widget.Button, on bool) {
	switch {
	case on && b.Disabled():
		b.Enable()
	case !on && !b.Disabled():
		b.Disable()
	}
}
