package form

import "fyne.io/fyne/v2"

// wrapped gives one text that wraps the width that its form names.
type wrapped struct{ width float32 }

// Layout is for Fyne.
func (w *wrapped) Layout(objects []fyne.CanvasObject, _ fyne.Size) {
	objects[0].Resize(w.MinSize(objects))
	objects[0].Move(fyne.Position{})
}

// MinSize is the width and the height of the text at that width.
func (w *wrapped) MinSize(objects []fyne.CanvasObject) fyne.Size {
	objects[0].Resize(fyne.NewSize(w.width, objects[0].Size().Height))
	return fyne.NewSize(w.width, objects[0].MinSize().Height)
}
