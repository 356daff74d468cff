package control

import (
	"context"
	"errors"
	"strconv"

	"github.com/google/uuid"

	"omanager/app/audit"
	"omanager/app/engine"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/data/store"
)

// Order is what Start is given: the request, and what its operator saw and confirmed.
type Order struct {
	ID         string // UUID made by the client; the same id again is the same job
	Request    job.Request
	PlanHash   string
	Confirmed  bool   // the target list was shown and confirmed
	TypedCount int    // the number of targets as the operator typed it
	Approval   string // the id of the approval to use up
}

// Start is the one door through which a job begins: it plans again, compares with what was confirmed, stores the
// job with its frozen targets and the log entry in one transaction, and only then lets the engine run.
func (c *Control) Start(ctx context.Context, who Caller, o Order) (job.Job, error) {
	defer c.claim(o.ID)()
	j, task, hosts, err := c.admit(ctx, who, o)
	if err != nil {
		c.note(ctx, who, audit.EventJobRefused, o.ID, problem.Describe("en", err))
		return job.Job{}, err
	}
	if task == nil {
		return j, nil
	}
	detail := j.Module + " on " + strconv.Itoa(len(j.Targets)) + " servers"
	if o.Approval == "" {
		err = c.Store.CreateJob(ctx, j, c.entry(who, audit.EventJobStart, j.ID, detail))
	} else {
		err = c.Store.CreateApprovedJob(ctx, j, o.Approval, c.entry(who, audit.EventJobStart, j.ID, detail+", approval "+o.Approval))
	}
	switch {
	case err == nil:
		c.grown()
		c.launch(j, *task, hosts)
		return j, nil
	case errors.Is(err, store.ErrExists):
		return c.again(ctx, who, o)
	case errors.Is(err, store.ErrTaken):
		return c.outrun(ctx, who, o)
	case errors.Is(err, store.ErrUnknown):
		c.doubt(who, j)
		fallthrough
	default:
		return job.Job{}, c.storeProblem(err)
	}
}

// outrun answers an order whose approval was used up between admit and the store: by this very order, sent twice, or by
// another one.
func (c *Control) outrun(ctx context.Context, who Caller, o Order) (job.Job, error) {
	if j, err := c.again(ctx, who, o); err == nil {
		return j, nil
	}
	err := error(problem.New("approval_used", "approval", o.Approval))
	c.note(ctx, who, audit.EventJobRefused, o.ID, problem.Describe("en", err))
	return job.Job{}, err
}

// admit checks everything and stores nothing. A nil task means the job exists already.
func (c *Control) admit(ctx context.Context, who Caller, o Order) (job.Job, *engine.Task, []engine.Host, error) {
	if _, err := uuid.Parse(o.ID); err != nil {
		return job.Job{}, nil, nil, problem.Wrap(err, "usage", "cause", "job id \""+clip(o.ID, 64)+"\" is not a UUID")
	}
	if c.doubted(o.ID) {
		return job.Job{}, nil, nil, problem.New("store_unknown", "place", c.StorePath)
	}
	if j, err := c.again(ctx, who, o); err == nil {
		return j, nil, nil, nil
	} else if e := (*problem.Error)(nil); !errors.As(err, &e) || e.Code != "job_unknown" {
		return job.Job{}, nil, nil, err
	}
	p, m, hosts, err := c.plan(who, o.Request)
	if err != nil {
		return job.Job{}, nil, nil, err
	}
	if p.Hash != o.PlanHash {
		return job.Job{}, nil, nil, problem.New("plan_changed")
	}
	if err := c.pass(ctx, who, p, o); err != nil {
		return job.Job{}, nil, nil, err
	}
	j := job.Job{
		ID: o.ID, Operator: who.Operator.Name, Module: p.Module, Title: p.Title, ModuleHash: p.ModuleHash, PlanHash: p.Hash,
		Params: p.Params, Engine: p.Engine, Danger: p.Danger, Targets: p.Targets, State: job.Queued, Created: c.Now().UTC(),
	}
	t, err := c.task(who, m, o.Request.Params)
	if err != nil {
		return job.Job{}, nil, nil, err
	}
	t.JobID, t.Script = o.ID, []byte(p.Rendered)
	return j, t, hosts, nil
}

// again answers a repeated submission with the job it made, if it is the same operator and plan.
func (c *Control) again(ctx context.Context, who Caller, o Order) (job.Job, error) {
	j, err := c.Store.Job(ctx, o.ID)
	if errors.Is(err, store.ErrNotFound) {
		return job.Job{}, problem.New("job_unknown", "job", o.ID)
	}
	if err != nil {
		return job.Job{}, c.storeProblem(err)
	}
	if j.Operator != who.Operator.Name || j.PlanHash != o.PlanHash {
		return job.Job{}, problem.New("plan_changed")
	}
	return j, nil
}

// launch hands the stored job to the engine on a goroutine that Close waits for.
func (c *Control) launch(j job.Job, t engine.Task, hosts []engine.Host) {
	ctx, cancel := context.WithCancel(c.ctx)
	r := newRun(c, j, cancel)
	c.mu.Lock()
	c.live[j.ID] = r
	c.mu.Unlock()
	c.wg.Go(func() {
		defer cancel()
		r.execute(ctx, t, hosts)
		c.mu.Lock()
		delete(c.live, j.ID)
		c.mu.Unlock()
	})
}

// Cancel asks a running job to stop; a finished one is left as it is.
func (c *Control) Cancel(ctx context.Context, who Caller, id string) error {
	j, err := c.jobFor(ctx, who, id)
	if err != nil {
		return err
	}
	if j.Operator != who.Operator.Name && !c.runsAll(who, j.Module, j.Targets) {
		return c.refuse(who, "job "+id, nil)
	}
	c.note(ctx, who, audit.EventJobCancel, id, "")
	c.mu.Lock()
	r := c.live[id]
	c.mu.Unlock()
	if r != nil {
		r.requestCancel()
	}
	return nil
}

// Jobs lists the newest jobs the caller may see.
func (c *Control) Jobs(ctx context.Context, who Caller, limit int) ([]job.Job, error) {
	if limit <= 0 || limit > 1000 {
		limit = 100
	}
	all, err := c.Store.Jobs(ctx, limit)
	if err != nil {
		return nil, c.storeProblem(err)
	}
	out := all[:0]
	for _, j := range all {
		if j.Operator != who.Operator.Name && !who.may().MaySeeAll() {
			whole, err := c.Store.Job(ctx, j.ID) // the list has no targets
			if err != nil {
				return nil, c.storeProblem(err)
			}
			if !c.seesAll(who, whole.Targets) {
				continue
			}
		}
		out = append(out, j)
	}
	return out, nil
}

// Job gives one job with its targets.
func (c *Control) Job(ctx context.Context, who Caller, id string) (job.Job, error) {
	return c.jobFor(ctx, who, id)
}
