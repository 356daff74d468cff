package form

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/modules"
)

// FileField is the path of a file of this machine, typed or chosen.
type FileField struct {
	widget.BaseWidget
	entry  *widget.Entry
	title  string
	browse func(title, typed string, done func(path string))
}

var _ fyne.Widget = (*FileField)(nil)

func (f *Form) file(p *modules.Param) *FileField {
	d := &FileField{entry: widget.NewEntry(), title: text(p.Labels, f.deps.Words.Language()), browse: f.deps.Browse}
	if d.title == "" {
		d.title = p.Name
	}
	name := p.Name
	d.entry.SetText(f.values[name])
	d.entry.OnChanged = func(v string) { f.changed(name, v) }
	d.ExtendBaseWidget(d)
	return d
}

// Open lets a person choose the file.
func (d *FileField) Open() { d.browse(d.title, d.entry.Text, d.entry.SetText) }

// Entry is where the path can be typed.
func (d *FileField) Entry() *widget.Entry { return d.entry }

// CreateRenderer is for Fyne.
func (d *FileField) CreateRenderer() fyne.WidgetRenderer {
	if d.browse == nil {
		return widget.NewSimpleRenderer(d.entry)
	}
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, nil, widget.NewButtonWithIcon("", theme.FolderOpenIcon(), d.Open), d.entry))
}
