package sizer

import "fyne.io/fyne/v2"

// Grid stands objects in columns and rows. Cells are as large as the largest, with Flex each column and row is as
// large as it needs and the growing ones take the room that is left over. With Bag the items say their own cells.
type Grid struct {
	Cols, Rows int // 0: as many as it takes
	HGap, VGap float32
	Flex, Bag  bool
	GrowCols   map[int]int // shares
	GrowRows   map[int]int
	Items      []Item
}

var _ fyne.Layout = (*Grid)(nil)

// MinSize is for Fyne.
func (g *Grid) MinSize(objects []fyne.CanvasObject) fyne.Size {
	cols, rows := g.tracks(objects)
	return fyne.NewSize(total(cols, g.HGap), total(rows, g.VGap))
}

// Layout is for Fyne.
func (g *Grid) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	cols, rows := g.tracks(objects)
	if g.Flex || g.Bag {
		grow(cols, g.GrowCols, size.Width-total(cols, g.HGap))
		grow(rows, g.GrowRows, size.Height-total(rows, g.VGap))
	} else {
		grow(cols, all(cols), size.Width-total(cols, g.HGap))
		grow(rows, all(rows), size.Height-total(rows, g.VGap))
	}
	for i, it := range g.cells(objects) {
		o := objects[i]
		if !o.Visible() {
			continue
		}
		x, width := span(cols, it.Col, it.ColSpan, g.HGap)
		y, height := span(rows, it.Row, it.RowSpan, g.VGap)
		it.put(o, x, y, width, height, it.Expand, it.Expand)
	}
}

// cells are the items with the cell that each has.
func (g *Grid) cells(objects []fyne.CanvasObject) []Item {
	out := make([]Item, min(len(objects), len(g.Items)))
	copy(out, g.Items)
	cols, n := g.columns(objects), 0
	for i := range out {
		it := &out[i]
		it.ColSpan, it.RowSpan = max(1, it.ColSpan), max(1, it.RowSpan)
		if !g.Bag {
			it.Col, it.Row, it.ColSpan, it.RowSpan = n%cols, n/cols, 1, 1
			if objects[i].Visible() {
				n++
			}
		}
	}
	return out
}

func (g *Grid) columns(objects []fyne.CanvasObject) int {
	if g.Cols > 0 || g.Rows <= 0 {
		return max(1, g.Cols)
	}
	n := 0
	for _, o := range objects {
		if o.Visible() {
			n++
		}
	}
	return max(1, (n+g.Rows-1)/g.Rows)
}

// tracks are the least widths of the columns and heights of the rows.
func (g *Grid) tracks(objects []fyne.CanvasObject) (cols, rows []float32) {
	cells := g.cells(objects)
	for i, it := range cells {
		if objects[i].Visible() {
			cols, rows = reach(cols, it.Col+it.ColSpan), reach(rows, it.Row+it.RowSpan)
		}
	}
	for _, spans := range []bool{false, true} { // what spans comes last: it may find its room there
		for i, it := range cells {
			if !objects[i].Visible() {
				continue
			}
			m := it.least(objects[i])
			if (it.ColSpan > 1) == spans {
				widen(cols, it.Col, it.ColSpan, m.Width, g.HGap, g.GrowCols)
			}
			if (it.RowSpan > 1) == spans {
				widen(rows, it.Row, it.RowSpan, m.Height, g.VGap, g.GrowRows)
			}
		}
	}
	if !g.Flex && !g.Bag {
		level(cols)
		level(rows)
	}
	return cols, rows
}

func reach(tracks []float32, n int) []float32 {
	for len(tracks) < n {
		tracks = append(tracks, 0)
	}
	return tracks
}

// widen makes the tracks from first on wide enough together, at the cost of one that grows, else of the last.
func widen(tracks []float32, first, count int, need, gap float32, growing map[int]int) {
	_, have := span(tracks, first, count, gap)
	if need <= have {
		return
	}
	at := first + count - 1
	for i := first; i < first+count; i++ {
		if growing[i] > 0 {
			at = i
		}
	}
	tracks[at] += need - have
}

func span(tracks []float32, first, count int, gap float32) (start, length float32) {
	for i := range first {
		start += tracks[i]
		if tracks[i] > 0 {
			start += gap
		}
	}
	for i := first; i < first+count; i++ {
		length += tracks[i]
	}
	return start, length + gap*float32(count-1)
}

func level(tracks []float32) {
	var most float32
	for _, t := range tracks {
		most = max(most, t)
	}
	for i := range tracks {
		tracks[i] = most
	}
}

func all(tracks []float32) map[int]int {
	m := make(map[int]int, len(tracks))
	for i := range tracks {
		m[i] = 1
	}
	return m
}

func grow(tracks []float32, growing map[int]int, room float32) {
	shares := 0
	for i := range tracks {
		shares += growing[i]
	}
	if room <= 0 || shares == 0 {
		return
	}
	for i := range tracks {
		tracks[i] += room * float32(growing[i]) / float32(shares)
	}
}

func total(tracks []float32, gap float32) float32 {
	var sum float32
	for i, t := range tracks {
		sum += t
		if t > 0 && i < len(tracks)-1 {
			sum += gap
		}
	}
	return sum
}
