package main

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"omanager/app/job"
	"omanager/app/problem"
	"omanager/rpc/client"
)

// gate is what a call of run brings for the gate of its plan.
type gate struct {
	yes      bool
	count    int
	ask      bool
	reason   string
	approval string
}

func (g *gate) flags(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&g.yes, "yes", false, "confirm the target list of a module that asks for it")
	f.IntVar(&g.count, "count", 0, "the number of servers, for a module that asks to type it")
	f.BoolVar(&g.ask, "request-approval", false, "ask for a second operator's approval instead of running")
	f.StringVar(&g.reason, "reason", "", "why, for --request-approval")
	f.StringVar(&g.approval, "approval", "", "run with this granted approval; without MODULE: exactly what was approved")
}

// pass fills in what the plan's gate asks for, from the flags or, on a terminal, from a person.
func (a *app) pass(p job.Plan, g gate) (client.Order, error) {
	o := client.Order{Plan: p, Confirmed: g.yes, TypedCount: g.count, Approval: g.approval}
	count := strconv.Itoa(len(p.Targets))
	switch p.Gate {
	case job.GateNone:
		return o, nil
	case job.GateConfirm:
		if !o.Confirmed {
			line, err := a.question(p, "Run module "+p.Module+" on these "+count+" servers? Type yes: ")
			if err != nil || line != "yes" {
				return o, problem.New("confirm_needed", "module", p.Module, "danger", p.Danger, "count", count)
			}
			o.Confirmed = true
		}
		return o, nil
	case job.GateCount:
		if o.TypedCount == 0 {
			line, err := a.question(p, "Module "+p.Module+" has danger "+p.Danger+" here. To run it, type the number of servers: ")
			if o.TypedCount, _ = strconv.Atoi(line); err != nil || o.TypedCount == 0 {
				return o, problem.New("count_needed", "module", p.Module, "danger", p.Danger, "count", count)
			}
		}
		return o, nil
	default:
		if o.Approval == "" {
			return o, problem.New("approval_needed", "module", p.Module, "danger", p.Danger, "count", count)
		}
		return o, nil
	}
}

// question shows the plan and asks a person for a line; without a terminal there is nobody to ask.
func (a *app) question(p job.Plan, text string) (string, error) {
	if !term.IsTerminal(int(a.in.Fd())) {
		return "", problem.New("usage", "cause", "there is no terminal to ask")
	}
	if err := a.printPlan(p); err != nil {
		return "", err
	}
	_, _ = fmt.Fprint(a.err, "\n"+text)
	return a.line()
}

// line reads what a person types.
func (a *app) line() (string, error) {
	line, err := bufio.NewReader(a.in).ReadString('\n')
	return strings.TrimSpace(line), err
}
