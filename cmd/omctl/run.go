package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"omanager/app/job"
	"omanager/app/problem"
	"omanager/rpc/client"
)

// order is what plan and run have in common.
type order struct {
	on     string
	params []string
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
				r, err := a.complete(cmd.Context(), c, r)
				if err != nil {
					return err
				}
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
	a.valueFlags(c)
	return c
}

func (a *app) printPlan(p job.Plan) error {
	_, _ = fmt.Fprintf(a.out, "module  %s %s\ndanger  %s (gate: %s)\nengine  %s\nplan    %s\n", p.Module, p.Title, p.Danger, p.Gate, p.Engine, p.Hash)
	for _, k := range slices.Sorted(maps.Keys(p.Params)) {
		_, _ = fmt.Fprintf(a.out, "param   %s = %s\n", k, strconv.Quote(p.Params[k]))
	}
	_, _ = fmt.Fprintf(a.out, "\n%s\n%d servers:\n", p.Rendered, len(p.Targets))
	return a.printTargets(p.Targets)
}

func (a *app) printTargets(targets []job.Target) error {
	var rows [][]string
	for _, t := range targets {
		rows = append(rows, []string{t.Host, t.Addr, t.App, t.Reason})
	}
	return columns(a.out, []string{"SERVER", "ADDRESS", "APPLICATION", "CHOSEN BY"}, rows)
}

func (a *app) runCommand() *cobra.Command {
	var o order
	var g gate
	c := &cobra.Command{
		Use: "run MODULE --on EXPR", Short: "Run a module on servers and watch every one answer", Args: atMostOne("a module"),
		Long: "Exit codes: 0 every target is ok or changed, 1 some are not, 2 the request is wrong, 3 no access.\n" +
			"Ctrl-C cancels the job and waits for the outcomes; a second Ctrl-C leaves it alone.",
		RunE: func(cmd *cobra.Command, args []string) error {
			find, err := o.find(a, args, g)
			if err != nil {
				return err
			}
			return a.withSession(cmd.Context(), func(c *client.Client) error {
				r, err := find(cmd.Context(), c)
				if err != nil {
					return err
				}
				return a.run(cmd.Context(), c, r, g)
			})
		},
	}
	o.flags(c)
	g.flags(c)
	a.valueFlags(c)
	a.results.flags(c)
	return c
}

// find tells where run's request comes from: the arguments, or the approval that froze it.
func (o *order) find(a *app, args []string, g gate) (func(context.Context, *client.Client) (job.Request, error), error) {
	switch {
	case g.ask && g.approval != "":
		return nil, problem.New("usage", "cause", "--request-approval and --approval exclude each other")
	case len(args) == 1:
		r, err := o.request(args[0])
		return func(context.Context, *client.Client) (job.Request, error) { return r, err }, err
	case g.approval == "":
		return nil, problem.New("usage", "cause", "run takes one module. See: omctl run --help")
	case o.on != "" || len(o.params) > 0:
		return nil, problem.New("usage", "cause", "--approval without a module runs exactly what was approved; --on and --param do not belong there")
	}
	return func(ctx context.Context, c *client.Client) (job.Request, error) {
		x, err := a.approval(ctx, c, g.approval)
		return job.Request{Module: x.Module, On: x.On, Params: x.Params}, err
	}, nil
}

func (a *app) run(ctx context.Context, c *client.Client, r job.Request, g gate) error {
	r, err := a.complete(ctx, c, r)
	if err != nil {
		return err
	}
	p, err := c.Plan(ctx, r)
	if err != nil {
		return err
	}
	if g.ask {
		return a.request(ctx, c, r, p, g.reason)
	}
	o, err := a.pass(p, g)
	if err != nil {
		return err
	}
	o.ID, o.On = client.NewJobID(), r.On
	var j job.Job
	err = again(func() (err error) {
		j, err = c.Start(ctx, o)
		return err
	})
	if err != nil {
		return err
	}
	return a.follow(ctx, c, j.ID, &j)
}

// again repeats a call whose answer got lost; its id makes it the same job or request.
func again(f func() error) (err error) {
	for range 3 {
		err = f()
		if p, ok := errors.AsType[*problem.Error](err); !ok || p.Code != "server_unreachable" {
			return err
		}
	}
	return err
}

func (a *app) showCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "show JOB", Short: "Show a job's outcomes and output", Args: exactly(1, "the id of a job"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSession(cmd.Context(), func(c *client.Client) error { return a.follow(cmd.Context(), c, args[0], nil) })
		},
	}
	a.results.flags(c)
	return c
}
