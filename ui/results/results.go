// Package results is the panel of the job on view: counts, groups of equal output, a row for each server, and the
// output of what is selected. It follows a running job.
package results

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"omanager/app/console"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// View is which of the lists is in front.
type View int

// The views.
const (
	Groups View = iota
	Servers
	Jobs
)

// Panel shows a job's result.
type Panel struct {
	deps    panel.Deps
	run     *console.Run
	snap    console.Snapshot
	grouped []job.Group
	view    View
	chosen  bool // the person chose the view during this run
	ended   bool // the end of this run was seen

	panel   *kit.Panel
	bar     *kit.OutcomeBar
	top     *fyne.Container // around the bar
	tabs    [3]*kit.ToolButton
	groups  *kit.Rows
	rows    *kit.Rows
	history fyne.CanvasObject
	split   *container.Split
	body    *fyne.Container
	result  fyne.CanvasObject
	out     *output
}

// New makes the panel; history is the list of earlier jobs.
func New(deps panel.Deps, history fyne.CanvasObject) *Panel {
	p := &Panel{deps: deps, history: history, bar: kit.NewOutcomeBar(), out: newOutput(deps)}
	p.groups = kit.NewRows(groupColumns(deps), func() int { return len(p.grouped) }, p.groupCells)
	p.groups.OnSelected = p.selectGroup
	p.groups.SetEmpty(deps.T("results.no_groups"))
	p.rows = kit.NewRows(rowColumns(deps), func() int { return len(p.snap.Rows) }, p.rowCells)
	p.rows.OnSelected = p.selectRow
	p.rows.SetEmpty(deps.T("results.empty"))
	lists := container.NewStack(p.groups, p.rows)
	p.split = container.NewVSplit(lists, p.out.content)
	p.split.Offset = 0.55
	p.top = container.New(layout.NewCustomPaddedLayout(3, 2, 8, 8), p.bar)
	p.result = container.NewBorder(p.top, nil, nil, nil,
		container.New(&turning{}, p.split))
	p.body = container.NewStack(p.result, history)
	for i, key := range []string{"results.groups", "results.servers", "results.jobs"} {
		v := View(i)
		p.tabs[i] = kit.NewToolButton([]fyne.Resource{theme.GridIcon(), theme.ListIcon(), theme.HistoryIcon()}[i], deps.T(key), func() { p.Show(v) })
	}
	p.panel = kit.NewPanel(deps.T("results.title"), p.body, p.tabs[0], p.tabs[1], p.tabs[2])
	p.top.Hide()
	p.bring(Groups)
	p.Update(console.All)
	return p
}

func groupColumns(d panel.Deps) []kit.Column {
	return []kit.Column{
		{Title: d.T("column.count"), Width: 62},
		{Title: d.T("column.outcome"), Width: 104},
		{Title: d.T("column.exit"), Width: 52},
		{Title: d.T("column.first_line"), Stretch: 3},
		{Title: d.T("column.members"), Stretch: 2},
	}
}

func rowColumns(d panel.Deps) []kit.Column {
	return []kit.Column{
		{Title: d.T("column.server"), Width: 100},
		{Title: d.T("column.address"), Width: 104},
		{Title: d.T("column.outcome"), Width: 98},
		{Title: d.T("column.exit"), Width: 50},
		{Title: d.T("column.time"), Width: 60},
		{Title: d.T("column.bytes"), Width: 58},
		{Title: d.T("column.note")},
	}
}

// Content is what to show.
func (p *Panel) Content() fyne.CanvasObject { return p.panel }

// Chosen is the view in front, and whether a person chose it for this job.
func (p *Panel) Chosen() (View, bool) { return p.view, p.chosen }

// Show brings a view to the front because a person asked for it.
func (p *Panel) Show(v View) {
	p.chosen = true
	p.bring(v)
}

func (p *Panel) bring(v View) {
	p.view = v
	for i, b := range p.tabs {
		b.SetOn(View(i) == v)
	}
	p.groups.Hidden, p.rows.Hidden = v != Groups, v != Servers
	p.history.Hide()
	p.result.Hide()
	if v == Jobs {
		p.history.Show()
	} else {
		p.result.Show()
		p.refresh()
		p.reselect()
	}
	p.body.Refresh()
}

// reselect shows the output that belongs to the list in front.
func (p *Panel) reselect() {
	switch {
	case p.view == Groups && p.groups.Selected() >= 0:
		p.selectGroup(p.groups.Selected())
	case p.view == Servers && p.rows.Selected() >= 0:
		p.selectRow(p.rows.Selected())
	default:
		p.out.clear()
	}
}

// Update shows what changed.
func (p *Panel) Update(t console.Topic) {
	if t&console.Running == 0 {
		return
	}
	r := p.deps.Console.Run()
	if r != p.run {
		p.begin(r)
	}
	if r == nil {
		return
	}
	p.snap = r.Snapshot()
	if p.snap.Done && !p.ended {
		p.ended = true
		if !p.chosen {
			p.bring(Groups)
		}
	}
	p.refresh()
}

// begin turns to another job.
func (p *Panel) begin(r *console.Run) {
	p.run, p.snap, p.grouped, p.chosen, p.ended = r, console.Snapshot{}, nil, false, false
	p.groups.Unselect()
	p.rows.Unselect()
	p.out.clear()
	p.panel.SetTitle(p.deps.T("results.title"))
	p.panel.SetNote("")
	p.bar.Set(nil, 0)
	p.top.Hidden = r == nil
	p.result.Refresh()
	if r == nil {
		p.refresh()
		return
	}
	p.bring(Servers)
}

