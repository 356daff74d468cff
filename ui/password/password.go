// Package password is the page where a person changes the own password. It stands alone in the window while the password
// is one that somebody else made.
package password

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/app/console"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

const (
	cardWidth  = 480
	labelWidth = 128
)

// Page is the form.
type Page struct {
	deps            panel.Deps
	old, new, again *widget.Entry
	change          *widget.Button
	note            *panel.Note
	content         fyne.CanvasObject
}

// New makes the page. Where the password must be changed first, foot is what else can be done: to leave.
func New(deps panel.Deps, foot ...fyne.CanvasObject) *Page {
	p := &Page{deps: deps, note: panel.NewNote("", look.ColorFailed)}
	p.note.Hide()
	entry := func() *widget.Entry {
		e := widget.NewPasswordEntry()
		e.OnSubmitted = func(string) { p.submit() }
		e.OnChanged = func(string) { p.able() }
		return e
	}
	p.old, p.new, p.again = entry(), entry(), entry()
	p.change = widget.NewButtonWithIcon(deps.T("password.change"), theme.ConfirmIcon(), p.submit)
	p.change.Importance = widget.HighImportance
	text := deps.T("password.text")
	if deps.Console.Who().MustChange {
		text = deps.T("password.first", "operator", deps.Console.Who().Operator)
	}
	card := container.NewVBox(
		kit.Heading(deps.T("password.title")), panel.Flush(panel.NewNote(text, "")), widget.NewSeparator(), panel.Gap(2),
		panel.Fields(labelWidth,
			panel.NewField(deps.T("password.old"), p.old),
			panel.NewField(deps.T("password.new"), p.new),
			panel.NewField(deps.T("password.again"), p.again)),
		p.note, panel.Gap(2), panel.Buttons(append(foot, p.change)...))
	p.content = container.NewCenter(panel.NewCard(container.New(layout.NewCustomPaddedLayout(16, 16, 20, 20), container.New(&panel.Wide{Width: cardWidth}, card))))
	p.Update(console.All)
	return p
}

// Content is what to show.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Focus puts the cursor where typing begins.
func (p *Page) Focus() { p.deps.Canvas().Focus(p.old) }

// Leave forgets what was said.
func (p *Page) Leave() { p.deps.Console.ReadPassword() }

// Update shows what changed.
func (p *Page) Update(t console.Topic) {
	if t&(console.Session|console.Busy) == 0 {
		return
	}
	c := p.deps.Console
	switch {
	case c.Err(console.OpPassword) != nil:
		p.note.Set(p.deps.Sentence(c.Err(console.OpPassword)), look.ColorFailed)
	case c.Who().Changed:
		if p.note.Text() == "" {
			for _, e := range []*widget.Entry{p.old, p.new, p.again} {
				e.SetText("")
			}
		}
		p.note.Set(p.deps.T("password.changed"), look.ColorOK)
	default:
		p.note.SetText("")
	}
	p.able()
}

func (p *Page) able() {
	panel.Able(p.change, p.old.Text != "" && p.new.Text != "" && p.again.Text != "" && !p.deps.Console.IsBusy(console.OpPassword))
}

func (p *Page) submit() {
	p.deps.Console.ChangePassword(p.old.Text, p.new.Text, p.again.Text)
}
