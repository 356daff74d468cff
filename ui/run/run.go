// Package run is the panel of the chosen module: its form, the plan of what would happen, and the buttons that
// start and cancel it.
package run

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/app/console"
	"omanager/app/job"
	"omanager/modules"
	"omanager/ui/form"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// Panel shows the chosen module.
type Panel struct {
	deps   panel.Deps
	module *modules.Module // what the form was drawn for
	plan   *job.Plan       // what the target list and the task show
	form   *form.Form
	gate   *gate

	panel                *kit.Panel
	danger               *kit.Badge
	help, problem        *panel.Note
	facts                *kit.Text
	show, start, cancel  *widget.Button
	body                 *container.Scroll
	targets              *kit.Rows
	task                 *kit.OutputView
	tabs                 *container.AppTabs
	whole, hint, content *fyne.Container
}

// taskLines bounds what is shown of a task.
const taskLines = 5000

// New makes the panel.
func New(deps panel.Deps) *Panel {
	p := &Panel{deps: deps}
	p.labels()
	p.buttons()
	p.body = container.NewScroll(container.NewVBox())
	p.targets = kit.NewRows([]kit.Column{
		{Title: deps.T("column.server"), Width: 130},
		{Title: deps.T("column.address"), Width: 110},
		{Title: deps.T("column.category")},
		{Title: deps.T("column.app")},
		{Title: deps.T("column.reason"), Width: 110},
	}, p.count, p.cells)
	p.targets.SetEmpty(deps.T("run.no_plan"))
	p.task = kit.NewOutputView(taskLines)
	p.task.SetFollow(false)
	p.task.SetEmpty(deps.T("run.no_plan"))
	p.tabs = container.NewAppTabs(
		container.NewTabItem(deps.T("run.tab_form"), p.body),
		container.NewTabItem(deps.T("run.tab_targets"), container.NewBorder(container.New(layout.NewCustomPaddedLayout(3, 3, 7, 7), p.facts), nil, nil, nil, p.targets)),
		container.NewTabItem(deps.T("run.tab_task"), p.task))
	p.gate = newGate(deps)
	p.whole = container.NewBorder(container.NewVBox(p.help, p.problem, p.gate.content), nil, nil, nil, p.tabs)
	p.hint = container.NewCenter(kit.Muted(deps.T("run.choose_module")))
	p.content = container.NewStack(p.hint, p.whole)
	p.panel = kit.NewPanel(deps.T("run.title"), p.content, p.danger, p.show, p.start, p.cancel)
	p.Update(console.All)
	return p
}

func (p *Panel) labels() {
	p.danger = kit.NewBadge("", look.ColorOK)
	p.help = panel.NewNote("", "")
	p.facts = kit.Muted("")
	p.facts.MaxMin = 200
	p.problem = panel.NewNote("", look.ColorFailed)
}

func (p *Panel) buttons() {
	c := p.deps.Console
	p.show = widget.NewButtonWithIcon(p.deps.T("run.show_plan"), theme.ListIcon(), c.MakePlan)
	p.start = widget.NewButtonWithIcon("", theme.MediaPlayIcon(), c.Execute)
	p.cancel = widget.NewButtonWithIcon(p.deps.T("run.cancel"), theme.MediaStopIcon(), c.CancelRun)
	p.cancel.Importance = widget.DangerImportance
}

// Content is what to show.
func (p *Panel) Content() fyne.CanvasObject { return p.panel }

// Form is the form on view, or nil.
func (p *Panel) Form() *form.Form { return p.form }

// Update shows what changed.
func (p *Panel) Update(t console.Topic) {
	d := p.deps.Console.Draft()
	p.hint.Hidden, p.whole.Hidden = d.Module != nil, d.Module == nil
	if d.Module == nil {
		p.module = nil
		p.panel.SetTitle(p.deps.T("run.title"))
		for _, o := range []fyne.CanvasObject{p.danger, p.show, p.start, p.cancel} {
			o.Hide()
		}
		p.content.Refresh()
		return
	}
	if d.Module != p.module {
		p.draw(d)
	}
	if t&console.Form != 0 {
		p.form.SetErrors(d.Errors)
		if len(d.Errors) > 0 {
			p.tabs.SelectIndex(0)
		}
	}
	p.showPlan()
	p.state(d)
}

