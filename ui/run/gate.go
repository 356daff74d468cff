package run

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"omanager/app/console"
	"omanager/app/job"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// gate asks for what a plan's gate wants beyond looking at the plan: the number of servers, or a reason for a second
// operator.
type gate struct {
	deps    panel.Deps
	plan    *job.Plan // what the entries were cleared for
	note    *panel.Note
	number  *widget.Entry
	reason  *widget.Entry
	ask     *widget.Button
	count   *fyne.Container // number, with its width
	request *fyne.Container // reason and ask
	content *fyne.Container
}

// numberWidth is enough for the largest fleet.
const numberWidth = 84

func newGate(deps panel.Deps) *gate {
	g := &gate{deps: deps, note: panel.NewNote("", look.ColorRunning), number: widget.NewEntry(), reason: widget.NewEntry()}
	g.number.OnChanged = g.typed
	g.reason.SetPlaceHolder(deps.T("gate.reason"))
	g.reason.OnChanged = func(string) { g.able() }
	g.reason.OnSubmitted = func(string) { g.submit() }
	g.ask = widget.NewButton(deps.T("gate.ask"), g.submit)
	number := container.NewGridWrap(fyne.NewSize(numberWidth, g.number.MinSize().Height), g.number)
	g.count = container.New(layout.NewCustomPaddedLayout(0, 4, 4, 8), number)
	g.request = container.New(layout.NewCustomPaddedLayout(0, 4, 5, 8), container.NewBorder(nil, nil, nil, g.ask, g.reason))
	g.content = container.NewVBox(container.NewBorder(nil, nil, nil, g.count, g.note), g.request)
	return g
}

func (g *gate) typed(text string) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 {
		n = 0
	}
	g.deps.Console.SetTyped(n)
}

func (g *gate) submit() {
	if strings.TrimSpace(g.reason.Text) != "" {
		g.deps.Console.RequestApproval(g.reason.Text)
	}
}

func (g *gate) able() {
	able(g.ask, strings.TrimSpace(g.reason.Text) != "" && !g.deps.Console.IsBusy(console.OpRequest))
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
		g.number.SetText(typed)
		g.reason.SetText("")
	}
	text, asks := g.sentence(x)
	if x.Approval != nil && !asks {
		g.reason.SetText("") // it was taken
	}
	g.note.SetText(text)
	g.count.Hidden = x.Gate != job.GateCount
	g.request.Hidden = x.Gate != job.GateApproval || !asks
	g.content.Hidden = text == "" || live
	g.able()
	g.content.Refresh()
}

// sentence is what stands beside the entry, and whether there is something to enter.
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
