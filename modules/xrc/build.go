package xrc

import (
	"fmt"
	"slices"
	"strings"
)

// Parse reads one XRC file. Its error wraps ErrTooLarge, ErrTooDeep or ErrNotXRC; everything else that is wrong
// with a form becomes a warning.
func Parse(data []byte) (*Form, error) {
	root, err := readTree(data)
	if err != nil {
		return nil, err
	}
	b := &builder{
		version: parseVersion(root.attrs["version"]),
		form:    &Form{},
		named:   indexNames(root),
		warned:  map[string]bool{},
		work:    maxWork,
	}
	top := b.topLevel(root)
	if top == nil {
		b.warn("the file holds no object at all")
		b.form.Root = &Node{Class: "unknown", Selection: -1, Size: Point{-1, -1}, Pos: Point{-1, -1}}
		b.form.Tops = []*Node{b.form.Root}
		return b.form, nil
	}
	for _, e := range root.kids {
		if !e.isObject() {
			continue
		}
		node, err := b.object(e, 1)
		if err != nil {
			return nil, err
		}
		if node == nil && e == top {
			node = &Node{Class: "unknown", Name: e.attrs["name"], Selection: -1, Size: Point{-1, -1}, Pos: Point{-1, -1}}
		}
		if e == top {
			b.form.Root = node
		}
		if node != nil {
			b.form.Tops = append(b.form.Tops, node)
		}
	}
	return b.form, nil
}

type builder struct {
	version version
	form    *Form
	named   map[string]*elem
	warned  map[string]bool
	active  []*elem // the objects around the one being made, to catch cycles
	work    int
}

func (b *builder) warn(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if b.warned[s] || len(b.form.Warnings) >= maxWarnings {
		return
	}
	b.warned[s] = true
	b.form.Warnings = append(b.form.Warnings, s)
}

// topLevel chooses the object to show: the first panel, dialog or frame, else the first object.
func (b *builder) topLevel(root *elem) *elem {
	var first, chosen *elem
	others := -1
	for _, e := range root.kids {
		if !e.isObject() {
			continue
		}
		others++
		if first == nil {
			first = e
		}
		switch e.attrs["class"] {
		case "wxPanel", "wxDialog", "wxFrame", "wxScrolledWindow":
			if chosen == nil {
				chosen = e
			}
		}
	}
	if chosen == nil {
		chosen = first
	}
	if others > 0 {
		b.warn("the file holds %d further top-level objects, which are not part of the form", others)
	}
	return chosen
}

// spend takes from what the document may cost to build, so that references cannot multiply without end.
func (b *builder) spend(n int) error {
	if b.work -= n; b.work < 0 {
		return fmt.Errorf("%w: its references grow beyond %d parts", ErrTooLarge, maxWork)
	}
	return nil
}

// object makes the node for an object, object_ref or sizer item; nil if there is nothing to make.
func (b *builder) object(e *elem, depth int) (*Node, error) {
	if depth > MaxDepth {
		return nil, fmt.Errorf("%w: more than %d levels", ErrTooDeep, MaxDepth)
	}
	mark := len(b.active)
	defer func() { b.active = b.active[:mark] }()
	e, err := b.resolve(e)
	if e == nil || err != nil {
		return nil, err
	}
	if err := b.spend(1 + len(e.kids)); err != nil {
		return nil, err
	}
	b.active = append(b.active, e.id())
	class := e.attrs["class"]
	if class == "sizeritem" || class == "button" {
		return b.sizerItem(e, depth)
	}
	n := &Node{Class: class, Name: e.attrs["name"], Selection: -1}
	p := b.props(e)
	p.common(n)
	n.Known = p.fill(n)
	if !n.Known {
		p.unknown(n)
		b.warn("class %q is not known; a placeholder stands for it", clip(class))
	}
	if class == "spacer" {
		p.layout(n)
	}
	if w := p.get("windowlabel"); w != nil && class == "wxStaticBoxSizer" {
		if err := b.children(n, w, depth); err != nil {
			return nil, err
		}
	}
	return n, b.children(n, e, depth)
}

