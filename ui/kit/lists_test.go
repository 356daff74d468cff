package kit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"go.uber.org/goleak"

	"omanager/ui/look"
)

func TestMain(m *testing.M) {
	test.NewApp().Settings().SetTheme(look.NewTheme(look.Dark))
	goleak.VerifyTestMain(m)
}

// show puts an object into a window.
func show(t *testing.T, o fyne.CanvasObject, w, h float32) fyne.Window {
	t.Helper()
	win := test.NewTempWindow(t, o)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	return win
}

// texts are the texts drawn in a list, by row from the top.
func texts(l *vlist) []string {
	var out []string
	for _, r := range l.body.visible {
		var parts []string
		for _, o := range test.LaidOutObjects(r) {
			if s, ok := o.(*canvas.Text); ok && s.Visible() && s.Text != "" {
				parts = append(parts, s.Text)
			}
		}
		out = append(out, strings.Join(parts, "|"))
	}
	return out
}

func press(l *vlist, keys ...fyne.KeyName) {
	for _, k := range keys {
		l.TypedKey(&fyne.KeyEvent{Name: k})
	}
}

func tapRow(l *vlist, i int, x float32) {
	for _, r := range l.body.visible {
		if r.index == i {
			r.Tapped(&fyne.PointEvent{Position: fyne.NewPos(x, 5)})
			return
		}
	}
}

func numbers(n *int) *Rows {
	return NewRows([]Column{{Title: "Number", Width: 90}, {Title: "Text"}}, func() int { return *n },
		func(i int) []Cell { return []Cell{{Text: fmt.Sprint("n", i)}, {Text: strings.Repeat("long ", 50)}} })
}

func TestRowsKeepsOnlyVisibleRows(t *testing.T) {
	n := 1_000_000
	r := numbers(&n)
	show(t, r, 300, 24+10*22)
	r.ScrollTo(999_999)
	got := texts(r.list)
	if len(r.list.body.pool) > 12 || !strings.HasPrefix(got[len(got)-1], "n999999|long") {
		t.Errorf("%d row objects, last %q", len(r.list.body.pool), got[len(got)-1])
	}
	if !strings.HasSuffix(got[0], "…") {
		t.Errorf("a text too long is not cut: %q", got[0])
	}
	n = 3
	r.Refresh()
	if got := texts(r.list); len(got) != 3 || !strings.HasPrefix(got[0], "n0|") {
		t.Errorf("after the rows became 3: %q", got)
	}
}

func TestRowsRefreshRow(t *testing.T) {
	values := []string{"a", "b", "c"}
	calls := 0
	r := NewRows([]Column{{Title: "T"}}, func() int { return len(values) }, func(i int) []Cell {
		calls++
		return []Cell{{Text: values[i]}}
	})
	show(t, r, 200, 200)
	values[1], calls = "B", 0
	r.RefreshRow(1)
	r.RefreshRow(77)
	if got := texts(r.list); !slices.Equal(got, []string{"a", "B", "c"}) || calls != 1 {
		t.Errorf("%q after %d calls", got, calls)
	}
}

func TestRowsSelection(t *testing.T) {
	n := 50
	r := numbers(&n)
	var selected, active []int
	var copied string
	r.OnSelected = func(i int) { selected = append(selected, i) }
	r.OnActivated = func(i int) { active = append(active, i) }
	r.OnCopy = func(s string) { copied = s }
	win := show(t, r, 300, 24+10*22)
	now := time.Unix(0, 0)
	r.list.now = func() time.Time { return now }
	tapRow(r.list, 3, 20)
	if win.Canvas().Focused() != r.list {
		t.Error("a tap does not give the keyboard")
	}
	press(r.list, fyne.KeyDown, fyne.KeyPageDown, fyne.KeyEnd, fyne.KeyDown, fyne.KeyHome, fyne.KeyUp)
	if want := []int{3, 4, 13, 49, 0}; !slices.Equal(selected, want) {
		t.Errorf("selected %v, want %v", selected, want)
	}
	tapRow(r.list, 2, 20)
	now = now.Add(time.Second)
	tapRow(r.list, 2, 20) // too late for a double tap
	if len(active) != 0 {
		t.Errorf("two slow taps activated %v", active)
	}
	now = now.Add(doubleTap / 2)
	tapRow(r.list, 2, 20)
	press(r.list, fyne.KeyReturn)
	if !slices.Equal(active, []int{2, 2}) {
		t.Errorf("activated %v, want [2 2]", active)
	}
	r.list.TypedShortcut(&fyne.ShortcutCopy{})
	if !strings.HasPrefix(copied, "n2\tlong") {
		t.Errorf("copied %q", copied)
	}
	n = 1
	r.Refresh()
	if r.Selected() != 0 {
		t.Errorf("row %d selected of 1", r.Selected())
	}
	r.Unselect()
	if r.Selected() != -1 {
		t.Error("still selected")
	}
}

