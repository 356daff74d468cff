package operators

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/app/account"
	"omanager/app/console/people"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// The choices of the privileges' list, in its order.
const (
	allRights = iota
	lookOnly
	byCategory
	noRights
)

const formLabels = 84

// form shows one operator, or a new one, and what can be done with it.
type form struct {
	deps    panel.Deps
	shown   *account.Listed // nil: a new one
	adding  bool
	changes int

	title      *kit.Text
	badge      *kit.Badge
	entry      *widget.Entry
	level      *widget.Select
	categories *choices
	naming     *panel.Field // for a new one
	among      *panel.Field // of the categories
	roles      *choices
	save       *widget.Button
	password   *widget.Button
	key        *widget.Button
	lock       *widget.Button
	note       *panel.Note
	more       *fyne.Container
	content    *fyne.Container
}

func newForm(deps panel.Deps) *form {
	f := &form{deps: deps, title: kit.Heading(""), badge: kit.NewBadge("", look.ColorOK), note: panel.NewNote("", look.ColorFailed)}
	f.note.Hide()
	f.entry = widget.NewEntry()
	f.entry.SetPlaceHolder(deps.T("people.name_hint"))
	f.entry.OnChanged = func(string) { f.able() }
	f.level = widget.NewSelect([]string{deps.T("privileges.root"), deps.T("privileges.duty"), deps.T("privileges.categories"), deps.T("privileges.none")}, nil)
	f.level.OnChanged = func(string) { f.able() }
	f.categories, f.roles = newChoices(1, f.able), newChoices(2, f.able)
	f.naming = panel.NewField(deps.T("column.name"), f.entry)
	f.among = panel.NewField("", f.categories.content)
	f.save = widget.NewButtonWithIcon("", theme.DocumentSaveIcon(), f.submit)
	f.save.Importance = widget.HighImportance
	f.password = widget.NewButtonWithIcon(deps.T("people.new_password"), theme.ViewRefreshIcon(), func() {
		f.ask("people.new_password", "people.new_password_text", f.deps.People.NewPassword)
	})
	f.key = widget.NewButtonWithIcon(deps.T("people.new_key"), theme.FileIcon(), func() {
		f.ask("people.new_key", "people.new_key_text", f.deps.People.NewKey)
	})
	f.lock = widget.NewButton("", f.turn)
	f.more = container.NewVBox(widget.NewSeparator(), panel.Gap(1), container.NewHBox(f.password, f.key, layout.NewSpacer(), f.lock))
	head := container.NewBorder(nil, nil, nil, container.NewCenter(f.badge), f.title)
	body := container.NewVBox(head, widget.NewSeparator(), panel.Gap(1), panel.Fields(formLabels,
		f.naming,
		panel.NewField(deps.T("column.privileges"), f.level),
		f.among,
		panel.NewField(deps.T("column.roles"), f.roles.content)),
		f.note, panel.Buttons(f.save), panel.Gap(4), f.more)
	f.content = container.NewStack(container.NewVScroll(container.NewVBox(panel.Padded(panel.NewCard(panel.Padded(body))))))
	f.fresh()
	f.adding = false // nobody asked for it yet
	return f
}

// name is whose form it is, empty for a new one.
func (f *form) name() string {
	if f.shown == nil {
		return ""
	}
	return f.shown.Name
}

// fresh clears the form.
func (f *form) fresh() {
	f.shown, f.adding = nil, true
	f.entry.SetText("")
	f.fill("zhiban", nil)
	f.title.SetText(f.deps.T("people.new"))
	f.badge.Hide()
	f.more.Hide()
	f.save.SetText(f.deps.T("people.create"))
	f.able()
}

// show fills the form in with an operator.
func (f *form) show(o account.Listed) {
	f.shown, f.adding = &o, false
	f.entry.SetText(o.Name)
	f.fill(o.Privileges, o.Roles)
	f.title.SetText(o.Name)
	state, color := stateOf(o)
	f.badge.Set(f.deps.T("people."+state), color)
	f.badge.Show()
	f.lock.Text, f.lock.Icon, f.lock.Importance = f.deps.T("people.disable"), theme.CancelIcon(), widget.DangerImportance
	if o.Disabled {
		f.lock.Text, f.lock.Icon, f.lock.Importance = f.deps.T("people.enable"), theme.ConfirmIcon(), widget.MediumImportance
	}
	f.lock.Refresh()
	f.more.Show()
	f.save.SetText(f.deps.T("people.save"))
	f.able()
}

