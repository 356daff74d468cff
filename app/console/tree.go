package console

import "omanager/app/inventory"

// Node is a category, an application in it, or a server. IDs are unique in the tree and stable over reloads.
type Node struct {
	ID, Parent, Name string
	Server           *inventory.Server // nil for a category and an application
	Children         []string          // node IDs
	Hosts            []string          // IDs of the servers at and below this node
}

// Tree is the servers by category and application. It never changes once made.
type Tree struct {
	Roots []string
	Hosts []string // every server, in tree order
	nodes map[string]*Node
}

// Node returns a node, or nil.
func (t *Tree) Node(id string) *Node { return t.nodes[id] }

// HostNode is the node ID of a server.
func HostNode(host string) string { return "s:" + host }

func newTree(inv *inventory.Inventory) *Tree {
	t := &Tree{nodes: map[string]*Node{}}
	if inv == nil {
		return t
	}
	for _, c := range inv.Categories() {
		t.add("", &Node{ID: "c:" + c.ID, Name: c.Name})
	}
	servers := inv.Servers()
	for i := range servers {
		s := &servers[i]
		cat := "c:" + s.CategoryID
		if t.nodes[cat] == nil {
			t.add("", &Node{ID: cat, Name: s.CategoryID})
		}
		app := "a:" + s.CategoryID + "/" + s.App
		if t.nodes[app] == nil {
			t.add(cat, &Node{ID: app, Name: s.App})
		}
		t.add(app, &Node{ID: HostNode(s.ID), Name: s.ID, Server: s})
	}
	t.count()
	return t
}

func (t *Tree) add(parent string, n *Node) {
	if t.nodes[n.ID] != nil {
		return
	}
	n.Parent = parent
	t.nodes[n.ID] = n
	if parent == "" {
		t.Roots = append(t.Roots, n.ID)
		return
	}
	p := t.nodes[parent]
	p.Children = append(p.Children, n.ID)
}

// count fills the Hosts of every node and of the tree.
func (t *Tree) count() {
	var below func(id string) []string
	below = func(id string) []string {
		n := t.nodes[id]
		if n.Server != nil {
			n.Hosts = []string{n.Server.ID}
			return n.Hosts
		}
		for _, c := range n.Children {
			n.Hosts = append(n.Hosts, below(c)...)
		}
		return n.Hosts
	}
	for _, id := range t.Roots {
		t.Hosts = append(t.Hosts, below(id)...)
	}
}
