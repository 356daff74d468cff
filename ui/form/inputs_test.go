package form_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"omanager/modules"
	"omanager/modules/xrc"
	"omanager/ui/form"
	"omanager/ui/look"
)

func radioButton(name string, styles ...string) *xrc.Node {
	return node("wxRadioButton", name, func(n *xrc.Node) { n.Label, n.Styles = name, styles })
}

// TestRadioButtonsOfAGroupHaveExactlyOneOn has two groups in one window, parted by a sizer, and a third in a panel.
func TestRadioButtonsOfAGroupHaveExactlyOneOn(t *testing.T) {
	m := &modules.Module{ID: "1", Form: panelOf(
		radioButton("a"), node("wxBoxSizer", "", func(n *xrc.Node) { n.Children = []*xrc.Node{radioButton("b"), radioButton("c", "wxRB_GROUP")} }),
		radioButton("d"), node("wxPanel", "", func(n *xrc.Node) { n.Children = []*xrc.Node{radioButton("e"), radioButton("f")} }))}
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		p := modules.Param{Name: name, Control: name, Type: modules.Bool, Default: "false"}
		if name == "d" {
			p.Default = "true"
		}
		m.Params = append(m.Params, p)
	}
	f, got := draw(t, "en", m)
	on := func() string {
		var b strings.Builder
		for _, p := range m.Params {
			if f.Input(p.Name).(*widget.RadioGroup).Selected != "" {
				b.WriteString(p.Name)
			}
		}
		return b.String()
	}
	if on() != "ade" {
		t.Errorf("at first %q are on, want ade", on())
	}
	f.Settle()
	if want := (filled{"a": "true", "e": "true"}); !maps.Equal(got, want) {
		t.Errorf("told at first %v, want %v", got, want)
	}
	tapOn(f.Input("b"))
	if on() != "bde" || got["b"] != "true" || got["a"] != "false" {
		t.Errorf("after b %q are on, told %v", on(), got)
	}
	tapOn(f.Input("c"))
	tapOn(f.Input("c"))
	if on() != "bce" || got["c"] != "true" || got["d"] != "false" {
		t.Errorf("after c %q are on, told %v", on(), got)
	}
}

// tapOn taps the first button of a group as a mouse does.
func tapOn(o fyne.CanvasObject) {
	g := o.(*widget.RadioGroup)
	for _, item := range test.WidgetRenderer(g).Objects() {
		test.Tap(item.(fyne.Tappable))
		return
	}
}

func TestLooseRadioButtonsAreGroupedToo(t *testing.T) {
	test.NewTempApp(t)
	o := form.Draw(form.Deps{Words: look.NewWords("en")}, panelOf(radioButton("a", "wxRB_GROUP"), radioButton("b")).Root)
	kids := o.(*fyne.Container).Objects
	tapOn(kids[1])
	if a, b := kids[0].(*widget.RadioGroup), kids[1].(*widget.RadioGroup); a.Selected != "" || b.Selected != "b" {
		t.Errorf("a is %q and b is %q, want only b", a.Selected, b.Selected)
	}
}

