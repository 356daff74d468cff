package panel_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"omanager/ui/look"
	"omanager/ui/panel"
)

// A sentence that comes later than the window must still get the height of all its rows.
func TestNoteShownLaterHasRoomForAllRows(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.NewTheme(look.Light))
	n := panel.NewNote("", look.ColorFailed)
	n.Hide()
	card := container.NewVBox(n)
	w := test.NewTempWindow(t, container.NewCenter(panel.NewCard(container.New(&panel.Wide{Width: 440}, card))))
	w.Resize(w.Canvas().Size().AddWidthHeight(400, 400))
	n.SetText("one row")
	one := n.MinSize().Height
	n.SetText(strings.Repeat("a sentence that wraps ", 12))
	w.Resize(w.Canvas().Size().AddWidthHeight(1, 1))
	if got := n.MinSize().Height; got <= 2*one {
		t.Fatalf("it asks for a height of %v, one row is %v", got, one)
	}
	if n.Size().Height < n.MinSize().Height || card.Size().Height < n.MinSize().Height {
		t.Errorf("it needs %v, has %v, its column %v", n.MinSize().Height, n.Size().Height, card.Size().Height)
	}
}