func (p *Panel) refresh() {
	if p.run == nil {
		p.groups.Refresh()
		p.rows.Refresh()
		return
	}
	p.head()
	switch p.view {
	case Groups:
		p.grouped = p.run.Groups()
		p.groups.Refresh()
		if p.ended && p.groups.Selected() < 0 && len(p.grouped) > 0 {
			p.groups.Select(0)
		}
	case Servers:
		p.rows.Refresh()
		if i := p.rows.Selected(); i >= 0 && i < len(p.snap.Rows) {
			r := p.snap.Rows[i]
			p.out.follow(p.run, r.Host, r.Done)
		}
	}
}

// head shows title, state and counts.
func (p *Panel) head() {
	s := p.snap
	p.panel.SetTitle(p.jobTitle(s.Job))
	state := p.deps.T("results.running")
	switch {
	case s.Done:
		state = p.deps.T("results.done")
	case s.Err != nil && !s.Connected:
		state = p.deps.T("results.reconnecting")
	case s.Err != nil:
		state = p.deps.Sentence(s.Err)
	case s.Cancelled:
		state = p.deps.T("results.cancelling")
	}
	p.panel.SetNote(state + "  ·  " + p.deps.Servers(len(s.Rows)) + "  ·  " + panel.Duration(s.Elapsed))
	var segments []kit.Segment
	for _, o := range job.Outcomes() {
		segments = append(segments, kit.Segment{Color: look.OutcomeColor(string(o)), Label: p.deps.Outcome(string(o)), Count: s.Counts[o]})
	}
	segments = append(segments, kit.Segment{Color: look.ColorRunning, Label: p.deps.Outcome("running"), Count: s.Running})
	p.bar.Set(segments, len(s.Rows))
}

func (p *Panel) jobTitle(j job.Job) string {
	mods, _ := p.deps.Console.Modules()
	for _, m := range mods {
		if m.ID == j.Module {
			return m.Title(p.deps.Words.Language())
		}
	}
	return j.Title
}

func (p *Panel) rowCells(i int) []kit.Cell {
	r := p.snap.Rows[i]
	state, took := "pending", ""
	switch {
	case r.Done:
		state, took = string(r.Outcome), panel.Duration(r.Elapsed)
	case r.Running:
		state = "running"
	}
	exit, size := "", ""
	if r.HasExit {
		exit = strconv.Itoa(r.Exit)
	}
	if r.Bytes > 0 {
		size = panel.Bytes(r.Bytes)
	}
	color := look.OutcomeColor(state)
	return []kit.Cell{{Text: r.Host, Bold: true}, {Text: r.Addr, Mono: true},
		{Text: p.deps.Outcome(state), Color: color, Dot: color}, {Text: exit}, {Text: took}, {Text: size},
		{Text: p.note(r.Problem, r.Args), Color: look.ColorMuted}}
}

func (p *Panel) note(code string, args map[string]string) string {
	if code == "" {
		return ""
	}
	return problem.Text(p.deps.Words.Language(), code, args)
}

func (p *Panel) groupCells(i int) []kit.Cell {
	g := p.grouped[i]
	exit := ""
	if g.Outcome != job.Unreachable && g.Outcome != job.NotStarted {
		exit = strconv.Itoa(g.Exit)
	}
	color := look.OutcomeColor(string(g.Outcome))
	return []kit.Cell{{Text: strconv.Itoa(len(g.Hosts)), Bold: true},
		{Text: p.deps.Outcome(string(g.Outcome)), Color: color, Dot: color}, {Text: exit},
		p.firstLine(g), {Text: strings.Join(g.Hosts, ", "), Color: look.ColorMuted}}
}

// firstLine is what a group says first: its output, else its problem.
func (p *Panel) firstLine(g job.Group) kit.Cell {
	for _, l := range kit.Clean(g.Output[:min(len(g.Output), 1024)]) {
		if strings.TrimSpace(l) != "" {
			return kit.Cell{Text: l, Mono: true}
		}
	}
	if s := p.note(g.Problem, g.Args); s != "" {
		return kit.Cell{Text: s}
	}
	return kit.Cell{Text: p.deps.T("results.no_output"), Color: look.ColorMuted}
}

// namedMembers is how many servers of a group are named above its output.
const namedMembers = 24

func members(hosts []string) string {
	if n := len(hosts); n > namedMembers {
		return strings.Join(hosts[:namedMembers], ", ") + " … +" + strconv.Itoa(n-namedMembers)
	}
	return strings.Join(hosts, ", ")
}

func (p *Panel) selectRow(i int) {
	if p.run == nil || i < 0 || i >= len(p.snap.Rows) {
		return
	}
	r := p.snap.Rows[i]
	p.out.clear()
	p.out.heading(r.Host, p.note(r.Problem, r.Args))
	p.out.follow(p.run, r.Host, r.Done)
}

func (p *Panel) selectGroup(i int) {
	if i < 0 || i >= len(p.grouped) {
		return
	}
	g := p.grouped[i]
	p.out.clear()
	note := members(g.Hosts)
	if s := p.note(g.Problem, g.Args); s != "" && len(g.Hosts) == 1 {
		note += "\n" + s
	}
	p.out.heading(p.deps.Servers(len(g.Hosts)), note)
	p.out.whole(g.Output)
}

// CopyTable puts the table in front on the clipboard.
func (p *Panel) CopyTable() {
	t := p.groups
	if p.view == Servers {
		t = p.rows
	}
	fyne.CurrentApp().Clipboard().SetContent(t.Text())
}
