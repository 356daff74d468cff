package form

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/look"
)

// listRows is how many rows of a list box are seen at once.
const listRows = 6

// ListBox is a list of texts of which one is chosen.
type ListBox struct {
	widget.List
	items []string
}

func newListBox(items []string, value string, changed func(string)) *ListBox {
	l := &ListBox{items: items}
	l.HideSeparators = true
	l.Length = func() int { return len(l.items) }
	l.CreateItem = func() fyne.CanvasObject { return widget.NewLabel("") }
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) { o.(*widget.Label).SetText(l.items[i]) }
	l.ExtendBaseWidget(l)
	if i := slices.Index(items, value); i >= 0 {
		l.Select(i)
	}
	l.OnSelected = func(i widget.ListItemID) { changed(l.items[i]) }
	return l
}

// MinSize shows up to six rows.
func (l *ListBox) MinSize() fyne.Size {
	l.ExtendBaseWidget(l)
	row := widget.NewLabel("M").MinSize().Height
	row = max(row, l.Theme().Size(look.SizeRow))
	return fyne.NewSize(180, float32(min(max(len(l.items), 1), listRows))*row)
}
