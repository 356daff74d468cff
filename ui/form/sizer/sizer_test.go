package sizer

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

func blocks(sizes ...fyne.Size) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for _, s := range sizes {
		r := canvas.NewRectangle(color.Black)
		r.SetMinSize(s)
		out = append(out, r)
	}
	return out
}

func check(t *testing.T, o fyne.CanvasObject, x, y, w, h float32) {
	t.Helper()
	if o.Position() != fyne.NewPos(x, y) || o.Size() != fyne.NewSize(w, h) {
		t.Errorf("at %v, %v; want %v,%v and %v x %v", o.Position(), o.Size(), x, y, w, h)
	}
}

func TestBoxSharesWhatIsLeftOver(t *testing.T) {
	o := blocks(fyne.NewSize(10, 10), fyne.NewSize(10, 20), fyne.NewSize(10, 10))
	b := &Box{Horizontal: true, Items: []Item{{Left: 5}, {Proportion: 2, Expand: true}, {Proportion: 1, Y: End}}}
	if m := b.MinSize(o); m != fyne.NewSize(35, 20) {
		t.Errorf("least %v", m)
	}
	b.Layout(o, fyne.NewSize(65, 40))
	check(t, o[0], 5, 0, 10, 10)
	check(t, o[1], 15, 0, 30, 40)
	check(t, o[2], 45, 30, 20, 10)
}

func TestFlexGridGrowsItsColumn(t *testing.T) {
	o := blocks(fyne.NewSize(10, 10), fyne.NewSize(20, 10), fyne.NewSize(10, 10), fyne.NewSize(5, 5))
	g := &Grid{Cols: 2, HGap: 2, VGap: 3, Flex: true, GrowCols: map[int]int{1: 1}, Items: []Item{{}, {Expand: true}, {}, {X: Centre, Y: Centre}}}
	g.Layout(o, fyne.NewSize(52, 23))
	check(t, o[1], 12, 0, 40, 10)
	check(t, o[3], 29.5, 15.5, 5, 5)
}

func TestBagSpans(t *testing.T) {
	o := blocks(fyne.NewSize(50, 10), fyne.NewSize(10, 10), fyne.NewSize(10, 10))
	g := &Grid{Bag: true, Items: []Item{{ColSpan: 2, Expand: true}, {Row: 1}, {Row: 1, Col: 1}}}
	g.Layout(o, g.MinSize(o))
	check(t, o[0], 0, 0, 50, 10)
	check(t, o[2], 10, 10, 10, 10)
}

func TestPlacedObjectsNeverOverlap(t *testing.T) {
	o := blocks(fyne.NewSize(50, 40), fyne.NewSize(50, 10), fyne.NewSize(20, 10))
	p := &Place{Items: []Item{{Pos: fyne.NewPos(30, 10)}, {Pos: fyne.NewPos(30, 30)}, {Pos: fyne.NewPos(40, 12)}}}
	p.Layout(o, fyne.NewSize(1, 1))
	check(t, o[0], 30, 10, 50, 40)
	check(t, o[2], 84, 10, 20, 10)
	check(t, o[1], 30, 54, 50, 10)
}

func TestWrapGoesOnBelow(t *testing.T) {
	o := blocks(fyne.NewSize(30, 10), fyne.NewSize(30, 10))
	w := &Wrap{Items: make([]Item, 2)}
	w.Layout(o, fyne.NewSize(50, 40))
	check(t, o[1], 0, 10, 30, 10)
}
