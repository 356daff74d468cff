package form_test

import (
	"strconv"
	"testing"

	"fyne.io/fyne/v2"

	"omanager/modules"
	"omanager/modules/xrc"
	"omanager/ui/form"
)

// TestNoSizerCutsOrCoversItsControls draws five text boxes in each sizer.
func TestNoSizerCutsOrCoversItsControls(t *testing.T) {
	for _, class := range []string{"wxBoxSizer", "wxStaticBoxSizer", "wxGridSizer", "wxFlexGridSizer", "wxGridBagSizer", "wxWrapSizer"} {
		t.Run(class, func(t *testing.T) {
			m := &modules.Module{ID: "1"}
			s := node(class, "", func(n *xrc.Node) { n.Cols, n.Gap, n.VGap, n.Label, n.Horizontal = 2, 4, 4, "Box", true })
			for i := range 5 {
				name := "c" + strconv.Itoa(i)
				m.Params = append(m.Params, modules.Param{Name: name, Control: name, Type: modules.Text})
				s.Children = append(s.Children, node("wxTextCtrl", name, func(n *xrc.Node) {
					n.Cell, n.Span = xrc.Point{X: i % 2, Y: i / 2}, xrc.Point{X: 1, Y: 1}
				}))
			}
			m.Form = panelOf(s)
			f, _ := draw(t, "en", m)
			f.Content().Resize(f.Content().MinSize().Max(fyne.NewSize(420, 0)))
			apart(t, f, m)
		})
	}
}

// apart checks that every input has its least size and that no two share a point.
func apart(t *testing.T, f *form.Form, m *modules.Module) {
	t.Helper()
	where := fyne.CurrentApp().Driver().AbsolutePositionForObject
	for i, p := range m.Params {
		a := f.Input(p.Name)
		if least := a.MinSize(); a.Size().Width < least.Width || a.Size().Height < least.Height {
			t.Errorf("%s is cut to %v, needs %v", p.Name, a.Size(), least)
		}
		for _, q := range m.Params[:i] {
			b := f.Input(q.Name)
			d := where(a).Subtract(where(b))
			if d.X < b.Size().Width && -d.X < a.Size().Width && d.Y < b.Size().Height && -d.Y < a.Size().Height {
				t.Errorf("%s at %v covers %s at %v", p.Name, where(a), q.Name, where(b))
			}
		}
	}
}
