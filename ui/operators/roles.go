package operators

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"omanager/app/rights"
	"omanager/ui/kit"
	"omanager/ui/panel"
)

// roles is the table of roles above the editor of the chosen one.
type roles struct {
	deps    panel.Deps
	roles   []rights.Role
	rows    *kit.Rows
	editor  *editor
	content *container.Split
}

func newRoles(deps panel.Deps) *roles {
	r := &roles{deps: deps}
	r.rows = kit.NewRows([]kit.Column{
		{Title: deps.T("column.role"), Width: 130},
		{Title: deps.T("column.grants"), Stretch: 4},
		{Title: deps.T("column.manages"), Stretch: 1},
		{Title: deps.T("column.held_by"), Stretch: 1},
		{Title: deps.T("column.note"), Stretch: 2},
	}, func() int { return len(r.roles) }, r.cells)
	r.rows.SetEmpty(deps.T("roles.empty"))
	r.editor = newEditor(deps)
	r.rows.OnSelected = func(i int) {
		if i >= 0 && i < len(r.roles) {
			r.editor.show(r.roles[i])
		}
	}
	r.content = container.NewVSplit(r.rows, r.editor.content)
	r.content.Offset = 0.36
	return r
}

func (r *roles) table() *kit.Rows          { return r.rows }
func (r *roles) object() fyne.CanvasObject { return r.content }

func (r *roles) fresh() {
	r.rows.Unselect()
	r.editor.fresh()
}

func (r *roles) update() {
	r.roles = r.deps.People.Roles()
	r.editor.update()
	at := -1
	for i, x := range r.roles {
		if x.Name == r.editor.name() {
			at = i
		}
	}
	switch {
	case at >= 0 && r.rows.Selected() != at:
		r.rows.Select(at)
	case at < 0 && !r.editor.adding && len(r.roles) > 0:
		r.rows.Select(0)
	}
	r.rows.Refresh()
}

func (r *roles) cells(i int) []kit.Cell {
	x := r.roles[i]
	var grants, manages []string
	for _, g := range x.Grants {
		grants = append(grants, grantText(r.deps, g))
	}
	for _, m := range x.Manage {
		manages = append(manages, r.deps.T("manage."+m))
	}
	return []kit.Cell{
		{Text: x.Name, Bold: true}, {Text: strings.Join(grants, "; ")}, {Text: strings.Join(manages, ", ")},
		{Text: strings.Join(r.deps.People.Holders(x.Name), ", ")}, {Text: x.Note},
	}
}

// grantText is a grant on one line.
func grantText(deps panel.Deps, g rights.Grant) string {
	var verbs []string
	for _, v := range g.Verbs {
		verbs = append(verbs, deps.T("verb."+v))
	}
	text := strings.Join(verbs, ", ")
	if len(g.Modules) > 0 {
		text += " " + strings.Join(g.Modules, ", ")
	}
	return text + " @ " + strings.Join(g.Servers, ", ")
}