func (b *builder) children(n *Node, e *elem, depth int) error {
	for _, k := range e.kids {
		if !k.isObject() {
			continue
		}
		c, err := b.object(k, depth+1)
		if err != nil {
			return err
		}
		if c != nil {
			n.Children = append(n.Children, c)
		}
	}
	return nil
}

// sizerItem is its one child, with the item's layout.
func (b *builder) sizerItem(e *elem, depth int) (*Node, error) {
	var n *Node
	for _, k := range e.kids {
		if !k.isObject() {
			continue
		}
		if n != nil {
			b.warn("a sizer item holds more than one object; the further ones are left out")
			break
		}
		var err error
		if n, err = b.object(k, depth+1); err != nil {
			return nil, err
		}
	}
	if n == nil {
		b.warn("a sizer item holds no object; it is left out")
		return nil, nil
	}
	b.props(e).layout(n)
	return n, nil
}

// resolve follows object_ref to what it refers to, merged; nil if there is none or the reference runs in a circle.
func (b *builder) resolve(e *elem) (*elem, error) {
	for e.name == "object_ref" {
		ref := e.attrs["ref"]
		target := b.named[ref]
		if target == nil {
			b.warn("object %q, which is referred to, does not exist", clip(ref))
			return nil, nil
		}
		if slices.Contains(b.active, target.id()) || target.id() == e.id() {
			b.warn("object %q refers to itself; the inner one is left out", clip(ref))
			return nil, nil
		}
		b.active = append(b.active, target.id())
		var err error
		if e, err = b.merge(target, e, 1); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// merge copies target with the changes that over makes. Neither argument is changed.
func (b *builder) merge(target, over *elem, depth int) (*elem, error) {
	if depth > MaxDepth {
		return nil, fmt.Errorf("%w: more than %d levels", ErrTooDeep, MaxDepth)
	}
	if err := b.spend((1 + len(over.kids)) * (1 + len(target.kids))); err != nil {
		return nil, err
	}
	out := &elem{name: target.name, text: target.text, attrs: map[string]string{}, kids: slices.Clone(target.kids), origin: target.id()}
	for k, v := range target.attrs {
		out.attrs[k] = v
	}
	isRef := over.name == "object_ref"
	for k, v := range over.attrs {
		if k != "insert_at" && !(isRef && k == "ref") {
			out.attrs[k] = v
		}
	}
	if over.text != "" {
		out.text = over.text
	}
	for _, k := range over.kids {
		i := slices.IndexFunc(out.kids, func(t *elem) bool { return t.name == k.name && t.attrs["name"] == k.attrs["name"] })
		if i >= 0 {
			m, err := b.merge(out.kids[i], k, depth+1)
			if err != nil {
				return nil, err
			}
			out.kids[i] = m
			continue
		}
		switch k.attrs["insert_at"] {
		case "", "end":
			out.kids = append(out.kids, k)
		case "begin":
			out.kids = slices.Insert(out.kids, 0, k)
		default:
			b.warn("insert_at %q is not known; the child is left out", clip(k.attrs["insert_at"]))
		}
	}
	return out, nil
}

// indexNames finds what object_ref may mean: top-level objects first, then what lies deeper.
func indexNames(root *elem) map[string]*elem {
	named := map[string]*elem{}
	add := func(e *elem) {
		if name := e.attrs["name"]; e.isObject() && name != "" && named[name] == nil {
			named[name] = e
		}
	}
	for _, e := range root.kids {
		add(e)
	}
	var walk func(e *elem)
	walk = func(e *elem) {
		add(e)
		for _, k := range e.kids {
			walk(k)
		}
	}
	walk(root)
	return named
}

// clip keeps a name from the file short and on one line, for a warning.
func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 60 {
		return string(r[:60])
	}
	return s
}
