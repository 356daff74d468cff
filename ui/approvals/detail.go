package approvals

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
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// detail shows all of one request, and decides it.
type detail struct {
	deps     panel.Deps
	shown    *job.Approval
	danger   *kit.Badge
	facts    *fyne.Container
	targets  *kit.Rows
	note     *widget.Entry
	approve  *widget.Button
	refuse   *widget.Button
	decision *fyne.Container
	problem  *panel.Note
	panel    *kit.Panel
	whole    *fyne.Container
	hint     *fyne.Container
	content  *fyne.Container
}

const (
	factLabel  = 84
	factsWidth = 430
)

func newDetail(deps panel.Deps) *detail {
	d := &detail{deps: deps, danger: kit.NewBadge("", look.ColorFailed), problem: panel.NewNote("", look.ColorFailed)}
	d.problem.Hide()
	d.facts = container.New(layout.NewCustomPaddedVBoxLayout(5))
	d.targets = kit.NewRows([]kit.Column{
		{Title: deps.T("column.server"), Width: 110},
		{Title: deps.T("column.address"), Width: 118},
		{Title: deps.T("column.category")},
		{Title: deps.T("column.app")},
	}, d.count, d.cells)
	d.note = widget.NewEntry()
	d.note.SetPlaceHolder(deps.T("approvals.note_hint"))
	d.note.OnChanged = func(string) { d.able() }
	d.approve = widget.NewButtonWithIcon(deps.T("approvals.approve"), theme.ConfirmIcon(), func() { d.decide(true) })
	d.approve.Importance = widget.HighImportance
	d.refuse = widget.NewButtonWithIcon(deps.T("approvals.refuse"), theme.CancelIcon(), func() { d.decide(false) })
	d.refuse.Importance = widget.DangerImportance
	d.decision = container.NewVBox(d.problem, container.New(layout.NewCustomPaddedLayout(4, 6, 7, 7),
		container.NewBorder(nil, nil, nil, container.NewHBox(d.refuse, d.approve), d.note)))
	left := container.New(&panel.Wide{Width: factsWidth}, container.NewVScroll(panel.Padded(d.facts)))
	d.panel = kit.NewPanel("", container.NewBorder(nil, d.decision, left, nil, d.targets), d.danger)
	d.whole = container.NewStack(d.panel)
	d.hint = container.NewCenter(kit.Muted(deps.T("approvals.choose")))
	d.content = container.NewStack(d.hint, d.whole)
	return d
}

func (d *detail) count() int {
	if d.shown == nil {
		return 0
	}
	return len(d.shown.Targets)
}

func (d *detail) cells(i int) []kit.Cell {
	t := d.shown.Targets[i]
	return []kit.Cell{{Text: t.Host, Bold: true}, {Text: t.Addr, Mono: true}, {Text: panel.CategoryName(d.deps.Console, t.Category)}, {Text: t.App}}
}

// show turns to a request; what is typed for another one is gone.
func (d *detail) show(a *job.Approval) {
	if a == nil || d.shown == nil || a.ID != d.shown.ID {
		d.note.SetText("")
	}
	d.shown = a
	d.facts.RemoveAll()
	d.hint.Hidden, d.whole.Hidden = a != nil, a == nil
	if a != nil {
		d.panel.SetTitle(title(d.deps, *a))
		d.danger.Set(d.deps.T("danger."+a.Danger), panel.DangerColor(a.Danger))
		d.fill(*a)
	}
	d.targets.Refresh()
	d.able()
	d.content.Refresh()
}

func (d *detail) fill(a job.Approval) {
	d.fact("approvals.asked", d.deps.T("approvals.by_at", "operator", a.Operator, "time", a.Created.Local().Format("2006-01-02 15:04")))
	d.fact("approvals.reason", a.Reason)
	keys := make([]string, 0, len(a.Params))
	for k := range a.Params {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var lines []string
	for _, k := range keys {
		lines = append(lines, k+" = "+a.Params[k])
	}
	if len(lines) == 0 {
		lines = []string{d.deps.T("approvals.no_params")}
	}
	d.fact("approvals.params", strings.Join(lines, "\n"))
	d.fact("approvals.on", a.On)
	if a.State == job.ApprovalPending || a.State == job.ApprovalApproved {
		d.fact("approvals.valid", a.Expires.Local().Format("2006-01-02 15:04"))
	}
	if a.Decider != "" {
		d.fact("approvals.decided", d.deps.T("approval."+string(a.State))+" · "+
			d.deps.T("approvals.by_at", "operator", a.Decider, "time", a.Decided.Local().Format("2006-01-02 15:04")))
		if a.Note != "" {
			d.fact("approvals.note", a.Note)
		}
	}
	d.facts.Refresh()
}

// fact adds a line of what is asked for.
func (d *detail) fact(key, text string) {
	l := widget.NewLabel(text)
	l.Wrapping, l.Selectable = fyne.TextWrapBreak, true
	l.Resize(fyne.NewSize(factsWidth-factLabel-40, 0)) // text that wraps knows its height only once it has a width
	f := panel.NewField(d.deps.T(key), container.New(layout.NewCustomPaddedLayout(-5, -5, -5, -5), l))
	f.Top = true
	d.facts.Add(panel.Fields(factLabel, f))
}

// able switches what can be done now. A refusal needs a word of why.
func (d *detail) able() {
	c := d.deps.Console
	decidable := d.shown != nil && d.shown.Decidable
	d.decision.Hidden = !decidable
	busy := c.IsBusy(console.OpDecide)
	panel.Able(d.approve, decidable && !busy)
	panel.Able(d.refuse, decidable && !busy && strings.TrimSpace(d.note.Text) != "")
	d.problem.SetText(d.deps.Sentence(c.Err(console.OpDecide)))
	d.panel.Refresh()
}

func (d *detail) decide(approve bool) {
	if d.shown != nil {
		d.deps.Console.Decide(d.shown.ID, approve, strings.TrimSpace(d.note.Text))
	}
}
