package form_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"omanager/app/problem"
	"omanager/modules"
	"omanager/modules/xrc"
	"omanager/ui/form"
	"omanager/ui/look"
)

// filled collects what a form says was filled in.
type filled map[string]string

func draw(t *testing.T, lang string, m *modules.Module) (*form.Form, filled) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(look.NewTheme(look.Light))
	got, values := filled{}, map[string]string{}
	for _, p := range m.Params {
		values[p.Name] = p.Default
	}
	f := form.New(form.Deps{
		Words:    look.NewWords(lang),
		OnChange: func(p, v string) { got[p] = v },
		Sentence: func(err error) string { return problem.Describe(lang, err) },
	}, m, values)
	w := test.NewTempWindow(t, container.NewVScroll(f.Content()))
	w.Resize(fyne.NewSize(420, 400))
	return f, got
}

func node(class, name string, more func(*xrc.Node)) *xrc.Node {
	n := &xrc.Node{Class: class, Name: name, Known: class != "OddGauge"}
	if more != nil {
		more(n)
	}
	return n
}

func panelOf(kids ...*xrc.Node) *xrc.Form {
	return &xrc.Form{Root: &xrc.Node{Class: "wxPanel", Known: true, Children: kids}}
}

func at(x, y int) func(*xrc.Node) {
	return func(n *xrc.Node) { n.HasPos, n.Pos = true, xrc.Point{X: x, Y: y} }
}

func one(p modules.Param, n *xrc.Node) *modules.Module {
	p.Control = n.Name
	return &modules.Module{ID: "1", Params: []modules.Param{p}, Form: panelOf(n)}
}

func TestSpinStepsWithinItsLimits(t *testing.T) {
	low, high := 1.0, 100.0
	f, got := draw(t, "en", one(modules.Param{Name: "lines", Type: modules.Int, Default: "99", Min: &low, Max: &high}, node("wxSpinCtrl", "c", nil)))
	s := f.Input("lines").(*form.Spin)
	s.Add(1)
	s.Add(1)
	if got["lines"] != "100" {
		t.Errorf("two steps up from 99 give %q, want 100", got["lines"])
	}
	s.Add(-500)
	if s.Text() != "1" {
		t.Errorf("far down gives %q, want 1", s.Text())
	}
}

func TestListBoxTellsItsChoice(t *testing.T) {
	n := node("wxListBox", "c", func(n *xrc.Node) { n.Items = []string{"nginx", "mysql"} })
	f, got := draw(t, "en", one(modules.Param{Name: "service", Type: modules.Text}, n))
	f.Input("service").(*form.ListBox).Select(1)
	if got["service"] != "mysql" {
		t.Errorf("chosen %q, want mysql", got["service"])
	}
}

func TestTextControls(t *testing.T) {
	for _, c := range []struct {
		style                     string
		multi, password, disabled bool
	}{
		{"", false, false, false}, {"wxTE_MULTILINE", true, false, false},
		{"wxTE_PASSWORD", false, true, false}, {"wxTE_READONLY", false, false, true},
	} {
		n := node("wxTextCtrl", "c", func(n *xrc.Node) { n.Styles = []string{c.style} })
		f, got := draw(t, "en", one(modules.Param{Name: "x", Type: modules.Text, Default: "a"}, n))
		e := f.Input("x").(*widget.Entry)
		if e.MultiLine != c.multi || e.Password != c.password || e.Disabled() != c.disabled {
			t.Errorf("%q: multi line %v, password %v, disabled %v", c.style, e.MultiLine, e.Password, e.Disabled())
		}
		if !c.disabled {
			test.Type(e, "b")
			if got["x"] != "ba" {
				t.Errorf("%q: typed b before a, got %q", c.style, got["x"])
			}
		}
	}
}

func TestChoicesAndCheckBox(t *testing.T) {
	items := func(n *xrc.Node) { n.Items = []string{"one", "two"} }
	f, got := draw(t, "en", one(modules.Param{Name: "x", Type: modules.Text}, node("wxChoice", "c", items)))
	f.Input("x").(*widget.Select).SetSelected("two")
	if got["x"] != "two" {
		t.Errorf("choice gives %q", got["x"])
	}
	f, got = draw(t, "en", one(modules.Param{Name: "x", Type: modules.Text}, node("wxRadioBox", "c", items)))
	f.Input("x").(*widget.RadioGroup).SetSelected("one")
	if got["x"] != "one" {
		t.Errorf("radio box gives %q", got["x"])
	}
	f, got = draw(t, "en", one(modules.Param{Name: "x", Type: modules.Bool, Default: "false"}, node("wxCheckBox", "c", nil)))
	test.Tap(f.Input("x").(*widget.Check))
	if got["x"] != "true" {
		t.Errorf("check box gives %q", got["x"])
	}
}

