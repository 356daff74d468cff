package form_test

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"omanager/modules"
	"omanager/modules/xrc"
)

// TestTabVisitsTheControlsInTheOrderOfTheFile has the controls in sizers within a sizer, and types nothing but Tab.
func TestTabVisitsTheControlsInTheOrderOfTheFile(t *testing.T) {
	row := func(kids ...*xrc.Node) *xrc.Node {
		return node("wxBoxSizer", "", func(n *xrc.Node) { n.Horizontal, n.Children = true, kids })
	}
	entry := func(name string) *xrc.Node { return node("wxTextCtrl", name, nil) }
	m := &modules.Module{ID: "1", Form: panelOf(node("wxBoxSizer", "", func(n *xrc.Node) {
		n.Children = []*xrc.Node{row(entry("d"), entry("a")), node("wxChoice", "c", nil), row(node("wxCheckBox", "e", nil), entry("b"))}
	}))}
	for _, name := range []string{"a", "b", "c", "d", "e"} { // declared in another order
		kind := modules.Text
		if name == "e" {
			kind = modules.Bool
		}
		m.Params = append(m.Params, modules.Param{Name: name, Control: name, Type: kind})
	}
	f, _ := draw(t, "en", m)
	canvas := fyne.CurrentApp().Driver().CanvasForObject(f.Input("a"))
	var order []string
	for range m.Params {
		canvas.(interface{ FocusNext() }).FocusNext()
		for _, p := range m.Params {
			if got, ok := f.Input(p.Name).(fyne.Focusable); ok && got == canvas.Focused() {
				order = append(order, p.Name)
			}
		}
	}
	if want := []string{"d", "a", "c", "e", "b"}; !slices.Equal(order, want) {
		t.Errorf("Tab visits %v, want %v", order, want)
	}
}
