package sizer

import "fyne.io/fyne/v2"

// Box stands objects in a row or column. Room that is left over goes to those with a proportion.
type Box struct {
	Horizontal bool
	Items      []Item
	Least      fyne.Size
}

var _ fyne.Layout = (*Box)(nil)

// MinSize is for Fyne.
func (b *Box) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var along, across float32
	shown(objects, b.Items, func(o fyne.CanvasObject, it Item) {
		a, c := b.turn(it.least(o))
		along, across = along+a, max(across, c)
	})
	if !b.Horizontal {
		along, across = across, along
	}
	return fyne.NewSize(along, across).Max(b.Least)
}

// Layout is for Fyne.
func (b *Box) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	room, across := b.turn(size)
	shares := 0
	shown(objects, b.Items, func(o fyne.CanvasObject, it Item) {
		a, _ := b.turn(it.least(o))
		room, shares = room-a, shares+it.Proportion
	})
	room = max(0, room)
	var at float32
	shown(objects, b.Items, func(o fyne.CanvasObject, it Item) {
		length, _ := b.turn(it.least(o))
		if it.Proportion > 0 {
			length += room * float32(it.Proportion) / float32(shares)
		}
		if b.Horizontal {
			it.put(o, at, 0, length, across, true, it.Expand)
		} else {
			it.put(o, 0, at, across, length, it.Expand, true)
		}
		at += length
	})
}

func (b *Box) turn(s fyne.Size) (along, across float32) {
	if b.Horizontal {
		return s.Width, s.Height
	}
	return s.Height, s.Width
}

// Wrap is a row that goes on below where it is too narrow. Its height is right for the width it had last.
type Wrap struct {
	Items []Item
	width float32
}

var _ fyne.Layout = (*Wrap)(nil)

// firstWidth is taken for the width before the first layout.
const firstWidth = 480

// MinSize is for Fyne.
func (w *Wrap) MinSize(objects []fyne.CanvasObject) fyne.Size {
	width := w.width
	if width <= 0 {
		width = firstWidth
	}
	return w.flow(objects, width, func(Item, fyne.CanvasObject, float32, float32) {})
}

// Layout is for Fyne.
func (w *Wrap) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w.width = size.Width
	w.flow(objects, size.Width, func(it Item, o fyne.CanvasObject, x, y float32) {
		m := it.least(o)
		it.put(o, x, y, m.Width, m.Height, true, true)
	})
}

func (w *Wrap) flow(objects []fyne.CanvasObject, width float32, put func(Item, fyne.CanvasObject, float32, float32)) fyne.Size {
	var x, y, row, widest float32
	shown(objects, w.Items, func(o fyne.CanvasObject, it Item) {
		m := it.least(o)
		if x > 0 && x+m.Width > width {
			x, y, row = 0, y+row, 0
		}
		put(it, o, x, y)
		x, row, widest = x+m.Width, max(row, m.Height), max(widest, m.Width)
	})
	return fyne.NewSize(widest, y+row)
}
