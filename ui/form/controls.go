package form

import (
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"omanager/modules"
	"omanager/modules/xrc"
)

// control draws a node that is not a container. A nil result draws nothing.
func (f *Form) control(n *xrc.Node) fyne.CanvasObject {
	if isText(n) {
		if n.Name == "help" && len(f.module.Helps) > 0 {
			return nil // stands above the form
		}
		l := widget.NewLabel(strings.ReplaceAll(n.Label, `\n`, "\n"))
		l.TextStyle.Bold = n.Bold || strings.HasSuffix(n.Name, "_label")
		return l
	}
	p := f.byCtl[n.Name]
	if p == nil {
		return f.loose(n)
	}
	if f.fields[p.Name] != nil {
		return nil
	}
	return f.labelled(p, f.bound(n, p))
}

// bound draws the control that fills a parameter.
func (f *Form) bound(n *xrc.Node, p *modules.Param) fyne.CanvasObject {
	name := p.Name
	set := func(v string) { f.changed(name, v) }
	switch n.Class {
	case "wxSpinCtrl", "wxSpinCtrlDouble", "wxSlider":
		low, high := bounds(n, p)
		return newSpin(f.values[name], low, high, step(n), set)
	case "wxListBox":
		return f.list(p, choices(n, p), n.Has("wxLB_MULTIPLE") || n.Has("wxLB_EXTENDED"))
	case "wxCheckBox":
		return f.check(p, n.Label)
	case "wxChoice":
		return f.choice(p, choices(n, p))
	case "wxComboBox":
		e := widget.NewSelectEntry(n.Items)
		e.SetText(f.values[name])
		e.OnChanged = set
		return e
	case "wxRadioBox":
		g := widget.NewRadioGroup(choices(n, p), nil)
		g.Required = true
		g.SetSelected(f.values[name])
		g.OnChanged = set
		return g
	case "wxTextCtrl":
		return f.entry(n, set, f.values[name])
	}
	return f.inputFor(p)
}

// inputFor draws a parameter that the form has no control for, by its type.
func (f *Form) inputFor(p *modules.Param) fyne.CanvasObject {
	switch p.Type {
	case modules.Int:
		low, high := bounds(nil, p)
		name := p.Name
		return newSpin(f.values[name], low, high, 1, func(v string) { f.changed(name, v) })
	case modules.Bool:
		return f.check(p, "")
	case modules.Enum:
		return f.choice(p, p.Values)
	}
	n := &xrc.Node{Class: "wxTextCtrl"}
	if p.Lines {
		n.Styles = []string{"wxTE_MULTILINE"}
	}
	name := p.Name
	return f.entry(n, func(v string) { f.changed(name, v) }, f.values[name])
}

func (f *Form) entry(n *xrc.Node, set func(string), value string) *widget.Entry {
	var e *widget.Entry
	switch {
	case n.Has("wxTE_MULTILINE"):
		e = widget.NewMultiLineEntry()
		e.Wrapping = fyne.TextWrapWord
		e.SetMinRowsVisible(max(3, min(n.Size.Y/22, 8)))
	case n.Has("wxTE_PASSWORD"):
		e = widget.NewPasswordEntry()
	default:
		e = widget.NewEntry()
	}
	e.SetPlaceHolder(n.Hint)
	e.SetText(value)
	e.OnChanged = set
	if n.Has("wxTE_READONLY") || n.Disabled {
		e.Disable()
	}
	return e
}

func (f *Form) check(p *modules.Param, label string) fyne.CanvasObject {
	if l := text(p.Labels, f.deps.Words.Language()); l != "" {
		label = l
	}
	name := p.Name
	c := widget.NewCheck(label, nil)
	c.SetChecked(f.values[name] == "true")
	c.OnChanged = func(on bool) { f.changed(name, strconv.FormatBool(on)) }
	return c
}

func (f *Form) choice(p *modules.Param, items []string) fyne.CanvasObject {
	name := p.Name
	s := widget.NewSelect(items, nil)
	s.PlaceHolder = f.deps.Words.T("form.choose")
	if slices.Contains(items, f.values[name]) {
		s.SetSelected(f.values[name])
	}
	s.OnChanged = func(v string) { f.changed(name, v) }
	return s
}

// list draws a list box: rows to click, or boxes to tick where several may be chosen (joined by commas).
func (f *Form) list(p *modules.Param, items []string, several bool) fyne.CanvasObject {
	name := p.Name
	if several {
		g := widget.NewCheckGroup(items, nil)
		g.SetSelected(strings.Split(f.values[name], ","))
		g.OnChanged = func(on []string) { f.changed(name, strings.Join(on, ",")) }
		return g
	}
	return newListBox(items, f.values[name], func(v string) { f.changed(name, v) })
}

func choices(n *xrc.Node, p *modules.Param) []string {
	if p.Type == modules.Enum && len(p.Values) > 0 {
		return p.Values
	}
	return n.Items
}

// bounds takes the parameter's limits, else the control's.
func bounds(n *xrc.Node, p *modules.Param) (low, high float64) {
	low, high = 0, 1<<31-1
	if n != nil && n.Max > n.Min {
		low, high = n.Min, n.Max
	}
	if p.Min != nil {
		low = *p.Min
	}
	if p.Max != nil {
		high = *p.Max
	}
	return low, high
}

func step(n *xrc.Node) float64 {
	if n.Inc > 0 {
		return n.Inc
	}
	return 1
}
