package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"omanager/app/audit"
	"omanager/app/job"
	"omanager/data/store"
)

// NewApproval is a request for approval of NewJob's plan, with what would change a statement if it were part of one.
func NewApproval(id string) job.Approval {
	j := NewJob("x")
	return job.Approval{
		ID: id, Operator: j.Operator, Module: j.Module, Title: j.Title, On: `all,"a'b"`, Params: j.Params, Targets: j.Targets,
		Danger: "high", PlanHash: j.PlanHash, Frame: "fh", Reason: "磁盘 '); DROP TABLE approvals; --", State: job.ApprovalPending,
		Created: at, Expires: at.Add(24 * time.Hour),
	}
}

// Yes is the decision of another operator an hour later.
func Yes(id string) store.Decision {
	return store.Decision{ID: id, State: job.ApprovalApproved, Decider: "second", Note: "好 '", At: at.Add(time.Hour)}
}

func entry(event string) audit.Entry { return audit.Entry{Event: event, Time: at} }

// events gives the log's events, newest first.
func events(t *testing.T, s store.Store) []string {
	t.Helper()
	log, err := s.AuditRecords(t.Context(), audit.Query{Limit: 1000})
	ok(t, err)
	out := make([]string, len(log))
	for i := range log {
		out[i] = log[i].Event
	}
	return out
}

func testApprovals(t *testing.T, s store.Store) {
	ctx := t.Context()
	_, err := s.Approval(ctx, "a1")
	is(t, err, store.ErrNotFound)
	a1, a2, a3 := NewApproval("a1"), NewApproval("a2"), NewApproval("a3")
	a2.Operator, a2.Params, a2.Expires = "Demo", nil, at.Add(time.Minute)
	a3.Targets = nil
	for _, a := range []job.Approval{a1, a2, a3} {
		ok(t, s.PutApproval(ctx, a, entry("approval_request")))
	}
	again := a1
	again.Reason = "other"
	is(t, s.PutApproval(ctx, again, entry("twice")), store.ErrExists)
	got, err := s.Approval(ctx, "a1")
	ok(t, err)
	same(t, got, a1)
	list := func(q store.ApprovalQuery, want ...job.Approval) {
		t.Helper()
		got, err := s.Approvals(ctx, q)
		ok(t, err)
		same(t, got, want)
	}
	list(store.ApprovalQuery{Limit: 10}, a3, a2, a1)
	list(store.ApprovalQuery{Limit: 1}, a3)
	list(store.ApprovalQuery{Limit: 10, Operator: "demo"}, a3, a1)
	list(store.ApprovalQuery{Limit: 10, OpenAt: at}, a3, a2, a1)
	list(store.ApprovalQuery{Limit: 1, Before: "a3"}, a2)
	list(store.ApprovalQuery{Limit: 10, Before: "a3", Operator: "demo"}, a1)
	list(store.ApprovalQuery{Limit: 10, Before: "a1"})
	list(store.ApprovalQuery{Limit: 10, Before: "none"})
	list(store.ApprovalQuery{Limit: 10, OpenAt: at.Add(time.Minute)}, a3, a1)
	same(t, events(t, s), []string{"approval_request", "approval_request", "approval_request"})
}

func testApprovalDecisions(t *testing.T, s store.Store) {
	ctx := t.Context()
	is(t, s.DecideApproval(ctx, Yes("none"), entry("d")), store.ErrTaken)
	ok(t, s.PutApproval(ctx, NewApproval("a1"), entry("r")))
	own, late := Yes("a1"), Yes("a1")
	own.Decider = "demo"
	late.At = at.Add(24 * time.Hour)
	is(t, s.DecideApproval(ctx, own, entry("own")), store.ErrTaken)
	is(t, s.DecideApproval(ctx, late, entry("late")), store.ErrTaken)
	ok(t, s.DecideApproval(ctx, Yes("a1"), entry("d")))
	want := NewApproval("a1")
	want.State, want.Decider, want.Note, want.Decided = job.ApprovalApproved, "second", "好 '", at.Add(time.Hour)
	got, err := s.Approval(ctx, "a1")
	ok(t, err)
	same(t, got, want)
	no := Yes("a1")
	no.State = job.ApprovalRefused
	is(t, s.DecideApproval(ctx, no, entry("too late")), store.ErrTaken)
	got, err = s.Approval(ctx, "a1")
	ok(t, err)
	same(t, got, want)
	open, err := s.Approvals(ctx, store.ApprovalQuery{Limit: 10, OpenAt: at})
	ok(t, err)
	same(t, open, []job.Approval(nil))
	same(t, events(t, s), []string{"d", "r"})
}

