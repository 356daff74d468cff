package xrc

import "strconv"

// props reads the properties of one object. The first property of a name wins.
type props struct {
	b *builder
	e *elem
}

func (b *builder) props(e *elem) props { return props{b, e} }

func (p props) get(name string) *elem {
	for _, k := range p.e.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

// raw is the property as it stands in the file; "" if absent or empty.
func (p props) raw(name string) string {
	if k := p.get(name); k != nil {
		return k.text
	}
	return ""
}

func (p props) text(name string) string  { return p.b.version.unescape(p.raw(name)) }
func (p props) label(name string) string { return plainLabel(p.text(name)) }

func (p props) boolean(name string, def bool) bool {
	s := p.raw(name)
	if s == "" {
		return def
	}
	return s == "1"
}

func (p props) bad(name, value string) {
	p.b.warn("%s %q: %s %q is not a valid value", clip(p.e.attrs["class"]), clip(p.e.attrs["name"]), name, clip(value))
}

func (p props) integer(name string, def int) int {
	s := p.raw(name)
	if s == "" {
		return def
	}
	n, rest, ok := strtol(s)
	if rest != "" {
		p.bad(name, s)
	}
	if !ok {
		return def
	}
	return n
}

// dimension is "N" or "Nd".
func (p props) dimension(name string) int {
	s := p.raw(name)
	if s == "" {
		return 0
	}
	n, rest, ok := strtol(s)
	if !ok || (rest != "" && rest != "d") {
		p.bad(name, s)
	}
	return pixels(n, rest == "d")
}

func (p props) point(name string) (Point, bool) {
	s := p.raw(name)
	if s == "" {
		return Point{-1, -1}, false
	}
	pt, ok := parsePoint(s)
	if !ok {
		p.bad(name, s)
	}
	return pt, ok
}

// items are the texts of <content>. They are not unescaped, unless an item asks for it.
func (p props) items() []string {
	content := p.get("content")
	if content == nil {
		return nil
	}
	var out []string
	for _, k := range content.kids {
		if k.name != "item" {
			continue
		}
		s := k.text
		if k.attrs["label"] == "1" {
			s = plainLabel(p.b.version.unescape(s))
		}
		out = append(out, s)
	}
	return out
}

// common reads what every window has.
func (p props) common(n *Node) {
	n.Pos, n.HasPos = p.point("pos")
	n.Size, _ = p.point("size")
	n.Styles = flags(p.raw("style"))
	n.Tooltip = p.text("tooltip")
	n.Hint = p.text("hint")
	n.Bold = p.bold()
	if p.raw("minsize") != "" {
		n.MinSize, _ = p.point("minsize")
	}
	n.Disabled = !p.boolean("enabled", true)
	n.Hidden = p.boolean("hidden", false)
}

// layout reads what a sizer item says about its child.
func (p props) layout(n *Node) {
	n.Proportion = max(0, p.integer("option", p.integer("proportion", 0)))
	n.Flags = flags(p.raw("flag"))
	n.Border = max(0, p.dimension("border"))
	if p.raw("minsize") != "" {
		n.MinSize, _ = p.point("minsize")
	}
	n.Hidden = n.Hidden || p.boolean("hidden", false)
	n.Cell, n.Span = p.cell("cellpos", 0), p.cell("cellspan", 1)
}

// unknown reads what is worth showing of a class that is not known.
func (p props) unknown(n *Node) {
	if n.Label = p.label("label"); n.Label == "" {
		n.Label = p.label("title")
	}
	n.Value = p.text("value")
	n.Items = p.items()
}

// fill reads the properties of a known class and reports whether it is one.
func (p props) fill(n *Node) bool {
	switch n.Class {
	case "wxPanel", "wxScrolledWindow", "spacer", "panewindow", "wxStdDialogButtonSizer", "wxNotebook", "wxChoicebook", "wxListbook",
		"wxTreebook", "wxSimplebook":
	case "wxDialog", "wxFrame", "wxScrollingDialog":
		n.Label = p.label("title")
	case "notebookpage", "choicebookpage", "listbookpage", "treebookpage", "simplebookpage":
		n.Label, n.Selected = p.label("label"), p.boolean("selected", false)
	case "wxSplitterWindow":
		n.Horizontal = p.raw("orientation") == "vertical"
	case "wxGridBagSizer":
		p.grid(n)
	case "wxBoxSizer", "wxStaticBoxSizer", "wxWrapSizer":
		n.Horizontal = p.raw("orient") != "wxVERTICAL"
		n.Label = p.boxLabel()
	case "wxGridSizer", "wxFlexGridSizer":
		p.grid(n)
	case "wxStaticLine":
		n.Horizontal = !n.Has("wxLI_VERTICAL") && !n.Has("wxVERTICAL")
	default:
		return p.fillControl(n)
	}
	return true
}

func (p props) boxLabel() string {
	if w := p.get("windowlabel"); w != nil {
		for _, k := range w.kids {
			if k.isObject() {
				return p.b.props(k).label("label")
			}
		}
	}
	return p.label("label")
}

func (p props) grid(n *Node) {
	n.Cols = clamp(p.integer("cols", 0))
	n.Rows = clamp(p.integer("rows", 0))
	n.Gap, n.VGap = max(0, p.dimension("hgap")), max(0, p.dimension("vgap"))
	n.GrowCols, n.GrowRows = growing(p.raw("growablecols")), growing(p.raw("growablerows"))
}

func clamp(n int) int { return max(0, min(1000, n)) }

func (p props) fillControl(n *Node) bool {
	n.Label = p.label("label")
	switch n.Class {
	case "wxStaticText":
		n.Wrap = max(0, p.dimension("wrap"))
	case "wxTextCtrl":
		n.Value = p.text("value")
		n.MaxLen = max(0, p.integer("maxlength", 0))
	case "wxSearchCtrl":
		n.Value = p.text("value")
	case "wxCheckBox", "wxToggleButton":
		state := p.integer("checked", 0)
		n.Checked, n.Third = state == 1, state == 2 && n.Has("wxCHK_3STATE")
	case "wxRadioButton":
		n.Checked = p.boolean("value", false)
	case "wxStaticBitmap", "wxStaticBox", "wxStatusBar", "wxMenuBar", "wxMenu", "wxMenuItem", "wxToolBar", "tool", "separator", "label",
		"wxListCtrl", "listcol":
		n.Icon = p.icon("bitmap")
		n.Label = p.menuLabel(n.Label)
	case "wxHyperlinkCtrl", "wxFilePickerCtrl", "wxDirPickerCtrl", "wxColourPickerCtrl", "wxDatePickerCtrl", "wxTimePickerCtrl", "wxCalendarCtrl":
		p.picker(n)
	case "wxCollapsiblePane":
		n.Collapsed = p.boolean("collapsed", false)
	case "wxButton", "wxBitmapButton":
		n.Icon = p.icon("bitmap")
		n.Default = p.boolean("default", false)
		if n.Label == "" {
			n.Label = stockLabel(n.Name)
		}
	case "wxSpinCtrl", "wxSlider", "wxGauge", "wxSpinButton":
		p.ranged(n)
	case "wxSpinCtrlDouble":
		p.rangedFloat(n)
	case "wxCheckListBox", "wxListBox", "wxChoice", "wxComboBox", "wxRadioBox":
		p.list(n)
	default:
		n.Label = ""
		return false
	}
	return true
}

func (p props) ranged(n *Node) {
	lo, hi := p.integer("min", 0), p.integer("max", 100)
	if n.Class == "wxGauge" {
		lo, hi = 0, p.integer("range", 100)
	}
	if hi < lo {
		p.b.warn("%s %q: max %d is below min %d", n.Class, clip(n.Name), hi, lo)
		hi = lo
	}
	n.Min, n.Max, n.Inc = float64(lo), float64(hi), float64(max(1, p.integer("inc", 1)))
	n.Horizontal = !n.Has("wxSL_VERTICAL") && !n.Has("wxGA_VERTICAL") && !n.Has("wxVERTICAL")
	n.Value = strconv.Itoa(max(lo, min(hi, p.integer("value", 0))))
}

func (p props) list(n *Node) {
	n.Items = p.items()
	n.Ticked = p.ticked()
	n.Selection = p.integer("selection", -1)
	if n.Selection < -1 || n.Selection >= len(n.Items) {
		n.Selection = -1
	}
	switch n.Class {
	case "wxComboBox":
		n.Value = p.text("value")
	case "wxRadioBox":
		n.Dimension = max(1, clamp(p.integer("dimension", 1)))
		if n.Selection < 0 && len(n.Items) > 0 {
			n.Selection = 0
		}
	}
	if n.Selection >= 0 {
		n.Value = n.Items[n.Selection]
	}
}
