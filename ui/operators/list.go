package operators

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"omanager/app/account"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// list is the table of operators beside the form of the chosen one.
type list struct {
	deps      panel.Deps
	operators []account.Listed
	rows      *kit.Rows
	form      *form
	handover  *handover
	side      *fyne.Container
	content   *fyne.Container
}

// sideWidth is that of the form at the right.
const sideWidth = 372

func newList(deps panel.Deps) *list {
	l := &list{deps: deps}
	l.rows = kit.NewRows([]kit.Column{
		{Title: deps.T("column.name"), Width: 104},
		{Title: deps.T("column.state"), Width: 106},
		{Title: deps.T("column.privileges"), Stretch: 3},
		{Title: deps.T("column.roles"), Stretch: 2},
		{Title: deps.T("column.created"), Width: 88},
	}, func() int { return len(l.operators) }, l.cells)
	l.rows.SetEmpty(deps.T("people.empty"))
	l.form = newForm(deps)
	l.handover = newHandover(deps)
	l.rows.OnSelected = func(i int) {
		if i >= 0 && i < len(l.operators) {
			l.form.show(l.operators[i])
		}
	}
	l.side = container.NewStack(l.form.content, l.handover.content)
	l.content = container.NewBorder(nil, nil, nil, container.New(&panel.Wide{Width: sideWidth}, l.side), l.rows)
	return l
}

func (l *list) table() *kit.Rows          { return l.rows }
func (l *list) object() fyne.CanvasObject { return l.content }

// fresh clears the form for somebody new.
func (l *list) fresh() {
	l.rows.Unselect()
	l.form.fresh()
}

func (l *list) update() {
	l.operators = l.deps.People.Operators()
	l.form.update()
	at := -1
	for i, o := range l.operators {
		if o.Name == l.form.name() {
			at = i
		}
	}
	switch {
	case at >= 0 && l.rows.Selected() != at:
		l.rows.Select(at)
	case at < 0 && l.form.shown == nil && !l.form.adding && len(l.operators) > 0:
		l.rows.Select(0)
	}
	l.rows.Refresh()
	h := l.deps.People.Handover()
	l.handover.show(h)
	l.handover.content.Hidden, l.form.content.Hidden = h == nil, h != nil
	l.side.Refresh()
}

func (l *list) cells(i int) []kit.Cell {
	o := l.operators[i]
	state, color := stateOf(o)
	return []kit.Cell{
		{Text: o.Name, Bold: true}, {Text: l.deps.T("people." + state), Dot: color},
		{Text: privilegesText(l.deps, o.Privileges)}, {Text: strings.Join(o.Roles, ", ")},
		{Text: o.Created.Local().Format("2006-01-02")},
	}
}

// stateOf is the word for what an operator can do now, and its colour.
func stateOf(o account.Listed) (word string, color fyne.ThemeColorName) {
	switch {
	case o.Disabled:
		return "disabled", look.ColorFailed
	case o.Legacy:
		return "legacy", look.ColorUnknown
	case o.OneTime:
		return "onetime", look.ColorChanged
	}
	return "active", look.ColorOK
}

// privilegesText is the legacy privileges in words: category ids are given their names.
func privilegesText(deps panel.Deps, s string) string {
	switch s {
	case "root":
		return deps.T("privileges.root")
	case "zhiban":
		return deps.T("privileges.duty")
	case "":
		return deps.T("privileges.none")
	}
	var names []string
	for id := range strings.SplitSeq(s, ",") {
		names = append(names, panel.CategoryName(deps.Console, strings.TrimSpace(id)))
	}
	return strings.Join(names, ", ")
}
