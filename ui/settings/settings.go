// Package settings is the page of the console's own settings file: every setting with what is wrong with it beside it.
// Language and colours take effect at once, the others when they are saved.
package settings

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/app/console"
	"omanager/app/console/prefs"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

const (
	labelWidth  = 130 // of the column of labels
	numberWidth = 120 // of an entry for a number
	gap         = 10  // between groups
)

// Page is the settings page.
type Page struct {
	deps    panel.Deps
	entries map[string]*widget.Entry
	fields  map[string]*panel.Field
	theme   *widget.Select
	filling bool
	save    *widget.Button
	undo    *widget.Button
	note    *panel.Note
	panel   *kit.Panel
}

// New makes the page.
func New(deps panel.Deps) *Page {
	p := &Page{deps: deps, entries: map[string]*widget.Entry{}, fields: map[string]*panel.Field{}, note: panel.NewNote("", look.ColorFailed)}
	p.note.Hide()
	p.save = widget.NewButtonWithIcon(deps.T("settings.save"), theme.DocumentSaveIcon(), deps.Prefs.Save)
	p.save.Importance = widget.HighImportance
	p.undo = widget.NewButtonWithIcon(deps.T("settings.undo"), theme.ContentUndoIcon(), deps.Prefs.Undo)
	column := func(groups ...fyne.CanvasObject) fyne.CanvasObject {
		return container.New(layout.NewCustomPaddedVBoxLayout(gap), groups...)
	}
	left := column(
		p.group("settings.look", "settings.look_note", p.language(), p.colors(), p.field("width"), p.field("height")),
		p.group("settings.server", "settings.server_note", p.field("ip"), p.field("port")))
	right := column(
		p.group("settings.legacy", "settings.legacy_note", p.field("timeout"), p.field("max_servers"), p.field("secret_key"), p.field("upgrade_url")),
		p.group("settings.db", "settings.db_note", p.field("db_ip"), p.field("db_user"), p.field("db_pass"), p.field("db_name")))
	body := container.NewVScroll(panel.Padded(container.New(layout.NewGridLayoutWithColumns(2), left, container.New(layout.NewCustomPaddedLayout(0, 0, gap-3, 0), right))))
	p.panel = kit.NewPanel(deps.T("settings.title"),
		container.NewBorder(p.note, nil, nil, nil, body), p.undo, p.save)
	p.Update(console.All)
	return p
}

// Content is what to show.
func (p *Page) Content() fyne.CanvasObject { return p.panel }

// Focus puts the cursor where typing begins.
func (p *Page) Focus() { p.deps.Canvas().Focus(p.entries["ip"]) }

func (p *Page) group(title, note string, fields ...*panel.Field) fyne.CanvasObject {
	inside := container.NewVBox(kit.Bold(p.deps.T(title)), panel.Flush(panel.NewNote(p.deps.T(note), "")), panel.Gap(1), panel.Fields(labelWidth, fields...))
	return panel.NewCard(panel.Padded(inside))
}

func (p *Page) field(key string) *panel.Field {
	e := widget.NewEntry()
	if key == "secret_key" || key == "db_pass" {
		e = widget.NewPasswordEntry()
	}
	e.OnChanged = func(s string) {
		if !p.filling {
			p.deps.Prefs.Set(key, s)
		}
	}
	p.entries[key], p.fields[key] = e, panel.NewField(p.deps.T("setting."+key), e)
	switch key {
	case "width", "height", "port", "timeout", "max_servers":
		p.fields[key].Width = numberWidth
	}
	return p.fields[key]
}

func (p *Page) language() *panel.Field {
	ids := []string{"", look.English, look.Chinese}
	s := p.choice(ids, []string{p.deps.T("settings.system"), "English", "中文"}, p.deps.Words.Language(), p.deps.SetLanguage)
	return wide(panel.NewField(p.deps.T("setting.language"), s))
}

func (p *Page) colors() *panel.Field {
	var ids, names []string
	for _, m := range look.Modes() {
		ids, names = append(ids, string(m)), append(names, p.deps.T("theme."+string(m)))
	}
	p.theme = p.choice(ids, names, string(p.deps.Theme()), func(id string) { p.deps.SetTheme(look.Mode(id)) })
	return wide(panel.NewField(p.deps.T("setting.theme"), p.theme))
}

func wide(f *panel.Field) *panel.Field {
	f.Width = 2 * numberWidth
	return f
}

// choice is a list of names for ids, with the present one chosen.
func (p *Page) choice(ids, names []string, now string, chosen func(id string)) *widget.Select {
	s := widget.NewSelect(names, nil)
	for i, id := range ids {
		if id == now {
			s.SetSelectedIndex(i)
		}
	}
	s.OnChanged = func(string) {
		if p.filling {
			return
		}
		if i := s.SelectedIndex(); i >= 0 {
			chosen(ids[i])
		}
	}
	return s
}

// Update shows what changed.
func (p *Page) Update(t console.Topic) {
	if t&(console.Settings|console.Busy) == 0 {
		return
	}
	f := p.deps.Prefs.Form()
	p.filling = true
	for k, e := range p.entries {
		if e.Text != f.Values[k] {
			e.SetText(f.Values[k])
		}
		if f.Loaded == e.Disabled() {
			if f.Loaded {
				e.Enable()
			} else {
				e.Disable()
			}
		}
		p.fields[k].SetError(p.deps.Sentence(f.Errors[k]))
	}
	for i, m := range look.Modes() {
		if m == p.deps.Theme() && p.theme.SelectedIndex() != i {
			p.theme.SetSelectedIndex(i) // chosen on the tool bar
		}
	}
	p.filling = false
	p.panel.SetNote(f.Path)
	panel.Able(p.save, f.Dirty && len(f.Errors) == 0 && !p.deps.Console.IsBusy(prefs.OpSave))
	panel.Able(p.undo, f.Dirty)
	text, color := "", look.ColorFailed
	for _, op := range []console.Op{prefs.OpLoad, prefs.OpSave} {
		if s := p.deps.Sentence(p.deps.Console.Err(op)); s != "" {
			text = s
		}
	}
	if text == "" && f.Saved {
		text, color = p.deps.T("settings.saved"), look.ColorOK
	}
	p.note.Set(text, color)
	p.panel.Refresh()
}
