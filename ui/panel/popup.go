package panel

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/kit"
)

// textWidth is the width of a popup's text.
const textWidth = 420

// Popup shows content in the middle of the window until close is called.
func (d Deps) Popup(title string, content fyne.CanvasObject, buttons ...fyne.CanvasObject) (closePopup func()) {
	foot := container.NewHBox(append([]fyne.CanvasObject{layout.NewSpacer()}, buttons...)...)
	box := container.NewBorder(container.NewVBox(kit.Heading(title), widget.NewSeparator()), foot, nil, nil, content)
	p := widget.NewModalPopUp(container.New(layout.NewCustomPaddedLayout(8, 8, 12, 12), box), d.Canvas())
	p.Show()
	return p.Hide
}

// Confirm asks a question; then runs if the answer is yes.
func (d Deps) Confirm(title, text, yes string, then func()) {
	l := NewNote(text, theme.ColorNameForeground)
	var hide func()
	no := widget.NewButton(d.T("dialog.cancel"), func() { hide() })
	ok := widget.NewButton(yes, func() { hide(); then() })
	ok.Importance = widget.DangerImportance
	hide = d.Popup(title, container.New(&Wide{Width: textWidth}, l), no, ok)
}

// Tell shows a text until it is closed.
func (d Deps) Tell(title, text string) {
	l := NewNote(text, theme.ColorNameForeground)
	var hide func()
	ok := widget.NewButton(d.T("dialog.close"), func() { hide() })
	ok.Importance = widget.HighImportance
	hide = d.Popup(title, container.New(&Wide{Width: textWidth}, l), ok)
}

// Wide is a layout that gives its one object a width, and at least a height.
type Wide struct{ Width, Height float32 }

// MinSize is the width, and the object's height at that width: text that wraps knows it only once it has the width.
func (l *Wide) MinSize(o []fyne.CanvasObject) fyne.Size {
	if o[0].Size().Width != l.Width {
		o[0].Resize(fyne.NewSize(l.Width, o[0].Size().Height))
	}
	return fyne.NewSize(l.Width, max(o[0].MinSize().Height, l.Height))
}

// Layout fills the space.
func (l *Wide) Layout(o []fyne.CanvasObject, s fyne.Size) { o[0].Resize(s) }
