package form

import (
	"image/color"
	"net/url"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/modules/xrc"
	"omanager/ui/panel"
)

// loose draws a control that fills no parameter: it can be used and has no effect.
func (f *Form) loose(n *xrc.Node) fyne.CanvasObject {
	o := f.plain(n)
	if o == nil {
		return nil
	}
	if d, ok := o.(fyne.Disableable); ok && n.Disabled {
		d.Disable()
	}
	return o
}

func (f *Form) plain(n *xrc.Node) fyne.CanvasObject {
	switch n.Class {
	case "spacer", "label", "listcol", "wxMenuItem":
		return spacer(n)
	case "wxStaticLine", "separator":
		return widget.NewSeparator()
	case "wxStaticBitmap":
		return widget.NewIcon(theme.FileImageIcon())
	case "wxStaticBox":
		return framed(n.Label, layout.NewSpacer())
	case "wxStatusBar":
		return widget.NewLabel(n.Label)
	case "wxCheckBox":
		c := widget.NewCheck(n.Label, nil)
		c.Checked, c.Partial = n.Checked, n.Third
		return c
	case "wxRadioButton":
		return f.radio(n, n.Label)
	case "wxTextCtrl", "wxSearchCtrl":
		return f.entry(n, func(string) {}, n.Value)
	case "wxSpinCtrl", "wxSpinCtrlDouble", "wxSpinButton":
		return newSpin(n.Value, n.Min, n.Max, step(n), func(string) {})
	case "wxButton", "wxBitmapButton", "wxToggleButton", "tool":
		return button(n)
	case "wxHyperlinkCtrl":
		u, err := url.Parse(n.URL)
		if err != nil {
			u = nil
		}
		return widget.NewHyperlink(n.Label, u)
	}
	return f.looseList(n)
}

func (f *Form) looseList(n *xrc.Node) fyne.CanvasObject {
	switch n.Class {
	case "wxListBox":
		return panel.NewCard(newListBox(n.Items, n.Value, func(string) {}))
	case "wxCheckListBox":
		g := widget.NewCheckGroup(unique(n.Items), nil)
		for i, on := range n.Ticked {
			if on && i < len(n.Items) {
				g.Selected = append(g.Selected, n.Items[i])
			}
		}
		return g
	case "wxChoice":
		s := widget.NewSelect(n.Items, nil)
		s.PlaceHolder, s.Selected = f.deps.Words.T("form.choose"), n.Value
		return s
	case "wxComboBox":
		e := widget.NewSelectEntry(n.Items)
		e.SetText(n.Value)
		return e
	case "wxRadioBox":
		g := widget.NewRadioGroup(unique(n.Items), nil)
		g.Selected, g.Horizontal = n.Value, n.Dimension > 1 && !n.Has("wxRA_SPECIFY_ROWS")
		return framed(n.Label, g)
	case "wxListCtrl":
		return panel.NewCard(newListBox(nil, "", func(string) {}))
	case "wxSlider":
		s := widget.NewSlider(n.Min, max(n.Max, n.Min+1))
		s.Value, _ = strconv.ParseFloat(n.Value, 64)
		if !n.Horizontal {
			s.Orientation = widget.Vertical
		}
		return s
	case "wxGauge":
		p := widget.NewProgressBar()
		p.Max = max(n.Max, 1)
		p.Value, _ = strconv.ParseFloat(n.Value, 64)
		return p
	case "wxFilePickerCtrl", "wxDirPickerCtrl", "wxColourPickerCtrl":
		return wide(widget.NewEntry(), n.Value)
	case "wxDatePickerCtrl", "wxCalendarCtrl":
		return widget.NewDateEntry()
	case "wxTimePickerCtrl":
		return wide(widget.NewEntry(), "00:00:00")
	}
	return f.missing(n)
}

// missing stands for a control that cannot be drawn.
func (f *Form) missing(n *xrc.Node) fyne.CanvasObject {
	if f.deps.OnPlaceholder != nil {
		f.deps.OnPlaceholder(n.Class)
	}
	label := n.Class
	if n.Label != "" {
		label += " “" + n.Label + "”"
	}
	return placeholder(f.deps.Words.T("form.placeholder", "what", label))
}

func wide(e *widget.Entry, value string) fyne.CanvasObject {
	e.SetText(value)
	return e
}

func spacer(n *xrc.Node) fyne.CanvasObject {
	if n.Class != "spacer" {
		return nil
	}
	return canvas.NewRectangle(color.Transparent)
}

func button(n *xrc.Node) fyne.CanvasObject {
	b := widget.NewButton(strings.TrimSpace(n.Label), nil)
	if n.Label == "" || n.Class == "wxBitmapButton" {
		b.Icon = theme.FileImageIcon()
	}
	if n.Default {
		b.Importance = widget.HighImportance
	}
	return b
}

// framed puts a heading above what belongs together.
func framed(label string, o fyne.CanvasObject) fyne.CanvasObject {
	if label == "" {
		return o
	}
	l := widget.NewLabel(label)
	l.TextStyle.Bold = true
	return container.NewBorder(l, nil, nil, nil, o)
}

func unique(items []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range items {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// menuBar is a row of buttons that open the menus.
func (f *Form) menuBar(n *xrc.Node) fyne.CanvasObject {
	bar := container.NewHBox()
	for _, m := range n.Children {
		if m.Class == "wxMenu" {
			bar.Add(f.menu(m))
		}
	}
	return bar
}

func (f *Form) menu(n *xrc.Node) fyne.CanvasObject {
	b := widget.NewButton(n.Label, nil)
	b.Importance = widget.LowImportance
	m := menuOf(n)
	b.OnTapped = func() {
		d := fyne.CurrentApp().Driver()
		if c := d.CanvasForObject(b); c != nil {
			at := d.AbsolutePositionForObject(b)
			widget.ShowPopUpMenuAtPosition(m, c, at.AddXY(0, b.Size().Height))
		}
	}
	return b
}

func menuOf(n *xrc.Node) *fyne.Menu {
	m := fyne.NewMenu(n.Label)
	for _, c := range n.Children {
		switch c.Class {
		case "wxMenuItem":
			m.Items = append(m.Items, fyne.NewMenuItem(c.Label, func() {}))
		case "wxMenu":
			i := fyne.NewMenuItem(c.Label, nil)
			i.ChildMenu = menuOf(c)
			m.Items = append(m.Items, i)
		case "separator":
			m.Items = append(m.Items, fyne.NewMenuItemSeparator())
		}
	}
	return m
}

// placeholderWidth is the least width (px) of a placeholder: its wrapped text alone asks for none and would run over
// what stands beside it.
const placeholderWidth = 160

func placeholder(text string) fyne.CanvasObject {
	room := canvas.NewRectangle(color.Transparent)
	room.SetMinSize(fyne.NewSize(placeholderWidth, 0))
	return container.NewStack(room,
		container.NewBorder(widget.NewSeparator(), widget.NewSeparator(), nil, nil, panel.NewNote(text, "")))
}

// Draw is a form of an XRC tree without a module behind it, for a look at it.
func Draw(deps Deps, root *xrc.Node) fyne.CanvasObject {
	f := emptyForm(deps)
	f.groupRadios(root)
	if o := f.node(root); o != nil {
		return o
	}
	return placeholder(deps.Words.T("form.placeholder", "what", root.Class))
}
