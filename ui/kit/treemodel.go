package kit

import "strings"

// TreeNode is one node of a tree as given to TreeModel.SetNodes. Parent is "" at the top. Only leaves are counted.
type TreeNode struct {
	ID, Parent, Text, Detail string
	Leaf                     bool
}

// Tick is the state of a node's box.
type Tick int

// The states.
const (
	TickNone Tick = iota
	TickSome
	TickAll
)

// TreeRow is a visible row of a TreeModel.
type TreeRow struct {
	TreeNode
	Depth         int
	Open          bool
	Tick          Tick
	Ticked, Total int // leaves under a group
}

// TreeModel is a tree of ticks as a flat list of visible rows. Nothing is ticked and everything is closed at first.
// With a filter, only matching leaves and their groups are visible, and ticking a group ticks only those.
// It is not safe for use from several goroutines.
type TreeModel struct {
	nodes  []treeNode
	index  map[string]int
	roots  []int
	rows   []int // visible nodes
	open   map[string]bool
	closed map[string]bool // closed by hand while a filter opens everything
	words  []string
}

type treeNode struct {
	TreeNode
	parent, depth  int
	children       []int
	total, ticked  int // leaves under it, itself included when it is one
	matched        int // leaves under it that match the filter
	matchesAsGroup bool
}

// NewTreeModel makes an empty model.
func NewTreeModel() *TreeModel {
	return &TreeModel{index: map[string]int{}, open: map[string]bool{}, closed: map[string]bool{}}
}

// SetNodes replaces the nodes, in the order they are to be shown. Ticks and open groups whose ids are still there
// stay. A node whose parent is not among the nodes goes to the top; of two with one id the first counts.
func (m *TreeModel) SetNodes(nodes []TreeNode) {
	keep := map[string]bool{}
	for _, id := range m.Ticked() {
		keep[id] = true
	}
	m.build(nodes)
	for i := range m.nodes {
		if m.nodes[i].Leaf && keep[m.nodes[i].ID] {
			m.tickLeaf(i, true)
		}
	}
	m.match()
}

func (m *TreeModel) build(nodes []TreeNode) {
	m.nodes = make([]treeNode, 0, len(nodes))
	m.index = make(map[string]int, len(nodes))
	m.roots = nil
	for _, n := range nodes {
		if _, double := m.index[n.ID]; !double {
			m.index[n.ID] = len(m.nodes)
			m.nodes = append(m.nodes, treeNode{TreeNode: n, parent: -1})
		}
	}
	for i := range m.nodes {
		if p, ok := m.index[m.nodes[i].Parent]; ok && p != i && !m.nodes[p].Leaf {
			m.nodes[i].parent = p
			m.nodes[p].children = append(m.nodes[p].children, i)
		} else {
			m.roots = append(m.roots, i)
		}
	}
	m.walk(func(i int) bool {
		n := &m.nodes[i]
		if n.parent >= 0 {
			n.depth = m.nodes[n.parent].depth + 1
		}
		if n.Leaf {
			for p := i; p >= 0; p = m.nodes[p].parent {
				m.nodes[p].total++
			}
		}
		return true
	})
}

// walk visits nodes in order from the roots, below a node only if visit returns true.
func (m *TreeModel) walk(visit func(i int) bool) { m.walkFrom(m.roots, visit) }

func (m *TreeModel) walkFrom(from []int, visit func(i int) bool) {
	for _, i := range from {
		if visit(i) {
			m.walkFrom(m.nodes[i].children, visit)
		}
	}
}

func (m *TreeModel) tickLeaf(i int, on bool) {
	if !m.nodes[i].Leaf || (m.nodes[i].ticked == 1) == on {
		return
	}
	step := 1
	if !on {
		step = -1
	}
	for p := i; p >= 0; p = m.nodes[p].parent {
		m.nodes[p].ticked += step
	}
}

// SetFilter shows only leaves for which every word of s occurs in their path, text or detail, whatever the case.
func (m *TreeModel) SetFilter(s string) {
	m.words = strings.Fields(strings.ToLower(s))
	m.closed = map[string]bool{}
	m.match()
}

// Filter reports whether a filter is set.
func (m *TreeModel) Filter() bool { return len(m.words) > 0 }

func (m *TreeModel) match() {
	paths := make([]string, len(m.nodes))
	for i := range m.nodes {
		m.nodes[i].matched = 0
	}
	m.walk(func(i int) bool {
		n := &m.nodes[i]
		if len(m.words) > 0 {
			paths[i] = strings.ToLower(n.Text + "\x00" + n.Detail)
			if n.parent >= 0 {
				paths[i] = paths[n.parent] + "\x00" + paths[i]
			}
		}
		hit := hasAll(paths[i], m.words)
		n.matchesAsGroup = hit && !n.Leaf
		if hit && n.Leaf {
			for p := i; p >= 0; p = m.nodes[p].parent {
				m.nodes[p].matched++
			}
		}
		return true
	})
	m.flatten()
}

