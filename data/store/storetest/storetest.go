// Package storetest is the suite that every store.Store passes.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/job"
	"omanager/data/store"
)

var at = time.Date(2026, 2, 3, 4, 5, 6, 789e6, time.UTC)

// Run runs the suite; open gives a new, empty store each time, which the suite closes.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	tests := map[string]func(*testing.T, store.Store){
		"Roles": testRoles, "RolesHeld": testRolesHeld,
		"Operators": testOperators, "Passwords": testPasswords, "LegacyKeys": testLegacyKeys, "Sessions": testSessions, "Jobs": testJobs, "CreateJobIsOneStep": testCreateJobIsOneStep,
		"JobStates": testJobStates, "Events": testEvents, "EventSizes": testEventSizes, "EventsRefused": testEventsRefused,
		"Log": testLog, "UseOnce": testUseOnce, "Parallel": testParallel, "Context": testContext, "Hostile": testHostile,
		"AuditChain": testAuditChain, "A22Names": testA22Names, "AuditSearch": testAuditSearch, "AuditTrim": testAuditTrim, "Checkpoints": testCheckpoints,
		"Approvals": testApprovals, "ApprovalDecisions": testApprovalDecisions, "ApprovalUse": testApprovalUse, "ApprovalRaces": testApprovalRaces,
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			f(t, s)
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
			if err := s.Log(t.Context(), audit.Entry{}); err == nil {
				t.Error("a closed store stored something")
			}
		})
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, want %v", err, want)
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("(-want +got)\n%s", d)
	}
}

func operator(name string) account.Operator {
	return account.Operator{Name: name, Password: "$argon2id$", PublicKey: []byte{1, 0, 255}, Privileges: "1,2", Created: at}
}

// NewJob is a job with two targets that the suite and its users store.
func NewJob(id string) job.Job {
	return job.Job{
		ID: id, Operator: "demo", Module: "1001", Title: "日志", ModuleHash: "mh", PlanHash: "ph",
		Params: map[string]string{"lines": "30", "空": "a\nb\"'"}, Engine: "ssh", Danger: "low", State: job.Queued, Created: at,
		Targets: []job.Target{{Host: "b", Addr: "10.0.0.2", Category: "1", App: "x", Reason: "all"}, {Host: "a", Addr: "10.0.0.1"}},
	}
}

func testOperators(t *testing.T, s store.Store) {
	ctx := t.Context()
	_, err := s.Operator(ctx, "demo")
	is(t, err, store.ErrNotFound)
	demo, other := operator("demo"), operator("Demo")
	ok(t, s.PutOperator(ctx, demo))
	ok(t, s.PutOperator(ctx, other))
	demo.Privileges, demo.Disabled, demo.OneTime, demo.PublicKey = "root", true, true, []byte{}
	ok(t, s.PutSession(ctx, account.Session{TokenHash: []byte("t"), Operator: "demo", Created: at, Expires: at.Add(time.Hour)}))
	ok(t, s.PutOperator(ctx, demo)) // replacing must keep the sessions
	got, err := s.Operator(ctx, "demo")
	ok(t, err)
	same(t, got, demo)
	all, err := s.Operators(ctx)
	ok(t, err)
	same(t, all, []account.Operator{other, demo})
	_, err = s.Session(ctx, []byte("t"))
	ok(t, err)
}

