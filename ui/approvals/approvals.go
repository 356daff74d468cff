// Package approvals is the page of requests for a second operator's consent: those to decide and one's own.
package approvals

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"omanager/app/console"
	"omanager/app/job"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// Filter says which requests are on view.
type Filter int

// The filters.
const (
	ToDecide Filter = iota
	Mine
	Everything
)

// Page shows the requests above all of the chosen one.
type Page struct {
	deps   panel.Deps
	now    func() time.Time
	filter Filter
	list   []job.Approval
	shown  string // the id of the request in detail
	rows   *kit.Rows
	tabs   [3]*kit.ToolButton
	note   *panel.Note
	detail *detail
	panel  *kit.Panel
}

// New makes the page. What is to be decided comes first; where nothing is, one's own requests.
func New(deps panel.Deps) *Page {
	p := &Page{deps: deps, now: time.Now, note: panel.NewNote("", look.ColorFailed)}
	p.note.Hide()
	p.rows = kit.NewRows([]kit.Column{
		{Title: deps.T("column.state"), Width: 112},
		{Title: deps.T("column.module"), Stretch: 2},
		{Title: deps.T("column.servers"), Width: 66},
		{Title: deps.T("column.asked_by"), Width: 100},
		{Title: deps.T("column.age"), Width: 78},
		{Title: deps.T("column.expires"), Width: 96},
		{Title: deps.T("column.why"), Stretch: 3},
	}, func() int { return len(p.list) }, p.cells)
	p.rows.OnSelected = func(i int) {
		if i >= 0 && i < len(p.list) {
			p.shown = p.list[i].ID
			p.detail.show(&p.list[i])
		}
	}
	p.detail = newDetail(deps)
	for i, key := range []string{"approvals.decide", "approvals.mine", "approvals.all"} {
		f := Filter(i)
		p.tabs[i] = kit.NewToolButton([]fyne.Resource{theme.QuestionIcon(), theme.AccountIcon(), theme.ListIcon()}[i], deps.T(key), func() { p.Show(f) })
	}
	split := container.NewVSplit(p.rows, p.detail.content)
	split.Offset = 0.42
	p.panel = kit.NewPanel(deps.T("approvals.title"), container.NewBorder(p.note, nil, nil, nil, split), p.tabs[0], p.tabs[1], p.tabs[2])
	if deps.Console.Waiting() == 0 {
		p.filter = Mine
	}
	p.Show(p.filter)
	return p
}

// Content is what to show.
func (p *Page) Content() fyne.CanvasObject { return p.panel }

// Focus gives the keyboard to the list.
func (p *Page) Focus() { p.rows.Focus() }

// Show chooses which requests are on view.
func (p *Page) Show(f Filter) {
	p.filter = f
	for i, b := range p.tabs {
		b.SetOn(Filter(i) == f)
	}
	p.rows.SetEmpty(p.deps.T([]string{"approvals.none_decide", "approvals.none_mine", "approvals.none"}[f]))
	p.Update(console.Approvals)
}

// Update shows what changed.
func (p *Page) Update(t console.Topic) {
	if t&(console.Approvals|console.Busy|console.Catalog) == 0 {
		return
	}
	c := p.deps.Console
	me := c.Who().Operator
	p.list = nil
	for _, a := range c.Approvals() {
		if p.filter == Everything || p.filter == Mine && a.Operator == me || p.filter == ToDecide && a.Decidable {
			p.list = append(p.list, a)
		}
	}
	p.tabs[ToDecide].SetText(p.deps.T("approvals.decide"))
	if n := c.Waiting(); n > 0 {
		p.tabs[ToDecide].SetText(p.deps.T("approvals.decide") + " " + strconv.Itoa(n))
	}
	p.reselect()
	p.rows.Refresh()
	p.note.SetText(p.deps.Sentence(c.Err(console.OpApprovals)))
	p.detail.able()
	p.panel.Refresh()
}

// reselect keeps the chosen request chosen; when it went elsewhere, the first takes its place.
func (p *Page) reselect() {
	at := -1
	for i := range p.list {
		if p.list[i].ID == p.shown {
			at = i
		}
	}
	if at < 0 && len(p.list) > 0 {
		at = 0
	}
	if at < 0 {
		p.rows.Unselect()
		p.shown = ""
		p.detail.show(nil)
		return
	}
	p.shown = p.list[at].ID
	p.rows.Select(at)
	p.detail.show(&p.list[at])
}

func (p *Page) cells(i int) []kit.Cell {
	a := p.list[i]
	expires := kit.Cell{}
	if a.State == job.ApprovalPending || a.State == job.ApprovalApproved {
		expires.Text = when(a.Expires)
	}
	return []kit.Cell{
		{Text: p.deps.T("approval." + string(a.State)), Dot: stateColor(a.State)},
		{Text: title(p.deps, a), Bold: true}, {Text: strconv.Itoa(len(a.Targets))}, {Text: a.Operator},
		{Text: age(p.deps, p.now().Sub(a.Created))}, expires, {Text: a.Reason},
	}
}

func stateColor(s job.ApprovalState) fyne.ThemeColorName {
	switch s {
	case job.ApprovalPending:
		return look.ColorRunning
	case job.ApprovalApproved:
		return look.ColorOK
	case job.ApprovalRefused:
		return look.ColorFailed
	case job.ApprovalUsed, job.ApprovalExpired:
	}
	return look.ColorNotStarted
}

// title is the module's in the chosen language, as far as it is known here.
func title(deps panel.Deps, a job.Approval) string {
	mods, _ := deps.Console.Modules()
	for _, m := range mods {
		if m.ID == a.Module {
			return m.Title(deps.Words.Language()) + " " + m.ID
		}
	}
	return a.Title + " " + a.Module
}

func when(t time.Time) string { return t.Local().Format("01-02 15:04") }

// age writes how long ago something was, in the largest unit.
func age(deps panel.Deps, d time.Duration) string {
	switch {
	case d < time.Minute:
		return deps.T("age.now")
	case d < time.Hour:
		return deps.T("age.minutes", "n", int(d.Minutes()))
	case d < 48*time.Hour:
		return deps.T("age.hours", "n", int(d.Hours()))
	}
	return deps.T("age.days", "n", int(d.Hours()/24))
}
