package console

import (
	"context"
	"slices"
	"time"

	"omanager/app/job"
)

const (
	approvalPoll  = 10 * time.Second
	approvalLimit = 100
)

// Gate is what the present plan asks for and what of it is there.
type Gate struct {
	Gate     job.Gate // empty: there is no plan
	Targets  int
	Typed    int           // the number as it was typed, for the gate "count"
	Approval *job.Approval // the newest request for exactly this plan that is not used or ended, for the gate "approval"
}

// Passed reports whether the control server would start the plan.
func (g Gate) Passed() bool {
	switch g.Gate {
	case job.GateNone, job.GateConfirm:
		return true
	case job.GateCount:
		return g.Typed == g.Targets
	case job.GateApproval:
		return g.granted() != ""
	default:
		return false
	}
}

func (g Gate) granted() string {
	if g.Approval == nil || g.Approval.State != job.ApprovalApproved {
		return ""
	}
	return g.Approval.ID
}

// Gate returns the gate of the present plan.
func (c *Console) Gate() Gate {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gate()
}

// gate is Gate with the lock held.
func (c *Console) gate() Gate {
	p := c.plan.plan
	if p == nil {
		return Gate{}
	}
	g := Gate{Gate: p.Gate, Targets: len(p.Targets), Typed: c.plan.typed}
	for i := range c.approvals {
		a := c.approvals[i]
		if a.PlanHash != p.Hash || a.Operator != c.session.operator {
			continue
		}
		if a.State != job.ApprovalUsed && a.State != job.ApprovalExpired {
			g.Approval = &a
		}
		break // the newest counts
	}
	return g
}

// SetTyped keeps the number of servers that a person typed for the present plan; 0 is none.
func (c *Console) SetTyped(n int) {
	c.mu.Lock()
	same := c.plan.plan == nil || c.plan.typed == n
	if !same {
		c.plan.typed = n
	}
	c.mu.Unlock()
	if !same {
		c.notify(Planning)
	}
}

// Approvals returns what the operator asked for and what it may decide (Decidable), newest first. The list is kept up to
// date while somebody is logged in.
func (c *Console) Approvals() []job.Approval {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.approvals)
}

// Waiting counts the requests that the operator may decide.
func (c *Console) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for i := range c.approvals {
		if c.approvals[i].Decidable {
			n++
		}
	}
	return n
}

// RequestApproval asks for a second operator's consent to the present plan.
func (c *Console) RequestApproval(reason string) {
	c.mu.Lock()
	if c.plan.plan != nil && c.plan.ask == "" {
		c.plan.ask = c.cfg.NewJobID()
	}
	pl := c.plan
	c.mu.Unlock()
	if pl.plan == nil {
		return
	}
	c.do(OpRequest, Approvals|Planning, func(ctx context.Context) error {
		srv, err := c.server()
		if err != nil {
			return err
		}
		a, err := srv.RequestApproval(ctx, pl.ask, pl.req, pl.plan.Hash, reason)
		if err != nil {
			return err
		}
		c.keep(srv, a)
		c.mu.Lock()
		if c.plan.ask == pl.ask {
			c.plan.ask = ""
		}
		c.mu.Unlock()
		return nil
	})
}

// Decide approves or refuses another operator's request.
func (c *Console) Decide(id string, approve bool, note string) {
	c.do(OpDecide, Approvals|Planning, func(ctx context.Context) error {
		srv, err := c.server()
		if err != nil {
			return err
		}
		a, err := srv.DecideApproval(ctx, id, approve, note)
		if err != nil {
			c.LoadApprovals() // somebody else may have decided it
			return err
		}
		c.keep(srv, a)
		return nil
	})
}

// keep puts an approval in its place in the list.
func (c *Console) keep(srv Server, a job.Approval) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.server != srv {
		return
	}
	list := slices.Clone(c.approvals)
	if i := slices.IndexFunc(list, func(x job.Approval) bool { return x.ID == a.ID }); i >= 0 {
		list[i] = a
	} else {
		list = slices.Insert(list, 0, a)
	}
	c.approvals = list
}

// LoadApprovals reads the list again.
func (c *Console) LoadApprovals() {
	c.latest(OpApprovals, Approvals|Planning, func(ctx context.Context) error {
		srv, err := c.server()
		if err != nil {
			return err
		}
		return c.readApprovals(ctx, srv)
	})
}

func (c *Console) readApprovals(ctx context.Context, srv Server) error {
	list, err := srv.Approvals(ctx, false, approvalLimit)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.server == srv {
		c.approvals = list
	}
	return nil
}

// pollApprovals keeps the list up to date as long as the session lasts. Mostly it asks only for what waits, which is
// little; the whole list is read when that has changed.
func (c *Console) pollApprovals(ctx context.Context, srv Server) {
	every := c.cfg.Poll
	if every == 0 {
		every = approvalPoll
	}
	if !srv.Session().OneTime {
		c.LoadApprovals()
	}
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		c.mu.Lock()
		over := c.session.server != srv || !c.session.in
		must := c.session.rights.OneTime
		c.mu.Unlock()
		if over {
			return
		}
		if must { // nothing may be asked for yet
			continue
		}
		c.do(OpApprovals, Approvals|Planning, func(ctx context.Context) error {
			waiting, err := srv.Approvals(ctx, true, approvalLimit)
			if err != nil || c.knows(waiting) {
				return err
			}
			return c.readApprovals(ctx, srv)
		})
	}
}

// knows reports whether exactly these wait in the list that is there.
func (c *Console) knows(waiting []job.Approval) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := make(map[string]bool)
	for i := range c.approvals {
		if c.approvals[i].State == job.ApprovalPending {
			known[c.approvals[i].ID] = true
		}
	}
	for i := range waiting {
		if !known[waiting[i].ID] {
			return false
		}
	}
	return len(known) == len(waiting)
}