// fill shows privileges and roles.
func (f *form) fill(privileges string, roles []string) {
	var on []string
	level := byCategory
	switch privileges {
	case "root":
		level = allRights
	case "zhiban":
		level = lookOnly
	case "":
		level = noRights
	default:
		on = people.Words(privileges)
	}
	f.fillChoices(on, roles)
	f.level.SetSelectedIndex(level)
}

// fillChoices offers what there is, and what is held though it is not there any more.
func (f *form) fillChoices(categories, roles []string) {
	var ids, names []string
	for _, id := range f.deps.Console.Tree().Roots {
		ids = append(ids, strings.TrimPrefix(id, "c:"))
	}
	for _, id := range categories {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		names = append(names, panel.CategoryName(f.deps.Console, id))
	}
	f.categories.set(ids, names, categories)
	var offered []string
	for _, r := range f.deps.People.Roles() {
		offered = append(offered, r.Name)
	}
	for _, r := range roles {
		if !slices.Contains(offered, r) {
			offered = append(offered, r)
		}
	}
	f.roles.set(offered, offered, roles)
	f.roles.none(f.deps.T("people.no_roles"))
}

// update follows what came of the changes asked for.
func (f *form) update() {
	if n := f.deps.People.Changes(); n != f.changes {
		f.changes = n
		if f.adding {
			f.shown = &account.Listed{Name: strings.TrimSpace(f.entry.Text)} // the list brings the rest
			f.adding = false
		}
	}
	if f.shown != nil {
		for _, o := range f.deps.People.Operators() {
			if o.Name == f.shown.Name && !same(o, *f.shown) {
				f.show(o)
			}
		}
	} else if !slices.Equal(f.roles.ids, f.roleNames()) || len(f.categories.ids) != len(f.deps.Console.Tree().Roots) {
		f.fillChoices(f.categories.chosen(), f.roles.chosen())
	}
	f.note.SetText(f.deps.Sentence(f.deps.Console.Err(people.OpChange)))
	f.able()
}

func (f *form) roleNames() []string {
	var out []string
	for _, r := range f.deps.People.Roles() {
		out = append(out, r.Name)
	}
	return out
}

func same(a, b account.Listed) bool {
	return a.Privileges == b.Privileges && slices.Equal(a.Roles, b.Roles) && a.Disabled == b.Disabled &&
		a.OneTime == b.OneTime && a.Legacy == b.Legacy && a.Created.Equal(b.Created)
}

// privileges is what the form says, as the control server reads it.
func (f *form) privileges() string {
	switch f.level.SelectedIndex() {
	case allRights:
		return "root"
	case lookOnly:
		return "zhiban"
	case byCategory:
		return strings.Join(f.categories.chosen(), ",")
	}
	return ""
}

// able switches what cannot be done now.
func (f *form) able() {
	if f.content == nil {
		return
	}
	f.naming.SetHidden(f.shown != nil)
	f.among.SetHidden(f.level.SelectedIndex() != byCategory)
	busy := f.deps.Console.IsBusy(people.OpChange)
	changed := f.shown == nil && strings.TrimSpace(f.entry.Text) != ""
	if f.shown != nil {
		changed = f.privileges() != f.shown.Privileges || !sameSet(f.roles.chosen(), f.shown.Roles)
	}
	if f.level.SelectedIndex() == byCategory && len(f.categories.chosen()) == 0 {
		changed = false
	}
	panel.Able(f.save, changed && !busy)
	self := f.name() == f.deps.Console.Who().Operator
	panel.Able(f.lock, !busy && !self)
	panel.Able(f.password, !busy)
	panel.Able(f.key, !busy)
	f.content.Refresh()
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

func (f *form) submit() {
	if f.shown == nil {
		f.deps.People.Add(f.entry.Text, f.privileges(), f.roles.chosen())
		return
	}
	f.deps.People.SetRights(f.shown.Name, f.privileges(), f.roles.chosen())
}

// ask does something that takes the old away only after a yes.
func (f *form) ask(title, text string, do func(name string)) {
	name := f.name()
	f.deps.Confirm(f.deps.T(title), f.deps.T(text, "name", name), f.deps.T(title), func() { do(name) })
}

func (f *form) turn() {
	o := *f.shown
	if o.Disabled {
		f.deps.People.SetDisabled(o.Name, false)
		return
	}
	f.ask("people.disable", "people.disable_text", func(name string) { f.deps.People.SetDisabled(name, true) })
}
