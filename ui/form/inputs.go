package form

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"omanager/modules"
	"omanager/modules/xrc"
)

// bound draws the control that fills a parameter. What its class cannot fill is drawn by the parameter's type.
func (f *Form) bound(n *xrc.Node, p *modules.Param) fyne.CanvasObject {
	name := p.Name
	set := func(v string) { f.changed(name, v) }
	switch n.Class {
	case "wxSpinCtrl", "wxSpinCtrlDouble":
		if p.Type == modules.Duration {
			break // may be given as 1h30m
		}
		low, high := bounds(n, p)
		return newSpin(f.values[name], low, high, step(n), set)
	case "wxSlider":
		low, high := bounds(n, p)
		return newSlider(f.values[name], low, high, step(n), set)
	case "wxListBox", "wxCheckListBox":
		return f.list(p, choices(n, p), p.Type == modules.Multi || n.Has("wxLB_MULTIPLE") || n.Has("wxLB_EXTENDED"))
	case "wxCheckBox", "wxToggleButton":
		return f.check(p, n.Label)
	case "wxRadioButton":
		label := n.Label
		if l := text(p.Labels, f.deps.Words.Language()); l != "" {
			label = l
		}
		return f.radio(n, label)
	case "wxChoice":
		return f.choice(p, choices(n, p))
	case "wxComboBox":
		if p.Type == modules.Enum {
			return f.choice(p, choices(n, p))
		}
		return f.combo(p, choices(n, p))
	case "wxRadioBox":
		g := widget.NewRadioGroup(unique(choices(n, p)), nil)
		g.Required, g.Horizontal = true, n.Dimension > 1 && !n.Has("wxRA_SPECIFY_ROWS")
		g.SetSelected(f.values[name])
		g.OnChanged = set
		return g
	case "wxTextCtrl", "wxSearchCtrl":
		if p.Type != modules.Secret && p.Type != modules.Date {
			return f.entry(n, set, f.values[name])
		}
	}
	return f.inputFor(p)
}

// inputFor draws a parameter by its type alone.
func (f *Form) inputFor(p *modules.Param) fyne.CanvasObject {
	name := p.Name
	set := func(v string) { f.changed(name, v) }
	n := &xrc.Node{Class: "wxTextCtrl"}
	switch p.Type {
	case modules.Int:
		low, high := bounds(nil, p)
		return newSpin(f.values[name], low, high, max(p.Step, 1), set)
	case modules.Bool:
		return f.check(p, "")
	case modules.Enum:
		return f.choice(p, p.Values)
	case modules.Multi:
		return f.list(p, p.Values, true)
	case modules.List, modules.Source:
		if len(p.Offers) > 0 {
			return f.combo(p, p.Offers)
		}
	case modules.File:
		return f.file(p)
	case modules.Secret:
		n.Styles = []string{"wxTE_PASSWORD"}
	case modules.Date:
		return newDateField(f.values[name], set)
	case modules.Clock:
		n.Hint = "15:04"
	case modules.Duration:
		n.Hint = "1h30m"
	}
	if p.Lines {
		n.Styles = []string{"wxTE_MULTILINE"}
	}
	return f.entry(n, set, f.values[name])
}

// combo is a list of texts beside which others may be typed.
func (f *Form) combo(p *modules.Param, items []string) fyne.CanvasObject {
	name := p.Name
	e := widget.NewSelectEntry(items)
	e.SetText(f.values[name])
	e.OnChanged = func(v string) { f.changed(name, v) }
	return e
}

// several draws texts to tick, whose value is those that are on, joined by commas in the order shown.
func (f *Form) several(p *modules.Param, items []string) fyne.CanvasObject {
	name := p.Name
	g := widget.NewCheckGroup(unique(items), nil)
	for v := range strings.SplitSeq(f.values[name], ",") {
		if slices.Contains(items, v) {
			g.Selected = append(g.Selected, v)
		}
	}
	g.OnChanged = func(on []string) {
		var inOrder []string
		for _, v := range g.Options {
			if slices.Contains(on, v) {
				inOrder = append(inOrder, v)
			}
		}
		f.changed(name, strings.Join(inOrder, ","))
	}
	return g
}

func choices(n *xrc.Node, p *modules.Param) []string {
	switch {
	case (p.Type == modules.Enum || p.Type == modules.Multi) && len(p.Values) > 0:
		return p.Values
	case len(p.Offers) > 0:
		return p.Offers
	}
	return n.Items
}
