package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"omanager/app/job"
	"omanager/app/problem"
	"omanager/rpc/client"
)

// order is what plan and run have in common.
type order struct {
	on     string
	params []string
	yes    bool
}

func (o *order) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.on, "on", "", "target expression: names, addresses, category:NAME, app:NAME, all, web[01-20], joined by , ! &")
	c.Flags().StringArrayVar(&o.params, "param", nil, "name=value; may be given many times")
}

func (o *order) request(module string) (job.Request, error) {
	r := job.Request{Module: module, On: o.on, Params: map[string]string{}}
	for _, p := range o.params {
		name, value, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			return r, problem.New("usage", "cause", "--param \""+p+"\" is not name=value")
		}
		if _, twice := r.Params[name]; twice {
			return r, problem.New("usage", "cause", "--param "+name+" is given twice")
		}
		r.Params[name] = value
	}
	if o.on == "" {
		return r, problem.New("no_targets", "expr", "")
	}
	return r, nil
}

func (a *app) planCommand() *cobra.Command {
	var o order
	c := &cobra.Command{
		Use: "plan MODULE --on EXPR", Short: "Show exactly what run would do", Args: exactly(1, "one module"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := o.request(args[0])
			if err != nil {
				return err
			}
			return a.withSession(cmd.Context(), func(c *client.Client) error {
				p, err := c.Plan(cmd.Context(), r)
				if err != nil {
					return err
				}
				if a.asJSON {
					return json.NewEncoder(a.out).Encode(p)
				}
				return a.printPlan(p)
			})
		},
	}
	o.flags(c)
	return c
}

func (a *app) printPlan(p job.Plan) error {
	_, _ = fmt.Fprintf(a.out, "module  %s %s\ndanger  %s (gate: %s)\nengine  %s\nplan    %s\n", p.Module, p.Title, p.Danger, p.Gate, p.Engine, p.Hash)
	for k, v := range p.Params {
		_, _ = fmt.Fprintf(a.out, "param   %s = %s\n", k, strconv.Quote(v))
	}
	_, _ = fmt.Fprintf(a.out, "\n%s\n%d servers:\n", p.Rendered, len(p.Targets))
	var rows [][]string
	for _, t := range p.Targets {
		rows = append(rows, []string{t.Host, t.Addr, t.App, t.Reason})
	}
	return columns(a.out, []string{"SERVER", "ADDRESS", "APPLICATION", "CHOSEN BY"}, rows)
}

func (a *app) runCommand() *cobra.Command {
	var o order
	c := &cobra.Command{
		Use: "run MODULE --on EXPR", Short: "Run a module on servers and watch every one answer", Args: exactly(1, "one module"),
		Long: "Exit codes: 0 every target is ok or changed, 1 some are not, 2 the request is wrong, 3 no access.\n" +
			"Ctrl-C cancels the job and waits for the outcomes; a second Ctrl-C leaves it alone.",
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := o.request(args[0])
			if err != nil {
				return err
			}
			return a.withSession(cmd.Context(), func(c *client.Client) error { return a.run(cmd.Context(), c, r, o.yes) })
		},
	}
	o.flags(c)
	c.Flags().BoolVar(&o.yes, "yes", false, "confirm the target list of a module that asks for it")
	return c
}

func (a *app) run(ctx context.Context, c *client.Client, r job.Request, yes bool) error {
	p, err := c.Plan(ctx, r)
	if err != nil {
		return err
	}
	if p.Gate != job.GateNone && !yes {
		if err := a.confirm(p); err != nil {
			return err
		}
		yes = true
	}
	j, err := a.start(ctx, c, client.NewJobID(), r.On, p, yes)
	if err != nil {
		return err
	}
	return a.follow(ctx, c, j.ID, &j)
}

// start submits; an answer that got lost is asked for again with the same id, which is the same job.
func (a *app) start(ctx context.Context, c *client.Client, id, on string, p job.Plan, yes bool) (j job.Job, err error) {
	for range 3 {
		j, err = c.Start(ctx, id, on, p, yes)
		var p *problem.Error
		if !errors.As(err, &p) || p.Code != "server_unreachable" {
			return j, err
		}
	}
	return j, err
}

func (a *app) confirm(p job.Plan) error {
	if !term.IsTerminal(int(a.in.Fd())) {
		return problem.New("confirm_needed", "module", p.Module, "danger", p.Danger, "count", strconv.Itoa(len(p.Targets)))
	}
	if err := a.printPlan(p); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(a.err, "\nRun module %s on these %d servers? Type yes: ", p.Module, len(p.Targets))
	if !a.yes() {
		return problem.New("confirm_needed", "module", p.Module, "danger", p.Danger, "count", strconv.Itoa(len(p.Targets)))
	}
	return nil
}

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show JOB", Short: "Show a job's outcomes and output", Args: exactly(1, "the id of a job"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSession(cmd.Context(), func(c *client.Client) error { return a.follow(cmd.Context(), c, args[0], nil) })
		},
	}
}
