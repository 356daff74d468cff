package console

import (
	"context"
	"errors"
	"maps"

	"omanager/app/job"
	"omanager/app/problem"
	"omanager/modules"
	"omanager/rpc/client"
)

// planned is the plan for a request. It is dropped as soon as the request changes.
type planned struct {
	plan  *job.Plan
	req   job.Request
	shown bool   // a person has seen the target list
	typed int    // the number of targets as it was typed
	ask   string // id of a request for approval whose answer is not there: asking again is the same request
}

// request is what the present selection and draft ask for. The lock is held.
func (c *Console) request() job.Request {
	r := job.Request{On: c.expression()}
	if m := c.draft.module; m != nil {
		r.Module = m.ID
		r.Params = map[string]string{}
		values, _ := filled(m, c.draft.values) // what cannot be read stands beside its field
		for _, p := range m.Params {
			if v, ok := values[p.Name]; ok && v != "" {
				r.Params[p.Name] = v
			}
		}
	}
	return r
}

func same(a, b job.Request) bool {
	return a.Module == b.Module && a.On == b.On && maps.Equal(a.Params, b.Params)
}

// stale drops a plan that no longer fits. The lock is held.
func (c *Console) stale() Topic {
	if c.plan.plan == nil || same(c.plan.req, c.request()) {
		return 0
	}
	c.plan = planned{}
	return Planning
}

// Plan returns the plan of the present selection and draft, or nil if none was made.
func (c *Console) Plan() *job.Plan {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.plan.plan
}

// PlanShown reports whether the plan is there for a person to look at.
func (c *Console) PlanShown() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.plan.plan != nil && c.plan.shown
}

// NeedsPlan reports whether the chosen module may run only after its plan was shown.
func (c *Console) NeedsPlan() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.draft.module
	return m != nil && m.Danger != modules.Low && (c.plan.plan == nil || !c.plan.shown)
}

// MakePlan asks the control server for the plan and shows it.
func (c *Console) MakePlan() {
	req, ok := c.ready(OpPlan)
	if !ok {
		return
	}
	c.latest(OpPlan, Planning, func(ctx context.Context) error {
		_, err := c.fetchPlan(ctx, req, true)
		return err
	})
}

// ready checks the form and returns the request; what is wrong stands beside the fields.
func (c *Console) ready(op Op) (job.Request, bool) {
	c.mu.Lock()
	if c.draft.module == nil {
		c.mu.Unlock()
		return job.Request{}, false
	}
	ok := c.checkDraft()
	req := c.request()
	if ok && req.On == "" {
		c.errs[op] = problem.New("no_targets", "expr", "")
		ok = false
	}
	c.mu.Unlock()
	c.notify(Form | Busy)
	return req, ok
}

// fetchPlan keeps the plan if the request is still what is asked for.
func (c *Console) fetchPlan(ctx context.Context, req job.Request, show bool) (job.Plan, error) {
	srv, err := c.server()
	if err != nil {
		return job.Plan{}, err
	}
	p, err := srv.Plan(ctx, req)
	if err != nil {
		return job.Plan{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.server == srv && same(req, c.request()) {
		c.plan = planned{plan: &p, req: req, shown: show || p.Gate != job.GateNone}
	}
	return p, nil
}

// Execute starts the job. A module without danger runs at once; any other one shows its plan first and starts
// when Execute is called with that plan still standing and its gate passed (Gate, SetTyped, RequestApproval).
func (c *Console) Execute() {
	req, ok := c.ready(OpStart)
	if !ok {
		return
	}
	c.mu.Lock()
	pl, gate := c.plan, c.gate()
	live := c.run != nil && c.run.Live()
	c.mu.Unlock()
	if live {
		return
	}
	c.do(OpStart, Planning|Running|Form, func(ctx context.Context) error {
		o := client.Order{On: req.On, Confirmed: pl.plan != nil && pl.shown, TypedCount: pl.typed, Approval: gate.granted()}
		if pl.plan == nil {
			p, err := c.fetchPlan(ctx, req, false)
			if err != nil {
				return err
			}
			if p.Gate != job.GateNone {
				return nil
			}
			pl.plan = &p
		}
		o.Plan = *pl.plan
		if err := c.start(ctx, o); err != nil {
			return err
		}
		c.keepValues(req)
		return nil
	})
}

func (c *Console) start(ctx context.Context, o client.Order) error {
	srv, err := c.server()
	if err != nil {
		return err
	}
	o.ID = c.submission(o.Plan.Hash)
	j, err := srv.Start(ctx, o)
	if o.Approval != "" {
		c.LoadApprovals() // it is used up, or something is wrong with it
	}
	if err != nil {
		var pe *problem.Error
		if errors.As(err, &pe) && pe.Code == "plan_changed" {
			c.mu.Lock()
			c.plan = planned{}
			c.mu.Unlock()
		}
		return err
	}
	c.mu.Lock()
	c.sent = submitted{}
	c.mu.Unlock()
	c.watch(srv, j, false)
	return nil
}

// submitted is a job whose submission was not answered: it may run. To submit it is to ask for that one.
type submitted struct{ addr, operator, plan, id string }

// submission is the id to submit a plan with: a new one, but the old one while nobody knows what became of it.
func (c *Console) submission(plan string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := submitted{addr: c.session.addr, operator: c.session.operator, plan: plan, id: c.sent.id}
	if now != c.sent {
		now.id = c.cfg.NewJobID()
	}
	c.sent = now
	return now.id
}

// CancelRun asks the control server to stop the watched job.
func (c *Console) CancelRun() {
	c.mu.Lock()
	r := c.run
	c.mu.Unlock()
	if r == nil || !r.Live() {
		return
	}
	c.do(OpCancel, Running, func(ctx context.Context) error {
		srv, err := c.server()
		if err != nil {
			return err
		}
		return srv.Cancel(ctx, r.ID())
	})
}