func testSessions(t *testing.T, s store.Store) {
	ctx := t.Context()
	sess := account.Session{TokenHash: []byte{0, 1, 2}, Operator: "demo", EnvelopeKey: []byte("key"), Created: at, LastUsed: at, Expires: at.Add(time.Hour)}
	err := s.PutSession(ctx, sess)
	is(t, err, store.ErrNotFound) // no such operator: not a duplicate
	if errors.Is(err, store.ErrExists) {
		t.Fatal("a missing operator was taken for a duplicate")
	}
	ok(t, s.PutOperator(ctx, operator("demo")))
	ok(t, s.PutSession(ctx, sess))
	err = s.PutSession(ctx, sess)
	is(t, err, store.ErrExists)
	if errors.Is(err, store.ErrNotFound) {
		t.Fatal("a duplicate was taken for a missing operator")
	}
	sess.LastUsed = at.Add(time.Minute)
	ok(t, s.TouchSession(ctx, sess.TokenHash, sess.LastUsed))
	got, err := s.Session(ctx, sess.TokenHash)
	ok(t, err)
	same(t, got, sess)
	is(t, s.TouchSession(ctx, []byte("none"), at), store.ErrNotFound)

	ok(t, s.DeleteSession(ctx, sess.TokenHash))
	_, err = s.Session(ctx, sess.TokenHash)
	is(t, err, store.ErrNotFound)
	ok(t, s.PutSession(ctx, sess))
	ok(t, s.DeleteSessionsOf(ctx, "demo"))
	_, err = s.Session(ctx, sess.TokenHash)
	is(t, err, store.ErrNotFound)
	ok(t, s.DeleteSessionsOf(ctx, "nobody"))
}

func testJobs(t *testing.T, s store.Store) {
	ctx := t.Context()
	_, err := s.Job(ctx, "j1")
	is(t, err, store.ErrNotFound)
	j1, j2 := NewJob("j1"), NewJob("j2")
	j2.Created, j2.Params, j2.Targets = at.Add(time.Millisecond), nil, nil
	ok(t, s.CreateJob(ctx, j1, audit.Entry{Event: "job_start", Job: "j1", Time: at}))
	ok(t, s.CreateJob(ctx, j2, audit.Entry{Event: "job_start", Job: "j2", Time: at}))
	for _, want := range []job.Job{j1, j2} {
		got, err := s.Job(ctx, want.ID)
		ok(t, err)
		same(t, got, want)
	}
	list, err := s.Jobs(ctx, 10)
	ok(t, err)
	withoutTargets := j1
	withoutTargets.Targets = nil
	same(t, list, []job.Job{j2, withoutTargets})
	list, err = s.Jobs(ctx, 1)
	ok(t, err)
	same(t, list, []job.Job{j2})
}

func testCreateJobIsOneStep(t *testing.T, s store.Store) {
	ctx := t.Context()
	ok(t, s.CreateJob(ctx, NewJob("j1"), audit.Entry{Event: "job_start", Time: at}))
	again := NewJob("j1")
	again.Title = "other"
	is(t, s.CreateJob(ctx, again, audit.Entry{Event: "second", Time: at}), store.ErrExists)
	log, err := s.AuditRecords(ctx, audit.Query{Limit: 10})
	ok(t, err)
	if len(log) != 1 || log[0].Event != "job_start" {
		t.Fatalf("the refused job left a log entry: %+v", log)
	}
	got, err := s.Job(ctx, "j1")
	ok(t, err)
	same(t, got, NewJob("j1"))
}

func testJobStates(t *testing.T, s store.Store) {
	ctx := t.Context()
	j := NewJob("j1")
	ok(t, s.CreateJob(ctx, j, audit.Entry{Time: at}))
	open, err := s.UnfinishedJobs(ctx)
	ok(t, err)
	same(t, open, []job.Job{j})
	j.State, j.Started = job.Running, at.Add(time.Second)
	ok(t, s.SetJobState(ctx, "j1", job.Running, j.Started, nil))
	open, err = s.UnfinishedJobs(ctx)
	ok(t, err)
	same(t, open, []job.Job{j})
	j.State, j.Ended, j.Counts = job.Finished, at.Add(2*time.Second), map[job.Outcome]int{job.OK: 1, job.Unknown: 1}
	ok(t, s.SetJobState(ctx, "j1", job.Finished, j.Ended, j.Counts))
	got, err := s.Job(ctx, "j1")
	ok(t, err)
	same(t, got, j)
	open, err = s.UnfinishedJobs(ctx)
	ok(t, err)
	same(t, open, []job.Job(nil))
	is(t, s.SetJobState(ctx, "none", job.Running, at, nil), store.ErrNotFound)
}

