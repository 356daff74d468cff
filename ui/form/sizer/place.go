package sizer

import (
	"cmp"
	"slices"

	"fyne.io/fyne/v2"
)

// Place stands objects where their items' Pos says. Controls here are larger than those the positions were drawn
// for: what would cover another moves down or to the right, so that nothing overlaps and the order stays.
type Place struct{ Items []Item }

var _ fyne.Layout = (*Place)(nil)

// sameRow is how far apart (px) the tops of two objects may be to stand in one row.
const sameRow = 12

const apart = 4

// MinSize is for Fyne.
func (p *Place) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for i, r := range p.rooms(objects) {
		if objects[i].Visible() {
			size = size.Max(fyne.NewSize(r.x+r.w+apart, r.y+r.h+apart))
		}
	}
	return size
}

// Layout is for Fyne.
func (p *Place) Layout(objects []fyne.CanvasObject, _ fyne.Size) {
	for i, r := range p.rooms(objects) {
		objects[i].Resize(fyne.NewSize(r.w, r.h))
		objects[i].Move(fyne.NewPos(r.x, r.y))
	}
}

type room struct{ x, y, w, h float32 }

func (p *Place) rooms(objects []fyne.CanvasObject) []room {
	n := min(len(objects), len(p.Items))
	out := make([]room, n)
	var order []int
	for i := range n {
		if objects[i].Visible() {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.Items[a].Pos.Y, p.Items[b].Pos.Y) })
	var done []room
	for len(order) > 0 {
		end := 1
		for end < len(order) && p.Items[order[end]].Pos.Y-p.Items[order[0]].Pos.Y < sameRow {
			end++
		}
		row := order[:end]
		order = order[end:]
		slices.SortStableFunc(row, func(a, b int) int { return cmp.Compare(p.Items[a].Pos.X, p.Items[b].Pos.X) })
		done = append(done, p.row(objects, row, out, done)...)
	}
	return out
}

// row fills in the rooms of one row and returns them.
func (p *Place) row(objects []fyne.CanvasObject, row []int, out, done []room) []room {
	var x, y float32
	var rooms []room
	for k, i := range row {
		it := p.Items[i]
		s := objects[i].MinSize().Max(it.Min)
		r := room{x: max(0, it.Pos.X, x), y: max(0, it.Pos.Y), w: s.Width, h: s.Height}
		if k == 0 {
			y = r.y
		}
		for _, d := range done {
			if d.x < r.x+r.w && r.x < d.x+d.w {
				y = max(y, d.y+d.h+apart)
			}
		}
		x = r.x + r.w + apart
		rooms = append(rooms, r)
	}
	for k, i := range row {
		rooms[k].y = y
		out[i] = rooms[k]
	}
	return rooms
}
