package control

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"omanager/app/audit"
	"omanager/app/job"
	"omanager/app/problem"
)

// recheck is how often a watcher's session is looked at again: a disabled operator is out within it.
const recheck = time.Second

// pageLen is how many events are read from the store at once.
const pageLen = 512

// Watch sends the stored events after a sequence number, in order and without gaps, and returns nil when it has sent
// the job's last. A slow send slows only this watcher: everything comes from the store, nothing waits in memory.
func (c *Control) Watch(ctx context.Context, who Caller, id string, after int64, send func([]job.Event) error) error {
	j, err := c.jobFor(ctx, who, id)
	if err != nil {
		return err
	}
	due := false
	tick := time.NewTicker(recheck)
	defer tick.Stop()
	for {
		if due || ticked(tick.C) { // also while events never stop coming
			if err := c.still(ctx, &who, j); err != nil {
				return err
			}
			due = false
		}
		c.mu.Lock()
		r := c.live[id]
		c.mu.Unlock()
		var more, gone <-chan struct{}
		upTo := int64(math.MaxInt64)
		if r != nil {
			more, gone = r.wait(), r.gone // taken before reading, so that nothing stored meanwhile is missed
			upTo = r.shown.Load()
		}
		last, done, err := c.page(ctx, id, after, upTo, send)
		if err != nil || done {
			return err
		}
		if last > after {
			after = last
			continue
		}
		if r == nil && j.State == job.Finished {
			return nil // its events are all sent
		}
		select {
		case <-more:
		case <-gone:
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			due = true
		}
		if r == nil { // it was just being launched, or has just ended
			if j, err = c.jobFor(ctx, who, id); err != nil {
				return err
			}
		}
	}
}

func ticked(tick <-chan time.Time) bool {
	select {
	case <-tick:
		return true
	default:
		return false
	}
}

// still looks up whether the watcher's session, operator and rights hold, and takes its rights of this moment.
func (c *Control) still(ctx context.Context, who *Caller, j job.Job) error {
	now, err := c.Authenticate(ctx, who.Token, who.Source)
	if err != nil {
		return err
	}
	if *who = now; !c.mayLook(now, j) {
		return problem.New("not_allowed", "operator", now.Operator.Name, "action", "watch", "thing", "job "+j.ID)
	}
	return nil
}

// page sends one page, at most up to an event, and says up to where, and whether the job's last event was in it.
func (c *Control) page(ctx context.Context, id string, after, upTo int64, send func([]job.Event) error) (int64, bool, error) {
	if after >= upTo {
		return after, false, nil
	}
	ev, err := c.Store.Events(ctx, id, after, pageLen)
	if err != nil {
		return after, false, c.storeProblem(err)
	}
	for len(ev) > 0 && ev[len(ev)-1].Seq > upTo {
		ev = ev[:len(ev)-1]
	}
	if len(ev) == 0 {
		return after, false, nil
	}
	if err := send(ev); err != nil {
		return after, false, err
	}
	end := ev[len(ev)-1]
	return end.Seq, end.Kind == job.JobDone, nil
}

// recover settles what an earlier process left open: a host whose command had begun is unknown (the command may have
// finished), one that had not is not started. Nothing is run again.
func (c *Control) recover(ctx context.Context) error {
	open, err := c.Store.UnfinishedJobs(ctx)
	if err != nil {
		return err
	}
	for _, j := range open {
		if err := c.settle(ctx, j, "host_never_begun"); err != nil {
			return fmt.Errorf("job %s: %w", j.ID, err)
		}
	}
	return nil
}

// settle ends a job that nobody works on; never is the problem of a host that had not begun.
func (c *Control) settle(ctx context.Context, j job.Job, never string) error {
	v := job.NewView(j)
	for after := int64(0); ; after = v.LastSeq() {
		ev, err := c.Store.Events(ctx, j.ID, after, pageLen)
		if err != nil {
			return err
		}
		if len(ev) == 0 {
			break
		}
		v.Apply(ev)
	}
	now := c.Now().UTC()
	var add []job.Event
	for _, row := range v.Rows() {
		if row.Done {
			continue
		}
		e := job.Event{Job: j.ID, Host: row.Host, Kind: job.HostDone, Time: now, Outcome: job.NotStarted, Problem: never, Args: map[string]string{"host": row.Host}}
		if row.Running {
			e.Outcome, e.Problem = job.Unknown, "host_interrupted"
		}
		add = append(add, e)
	}
	if !v.Done() {
		add = append(add, job.Event{Job: j.ID, Kind: job.JobDone, Time: now})
	}
	stored, err := c.Store.AppendEvents(ctx, j.ID, add)
	if err != nil {
		return err
	}
	v.Apply(stored)
	if err := c.Store.SetJobState(ctx, j.ID, job.Finished, now, v.Counts()); err != nil {
		return err
	}
	c.note(ctx, Caller{}, audit.EventJobRecovered, j.ID, countText(v.Counts()))
	return nil
}

// countText is "ok 3, failed 1", in the order outcomes are shown.
func countText(counts map[job.Outcome]int) string {
	var parts []string
	for _, o := range job.Outcomes() {
		if n := counts[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", o, n))
		}
	}
	return strings.Join(parts, ", ")
}
