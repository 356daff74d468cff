package form

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/kit"
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
	l.CreateItem = func() fyne.CanvasObject { return listRow() }
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) {
		o.(*fyne.Container).Objects[0].(*kit.Text).SetText(l.items[i])
	}
	l.ExtendBaseWidget(l)
	if i := slices.Index(items, value); i >= 0 {
		l.Select(i)
	}
	l.OnSelected = func(i widget.ListItemID) { changed(l.items[i]) }
	return l
}

func listRow() *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(1, 1, 8, 8), kit.NewText("", "", fyne.TextStyle{}))
}

// MinSize shows up to six rows.
func (l *ListBox) MinSize() fyne.Size {
	l.ExtendBaseWidget(l)
	row := listRow()
	row.Objects[0].(*kit.Text).SetText("M")
	height := row.MinSize().Height + l.Theme().Size(theme.SizeNamePadding)
	return fyne.NewSize(240, float32(min(max(len(l.items), 1), listRows))*height)
}
