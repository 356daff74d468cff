package run

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omanager/app/console"
	"omanager/app/job"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// gate is the row that asks for what a plan's gate wants beyond looking at it: the number of servers, or a reason for a
// second operator.
type gate struct {
	deps    panel.Deps
	plan    *job.Plan // what the entry was cleared for
	note    *panel.Note
	entry   *widget.Entry
	ask     *widget.Button
	row     *fyne.Container
	content *fyne.Container
}

func newGate(deps panel.Deps) *gate {
	g := &gate{deps: deps, note: panel.NewNote("", look.ColorRunning), entry: widget.NewEntry()}
	g.entry.OnChanged = g.typed
	g.entry.OnSubmitted = func(string) { g.submit() }
	g.ask = widget.NewButton(deps.T("gate.ask"), g.submit)
	g.row = container.NewBorder(nil, nil, nil, g.ask, g.entry)
	g.content = container.NewVBox(g.note, g.row)
	return g
}

func (g *gate) typed(text string) {
	if g.deps.Console.Gate().Gate != job.GateCount {
		g.able()
		return
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 {
		n = 0
	}
	g.deps.Console.SetTyped(n)
}

func (g *gate) submit() {
	if x := g.deps.Console.Gate(); x.Gate == job.GateApproval && strings.TrimSpace(g.entry.Text) != "" {
		g.deps.Console.RequestApproval(g.entry.Text)
	}
}

func (g *gate) able() {
	able(g.ask, strings.TrimSpace(g.entry.Text) != "" && !g.deps.Console.IsBusy(console.OpRequest))
}

// update shows the gate of the present plan.
func (g *gate) update(live bool) {
	plan, x := g.deps.Console.Plan(), g.deps.Console.Gate()
	if plan != g.plan {
		g.plan = plan
		typed := ""
		if x.Typed > 0 {
			typed = strconv.Itoa(x.Typed) // the panel is new, the plan is not
		}
		g.entry.SetText(typed)
		g.entry.SetPlaceHolder("")
		if x.Gate == job.GateApproval {
			g.entry.SetPlaceHolder(g.deps.T("gate.reason"))
		}
	}
	text, asks := g.sentence(x)
	g.note.SetText(text)
	g.row.Hidden = !asks
	g.ask.Hidden = x.Gate != job.GateApproval
	g.content.Hidden = text == "" || live
	g.able()
	g.content.Refresh()
}

// sentence is what stands above the entry, and whether there is something to enter.
func (g *gate) sentence(x console.Gate) (text string, asks bool) {
	switch x.Gate {
	case job.GateCount:
		return g.deps.T("gate.count"), true
	case job.GateApproval:
	default:
		return "", false
	}
	a := x.Approval
	if a == nil {
		return g.deps.T("gate.need"), true
	}
	args := []any{"decider", a.Decider, "note", a.Note, "since", clock(a.Created), "expires", clock(a.Expires)}
	switch a.State {
	case job.ApprovalApproved:
		if a.Note != "" {
			return g.deps.T("gate.approved_note", args...), false
		}
		return g.deps.T("gate.approved", args...), false
	case job.ApprovalRefused:
		return g.deps.T("gate.refused", args...), true
	default:
		return g.deps.T("gate.waiting", args...), false
	}
}

func clock(t time.Time) string { return t.Local().Format("01-02 15:04") }