func TestErrorStandsAtItsFieldInTheLanguage(t *testing.T) {
	m := one(modules.Param{Name: "x", Type: modules.Int}, node("wxSpinCtrl", "c", nil))
	f, _ := draw(t, "zh", m)
	f.SetErrors(map[string]error{"x": problem.New("param_required", "param", "x")})
	if n := f.Note("x"); !strings.Contains(n, "缺少参数") {
		t.Errorf("note %q, want the Chinese sentence", n)
	}
	f.SetErrors(nil)
	if n := f.Note("x"); n != "" {
		t.Errorf("note %q after mending", n)
	}
}

func TestUnknownClassIsAPlaceholderAndItsParameterStillWorks(t *testing.T) {
	m := one(modules.Param{Name: "x", Type: modules.Text}, node("OddGauge", "c", nil))
	f, got := draw(t, "en", m)
	test.Type(f.Input("x").(*widget.Entry), "v")
	if got["x"] != "v" {
		t.Errorf("got %q", got["x"])
	}
	m = &modules.Module{ID: "2", Form: panelOf(node("OddGauge", "g", nil))}
	f, _ = draw(t, "en", m)
	if !strings.Contains(words(f.Content()), "OddGauge") {
		t.Error("the unknown control left no placeholder")
	}
}

func TestPlacedControlsKeepTheirOrderAndNeverOverlap(t *testing.T) {
	m := &modules.Module{ID: "1", Params: []modules.Param{
		{Name: "low", Control: "low", Type: modules.Text}, {Name: "left", Control: "left", Type: modules.Text}, {Name: "right", Control: "right", Type: modules.Text},
	}, Form: panelOf(
		node("wxTextCtrl", "low", at(30, 60)), node("wxTextCtrl", "right", at(200, 22)), node("wxTextCtrl", "left", at(30, 20)))}
	f, _ := draw(t, "en", m)
	pos := map[string]fyne.Position{}
	size := map[string]fyne.Size{}
	for _, n := range []string{"low", "left", "right"} {
		pos[n] = fyne.CurrentApp().Driver().AbsolutePositionForObject(f.Input(n))
		size[n] = f.Input(n).Size()
	}
	if pos["left"].Y != pos["right"].Y || pos["left"].X+size["left"].Width > pos["right"].X {
		t.Errorf("left %v %v and right %v do not stand side by side", pos["left"], size["left"], pos["right"])
	}
	if pos["low"].Y < pos["left"].Y+size["left"].Height {
		t.Errorf("low at %v overlaps left at %v %v", pos["low"], pos["left"], size["left"])
	}
}

// words is every text in a tree of objects.
func words(o fyne.CanvasObject) string {
	var b strings.Builder
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		switch x := o.(type) {
		case *fyne.Container:
			for _, c := range x.Objects {
				walk(c)
			}
		case interface{ Text() string }:
			b.WriteString(x.Text() + "\n")
		case *widget.Label:
			b.WriteString(x.Text + "\n")
		}
	}
	walk(o)
	return b.String()
}

// A placeholder's text wraps; in a row it must still get the room that its words need.
func TestPlaceholderHasRoomBesideOthers(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.NewTheme(look.Light))
	deps := form.Deps{Words: look.NewWords(look.English), OnChange: func(string, string) {}, Sentence: error.Error}
	row := &xrc.Node{Class: "wxBoxSizer", Known: true, Horizontal: true, Children: []*xrc.Node{
		node("OddGauge", "odd", nil), node("wxButton", "b", func(n *xrc.Node) { n.Label = "Go" })}}
	o, ok := form.Draw(deps, row).(*fyne.Container)
	if !ok {
		t.Fatal("a row is no container")
	}
	o.Resize(o.MinSize())
	odd, button := o.Objects[0], o.Objects[1]
	if odd.Size().Width < 160 || button.Position().X < odd.Position().X+odd.Size().Width {
		t.Errorf("placeholder at %v, %v; button at %v", odd.Position(), odd.Size(), button.Position())
	}
}
