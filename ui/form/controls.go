package form

import (
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
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
		if n.Wrap > 0 {
			l.Wrapping = fyne.TextWrapWord
			return container.New(&wrapped{width: float32(n.Wrap)}, l)
		}
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
		return f.several(p, items)
	}
	return newListBox(items, f.values[name], func(v string) { f.changed(name, v) })
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