func TestRowsHeaderAndEmpty(t *testing.T) {
	n := 0
	r := numbers(&n)
	r.SetEmpty("Nothing yet")
	column := -1
	r.OnHeader = func(c int) { column = c }
	win := show(t, r, 300, 200)
	test.TapCanvas(win.Canvas(), fyne.NewPos(150, 10))
	if column != 1 {
		t.Errorf("header column %d tapped, want 1", column)
	}
	r.SetSorted(0, true)
	if got := r.header.texts.Objects[0].(*canvas.Text).Text; got != "Number ▼" {
		t.Errorf("header %q", got)
	}
	if r.none.Text != "Nothing yet" {
		t.Errorf("empty text %q", r.none.Text)
	}
	n = 1
	r.Refresh()
	if r.none.Text != "" || r.Text() != "Number\tText\nn0\t"+strings.Repeat("long ", 50) {
		t.Errorf("empty text %q, text %q", r.none.Text, r.Text())
	}
}

func TestTickTree(t *testing.T) {
	tree := NewTickTree(fleet())
	changes := 0
	tree.OnChanged = func() { changes++ }
	show(t, tree, 300, 400)
	tapRow(tree.list, 0, 5) // the arrow
	tapRow(tree.list, 1, boxX(1)+3)
	expect(t, tree.Model(), "~web 3/6 open", " xweba 3/3", " -webb 0/3", "-数据库 0/6")
	if got := texts(tree.list); !slices.Equal(got, []string{"web|3/6", "app-a|3/3", "app-b|0/3", "数据库|0/6"}) {
		t.Errorf("drawn %q", got)
	}
	tapRow(tree.list, 3, 150) // the text: only selects
	if tree.Selected() != "数据库" || changes != 1 {
		t.Errorf("selected %q, %d changes", tree.Selected(), changes)
	}
	press(tree.list, fyne.KeySpace, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight, fyne.KeySpace)
	if tree.Selected() != "数据库a0" || changes != 3 {
		t.Errorf("selected %q, %d changes", tree.Selected(), changes)
	}
	press(tree.list, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyLeft)
	if tree.Selected() != "数据库" {
		t.Errorf("selected %q", tree.Selected())
	}
	expect(t, tree.Model(), "~web 3/6 open", " xweba 3/3", " -webb 0/3", "~数据库 5/6")
}

func TestTickTreeOfManyServers(t *testing.T) {
	m := NewTreeModel()
	nodes := []TreeNode{{ID: "all", Text: "all"}}
	for i := range 20_000 {
		nodes = append(nodes, TreeNode{ID: fmt.Sprint(i), Parent: "all", Text: fmt.Sprint("s", i), Leaf: true})
	}
	m.SetNodes(nodes)
	m.ExpandAll()
	tree := NewTickTree(m)
	show(t, tree, 300, 440)
	tree.SelectID("19999")
	press(tree.list, fyne.KeySpace)
	if got := m.Ticked(); !slices.Equal(got, []string{"19999"}) || len(tree.list.body.pool) > 22 {
		t.Errorf("ticked %v, %d row objects", got, len(tree.list.body.pool))
	}
}

func TestOutputViewFollowsAndDrops(t *testing.T) {
	v := NewOutputView(100)
	var follow []bool
	v.OnFollow = func(on bool) { follow = append(follow, on) }
	show(t, v, 300, 160)
	for i := range 250 {
		v.Append("", fmt.Sprint("line ", i))
	}
	got := texts(v.list)
	if v.Len() != 100 || v.Dropped() != 150 || got[len(got)-1] != "line 249" {
		t.Errorf("%d kept, %d dropped, last shown %q", v.Len(), v.Dropped(), got[len(got)-1])
	}
	if !strings.HasPrefix(v.Text(), "line 150\n") || !strings.HasSuffix(v.Text(), "line 249\n") {
		t.Errorf("text %q", v.Text())
	}
	v.list.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 640)})
	top := texts(v.list)[0]
	v.Append("", "more", "and more")
	if v.Following() || texts(v.list)[0] != top {
		t.Errorf("following %v, top %q was %q", v.Following(), texts(v.list)[0], top)
	}
	v.list.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -9999)})
	if !slices.Equal(follow, []bool{false, true}) {
		t.Errorf("follow changed %v", follow)
	}
	v.Clear()
	if v.Text() != "" || len(texts(v.list)) != 0 {
		t.Error("lines stay after Clear")
	}
}

