package xrc

import (
	"strconv"
	"strings"
)

// ticked is, for each of the items, whether it is checked at first.
func (p props) ticked() []bool {
	content := p.get("content")
	if content == nil {
		return nil
	}
	var out []bool
	for _, k := range content.kids {
		if k.name == "item" {
			out = append(out, k.attrs["checked"] == "1")
		}
	}
	return out
}

// cell reads "row,column"; a part below least is least.
func (p props) cell(name string, least int) Point {
	row, col, _ := strings.Cut(p.raw(name), ",")
	y, _, _ := strtol(row)
	x, _, _ := strtol(col)
	return Point{X: max(least, clamp(x)), Y: max(least, clamp(y))}
}

// bold reads the weight of the font.
func (p props) bold() bool {
	f := p.get("font")
	return f != nil && p.b.props(f).raw("weight") == "bold"
}

// icon names a bitmap by its stock art, else by its file.
func (p props) icon(name string) string {
	k := p.get(name)
	switch {
	case k == nil:
		return ""
	case k.attrs["stock_id"] != "":
		return k.attrs["stock_id"]
	}
	return strings.TrimSpace(k.text)
}

// menuLabel takes the key away that stands after the label of a menu item. A column's words are its text.
func (p props) menuLabel(label string) string {
	if label == "" {
		label = p.label("text")
	}
	label, _, _ = strings.Cut(label, "\t")
	return label
}

func (p props) picker(n *Node) {
	n.URL, n.Wildcard, n.Message = p.raw("url"), p.raw("wildcard"), p.text("message")
	n.Value = p.raw("value")
}

// rangedFloat reads a number with a fraction.
func (p props) rangedFloat(n *Node) {
	n.Min, n.Max, n.Inc = p.float("min", 0), p.float("max", 100), p.float("inc", 1)
	n.Digits = max(0, min(12, p.integer("digits", 0)))
	if n.Max < n.Min {
		p.b.warn("%s %q: max %g is below min %g", n.Class, clip(n.Name), n.Max, n.Min)
		n.Max = n.Min
	}
	if n.Inc <= 0 {
		n.Inc = 1
	}
	n.Value = strconv.FormatFloat(max(n.Min, min(n.Max, p.float("value", 0))), 'f', n.Digits, 64)
}

func (p props) float(name string, def float64) float64 {
	s := strings.TrimSpace(p.raw(name))
	if s == "" {
		return def
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v != v || v < -1e12 || v > 1e12 {
		p.bad(name, s)
		return def
	}
	return v
}
