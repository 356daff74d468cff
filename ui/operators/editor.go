package operators

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/app/console/people"
	"omanager/app/rights"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// editor is the form of one role, or of a new one.
type editor struct {
	deps    panel.Deps
	shown   *rights.Role // nil: a new one
	adding  bool
	stale   bool // shown is only the name of a role that was made a moment ago
	changes int

	entry, note *widget.Entry
	manage      *choices
	lines       []*grantLine
	grid        *fyne.Container
	save, drop  *widget.Button
	problem     *panel.Note
	panel       *kit.Panel
	content     fyne.CanvasObject
}

// grantLine is one grant as it is filled in.
type grantLine struct {
	verbs            *choices
	modules, servers *widget.Entry
	row              fyne.CanvasObject
}

func verbs() []string { return []string{rights.Look, rights.Run, rights.Approve} }

func manageable() []string { return []string{rights.ManageOperators, rights.ManageAudit} }

// The widths of a grant's ticks and of its button.
const (
	verbsWidth  = 236
	removeWidth = 30
)

func newEditor(deps panel.Deps) *editor {
	e := &editor{deps: deps, problem: panel.NewNote("", look.ColorFailed), grid: container.NewVBox()}
	e.problem.Hide()
	e.entry, e.note = widget.NewEntry(), widget.NewEntry()
	e.entry.SetPlaceHolder(deps.T("roles.name_hint"))
	e.note.SetPlaceHolder(deps.T("roles.note_hint"))
	e.entry.OnChanged, e.note.OnChanged = func(string) { e.able() }, func(string) { e.able() }
	e.manage = newChoices(0, e.able)
	e.save = widget.NewButtonWithIcon(deps.T("roles.save"), theme.DocumentSaveIcon(), e.submit)
	e.save.Importance = widget.HighImportance
	e.drop = widget.NewButtonWithIcon(deps.T("roles.delete"), theme.DeleteIcon(), e.remove)
	e.drop.Importance = widget.DangerImportance
	more := widget.NewButtonWithIcon(deps.T("roles.add_grant"), theme.ContentAddIcon(), func() { e.line(rights.Grant{}); e.able() })
	titles := container.New(&grantColumns{}, kit.Muted(deps.T("roles.verbs")), kit.Muted(deps.T("roles.modules")), kit.Muted(deps.T("roles.servers")), panel.Gap(1))
	top := container.NewGridWithColumns(2, panel.Fields(formLabels, panel.NewField(deps.T("column.role"), e.entry)),
		container.New(layout.NewCustomPaddedLayout(0, 0, 12, 0), panel.Fields(formLabels, panel.NewField(deps.T("column.note"), e.note))))
	body := container.NewVBox(top, panel.Fields(formLabels, panel.NewField(deps.T("column.manages"), e.manage.content)),
		panel.Gap(2), widget.NewSeparator(), titles, e.grid, container.NewHBox(more),
		panel.Flush(panel.NewNote(deps.T("roles.help"), "")), e.problem)
	e.panel = kit.NewPanel("", container.NewVScroll(panel.Padded(body)), e.drop, e.save)
	e.content = e.panel
	e.fresh()
	e.adding = false
	return e
}

// grantColumns lays out ticks, modules, servers and a button.
type grantColumns struct{}

// MinSize is that of the parts.
func (*grantColumns) MinSize(o []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, x := range o {
		h = max(h, x.MinSize().Height)
	}
	return fyne.NewSize(verbsWidth+200+removeWidth, h)
}

// Layout shares what is left between modules and servers.
func (*grantColumns) Layout(o []fyne.CanvasObject, s fyne.Size) {
	const gap = 6
	w := (s.Width - verbsWidth - removeWidth - 3*gap) / 2
	x := float32(0)
	for i, width := range []float32{verbsWidth, w, w, removeWidth} {
		h := o[i].MinSize().Height
		o[i].Move(fyne.NewPos(x, (s.Height-h)/2))
		o[i].Resize(fyne.NewSize(width, h))
		x += width + gap
	}
}

func (e *editor) name() string {
	if e.shown == nil {
		return ""
	}
	return e.shown.Name
}

func (e *editor) fresh() {
	e.shown, e.adding = nil, true
	e.entry.Enable()
	e.panel.SetTitle(e.deps.T("roles.new"))
	e.fill(rights.Role{Grants: []rights.Grant{{}}})
}