func testEvents(t *testing.T, s store.Store) {
	ctx := t.Context()
	ok(t, s.CreateJob(ctx, NewJob("j1"), audit.Entry{Time: at}))
	ok(t, s.CreateJob(ctx, NewJob("j2"), audit.Entry{Time: at}))
	first, err := s.AppendEvents(ctx, "j1", []job.Event{
		{Kind: job.JobStarted, Time: at},
		{Host: "a", Kind: job.Output, Time: at.Add(1234 * time.Microsecond), Stream: job.Stderr, Data: []byte{0, 255, '\n'}},
		{Host: "a", Kind: job.HostDone, Time: at, Outcome: job.Failed, Exit: 0, HasExit: true, Elapsed: 1234567},
	})
	ok(t, err)
	second, err := s.AppendEvents(ctx, "j1", []job.Event{
		{Host: "b", Kind: job.HostDone, Time: at, Outcome: job.Unreachable, Problem: "host_unreachable", Args: map[string]string{"host": "b"}},
	})
	ok(t, err)
	other, err := s.AppendEvents(ctx, "j2", []job.Event{{Kind: job.JobStarted, Time: at}})
	ok(t, err)
	all := slices.Concat(first, second)
	for i, e := range all {
		if e.Seq != int64(i+1) || e.Job != "j1" {
			t.Fatalf("event %d has job %s seq %d", i, e.Job, e.Seq)
		}
	}
	if other[0].Seq != 1 || other[0].Job != "j2" {
		t.Fatalf("the other job's event is %+v", other[0])
	}
	for after := range 6 {
		got, err := s.Events(ctx, "j1", int64(after), 100)
		ok(t, err)
		same(t, got, all[min(after, len(all)):])
	}
	got, err := s.Events(ctx, "j1", 1, 2)
	ok(t, err)
	same(t, got, all[1:3])
	got, err = s.Events(ctx, "j1", 0, 0)
	ok(t, err)
	same(t, got, []job.Event{})
	none, err := s.AppendEvents(ctx, "j1", nil)
	ok(t, err)
	same(t, none, []job.Event{})
}

func testEventSizes(t *testing.T, s store.Store) {
	ctx := t.Context()
	ok(t, s.CreateJob(ctx, NewJob("j1"), audit.Entry{Time: at}))
	var want []job.Event
	rnd := rand.NewChaCha8([32]byte{1})
	for _, n := range []int{0, 1, 1023, 1024, 1025, 4096, 100_000, 1 << 20} {
		noise := make([]byte, n)
		_, _ = rnd.Read(noise)
		for _, data := range [][]byte{noise, bytes.Repeat([]byte("line of output\n"), n/15)} {
			want = append(want, job.Event{Host: "a", Kind: job.Output, Stream: job.Stdout, Time: at, Data: data})
		}
	}
	for i := range 500 { // also every way of grouping the inserts
		want = append(want, job.Event{Host: "b", Kind: job.Output, Stream: job.Stdout, Time: at, Data: fmt.Appendf(nil, "line %d", i)})
	}
	var stored []job.Event
	for n, rest := 1, want; len(rest) > 0; n = n*2 + 1 {
		got, err := s.AppendEvents(ctx, "j1", rest[:min(n, len(rest))])
		ok(t, err)
		stored, rest = append(stored, got...), rest[len(got):]
	}
	got, err := s.Events(ctx, "j1", 0, len(want)+1)
	ok(t, err)
	if len(got) != len(want) {
		t.Fatalf("%d events, want %d", len(got), len(want))
	}
	for i, e := range got {
		if e.Seq != int64(i+1) || !bytes.Equal(e.Data, want[i].Data) || !bytes.Equal(stored[i].Data, want[i].Data) {
			t.Fatalf("event %d: seq %d, %d bytes, want %d bytes", i, e.Seq, len(e.Data), len(want[i].Data))
		}
	}
}