// TestEveryInputClassFillsItsParameter uses each control as a person does and looks at the value that is told; the
// value must be one that the module accepts.
func TestEveryInputClassFillsItsParameter(t *testing.T) {
	items := []string{"one", "two", "three"}
	low, high := 0.0, 10.0
	typed := func(s string) func(fyne.CanvasObject) {
		return func(o fyne.CanvasObject) { test.Type(o.(fyne.Focusable), s) }
	}
	ticked := func(o fyne.CanvasObject) { o.(*widget.CheckGroup).SetSelected([]string{"three", "one"}) }
	for _, c := range []struct {
		class string
		kind  modules.Type
		use   func(fyne.CanvasObject)
		want  string
	}{
		{"wxCheckListBox", modules.Multi, ticked, "one,three"},
		{"wxListBox", modules.Multi, ticked, "one,three"},
		{"wxListBox", modules.Enum, func(o fyne.CanvasObject) { o.(*form.ListBox).Select(1) }, "two"},
		{"wxToggleButton", modules.Bool, func(o fyne.CanvasObject) { test.Tap(o.(fyne.Tappable)) }, "true"},
		{"wxDatePickerCtrl", modules.Date, func(o fyne.CanvasObject) {
			o.(*form.DateField).Choose(time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC))
		}, "2026-02-28"},
		{"wxCalendarCtrl", modules.Date, func(o fyne.CanvasObject) { test.Type(o.(*form.DateField).Entry(), "2026-03-01") }, "2026-03-01"},
		{"wxTextCtrl", modules.Date, func(o fyne.CanvasObject) { test.Type(o.(*form.DateField).Entry(), "2026-03-02") }, "2026-03-02"},
		{"wxTimePickerCtrl", modules.Clock, typed("15:04"), "15:04"},
		{"wxSlider", modules.Int, func(o fyne.CanvasObject) { o.(*form.Slider).Set(7) }, "7"},
		{"wxSpinCtrlDouble", modules.Float, func(o fyne.CanvasObject) {
			o.(*form.Spin).Add(1) // from nothing to the least
			o.(*form.Spin).Add(2.5)
		}, "2.5"},
		{"wxSpinCtrl", modules.Duration, typed("1h30m"), "1h30m"},
		{"wxComboBox", modules.Text, func(o fyne.CanvasObject) { o.(*widget.SelectEntry).SetText("other") }, "other"},
		{"wxComboBox", modules.Enum, func(o fyne.CanvasObject) { o.(*widget.Select).SetSelected("two") }, "two"},
		{"wxFilePickerCtrl", modules.Path, typed("/etc/hosts"), "/etc/hosts"},
		{"wxDirPickerCtrl", modules.Path, typed("/etc"), "/etc"},
		{"wxColourPickerCtrl", modules.Text, typed("#ff0000"), "#ff0000"},
		{"wxSearchCtrl", modules.Text, typed("ssh"), "ssh"},
		{"wxTextCtrl", modules.Secret, typed("hush"), "hush"},
	} {
		t.Run(c.class+" "+string(c.kind), func(t *testing.T) {
			p := modules.Param{Name: "x", Type: c.kind}
			switch c.kind {
			case modules.Enum, modules.Multi:
				p.Values = items
			case modules.Int, modules.Float:
				p.Min, p.Max = &low, &high
			}
			m := one(p, node(c.class, "c", func(n *xrc.Node) { n.Items = items }))
			f, got := draw(t, "en", m)
			c.use(f.Input("x"))
			if got["x"] != c.want {
				t.Errorf("told %q, want %q", got["x"], c.want)
			}
			if _, err := m.Check(got); err != nil {
				t.Errorf("the module refuses it: %v", err)
			}
		})
	}
}

func TestSecretIsNotReadable(t *testing.T) {
	f, _ := draw(t, "en", one(modules.Param{Name: "x", Type: modules.Secret}, node("wxTextCtrl", "c", nil)))
	if !f.Input("x").(*widget.Entry).Password {
		t.Error("a secret is typed in the clear")
	}
}

func TestCalendarOpensAndCloses(t *testing.T) {
	f, got := draw(t, "en", one(modules.Param{Name: "x", Type: modules.Date, Default: "2026-02-28"}, node("wxDatePickerCtrl", "c", nil)))
	d := f.Input("x").(*form.DateField)
	overlays := fyne.CurrentApp().Driver().CanvasForObject(d).Overlays()
	d.Open()
	if overlays.Top() == nil {
		t.Fatal("no calendar opened")
	}
	d.Choose(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	if overlays.Top() != nil || got["x"] != "2026-02-01" {
		t.Errorf("calendar open %v, told %q", overlays.Top() != nil, got["x"])
	}
}

func TestFileIsTypedOrBrowsedFor(t *testing.T) {
	test.NewTempApp(t)
	got, asked := "", ""
	m := one(modules.Param{Name: "x", Type: modules.File, Labels: map[string]string{"en": "Key"}}, node("wxFilePickerCtrl", "c", nil))
	f := form.New(form.Deps{
		Words: look.NewWords("en"), OnChange: func(_, v string) { got = v },
		Browse: func(title, typed string, done func(string)) {
			asked = title + " " + typed
			done("/home/ann/key.pem")
		},
	}, m, map[string]string{})
	in := f.Input("x").(*form.FileField)
	test.Type(in.Entry(), "/tmp/a")
	if got != "/tmp/a" {
		t.Errorf("typed, told %q", got)
	}
	in.Open()
	if asked != "Key /tmp/a" || got != "/home/ann/key.pem" || in.Entry().Text != got {
		t.Errorf("asked %q, told %q, shown %q", asked, got, in.Entry().Text)
	}
}
