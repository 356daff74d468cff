// Package sizer lays objects out as the sizers of wxWidgets do. A layout holds one Item for each object of its
// container, in the same order. Hidden objects take no room.
package sizer

import "fyne.io/fyne/v2"

// Align is where an object stands in room that is larger than it.
type Align int

// The places of an object in its room.
const (
	Start Align = iota
	Centre
	End
)

// Item is what a sizer knows of one object.
type Item struct {
	Proportion               int
	Expand                   bool
	X, Y                     Align
	Left, Top, Right, Bottom float32   // border
	Min                      fyne.Size // of the object; 0 in a part: its own
	Col, Row                 int       // Bag only
	ColSpan, RowSpan         int       // Bag only; below 1 is 1
	Pos                      fyne.Position
}

// least is the room that the object with its border needs.
func (it Item) least(o fyne.CanvasObject) fyne.Size {
	m := o.MinSize().Max(it.Min)
	return fyne.NewSize(m.Width+it.Left+it.Right, m.Height+it.Top+it.Bottom)
}

// put places the object in its room.
func (it Item) put(o fyne.CanvasObject, x, y, width, height float32, fillX, fillY bool) {
	x, y = x+it.Left, y+it.Top
	width, height = max(0, width-it.Left-it.Right), max(0, height-it.Top-it.Bottom)
	m := o.MinSize().Max(it.Min)
	if !fillX {
		x, width = aligned(it.X, x, width, m.Width)
	}
	if !fillY {
		y, height = aligned(it.Y, y, height, m.Height)
	}
	o.Resize(fyne.NewSize(width, height))
	o.Move(fyne.NewPos(x, y))
}

func aligned(a Align, at, room, size float32) (start, length float32) {
	if size >= room {
		return at, room
	}
	switch a {
	case Centre:
		return at + (room-size)/2, size
	case End:
		return at + room - size, size
	}
	return at, size
}

// shown calls f for every visible object with its item.
func shown(objects []fyne.CanvasObject, items []Item, f func(o fyne.CanvasObject, it Item)) {
	for i, o := range objects {
		if o.Visible() && i < len(items) {
			f(o, items[i])
		}
	}
}
