package form

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// Slider is a number to be moved between its limits, with the number beside it.
type Slider struct {
	widget.BaseWidget
	slider *widget.Slider
	number *widget.Label
}

var _ fyne.Widget = (*Slider)(nil)

func newSlider(value string, low, high, step float64, changed func(string)) *Slider {
	s := &Slider{slider: widget.NewSlider(low, max(high, low+step)), number: widget.NewLabel(strings.TrimSpace(value))}
	s.slider.Step = step
	if v, err := strconv.ParseFloat(s.number.Text, 64); err == nil {
		s.slider.SetValue(v)
	}
	s.slider.OnChanged = func(v float64) {
		text := strconv.FormatFloat(v, 'f', -1, 64)
		s.number.SetText(text)
		changed(text)
	}
	s.ExtendBaseWidget(s)
	return s
}

// Set moves the slider.
func (s *Slider) Set(v float64) { s.slider.SetValue(v) }

// Text is the number beside the slider.
func (s *Slider) Text() string { return s.number.Text }

// CreateRenderer is for Fyne.
func (s *Slider) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, nil, s.number, s.slider))
}
