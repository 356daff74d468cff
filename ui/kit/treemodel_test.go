package kit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fleet is two categories of two applications of three servers.
func fleet() *TreeModel {
	m := NewTreeModel()
	var nodes []TreeNode
	for _, c := range []string{"web", "数据库"} {
		nodes = append(nodes, TreeNode{ID: c, Text: c})
		for _, a := range []string{"a", "b"} {
			nodes = append(nodes, TreeNode{ID: c + a, Parent: c, Text: "app-" + a})
			for i := range 3 {
				id := fmt.Sprintf("%s%s%d", c, a, i)
				nodes = append(nodes, TreeNode{ID: id, Parent: c + a, Text: "host" + id, Detail: fmt.Sprintf("10.0.0.%d", i), Leaf: true})
			}
		}
	}
	m.SetNodes(nodes)
	return m
}

// picture is the visible rows: depth, open, tick and counts.
func picture(m *TreeModel) []string {
	var out []string
	for i := range m.Len() {
		r := m.Row(i)
		s := strings.Repeat(" ", r.Depth) + [...]string{"-", "~", "x"}[r.Tick] + r.ID
		if !r.Leaf {
			s += fmt.Sprintf(" %d/%d", r.Ticked, r.Total)
		}
		if r.Open {
			s += " open"
		}
		out = append(out, s)
	}
	return out
}

func expect(t *testing.T, m *TreeModel, want ...string) {
	t.Helper()
	if got := picture(m); !slices.Equal(got, want) {
		t.Errorf("rows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTreeStartsClosedAndUnticked(t *testing.T) {
	m := fleet()
	expect(t, m, "-web 0/6", "-数据库 0/6")
	if len(m.Ticked()) != 0 {
		t.Error("something is ticked at first")
	}
}

func TestTreeOpens(t *testing.T) {
	m := fleet()
	m.SetOpen("web", true)
	m.SetOpen("webb", true)
	expect(t, m, "-web 0/6 open", " -weba 0/3", " -webb 0/3 open", "  -webb0", "  -webb1", "  -webb2", "-数据库 0/6")
	m.SetOpen("web", false)
	expect(t, m, "-web 0/6", "-数据库 0/6")
	m.ExpandAll()
	if m.Len() != 18 {
		t.Errorf("%d rows when all is open, want 18", m.Len())
	}
	m.CollapseAll()
	expect(t, m, "-web 0/6", "-数据库 0/6")
}

func TestTreeTicks(t *testing.T) {
	m := fleet()
	m.SetOpen("web", true)
	m.Toggle("weba1")
	expect(t, m, "~web 1/6 open", " ~weba 1/3", " -webb 0/3", "-数据库 0/6")
	m.Toggle("weba")
	m.Toggle("webb")
	expect(t, m, "xweb 6/6 open", " xweba 3/3", " xwebb 3/3", "-数据库 0/6")
	m.Toggle("webb2")
	if got, want := m.Ticked(), []string{"weba0", "weba1", "weba2", "webb0", "webb1"}; !slices.Equal(got, want) {
		t.Errorf("ticked %v, want %v", got, want)
	}
	m.Toggle("weba")
	m.Toggle("no such id")
	expect(t, m, "~web 2/6 open", " -weba 0/3", " ~webb 2/3", "-数据库 0/6")
	m.SetTicked([]string{"数据库a0", "gone"})
	if got := m.Ticked(); !slices.Equal(got, []string{"数据库a0"}) {
		t.Errorf("ticked %v", got)
	}
	m.ClearTicks()
	if got := m.Ticked(); len(got) != 0 {
		t.Errorf("ticked %v after clearing", got)
	}
}

func TestTreeFilter(t *testing.T) {
	m := fleet()
	m.Toggle("weba0")
	m.SetFilter("数据库 APP-B .1")
	expect(t, m, "-数据库 0/6 open", " -数据库b 0/3 open", "  -数据库b1")
	m.Toggle("数据库") // ticks only what is shown
	if got := m.Ticked(); !slices.Equal(got, []string{"weba0", "数据库b1"}) {
		t.Errorf("ticked %v", got)
	}
	m.SetOpen("数据库", false)
	expect(t, m, "~数据库 1/6")
	m.SetFilter("10.0.0.2")
	m.TickAllVisible()
	if ticked, matched, total := m.Counts(); ticked != 6 || matched != 4 || total != 12 {
		t.Errorf("counts %d %d %d, want 6 4 12", ticked, matched, total)
	}
	m.SetFilter("nothing like it")
	expect(t, m)
	m.SetFilter("  ")
	expect(t, m, "~web 3/6", "~数据库 3/6") // closed as before the filter
}

func TestTreeKeepsTicksAndOpenAcrossReload(t *testing.T) {
	m := fleet()
	m.SetOpen("web", true)
	m.Toggle("weba")
	m.SetNodes([]TreeNode{
		{ID: "web", Text: "web"}, {ID: "weba", Parent: "web", Text: "a"},
		{ID: "weba1", Parent: "weba", Leaf: true}, {ID: "new", Parent: "weba", Leaf: true},
		{ID: "orphan", Parent: "gone", Leaf: true}, {ID: "orphan", Parent: "web", Leaf: true}, {ID: "empty"},
	})
	expect(t, m, "~web 1/2 open", " ~weba 1/2", "-orphan", "-empty 0/0")
	m.Toggle("empty")
	if got := m.Ticked(); !slices.Equal(got, []string{"weba1"}) {
		t.Errorf("ticked %v", got)
	}
}

func TestTreeRowOutside(t *testing.T) {
	m := fleet()
	if m.Row(-1).ID != "" || m.Row(99).ID != "" || m.RowOf("weba0") != -1 || m.RowOf("数据库") != 1 {
		t.Error("a row that is not there is not empty")
	}
}
