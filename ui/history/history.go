// Package history is the list of earlier jobs; opening one puts its result on view again.
package history

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"omanager/app/console"
	"omanager/app/job"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// Panel is the list.
type Panel struct {
	deps panel.Deps
	jobs []job.Job
	rows *kit.Rows
	all  fyne.CanvasObject
}

// New makes the panel.
func New(deps panel.Deps) *Panel {
	p := &Panel{deps: deps}
	p.rows = kit.NewRows([]kit.Column{
		{Title: deps.T("column.when"), Width: 142},
		{Title: deps.T("column.operator"), Width: 90},
		{Title: deps.T("column.module"), Stretch: 2},
		{Title: deps.T("column.servers"), Width: 70},
		{Title: deps.T("column.time"), Width: 62},
		{Title: deps.T("column.result"), Stretch: 3},
	}, func() int { return len(p.jobs) }, p.cells)
	p.rows.OnActivated = func(i int) {
		if i >= 0 && i < len(p.jobs) {
			deps.Console.Open(p.jobs[i].ID)
		}
	}
	p.rows.SetEmpty(deps.T("history.empty"))
	hint := container.New(layout.NewCustomPaddedLayout(3, 3, 7, 7), kit.Muted(deps.T("history.hint")))
	p.all = container.NewBorder(nil, hint, nil, nil, p.rows)
	p.Update(console.All)
	return p
}

// Content is what to show.
func (p *Panel) Content() fyne.CanvasObject { return p.all }

// Update shows what changed.
func (p *Panel) Update(t console.Topic) {
	if t&console.History == 0 {
		return
	}
	p.jobs = p.deps.Console.Jobs()
	p.rows.Refresh()
}

func (p *Panel) cells(i int) []kit.Cell {
	j := p.jobs[i]
	total, good := 0, true
	var parts []string
	for _, o := range job.Outcomes() {
		if n := j.Counts[o]; n > 0 {
			total += n
			good = good && o.Good()
			parts = append(parts, p.deps.Outcome(string(o))+" "+strconv.Itoa(n))
		}
	}
	result, color := strings.Join(parts, " · "), look.ColorFailed
	switch {
	case j.State != job.Finished:
		result, color = p.deps.T("state."+string(j.State)), look.ColorRunning
	case good:
		color = look.ColorOK
	}
	servers, took := "", ""
	if total > 0 {
		servers = strconv.Itoa(total)
	} else if len(j.Targets) > 0 {
		servers = strconv.Itoa(len(j.Targets))
	}
	if !j.Ended.IsZero() && !j.Started.IsZero() {
		took = panel.Duration(j.Ended.Sub(j.Started))
	}
	return []kit.Cell{{Text: j.Created.Local().Format("2006-01-02 15:04:05")}, {Text: j.Operator},
		{Text: p.title(j), Bold: true}, {Text: servers}, {Text: took}, {Text: result, Dot: color}}
}

func (p *Panel) title(j job.Job) string {
	mods, _ := p.deps.Console.Modules()
	for _, m := range mods {
		if m.ID == j.Module {
			return m.Title(p.deps.Words.Language())
		}
	}
	return j.Title
}
