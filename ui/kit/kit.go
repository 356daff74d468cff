// Package kit holds the console's own widgets: dense lists, the tree of ticks, the terminal view, outcome bars,
// tool and status bars. They draw what they are given and hold no truth of the program. Except for Coalescer,
// everything is used on Fyne's main goroutine only; nothing here calls fyne.Do.
package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

type themed interface{ Theme() fyne.Theme }

// paint is a colour of the widget's theme in the variant shown.
func paint(w themed, name fyne.ThemeColorName) color.Color {
	return w.Theme().Color(name, fyne.CurrentApp().Settings().ThemeVariant())
}

// setText changes a canvas text, and refreshes it only when something changed.
func setText(t *canvas.Text, text string, size float32, style fyne.TextStyle, c color.Color) {
	if t.Text == text && t.TextSize == size && t.TextStyle == style && t.Color == c {
		return
	}
	t.Text, t.TextSize, t.TextStyle, t.Color = text, size, style, c
	t.Refresh()
}

// setFill changes a rectangle's fill, and refreshes it only when it changed.
func setFill(r *canvas.Rectangle, c color.Color) {
	if r.FillColor != c {
		r.FillColor = c
		r.Refresh()
	}
}

// Ellipsis cuts s so that it fits the width, ending in "…".
func Ellipsis(s string, width, size float32, style fyne.TextStyle) string {
	if s == "" || width <= 0 {
		return ""
	}
	if fyne.MeasureText(s, size, style).Width <= width {
		return s
	}
	r := []rune(s)
	low, high := 0, len(r)-1
	if most := int(width/(size/4)) + 1; high > most {
		high = most
	}
	for low < high {
		mid := (low + high + 1) / 2
		if fyne.MeasureText(string(r[:mid])+"…", size, style).Width <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return string(r[:low]) + "…"
}

func textSize(w themed) float32 { return w.Theme().Size(theme.SizeNameText) }
