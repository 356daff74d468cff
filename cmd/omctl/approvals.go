package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"omanager/app/job"
	"omanager/app/problem"
	"omanager/app/safetext"
	"omanager/rpc/client"
)

// listedApprovals is how many are looked through.
const listedApprovals = 1000

// approvalLine is the JSON form of an approval.
type approvalLine struct {
	ID        string            `json:"id"`
	Operator  string            `json:"operator"`
	Module    string            `json:"module"`
	Title     string            `json:"title"`
	On        string            `json:"on"`
	Params    map[string]string `json:"params"`
	Targets   []job.Target      `json:"targets"`
	Danger    string            `json:"danger"`
	PlanHash  string            `json:"plan_hash"`
	Reason    string            `json:"reason"`
	State     job.ApprovalState `json:"state"`
	Decider   string            `json:"decider,omitempty"`
	Note      string            `json:"note,omitempty"`
	Created   time.Time         `json:"created"`
	Decided   *time.Time        `json:"decided,omitempty"`
	Expires   time.Time         `json:"expires"`
	Decidable bool              `json:"decidable"`
}

func lineOf(a job.Approval) approvalLine {
	l := approvalLine{
		ID: a.ID, Operator: a.Operator, Module: a.Module, Title: a.Title, On: a.On, Params: a.Params, Targets: a.Targets, Danger: a.Danger,
		PlanHash: a.PlanHash, Reason: a.Reason, State: a.State, Decider: a.Decider, Note: a.Note, Created: a.Created, Expires: a.Expires,
		Decidable: a.Decidable,
	}
	if !a.Decided.IsZero() {
		l.Decided = &a.Decided
	}
	return l
}

// request asks for the approval of a plan and says how to go on. An answer that got lost is asked for again with the same
// id, which is the same request.
func (a *app) request(ctx context.Context, c *client.Client, r job.Request, p job.Plan, reason string) error {
	id := client.NewJobID()
	var got job.Approval
	err := again(func() (err error) {
		got, err = c.RequestApproval(ctx, id, r, p.Hash, reason)
		return err
	})
	if err != nil {
		return err
	}
	if a.asJSON {
		return json.NewEncoder(a.out).Encode(lineOf(got))
	}
	_, err = fmt.Fprintf(a.out, "Approval %s is asked for: module %s on %d servers, until %s.\nAnother operator decides:  omctl approve %s\nThen run it:               omctl run --approval %s\n",
		got.ID, got.Module, len(got.Targets), local(got.Expires), got.ID, got.ID)
	return err
}

func local(t time.Time) string { return t.Local().Format(time.DateTime) }

// approval finds one that the operator asked for or may decide.
func (a *app) approval(ctx context.Context, c *client.Client, id string) (job.Approval, error) {
	all, err := c.Approvals(ctx, false, listedApprovals)
	if err != nil {
		return job.Approval{}, err
	}
	for _, one := range all {
		if one.ID == id {
			return one, nil
		}
	}
	return job.Approval{}, problem.New("approval_unknown", "approval", id)
}

func (a *app) approvalsCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use: "approvals [ID]", Short: "List requests for approval that wait, or show one in full", Args: atMostOne("the id of an approval"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSession(cmd.Context(), func(c *client.Client) error {
				if len(args) == 1 {
					one, err := a.approval(cmd.Context(), c, args[0])
					if err != nil {
						return err
					}
					return a.printApproval(one)
				}
				list, err := c.Approvals(cmd.Context(), !all, listedApprovals)
				if err != nil {
					return err
				}
				return a.printApprovals(list)
			})
		},
	}
	c.Flags().BoolVar(&all, "all", false, "also those that are decided, used or past their end")
	return c
}

func (a *app) printApprovals(list []job.Approval) error {
	if a.asJSON {
		out := make([]approvalLine, len(list))
		for i := range list {
			out[i] = lineOf(list[i])
		}
		return lines(a.out, out)
	}
	rows := make([][]string, 0, len(list))
	for _, x := range list {
		may := ""
		if x.Decidable {
			may = "yes"
		}
		rows = append(rows, []string{x.ID, local(x.Created), x.Operator, x.Module, x.Title, strconv.Itoa(len(x.Targets)), string(x.State), x.Decider, may, x.Reason})
	}
	return columns(a.out, []string{"APPROVAL", "ASKED", "OPERATOR", "MODULE", "TITLE", "SERVERS", "STATE", "BY", "YOU MAY DECIDE", "REASON"}, rows)
}

// printApproval shows what somebody consents to: everything that would run, and where.
func (a *app) printApproval(x job.Approval) error {
	if a.asJSON {
		return json.NewEncoder(a.out).Encode(lineOf(x))
	}
	w := &sticky{w: a.out}
	w.printf("approval  %s, %s until %s\n", x.ID, x.State, local(x.Expires))
	w.printf("asked by  %s at %s: %s\n", safetext.Line(x.Operator), local(x.Created), safetext.Line(x.Reason))
	if x.Decider != "" {
		w.printf("decided   %s at %s: %s\n", safetext.Line(x.Decider), local(x.Decided), safetext.Line(x.Note))
	}
	w.printf("module    %s %s\ndanger    %s\nplan      %s\n", safetext.Line(x.Module), safetext.Line(x.Title), safetext.Line(x.Danger), safetext.Line(x.PlanHash))
	for _, k := range slices.Sorted(maps.Keys(x.Params)) {
		w.printf("param     %s = %s\n", safetext.Line(k), strconv.Quote(x.Params[k]))
	}
	w.printf("\n%d servers:\n", len(x.Targets))
	if w.err != nil {
		return w.err
	}
	return a.printTargets(x.Targets)
}

// decideCommand is approve and refuse, which differ in a word.
func (a *app) decideCommand(name, short string, approve bool) *cobra.Command {
	var note string
	c := &cobra.Command{
		Use: name + " ID", Short: short, Args: exactly(1, "the id of an approval"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSession(cmd.Context(), func(c *client.Client) error {
				got, err := c.DecideApproval(cmd.Context(), args[0], approve, note)
				if err != nil {
					return err
				}
				if a.asJSON {
					return json.NewEncoder(a.out).Encode(lineOf(got))
				}
				_, err = fmt.Fprintf(a.out, "Approval %s is %s: module %s of operator %s on %d servers.\n", got.ID, got.State, got.Module, got.Operator, len(got.Targets))
				return err
			})
		},
	}
	c.Flags().StringVar(&note, "note", "", "why, for the one who asked")
	return c
}
