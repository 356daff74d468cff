package modules

import (
	"fmt"
	"slices"
	"strconv"

	"omanager/modules/xrc"
)

// fits says which classes of control can fill a parameter of the type.
func fits(t Type, class string) bool {
	switch class {
	case "wxSpinCtrl", "wxSpinCtrlDouble", "wxSlider":
		return t == Int || t == Float || t == Duration
	case "wxTextCtrl", "wxSearchCtrl":
		return t != Bool && t != Enum && t != Multi && t != File
	case "wxComboBox", "wxListBox", "wxChoice", "wxRadioBox":
		return t != Bool && t != Secret && t != File && (t != Multi || class == "wxListBox")
	case "wxCheckListBox":
		return t == Multi
	case "wxCheckBox", "wxRadioButton", "wxToggleButton":
		return t == Bool
	case "wxDatePickerCtrl", "wxCalendarCtrl":
		return t == Date
	case "wxTimePickerCtrl":
		return t == Clock
	case "wxFilePickerCtrl":
		return t == File || t == Path
	case "wxDirPickerCtrl":
		return t == Path
	case "wxColourPickerCtrl":
		return t == Text
	}
	return false
}

// adopt takes over from the control what the declaration leaves open.
func (p *Param) adopt(n *xrc.Node, wantDefault bool) error {
	if !slices.Contains(Types(), p.Type) {
		return fmt.Errorf("type %q is not one of %v", p.Type, Types())
	}
	if !fits(p.Type, n.Class) {
		return fmt.Errorf("control %q is a %s, which cannot fill a parameter of type %s", p.Control, n.Class, p.Type)
	}
	switch n.Class {
	case "wxSpinCtrl", "wxSpinCtrlDouble", "wxSlider":
		lo, hi := n.Min, n.Max
		if p.Min == nil {
			p.Min = &lo
		}
		if p.Max == nil {
			p.Max = &hi
		}
	case "wxComboBox", "wxListBox", "wxChoice", "wxRadioBox", "wxCheckListBox":
		listed := p.Type == Enum || p.Type == Multi
		if listed && len(p.Values) == 0 {
			p.Values = slices.Clone(n.Items)
		}
		if i := slices.IndexFunc(n.Items, func(s string) bool { return listed && !slices.Contains(p.Values, s) }); i >= 0 {
			return fmt.Errorf("control %q offers %q, which is not among the values", p.Control, n.Items[i])
		}
	}
	if (p.Type == Text || p.Type == Secret) && p.MaxLen == 0 {
		p.MaxLen = min(n.MaxLen, longestText)
	}
	if wantDefault && p.Type != Secret && p.Type != File {
		p.Default = startValue(n)
	}
	return nil
}

// startValue is what the control shows before anyone touches it.
func startValue(n *xrc.Node) string {
	switch n.Class {
	case "wxCheckBox", "wxRadioButton":
		return strconv.FormatBool(n.Checked)
	}
	return n.Value
}

// deriveParams finds the parameters of a legacy form, which has no declarations.
func deriveParams(form *xrc.Form) []Param {
	var out []Param
	for i, control := range []string{"Parameter1_object_id", "Parameter2_object_id"} {
		n := form.Root.Find(control)
		if n == nil {
			continue
		}
		number := strconv.Itoa(i + 1)
		p := Param{
			Name: "parameter" + number, Control: control, Type: legacyType(n),
			Labels: map[string]string{"zh": "参数 " + number, "en": "Parameter " + number},
		}
		if p.Type == "" {
			continue
		}
		if p.Type == Text && n.Has("wxTE_MULTILINE") {
			p.Lines, p.MaxLen = true, longestText
		}
		if p.adopt(n, true) != nil {
			continue
		}
		p.Required = p.Type == Enum && p.Default == ""
		if p.sound() != nil {
			p = Param{Name: p.Name, Control: p.Control, Labels: p.Labels, Type: Text}
		}
		out = append(out, p)
	}
	return out
}

func legacyType(n *xrc.Node) Type {
	switch n.Class {
	case "wxSpinCtrl", "wxSlider":
		return Int
	case "wxCheckBox", "wxRadioButton":
		return Bool
	case "wxListBox", "wxChoice", "wxRadioBox":
		if len(n.Items) > 0 {
			return Enum
		}
		return Text
	case "wxTextCtrl", "wxComboBox":
		return Text
	}
	return ""
}

// FormIn is a copy of the form with its texts in the language: a static text called "help" shows the module's help,
// one called CONTROL_label shows the label of that control's parameter, and so does a check box that is a control.
func (m *Module) FormIn(lang string) *xrc.Form {
	texts := map[string]string{"help": m.Help(lang)}
	for _, p := range m.Params {
		texts[p.Control+"_label"] = pick(p.Labels, lang, "")
	}
	var clone func(n *xrc.Node) *xrc.Node
	clone = func(n *xrc.Node) *xrc.Node {
		c := *n
		key := ""
		switch n.Class {
		case "wxStaticText":
			key = n.Name
		case "wxCheckBox":
			key = n.Name + "_label"
		}
		if s := texts[key]; s != "" {
			c.Label = s
		}
		c.Children = make([]*xrc.Node, len(n.Children))
		for i, k := range n.Children {
			c.Children[i] = clone(k)
		}
		return &c
	}
	return &xrc.Form{Root: clone(m.Form.Root), Warnings: m.Form.Warnings}
}
