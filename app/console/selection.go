package console

import (
	"maps"
	"regexp"
	"strings"
)

// Tree returns the servers.
func (c *Console) Tree() *Tree {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tree
}

// Ticked returns the ticked servers in tree order.
func (c *Console) Ticked() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]string, 0, len(c.ticked))
	for _, h := range c.tree.Hosts {
		if c.ticked[h] {
			out = append(out, h)
		}
	}
	return out
}

// TickedCount counts the ticked servers.
func (c *Console) TickedCount() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.ticked)
}

// SetTicked ticks exactly these servers. A plan made for another selection is dropped.
func (c *Console) SetTicked(hosts []string) {
	c.mu.Lock()
	next := make(map[string]bool, len(hosts))
	for _, h := range hosts {
		if c.tree.nodes[HostNode(h)] != nil {
			next[h] = true
		}
	}
	if maps.Equal(c.ticked, next) {
		c.mu.Unlock()
		return
	}
	c.ticked = next
	delete(c.errs, OpPlan)
	delete(c.errs, OpStart)
	t := c.stale()
	c.mu.Unlock()
	c.notify(Servers | Busy | t)
}

// keepTicks drops ticks of servers that are gone. The lock is held.
func (c *Console) keepTicks() {
	for h := range c.ticked {
		if c.tree.nodes[HostNode(h)] == nil {
			delete(c.ticked, h)
		}
	}
}

// expression names what is ticked: all, whole categories where a category is ticked whole, and server names. The
// lock is held.
func (c *Console) expression() string {
	if len(c.ticked) == 0 {
		return ""
	}
	if len(c.ticked) == len(c.tree.Hosts) {
		return "all"
	}
	var parts []string
	for _, id := range c.tree.Roots {
		n := c.tree.nodes[id]
		var on []string
		for _, h := range n.Hosts {
			if c.ticked[h] {
				on = append(on, quote(h))
			}
		}
		if len(on) == len(n.Hosts) && len(on) > 1 {
			on = []string{"category:" + quote(strings.TrimPrefix(id, "c:"))}
		}
		parts = append(parts, on...)
	}
	return strings.Join(parts, ",")
}

var plain = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// quote writes a name so that the expression takes it as it stands.
func quote(name string) string {
	if plain.MatchString(name) && name != "all" {
		return name
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}
