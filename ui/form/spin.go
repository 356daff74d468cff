package form

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/kit"
)

// Spin is a number with buttons to raise and lower it, also by the up and down keys. What is typed is passed on as
// it is; only the buttons keep to the limits.
type Spin struct {
	widget.BaseWidget
	entry     *spinEntry
	down, up  *widget.Button
	low, high float64
	step      float64
}

var _ fyne.Widget = (*Spin)(nil)

func newSpin(value string, low, high, step float64, changed func(string)) *Spin {
	s := &Spin{low: low, high: high, step: step}
	s.entry = &spinEntry{spin: s}
	s.entry.ExtendBaseWidget(s.entry)
	s.entry.SetText(value)
	s.entry.OnChanged = changed
	s.down = widget.NewButtonWithIcon("", theme.ContentRemoveIcon(), func() { s.Add(-s.step) })
	s.up = widget.NewButtonWithIcon("", theme.ContentAddIcon(), func() { s.Add(s.step) })
	s.ExtendBaseWidget(s)
	return s
}

// Add changes the number, within the limits.
func (s *Spin) Add(d float64) {
	v, err := strconv.ParseFloat(strings.TrimSpace(s.entry.Text), 64)
	if err != nil {
		v, d = s.low, 0
	}
	v = min(max(v+d, s.low), s.high)
	s.entry.SetText(strconv.FormatFloat(v, 'f', -1, 64))
}

// Text is what stands in the entry.
func (s *Spin) Text() string { return s.entry.Text }

// CreateRenderer is for Fyne.
func (s *Spin) CreateRenderer() fyne.WidgetRenderer {
	limits := kit.Muted(strconv.FormatFloat(s.low, 'f', -1, 64) + " – " + strconv.FormatFloat(s.high, 'f', -1, 64))
	if s.high >= 1<<31-1 {
		limits.Hide()
	}
	field := container.New(layout.NewGridWrapLayout(fyne.NewSize(90, s.entry.MinSize().Height)), s.entry)
	return widget.NewSimpleRenderer(container.NewHBox(field, s.down, s.up, container.NewCenter(limits)))
}

type spinEntry struct {
	widget.Entry
	spin *Spin
}

// TypedKey steps on up and down.
func (e *spinEntry) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyUp:
		e.spin.Add(e.spin.step)
	case fyne.KeyDown:
		e.spin.Add(-e.spin.step)
	default:
		e.Entry.TypedKey(k)
	}
}
