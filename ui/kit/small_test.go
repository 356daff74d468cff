package kit

import (
	"image/color"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"omanager/ui/look"
)

func TestOutcomeBarShares(t *testing.T) {
	b := NewOutcomeBar()
	win := show(t, b, 200, 30)
	b.Set([]Segment{{look.ColorOK, "ok", 50}, {look.ColorChanged, "changed", 0}, {look.ColorFailed, "failed", 25}}, 100)
	img := win.Canvas().Capture()
	y := int(b.Position().Y + b.Size().Height - 5)
	th := look.NewTheme(look.Dark)
	for x, name := range map[int]fyne.ThemeColorName{50: look.ColorOK, 120: look.ColorFailed, 180: look.ColorBorder} {
		if got, want := color.NRGBAModel.Convert(img.At(x, y)), th.Color(name, 0); got != want {
			t.Errorf("at %d: %v, want %s %v", x, got, name, want)
		}
	}
	var words []string
	for _, o := range b.objects.Objects {
		if s, ok := o.(*canvas.Text); ok {
			words = append(words, s.Text)
		}
	}
	if !slices.Equal(words, []string{"ok", "50", "failed", "25"}) {
		t.Errorf("legend %q", words)
	}
}

func TestToolButton(t *testing.T) {
	taps := 0
	var hints []string
	b := NewToolButton(theme.MediaPlayIcon(), "Run", func() { taps++ })
	b.Hint = "Run it"
	b.OnHint = func(s string) { hints = append(hints, s) }
	show(t, b, 100, 40)
	test.Tap(b)
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	b.Disable()
	test.Tap(b)
	b.MouseIn(nil)
	b.MouseOut()
	if taps != 2 || !slices.Equal(hints, []string{"Run it", ""}) {
		t.Errorf("%d taps, hints %q", taps, hints)
	}
	narrow := b.MinSize().Width
	b.SetText("Run on all servers")
	if b.MinSize().Width <= narrow {
		t.Error("a longer text does not make it wider")
	}
}

func TestEllipsis(t *testing.T) {
	show(t, NewText("x", "", fyne.TextStyle{}), 50, 20)
	s := "服务器 web01 重启完成"
	whole := fyne.MeasureText(s, 13, fyne.TextStyle{}).Width
	if got := Ellipsis(s, whole, 13, fyne.TextStyle{}); got != s {
		t.Errorf("%q is cut to %q though it fits", s, got)
	}
	for w := whole - 1; w > 14; w -= 7 {
		got := Ellipsis(s, w, 13, fyne.TextStyle{})
		if head, ok := strings.CutSuffix(got, "…"); !ok || !strings.HasPrefix(s, head) || fyne.MeasureText(got, 13, fyne.TextStyle{}).Width > w {
			t.Errorf("%q in %.0f", got, w)
		}
	}
}

func TestThemeSwitchRepaints(t *testing.T) {
	n := 5
	r := numbers(&n)
	win := show(t, r, 300, 200)
	fyne.CurrentApp().Settings().SetTheme(look.NewTheme(look.Light))
	defer fyne.CurrentApp().Settings().SetTheme(look.NewTheme(look.Dark))
	img := win.Canvas().Capture()
	want := look.NewTheme(look.Light).Color(theme.ColorNameBackground, 0)
	if got := color.NRGBAModel.Convert(img.At(295, 24+11)); got != want {
		t.Errorf("a row's background is %v in the light theme, want %v", got, want)
	}
}

// TestPanelNoteIsCut: a note of any length leaves the actions where they are.
func TestPanelNoteIsCut(t *testing.T) {
	action := NewToolButton(nil, "Copy", nil)
	p := NewPanel("30 servers", Muted(""), action)
	win := show(t, p, 300, 100)
	p.SetNote(strings.Repeat("web01, ", 50))
	if w := win.Content().MinSize().Width; w > 300 {
		t.Errorf("the panel wants to be %.0f wide", w)
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(action).X
	if end := p.note.Position().X + p.note.Size().Width; end > at || at+action.Size().Width > 300 || !strings.HasSuffix(p.note.line.Text, "…") {
		t.Errorf("the note %q ends at %.0f, the action is at %.0f", p.note.line.Text, end, at)
	}
}

func TestBars(t *testing.T) {
	s := NewStatusBar()
	p := NewPanel("Servers", s, NewToolButton(nil, "x", nil))
	show(t, NewFrame(NewToolBar(Bold("a")), NewBadge("high", look.ColorFailed), p), 400, 200)
	s.Set("left", "middle", "a right text that is quite long and has to be cut somewhere before it reaches the middle")
	p.SetTitle("Hosts")
	p.SetNote("3 of 9")
	if p.title.Text() != "Hosts" || p.note.Text() != "3 of 9" || s.Mid.Text() != "middle" {
		t.Error("a text did not change")
	}
	if end := s.Left.Position().X + s.Left.Size().Width; end > s.Mid.Position().X {
		t.Errorf("left ends at %.0f, the middle begins at %.0f", end, s.Mid.Position().X)
	}
	if end := s.Mid.Position().X + s.Mid.Size().Width; end > s.Right.Position().X {
		t.Errorf("the middle ends at %.0f, right begins at %.0f", end, s.Right.Position().X)
	}
}