func hasAll(s string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

func (m *TreeModel) flatten() {
	m.rows = m.rows[:0]
	m.walk(func(i int) bool {
		n := &m.nodes[i]
		if n.matched == 0 && !n.matchesAsGroup {
			return false
		}
		m.rows = append(m.rows, i)
		return m.isOpen(n.ID)
	})
}

func (m *TreeModel) isOpen(id string) bool {
	if m.Filter() {
		return !m.closed[id]
	}
	return m.open[id]
}

// Len is the number of visible rows.
func (m *TreeModel) Len() int { return len(m.rows) }

// Row is the i-th visible row; a zero row when there is none.
func (m *TreeModel) Row(i int) TreeRow {
	if i < 0 || i >= len(m.rows) {
		return TreeRow{}
	}
	n := &m.nodes[m.rows[i]]
	r := TreeRow{TreeNode: n.TreeNode, Depth: n.depth, Ticked: n.ticked, Total: n.total, Open: !n.Leaf && m.isOpen(n.ID)}
	switch {
	case n.ticked == 0:
	case n.ticked < n.total:
		r.Tick = TickSome
	default:
		r.Tick = TickAll
	}
	return r
}

// RowOf is the visible row of a node, -1 when it is not visible.
func (m *TreeModel) RowOf(id string) int {
	if n, ok := m.index[id]; ok {
		for row, i := range m.rows {
			if i == n {
				return row
			}
		}
	}
	return -1
}

// Toggle ticks a leaf, or the matching leaves of a group; if all are ticked already, it unticks them.
func (m *TreeModel) Toggle(id string) {
	i, ok := m.index[id]
	if !ok {
		return
	}
	leaves := m.matching([]int{i})
	on := false
	for _, l := range leaves {
		on = on || m.nodes[l].ticked == 0
	}
	for _, l := range leaves {
		m.tickLeaf(l, on)
	}
}

// matching lists the leaves under the nodes that match the filter.
func (m *TreeModel) matching(from []int) []int {
	var leaves []int
	m.walkFrom(from, func(i int) bool {
		if m.nodes[i].Leaf && m.nodes[i].matched > 0 {
			leaves = append(leaves, i)
		}
		return m.nodes[i].matched > 0
	})
	return leaves
}

// SetTicked ticks exactly the leaves with the ids.
func (m *TreeModel) SetTicked(ids []string) {
	m.ClearTicks()
	for _, id := range ids {
		if i, ok := m.index[id]; ok {
			m.tickLeaf(i, true)
		}
	}
}

// TickAllVisible ticks every leaf that matches the filter, in closed groups too.
func (m *TreeModel) TickAllVisible() {
	for _, l := range m.matching(m.roots) {
		m.tickLeaf(l, true)
	}
}

// ClearTicks unticks everything, visible or not.
func (m *TreeModel) ClearTicks() {
	for i := range m.nodes {
		m.tickLeaf(i, false)
	}
}

// Ticked lists the ids of the ticked leaves in the tree's order, visible or not.
func (m *TreeModel) Ticked() []string {
	var ids []string
	m.walk(func(i int) bool {
		if n := &m.nodes[i]; n.Leaf && n.ticked == 1 {
			ids = append(ids, n.ID)
		}
		return m.nodes[i].ticked > 0
	})
	return ids
}

// Counts gives the numbers of ticked leaves, of leaves that match the filter, and of all leaves.
func (m *TreeModel) Counts() (ticked, matched, total int) {
	for _, r := range m.roots {
		ticked, matched, total = ticked+m.nodes[r].ticked, matched+m.nodes[r].matched, total+m.nodes[r].total
	}
	return ticked, matched, total
}

// SetOpen opens or closes a group.
func (m *TreeModel) SetOpen(id string, open bool) {
	if m.Filter() {
		m.closed[id] = !open
	} else {
		m.open[id] = open
	}
	m.flatten()
}

// ExpandAll opens every group.
func (m *TreeModel) ExpandAll() { m.openAll(true) }

// CollapseAll closes every group.
func (m *TreeModel) CollapseAll() { m.openAll(false) }

func (m *TreeModel) openAll(open bool) {
	for i := range m.nodes {
		if n := &m.nodes[i]; !n.Leaf && m.Filter() {
			m.closed[n.ID] = !open
		} else if !n.Leaf {
			m.open[n.ID] = open
		}
	}
	m.flatten()
}
