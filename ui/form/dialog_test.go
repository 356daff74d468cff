package form_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"omanager/modules/xrc"
	"omanager/ui/form"
	"omanager/ui/look"
)

func TestDialogButtonsStandInTheOrderOfTheDesktop(t *testing.T) {
	test.NewTempApp(t)
	var kids []*xrc.Node
	for _, id := range []string{"OK", "CANCEL", "HELP", "APPLY"} {
		kids = append(kids, node("wxButton", "wxID_"+id, func(n *xrc.Node) { n.Label = id }))
	}
	o := form.Draw(form.Deps{Words: look.NewWords("en")}, &xrc.Node{Class: "wxStdDialogButtonSizer", Known: true, Children: kids})
	o.Resize(fyne.NewSize(600, 40))
	var order []string
	at := map[string]fyne.CanvasObject{}
	for _, c := range o.(*fyne.Container).Objects {
		if b, ok := c.(*widget.Button); ok {
			order, at[b.Text] = append(order, b.Text), b
		}
	}
	if got := strings.Join(order, " "); got != "HELP APPLY CANCEL OK" {
		t.Errorf("order %q", got)
	}
	if x := at["OK"].Position().X + at["OK"].Size().Width; x < 590 || at["HELP"].Position().X > 10 {
		t.Errorf("OK ends at %v of 600, HELP begins at %v", x, at["HELP"].Position().X)
	}
}

func TestStaticTextWrapsAtItsWidth(t *testing.T) {
	test.NewTempApp(t)
	draw := func(wrap int) fyne.Size {
		n := node("wxStaticText", "t", func(n *xrc.Node) { n.Label, n.Wrap = strings.Repeat("word ", 30), wrap })
		return form.Draw(form.Deps{Words: look.NewWords("en")}, n).MinSize()
	}
	flat, folded := draw(0), draw(200)
	if folded.Width != 200 || folded.Height < 3*flat.Height/2 || flat.Width <= 200 {
		t.Errorf("wrapped at 200: %v; not wrapped: %v", folded, flat)
	}
}
