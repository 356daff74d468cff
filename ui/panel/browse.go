package panel

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/kit"
	"omanager/ui/look"
)

// browser lets a person walk folders and choose a file.
type browser struct {
	deps  Deps
	dir   string
	names []string // folders end in a slash
	where *widget.Label
	rows  *kit.Rows
	done  func(path string)
	hide  func()
}

// Browse lets a person choose a file of this machine, beginning at the folder of the one typed so far, else at home.
func (d Deps) Browse(title, typed string, done func(path string)) {
	b := &browser{deps: d, where: widget.NewLabel(""), done: done}
	b.where.Selectable = true
	b.rows = kit.NewRows([]kit.Column{{Title: d.T("browse.name")}}, func() int { return len(b.names) }, b.cells)
	b.rows.OnActivated = b.choose
	b.rows.SetEmpty(d.T("browse.empty"))
	no := widget.NewButton(d.T("dialog.cancel"), func() { b.hide() })
	ok := widget.NewButton(d.T("dialog.open"), func() { b.choose(b.rows.Selected()) })
	ok.Importance = widget.HighImportance
	body := container.NewBorder(b.where, nil, nil, nil, b.rows)
	b.hide = d.Popup(title, container.New(&Wide{Width: 560, Height: 360}, body), no, ok)
	start, err := os.UserHomeDir()
	if typed != "" || err != nil {
		start = filepath.Dir(typed)
	}
	b.enter(start)
}

func (b *browser) cells(i int) []kit.Cell {
	c := kit.Cell{Text: b.names[i]}
	if strings.HasSuffix(c.Text, "/") {
		c.Bold, c.Color = true, look.ColorMuted
	}
	return []kit.Cell{c}
}

func (b *browser) choose(i int) {
	if i < 0 || i >= len(b.names) {
		return
	}
	name := b.names[i]
	if strings.HasSuffix(name, "/") {
		b.enter(filepath.Join(b.dir, name))
		return
	}
	b.hide()
	b.done(filepath.Join(b.dir, name))
}

// enter reads a folder, away from the window's goroutine.
func (b *browser) enter(dir string) {
	b.deps.Async(func() func() {
		names, err := list(dir)
		return func() {
			if err != nil {
				b.where.SetText(err.Error())
				return
			}
			b.dir, b.names = dir, names
			b.where.SetText(dir)
			b.rows.Unselect()
			b.rows.Refresh()
			b.rows.ScrollTo(0)
		}
	})
}

func list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	folders, files := []string{"../"}, []string(nil)
	for _, e := range entries {
		switch {
		case e.IsDir():
			folders = append(folders, e.Name()+"/")
		case e.Type().IsRegular() || e.Type()&os.ModeSymlink != 0:
			files = append(files, e.Name())
		}
	}
	return slices.Concat(folders, files), nil
}