func (e *editor) show(r rights.Role) {
	e.shown, e.adding, e.stale = &r, false, false
	e.entry.Disable() // a role is known by its name
	e.panel.SetTitle(e.deps.T("roles.title", "name", r.Name))
	e.fill(r)
}

func (e *editor) fill(r rights.Role) {
	e.lines = nil
	e.grid.RemoveAll()
	e.entry.SetText(r.Name)
	e.note.SetText(r.Note)
	var names []string
	for _, m := range manageable() {
		names = append(names, e.deps.T("manage."+m))
	}
	e.manage.set(manageable(), names, r.Manage)
	for _, g := range r.Grants {
		e.line(g)
	}
	e.able()
}

// line adds the row of a grant.
func (e *editor) line(g rights.Grant) {
	l := &grantLine{verbs: newChoices(3, e.able), modules: widget.NewEntry(), servers: widget.NewEntry()}
	var names []string
	for _, v := range verbs() {
		names = append(names, e.deps.T("verb."+v))
	}
	l.verbs.set(verbs(), names, g.Verbs)
	l.modules.SetText(strings.Join(g.Modules, ", "))
	l.servers.SetText(strings.Join(g.Servers, ", "))
	l.modules.SetPlaceHolder("1007, category:bas, *")
	l.servers.SetPlaceHolder("category:2, app:bbs, server:web01, *")
	l.modules.OnChanged, l.servers.OnChanged = func(string) { e.able() }, func(string) { e.able() }
	remove := kit.NewToolButton(theme.CancelIcon(), "", func() {
		e.lines = slices.DeleteFunc(e.lines, func(x *grantLine) bool { return x == l })
		e.grid.Remove(l.row)
		e.able()
	})
	remove.Hint, remove.OnHint = e.deps.T("roles.remove_grant"), e.deps.Hint
	l.row = container.New(&grantColumns{}, l.verbs.content, l.modules, l.servers, remove)
	e.lines = append(e.lines, l)
	e.grid.Add(l.row)
}

// role is what the form says.
func (e *editor) role() rights.Role {
	r := rights.Role{Name: strings.TrimSpace(e.entry.Text), Note: strings.TrimSpace(e.note.Text), Manage: e.manage.chosen()}
	for _, l := range e.lines {
		r.Grants = append(r.Grants, rights.Grant{Verbs: l.verbs.chosen(), Modules: people.Words(l.modules.Text), Servers: people.Words(l.servers.Text)})
	}
	return r
}

func (e *editor) update() {
	if n := e.deps.People.Changes(); n != e.changes {
		e.changes = n
		if e.adding {
			e.shown, e.adding, e.stale = &rights.Role{Name: strings.TrimSpace(e.entry.Text)}, false, true
		}
	}
	if e.shown != nil {
		gone := true
		for _, r := range e.deps.People.Roles() {
			if r.Name != e.shown.Name {
				continue
			}
			gone = false
			if e.stale || !alike(r, *e.shown) {
				e.show(r)
			}
		}
		if gone && !e.stale && !e.deps.Console.IsBusy(people.OpLoad) && !e.deps.Console.IsBusy(people.OpRole) {
			e.fresh()
			e.adding = false
		}
	}
	e.problem.SetText(e.deps.Sentence(e.deps.Console.Err(people.OpRole)))
	e.able()
}

func (e *editor) able() {
	busy := e.deps.Console.IsBusy(people.OpRole)
	r := e.role()
	panel.Able(e.save, !busy && r.Name != "" && (e.shown == nil || !alike(r, *e.shown)))
	e.drop.Hidden = e.shown == nil
	panel.Able(e.drop, !busy && e.shown != nil && len(e.deps.People.Holders(e.name())) == 0)
	e.panel.Refresh()
}

// alike compares what two roles say: an empty list and none are the same.
func alike(a, b rights.Role) bool {
	return a.Note == b.Note && sameSet(a.Manage, b.Manage) && slices.EqualFunc(a.Grants, b.Grants, func(x, y rights.Grant) bool {
		return sameSet(x.Verbs, y.Verbs) && slices.Equal(x.Modules, y.Modules) && slices.Equal(x.Servers, y.Servers)
	})
}

func (e *editor) submit() { e.deps.People.PutRole(e.role()) }

func (e *editor) remove() {
	name := e.name()
	e.deps.Confirm(e.deps.T("roles.delete"), e.deps.T("roles.delete_text", "name", name), e.deps.T("roles.delete"), func() { e.deps.People.DeleteRole(name) })
}
