package oplog

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omanager/app/auditfile"
	"omanager/ui/panel"
)

// exports asks where an export is to go.
type exports struct{ deps panel.Deps }

const exportWidth = 520

// ask shows the file's name, proposed in the home folder, and its format.
func (e *exports) ask() {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "."
	}
	path := widget.NewEntry()
	path.SetText(filepath.Join(home, "omanager-log-"+time.Now().Format("20060102-1504")+"."+auditfile.Formats()[0]))
	format := widget.NewRadioGroup(auditfile.Formats(), func(f string) {
		path.SetText(strings.TrimSuffix(path.Text, filepath.Ext(path.Text)) + "." + f)
	})
	format.Horizontal, format.Required = true, true
	format.Selected = auditfile.Formats()[0]
	body := container.NewVBox(panel.NewNote(e.deps.T("log.export_text"), ""), format, path)
	var hide func()
	no := widget.NewButton(e.deps.T("dialog.cancel"), func() { hide() })
	ok := widget.NewButton(e.deps.T("log.export"), func() {
		hide()
		e.deps.Log.Export(path.Text, e.deps.Words.Language())
	})
	ok.Importance = widget.HighImportance
	hide = e.deps.Popup(e.deps.T("log.export"), container.New(&panel.Wide{Width: exportWidth}, body), no, ok)
}
