// Package operators is the two pages where operators and roles are managed.
package operators

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"omanager/app/console"
	"omanager/app/console/people"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// Page is a list with the form of what is chosen in it.
type Page struct {
	deps  panel.Deps
	part  part
	note  *panel.Note
	panel *kit.Panel
}

// part is the operators or the roles.
type part interface {
	update()
	fresh()
	table() *kit.Rows
	object() fyne.CanvasObject
}

// New makes the page of the operators.
func New(deps panel.Deps) *Page { return newPage(deps, newList(deps), "people") }

// NewRoles makes the page of the roles.
func NewRoles(deps panel.Deps) *Page { return newPage(deps, newRoles(deps), "roles") }

func newPage(deps panel.Deps, which part, words string) *Page {
	p := &Page{deps: deps, part: which, note: panel.NewNote("", look.ColorFailed)}
	p.note.Hide()
	add := kit.NewPrimaryButton(theme.ContentAddIcon(), deps.T(words+".add"), which.fresh)
	p.panel = kit.NewPanel(deps.T("page."+map[string]string{"people": "operators", "roles": "roles"}[words]),
		container.NewBorder(p.note, nil, nil, nil, which.object()), add)
	p.Update(console.All)
	return p
}

// Content is what to show.
func (p *Page) Content() fyne.CanvasObject { return p.panel }

// Focus gives the keyboard to the list.
func (p *Page) Focus() { p.part.table().Focus() }

// Select shows an entry of the list in the form.
func (p *Page) Select(i int) { p.part.table().Select(i) }

// Update shows what changed.
func (p *Page) Update(t console.Topic) {
	if t&(console.People|console.Busy|console.Servers|console.Catalog) == 0 {
		return
	}
	p.note.SetText(p.deps.Sentence(p.deps.Console.Err(people.OpLoad)))
	p.part.update()
	p.panel.Refresh()
}
