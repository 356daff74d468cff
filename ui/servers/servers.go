// Package servers is the panel with the tree of servers: search, ticks, and counts. The console holds what is
// ticked; the tree shows it.
package servers

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/app/console"
	"omanager/ui/kit"
	"omanager/ui/panel"
)

// Panel is the tree of servers.
type Panel struct {
	deps   panel.Deps
	from   *console.Tree // what the model was filled from
	model  *kit.TreeModel
	tree   *kit.TickTree
	search *widget.Entry
	detail *kit.Text
	panel  *kit.Panel
}

// New makes the panel.
func New(deps panel.Deps) *Panel {
	p := &Panel{deps: deps, model: kit.NewTreeModel()}
	p.tree = kit.NewTickTree(p.model)
	p.tree.OnChanged = p.ticked
	p.tree.OnSelected = p.selected
	p.search = widget.NewEntry()
	p.search.SetPlaceHolder(deps.T("servers.search"))
	p.search.OnChanged = func(s string) {
		p.model.SetFilter(s)
		p.tree.Refresh()
	}
	p.detail = kit.Muted("")
	p.detail.MaxMin = 100
	p.detail.Hide()
	p.panel = kit.NewPanel(deps.T("servers.title"),
		container.NewBorder(p.search, p.detail, nil, nil, p.tree),
		deps.Tool(nil, deps.T("servers.all"), deps.T("servers.all_hint"), func() { p.model.TickAllVisible(); p.apply() }),
		deps.Tool(nil, deps.T("servers.none"), deps.T("servers.none_hint"), func() { p.model.ClearTicks(); p.apply() }),
		deps.Tool(theme.MoveDownIcon(), "", deps.T("servers.expand_hint"), func() { p.model.ExpandAll(); p.tree.Refresh() }),
		deps.Tool(theme.MoveUpIcon(), "", deps.T("servers.collapse_hint"), func() { p.model.CollapseAll(); p.tree.Refresh() }))
	p.Update(console.All)
	return p
}

// Content is what to show.
func (p *Panel) Content() fyne.CanvasObject { return p.panel }

// Tree is the widget, for the keyboard and for tests.
func (p *Panel) Tree() *kit.TickTree { return p.tree }

// FocusSearch puts the cursor into the search field.
func (p *Panel) FocusSearch() { p.deps.Canvas().Focus(p.search) }

// Update shows what changed.
func (p *Panel) Update(t console.Topic) {
	if t&(console.Servers|console.Session) == 0 {
		return
	}
	tree := p.deps.Console.Tree()
	if tree != p.from {
		p.from = tree
		p.model.SetNodes(nodes(tree, p.deps.T("servers.no_app")))
		for _, id := range tree.Roots {
			p.model.SetOpen(id, len(tree.Roots) <= openRoots && len(tree.Hosts) <= openHosts)
		}
	}
	on := p.deps.Console.Ticked()
	want := make([]string, len(on))
	for i, h := range on {
		want[i] = console.HostNode(h)
	}
	if !slices.Equal(p.model.Ticked(), want) {
		p.model.SetTicked(want)
	}
	p.panel.SetNote(p.deps.T("servers.count", "n", len(on), "all", len(tree.Hosts)))
	p.tree.Refresh()
}

// Small inventories show their categories open.
const (
	openRoots = 8
	openHosts = 200
)

func nodes(t *console.Tree, noApp string) []kit.TreeNode {
	var out []kit.TreeNode
	var walk func(id string)
	walk = func(id string) {
		n := t.Node(id)
		k := kit.TreeNode{ID: n.ID, Parent: n.Parent, Text: n.Name, Leaf: n.Server != nil}
		if k.Text == "" {
			k.Text = noApp
		}
		if s := n.Server; s != nil {
			k.Detail = s.LIP
			if s.WIP != "" && s.WIP != s.LIP {
				k.Detail = strings.TrimSpace(s.LIP + "  " + s.WIP)
			}
		}
		out = append(out, k)
		for _, c := range n.Children {
			walk(c)
		}
	}
	for _, id := range t.Roots {
		walk(id)
	}
	return out
}

func (p *Panel) apply() {
	p.tree.Refresh()
	p.ticked()
}

func (p *Panel) ticked() {
	ids := p.model.Ticked()
	hosts := make([]string, len(ids))
	for i, id := range ids {
		hosts[i] = p.from.Node(id).Server.ID
	}
	p.deps.Console.SetTicked(hosts)
}

func (p *Panel) selected(row kit.TreeRow) {
	n := p.from.Node(row.ID)
	if n == nil || n.Server == nil {
		p.detail.Hide()
		return
	}
	var parts []string
	for _, s := range []string{n.Server.OS, n.Server.Locate, n.Server.WIP} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	p.detail.SetText(strings.Join(parts, " · "))
	p.detail.Show()
}