func TestOutputViewCopiesSelection(t *testing.T) {
	v := NewOutputView(10)
	copied := ""
	v.OnCopy = func(s string) { copied = s }
	show(t, v, 300, 200)
	v.AppendLines([]Line{{Text: "a"}, {Text: "b", Color: look.ColorTermStderr}, {Text: "c"}})
	v.list.TypedShortcut(&fyne.ShortcutCopy{})
	if copied != "" {
		t.Errorf("copied %q with nothing selected", copied)
	}
	tapRow(v.list, 1, 9)
	v.list.moveTo(2, true)
	v.list.TypedShortcut(&fyne.ShortcutCopy{})
	if copied != "b\nc\n" {
		t.Errorf("copied %q", copied)
	}
	v.list.TypedShortcut(&fyne.ShortcutSelectAll{})
	if v.Selection() != "a\nb\nc\n" {
		t.Errorf("all is %q", v.Selection())
	}
}

// TestOutputViewDrawsWhatIsInView: a very long line is never one very wide picture.
func TestOutputViewDrawsWhatIsInView(t *testing.T) {
	v := NewOutputView(10)
	show(t, v, 300, 100)
	v.Append("", strings.Repeat("中文 abc ", 500)+"end")
	if n := Cells(texts(v.list)[0]); n > 60 {
		t.Errorf("%d cells drawn in a view of 300", n)
	}
	v.list.scroll.ScrollToOffset(fyne.NewPos(1e6, 0))
	if got := texts(v.list)[0]; !strings.HasSuffix(got, "end") {
		t.Errorf("at the right end %q is drawn", got)
	}
}

func TestOutputViewDrag(t *testing.T) {
	v := NewOutputView(10)
	win := show(t, v, 300, 200)
	v.Append("", "a", "b", "c", "d")
	for y := range 10 { // from b to d
		v.list.body.visible[1].Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{AbsolutePosition: fyne.NewPos(20, 20+float32(4*y))}})
	}
	v.list.body.visible[1].DragEnd()
	if got := v.Selection(); got != "b\nc\nd\n" {
		t.Errorf("dragging selects %q", got)
	}
	test.TapCanvas(win.Canvas(), fyne.NewPos(20, 5))
	if got := v.Selection(); got != "a\n" {
		t.Errorf("a tap after it selects %q", got)
	}
}

func TestOutputViewFind(t *testing.T) {
	v := NewOutputView(10)
	show(t, v, 300, 200)
	v.Append("", "Error one", "fine", "error 二", "fine")
	var found []string
	for _, back := range []bool{false, false, false, true} {
		if v.Find("ERROR", back) {
			found = append(found, v.Selection())
		}
	}
	if want := []string{"Error one\n", "error 二\n", "Error one\n", "error 二\n"}; !slices.Equal(found, want) || v.Following() {
		t.Errorf("found %q, want %q; following %v", found, want, v.Following())
	}
	if v.Find("absent", false) || v.Find("", true) || NewOutputView(1).Find("x", true) {
		t.Error("found what is not there")
	}
}

// TestRingBoundsBytes: a host that sends only very long lines cannot fill the memory.
func TestRingBoundsBytes(t *testing.T) {
	r := newRing(100)
	for range 1000 {
		r.add(Line{Text: strings.Repeat("x", 10_000)})
	}
	if r.bytes > 100*lineBytes || r.len() != 2 || r.gone != 998 || len(r.lines) > 5 {
		t.Errorf("%d bytes in %d lines, %d gone, %d places", r.bytes, r.len(), r.gone, len(r.lines))
	}
	r.add(Line{Text: strings.Repeat("y", 100*lineBytes+1)})
	if r.len() != 1 || r.at(0).Text[0] != 'y' || r.at(1).Text != "" {
		t.Errorf("a line too long for the ring: %d lines", r.len())
	}
}