func testApprovalUse(t *testing.T, s store.Store) {
	ctx := t.Context()
	ok(t, s.PutApproval(ctx, NewApproval("a1"), entry("r")))
	is(t, s.CreateApprovedJob(ctx, NewJob("j0"), "a1", entry("pending")), store.ErrTaken)
	is(t, s.CreateApprovedJob(ctx, NewJob("j0"), "none", entry("none")), store.ErrTaken)
	ok(t, s.DecideApproval(ctx, Yes("a1"), entry("d")))
	for what, change := range map[string]func(*job.Job){
		"operator": func(j *job.Job) { j.Operator = "Demo" }, "plan": func(j *job.Job) { j.PlanHash = "other" },
		"ended": func(j *job.Job) { j.Created = at.Add(24 * time.Hour) },
	} {
		j := NewJob("j0")
		change(&j)
		is(t, s.CreateApprovedJob(ctx, j, "a1", entry(what)), store.ErrTaken)
	}
	ok(t, s.CreateJob(ctx, NewJob("taken"), entry("other job")))
	is(t, s.CreateApprovedJob(ctx, NewJob("taken"), "a1", entry("id taken")), store.ErrExists)
	_, err := s.Job(ctx, "j0")
	is(t, err, store.ErrNotFound)
	got, err := s.Approval(ctx, "a1")
	ok(t, err)
	if got.State != job.ApprovalApproved {
		t.Fatalf("a refused use left the approval %s", got.State)
	}
	ok(t, s.CreateApprovedJob(ctx, NewJob("j1"), "a1", entry("job_start")))
	is(t, s.CreateApprovedJob(ctx, NewJob("j2"), "a1", entry("second")), store.ErrTaken)
	got, err = s.Approval(ctx, "a1")
	ok(t, err)
	if got.State != job.ApprovalUsed || got.Decider != "second" {
		t.Fatalf("after use: %+v", got)
	}
	same(t, events(t, s), []string{"job_start", "other job", "d", "r"})
}

// testApprovalRaces: of many at once, one decides, and of many at once, one uses.
func testApprovalRaces(t *testing.T, s store.Store) {
	ctx := t.Context()
	const rounds, rivals = 5, 8
	race := func(f func(n int) error) int64 {
		var won atomic.Int64
		var wg sync.WaitGroup
		for n := range rivals {
			wg.Go(func() {
				switch err := f(n); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, store.ErrTaken):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		return won.Load()
	}
	for round := range rounds {
		id := fmt.Sprintf("a%d", round)
		ok(t, s.PutApproval(ctx, NewApproval(id), entry("r")))
		decided := race(func(n int) error {
			d := Yes(id)
			d.Decider = fmt.Sprintf("second-%d", n)
			return s.DecideApproval(context.WithoutCancel(ctx), d, entry("d"))
		})
		used := race(func(n int) error {
			return s.CreateApprovedJob(context.WithoutCancel(ctx), NewJob(fmt.Sprintf("%s-%d", id, n)), id, entry("u"))
		})
		if decided != 1 || used != 1 {
			t.Fatalf("%d decided, %d used", decided, used)
		}
	}
	jobs, err := s.Jobs(ctx, 100)
	ok(t, err)
	if n := len(events(t, s)); len(jobs) != rounds || n != 3*rounds {
		t.Fatalf("%d jobs, %d log entries", len(jobs), n)
	}
}