// draw shows another module.
func (p *Panel) draw(d console.Draft) {
	m, lang := d.Module, p.deps.Words.Language()
	p.module = m
	p.panel.SetTitle(m.Title(lang))
	p.danger.Set(p.deps.T("danger."+string(m.Danger)), panel.DangerColor(string(m.Danger)))
	p.help.SetText(strings.TrimSpace(m.Help(lang)))
	p.form = form.New(form.Deps{
		Words: p.deps.Words, OnChange: p.deps.Console.SetValue, Sentence: p.deps.Sentence, Browse: p.deps.Browse,
	}, m, d.Values)
	p.form.Settle()
	var inside fyne.CanvasObject = container.New(layout.NewCustomPaddedLayout(2, 6, 4, 8), p.form.Content())
	if p.form.Empty() {
		inside = panel.NewNote(p.deps.T("run.no_params"), "")
	}
	p.body.Content = inside
	p.body.ScrollToTop()
	p.body.Refresh()
	p.tabs.SelectIndex(0)
	p.content.Refresh()
}

func lines(text string) []kit.Line {
	clean := kit.Clean([]byte(text))
	out := make([]kit.Line, len(clean))
	for i, l := range clean {
		out[i] = kit.Line{Text: l}
	}
	return out
}

// showPlan brings a new plan on view, and in front if a person is to look at it.
func (p *Panel) showPlan() {
	plan := p.deps.Console.Plan()
	if plan == p.plan {
		return
	}
	p.plan = plan
	p.targets.Refresh()
	p.task.Clear()
	p.facts.SetText(p.deps.T("run.facts_none"))
	name := p.deps.T("run.tab_targets")
	if plan != nil {
		name = p.deps.T("run.tab_targets_n", "n", len(plan.Targets))
		p.task.SetLines(lines(plan.Rendered))
		p.facts.SetText(p.factsOf(plan))
		if p.deps.Console.PlanShown() {
			p.tabs.SelectIndex(1)
		}
	}
	p.tabs.Items[1].Text = name
	p.tabs.Refresh()
}

func (p *Panel) factsOf(plan *job.Plan) string {
	parts := []string{
		p.deps.Servers(len(plan.Targets)),
		p.deps.T("run.engine", "engine", plan.Engine),
	}
	keys := make([]string, 0, len(plan.Params))
	for k := range plan.Params {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		parts = append(parts, k+" = "+strings.ReplaceAll(plan.Params[k], "\n", "↵"))
	}
	return strings.Join(parts, "   ")
}

// state sets the buttons and the sentence under the title.
func (p *Panel) state(d console.Draft) {
	c := p.deps.Console
	n := c.TickedCount()
	r := c.Run()
	live := r != nil && r.Live()
	busy := c.IsBusy(console.OpPlan) || c.IsBusy(console.OpStart)
	needs := c.NeedsPlan()
	p.start.Text = p.deps.T("run.on", "n", n)
	if n == 1 {
		p.start.Text = p.deps.T("run.on_one")
	}
	p.start.Importance = widget.HighImportance
	if d.Module.Danger == modules.High {
		p.start.Importance = widget.DangerImportance
	}
	p.show.Importance = widget.MediumImportance
	if needs {
		p.start.Importance, p.show.Importance = widget.MediumImportance, widget.HighImportance
	}
	able(p.show, n > 0 && !busy && !live)
	plan := c.Plan()
	able(p.start, n > 0 && !busy && !live && !needs && (plan == nil || c.Gate().Passed()))
	p.gate.update(live)
	p.danger.Show()
	p.show.Show()
	p.start.Hidden, p.cancel.Hidden = live, !live
	able(p.cancel, live && !c.IsBusy(console.OpCancel) && !r.Cancelled())
	text := ""
	for _, op := range []console.Op{console.OpRemember, console.OpPlan, console.OpStart, console.OpCancel, console.OpRequest} {
		if s := p.deps.Sentence(c.Err(op)); s != "" {
			text = s
		}
	}
	color := look.ColorFailed
	if text == "" && n == 0 {
		text, color = p.deps.T("run.tick_servers"), look.ColorRunning
	}
	p.problem.Set(text, color)
	p.panel.Refresh()
}

func able(b *widget.Button, on bool) {
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
	b.Refresh()
}

func (p *Panel) count() int {
	if p.plan == nil {
		return 0
	}
	return len(p.plan.Targets)
}

func (p *Panel) cells(i int) []kit.Cell {
	t := p.plan.Targets[i]
	return []kit.Cell{{Text: t.Host, Bold: true}, {Text: t.Addr, Mono: true}, {Text: panel.CategoryName(p.deps.Console, t.Category)}, {Text: t.App}, {Text: t.Reason, Color: look.ColorMuted}}
}
