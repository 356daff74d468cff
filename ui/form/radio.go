package form

import (
	"strings"

	"fyne.io/fyne/v2/widget"

	"omanager/modules"
	"omanager/modules/xrc"
)

// radios is a group of radio buttons: exactly one is on.
type radios struct {
	single  bool // one button that no other turns off, and that begins off
	nodes   []*xrc.Node
	buttons map[*xrc.Node]*widget.RadioGroup
}

// groupRadios finds the groups below a window: as in wx, a button with wxRB_GROUP begins one and the buttons after it
// in the same window belong to it; sizers do not part them.
func (f *Form) groupRadios(n *xrc.Node) {
	var open *radios
	var walk func(*xrc.Node)
	walk = func(n *xrc.Node) {
		for _, c := range n.Children {
			switch {
			case c.Class == "wxRadioButton":
				if open == nil || open.single || c.Has("wxRB_GROUP") || c.Has("wxRB_SINGLE") {
					open = &radios{single: c.Has("wxRB_SINGLE"), buttons: map[*xrc.Node]*widget.RadioGroup{}}
				}
				open.nodes = append(open.nodes, c)
				f.radios[c] = open
			case strings.HasSuffix(c.Class, "Sizer"):
				walk(c)
			default:
				f.groupRadios(c)
			}
		}
	}
	walk(n)
}

// radio draws one button of its group.
func (f *Form) radio(n *xrc.Node, label string) *widget.RadioGroup {
	if label == "" {
		label = " " // the empty text means that none is chosen
	}
	g, group := widget.NewRadioGroup([]string{label}, nil), f.radios[n]
	g.Required = true
	group.buttons[n] = g
	if f.startsOn(n, group) {
		g.Selected = label
	}
	g.OnChanged = func(text string) {
		if text == "" {
			return // turned off by another
		}
		for _, other := range group.nodes {
			if b := group.buttons[other]; b != nil && other != n {
				b.SetSelected("")
			}
			f.tellRadio(other, other == n)
		}
	}
	return g
}

// startsOn reports whether the button is the one of its group that is on at first: the last that says so, else the
// first.
func (f *Form) startsOn(n *xrc.Node, group *radios) bool {
	on := -1
	for i, m := range group.nodes {
		checked := m.Checked
		if p := f.byCtl[m.Name]; p != nil {
			checked = f.values[p.Name] == "true"
		}
		if checked {
			on = i
		}
	}
	if on < 0 && !group.single {
		on = 0
	}
	return on >= 0 && group.nodes[on] == n
}

func (f *Form) tellRadio(n *xrc.Node, on bool) {
	if p := f.byCtl[n.Name]; p != nil && p.Type == modules.Bool {
		f.changed(p.Name, map[bool]string{true: "true", false: "false"}[on])
	}
}

// Settle tells the values that the form shows and that it was not given: a group without a choice begins at its first
// button.
func (f *Form) Settle() {
	for n, group := range f.radios {
		if b := group.buttons[n]; b != nil {
			f.tellRadio(n, b.Selected != "")
		}
	}
}