func testEventsRefused(t *testing.T, s store.Store) {
	ctx := t.Context()
	_, err := s.AppendEvents(ctx, "none", []job.Event{{Kind: job.JobStarted}})
	is(t, err, store.ErrNotFound)
	_, err = s.Events(ctx, "none", 0, 10)
	is(t, err, store.ErrNotFound)
	ok(t, s.CreateJob(ctx, NewJob("j1"), audit.Entry{Time: at}))
	if _, err := s.AppendEvents(ctx, "j1", []job.Event{{Kind: job.JobStarted}, {Job: "j2", Kind: job.Output}}); err == nil {
		t.Fatal("another job's event was stored")
	}
	got, err := s.Events(ctx, "j1", 0, 10)
	ok(t, err)
	same(t, got, []job.Event{})
}

func testLog(t *testing.T, s store.Store) {
	ctx := t.Context()
	for i := range 3 {
		ok(t, s.Log(ctx, audit.Entry{Time: at, Operator: "demo", Source: "10.0.0.9:1", Event: "login", Job: fmt.Sprint(i), Detail: "d\n二"}))
	}
	got, err := s.AuditRecords(ctx, audit.Query{Limit: 2})
	ok(t, err)
	if len(got) != 2 || got[0].Job != "2" || got[1].Job != "1" || got[0].Seq <= got[1].Seq {
		t.Fatalf("log is %+v", got)
	}
	same(t, got[0].Entry, audit.Entry{Time: at, Operator: "demo", Source: "10.0.0.9:1", Event: "login", Job: "2", Detail: "d\n二"})
}

func testUseOnce(t *testing.T, s store.Store) {
	later := time.Now().Add(time.Hour)
	ok(t, s.UseOnce(t.Context(), []byte{1, 0}, later))
	ok(t, s.UseOnce(t.Context(), []byte{1}, later))
	is(t, s.UseOnce(t.Context(), []byte{1, 0}, later), store.ErrExists)
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 20 {
		wg.Go(func() {
			if s.UseOnce(context.Background(), []byte("race"), later) == nil {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Fatalf("%d of 20 used the nonce", won)
	}
}

func testParallel(t *testing.T, s store.Store) {
	ctx := t.Context()
	const jobs, rounds, batch = 8, 20, 25
	var wg sync.WaitGroup
	for i := range jobs {
		id := fmt.Sprintf("job-%d", i)
		ok(t, s.CreateJob(ctx, NewJob(id), audit.Entry{Time: at}))
		wg.Go(func() {
			for r := range rounds {
				ev := make([]job.Event, batch)
				for k := range ev {
					ev[k] = job.Event{Host: "a", Kind: job.Output, Time: at, Data: fmt.Appendf(nil, "%d %d %d", i, r, k)}
				}
				if _, err := s.AppendEvents(ctx, id, ev); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() { // a watcher, never ahead and never with a hole
			for seen := int64(0); seen < rounds*batch && !t.Failed(); {
				ev, err := s.Events(ctx, id, seen, 100)
				if err != nil {
					t.Error(err)
				}
				for _, e := range ev {
					n := int(seen)
					if want := fmt.Sprintf("%d %d %d", i, n/batch, n%batch); e.Seq != seen+1 || string(e.Data) != want {
						t.Errorf("event %d is %q, want %q", e.Seq, e.Data, want)
						return
					}
					seen++
				}
			}
		})
	}
	wg.Wait()
}

func testContext(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	is(t, s.Log(ctx, audit.Entry{Event: "late"}), context.Canceled)
	is(t, s.PutOperator(ctx, operator("late")), context.Canceled)
	got, err := s.AuditRecords(t.Context(), audit.Query{Limit: 10})
	ok(t, err)
	same(t, got, []audit.Record{})
}

// testHostile sends text that would change a statement if it were part of one.
func testHostile(t *testing.T, s store.Store) {
	ctx := t.Context()
	for _, name := range []string{"' or 1=1 -- ", "x'); DROP TABLE operators; --", "%", "_", "a\x00b", "\"", "操作员", ""} {
		_, err := s.Operator(ctx, name)
		is(t, err, store.ErrNotFound)
		ok(t, s.PutOperator(ctx, operator(name)))
		got, err := s.Operator(ctx, name)
		ok(t, err)
		same(t, got, operator(name))
	}
}
