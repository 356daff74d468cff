// Package oplog is the page of the operation log: a search, the records that match, newest first, and all of the chosen
// one.
package oplog

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/app/audit"
	"omanager/app/console"
	"omanager/app/console/oplog"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// Page shows the log.
type Page struct {
	deps    panel.Deps
	view    oplog.View
	search  *search
	rows    *kit.Rows
	shown   int64 // the number of the record in detail, 0 for none
	detail  *detail
	count   *kit.Text
	older   *widget.Button
	export  *kit.ToolButton
	broken  *panel.Note
	note    *panel.Note
	panel   *kit.Panel
	exports *exports
}

// New makes the page.
func New(deps panel.Deps) *Page {
	p := &Page{deps: deps, broken: panel.NewNote("", look.ColorFailed), note: panel.NewNote("", look.ColorFailed)}
	p.broken.Hide()
	p.note.Hide()
	p.search = newSearch(deps)
	p.rows = kit.NewRows([]kit.Column{
		{Title: deps.T("column.number"), Width: 58},
		{Title: deps.T("column.when_log"), Width: 142},
		{Title: deps.T("column.operator"), Width: 96},
		{Title: deps.T("column.event"), Width: 208},
		{Title: deps.T("column.detail")},
		{Title: deps.T("column.job"), Width: 84},
		{Title: deps.T("column.source"), Width: 124},
	}, func() int { return len(p.view.Records) }, p.cells)
	p.rows.OnSelected = p.choose
	p.detail = newDetail(deps)
	p.count = kit.Muted("")
	p.older = widget.NewButtonWithIcon(deps.T("log.older"), theme.MoveDownIcon(), deps.Log.Older)
	p.exports = &exports{deps: deps}
	p.export = deps.Tool(theme.DocumentSaveIcon(), deps.T("log.export"), deps.T("log.export_hint"), p.exports.ask)
	foot := container.New(layout.NewCustomPaddedLayout(2, 2, 7, 7), container.NewBorder(nil, nil, container.NewCenter(p.count), p.older))
	list := container.NewBorder(nil, foot, nil, nil, p.rows)
	split := container.NewVSplit(list, p.detail.content)
	split.Offset = 0.7
	p.panel = kit.NewPanel(deps.T("log.title"), container.NewBorder(container.NewVBox(p.broken, p.search.content, p.note), nil, nil, nil, split), p.export)
	p.Update(console.All)
	return p
}

// Content is what to show.
func (p *Page) Content() fyne.CanvasObject { return p.panel }

// Focus puts the cursor where typing begins.
func (p *Page) Focus() { p.deps.Canvas().Focus(p.search.text) }

// Select shows a record of the list in detail.
func (p *Page) Select(i int) { p.rows.Select(i) }

// Update shows what changed.
func (p *Page) Update(t console.Topic) {
	if t&(console.Log|console.Busy|console.Session) == 0 {
		return
	}
	c := p.deps.Console
	p.view = p.deps.Log.View()
	p.search.update(p.view, c.IsBusy(oplog.OpSearch))
	p.rows.SetEmpty(p.deps.T("log.empty"))
	if !p.view.Asked {
		p.rows.SetEmpty("")
	}
	p.reselect()
	p.rows.Refresh()
	p.count.SetText(p.counted())
	p.older.Hidden = !p.view.More
	panel.Able(p.older, !c.IsBusy(oplog.OpSearch))
	p.broken.SetText(p.deps.Sentence(p.view.Broken))
	p.said()
	if p.view.Checked && p.view.Broken == nil {
		p.panel.SetNote(p.deps.T("log.continues"))
	} else {
		p.panel.SetNote("")
	}
	p.panel.Refresh()
}

// reselect keeps the chosen record chosen in another list, or the newest.
func (p *Page) reselect() {
	for i, r := range p.view.Records {
		if r.Seq == p.shown {
			if p.rows.Selected() != i {
				p.rows.Select(i)
			}
			return
		}
	}
	p.rows.Unselect()
	if len(p.view.Records) > 0 {
		p.rows.Select(0)
		return
	}
	p.shown = 0
	p.detail.show(nil)
}

func (p *Page) choose(i int) {
	if i < 0 || i >= len(p.view.Records) {
		return
	}
	p.shown = p.view.Records[i].Seq
	p.detail.show(&p.view.Records[i])
}

func (p *Page) counted() string {
	n := len(p.view.Records)
	switch {
	case n == 0:
		return ""
	case p.view.More:
		return p.deps.T("log.count_more", "n", n)
	}
	return p.deps.T("log.count", "n", n)
}

// said shows what went wrong, or where an export went.
func (p *Page) said() {
	text, color := "", look.ColorFailed
	for _, field := range []string{"since", "until"} {
		if s := p.deps.Sentence(p.view.Errors[field]); s != "" {
			text = p.deps.T("log."+field) + ": " + s
		}
	}
	for _, op := range []console.Op{oplog.OpCheck, oplog.OpSearch, oplog.OpExport} {
		if s := p.deps.Sentence(p.deps.Console.Err(op)); s != "" {
			text = s
		}
	}
	switch {
	case text != "":
	case p.deps.Console.IsBusy(oplog.OpExport):
		text, color = p.deps.T("log.exporting"), look.ColorRunning
	case p.view.Written != "":
		text, color = p.deps.T("log.exported", "file", p.view.Written), look.ColorOK
	}
	p.note.Set(text, color)
}

func (p *Page) cells(i int) []kit.Cell {
	r := p.view.Records[i]
	return []kit.Cell{
		{Text: strconv.FormatInt(r.Seq, 10), Color: look.ColorMuted}, {Text: r.Time.Local().Format("2006-01-02 15:04:05")},
		{Text: r.Operator, Bold: true}, {Text: audit.Title(p.deps.Words.Language(), r.Event), Dot: eventColor(r.Event)},
		{Text: strings.ReplaceAll(r.Detail, "\n", " ")}, {Text: shortJob(r.Job), Mono: true, Color: look.ColorMuted},
		{Text: r.Source, Mono: true, Color: look.ColorMuted},
	}
}

// shortJob is the end of a job's id: the beginnings of jobs of one hour are alike.
func shortJob(id string) string {
	const keep = 8
	if len(id) <= keep {
		return id
	}
	return "…" + id[len(id)-keep:]
}

// eventColor tells refusals, changes of who may do what, and the rest apart.
func eventColor(event string) fyne.ThemeColorName {
	switch event {
	case audit.EventLoginRefused, audit.EventRefused, audit.EventJobRefused, audit.EventNotApproved:
		return look.ColorFailed
	case audit.EventOperatorAdd, audit.EventOperatorState, audit.EventRights, audit.EventNewPassword, audit.EventNewKey,
		audit.EventOwnPassword, audit.EventRolePut, audit.EventRoleDelete, audit.EventAuditTrim, audit.EventAuditExport:
		return look.ColorChanged
	case audit.EventJobStart, audit.EventJobDone, audit.EventApproved:
		return look.ColorOK
	}
	return look.ColorNotStarted
}
