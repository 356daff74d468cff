package control_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/control"
	"omanager/app/engine"
	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/data/store"
	"omanager/modules"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// faulty is the real store with a switch: while broken, events are refused as on a full disk.
type faulty struct {
	store.Store
	broken   atomic.Bool
	refused  atomic.Int64
	unlogged atomic.Bool                                             // the operation log cannot be written
	looked   atomic.Int64                                            // how often a session was looked up
	finished atomic.Pointer[func(jobID string)]                      // called before a job's end is stored
	logged   atomic.Pointer[func(audit.Entry)]                       // called when a record is stored
	edit     atomic.Pointer[func(audit.Record) (audit.Record, bool)] // of what is read; false: it is not there
	headAt   atomic.Int64                                            // if set, the number that the log's head tells
}

func (f *faulty) Log(ctx context.Context, e audit.Entry) error {
	if f.unlogged.Load() {
		return store.ErrFull
	}
	if err := f.Store.Log(ctx, e); err != nil {
		return err
	}
	if call := f.logged.Load(); call != nil {
		(*call)(e)
	}
	return nil
}

func (f *faulty) Session(ctx context.Context, hash []byte) (account.Session, error) {
	f.looked.Add(1)
	return f.Store.Session(ctx, hash)
}

func (f *faulty) SetJobState(ctx context.Context, id string, s job.State, at time.Time, counts map[job.Outcome]int) error {
	if f.broken.Load() {
		return store.ErrFull
	}
	if call := f.finished.Load(); call != nil && s == job.Finished {
		(*call)(id)
	}
	return f.Store.SetJobState(ctx, id, s, at, counts)
}

func (f *faulty) AppendEvents(ctx context.Context, id string, ev []job.Event) ([]job.Event, error) {
	if f.broken.Load() {
		f.refused.Add(1)
		return nil, store.ErrFull
	}
	return f.Store.AppendEvents(ctx, id, ev)
}

// ledger is an engine that keeps the contract and writes down which hosts it really ran the task on.
type ledger struct {
	mu   sync.Mutex
	ran  map[string]int
	gate func(host string) // called before the intent
}

func (l *ledger) Name() string { return "ssh" }
func (l *ledger) Close() error { return nil }
func (l *ledger) Run(ctx context.Context, _ engine.Task, hosts []engine.Host, _ int, s engine.Sink) error {
	for _, h := range hosts {
		if l.gate != nil {
			l.gate(h.ID)
		}
		if ctx.Err() != nil {
			s.Done(h.ID, engine.Result{Outcome: job.NotStarted, Problem: "host_not_started", Args: map[string]string{"host": h.ID}})
			continue
		}
		if err := s.Started(h.ID); err != nil {
			s.Done(h.ID, engine.Result{Outcome: job.NotStarted, Problem: "store_failed", Args: map[string]string{"cause": err.Error()}})
			continue
		}
		l.mu.Lock()
		l.ran[h.ID]++
		l.mu.Unlock()
		s.Output(h.ID, job.Stdout, []byte("out of "+h.ID+"\n"))
		s.Done(h.ID, engine.Result{Outcome: job.OK, HasExit: true})
	}
	return nil
}

type rig struct {
	*control.Control
	store   *faulty
	engine  *ledger
	path    string
	outside chan audit.Checkpoint
}

// token is the admin's: watching looks the session up again each second.
var token = base64.RawURLEncoding.EncodeToString(make([]byte, 32))

var admin = control.Caller{Token: token, Operator: account.Operator{Name: "admin", Privileges: "root"}, Source: "test"}

func putAdmin(t *testing.T, st store.Store) {
	t.Helper()
	must(t, st.PutOperator(t.Context(), account.Operator{Name: "admin", Privileges: "root", Created: time.Now()}))
	hash := sha256.Sum256(make([]byte, 32))
	now := time.Now()
	must(t, st.DeleteSessionsOf(t.Context(), "admin")) // of the process before
	must(t, st.PutSession(t.Context(), account.Session{TokenHash: hash[:], Operator: "admin", Created: now, LastUsed: now, Expires: now.Add(time.Hour)}))
}

func newRig(t *testing.T, path string) *rig {
	t.Helper()
	return newRigOf(t, path, inventory.Normal, inventory.Normal)
}

func newRigOf(t *testing.T, path string, levels ...inventory.Level) *rig {
	t.Helper()
	real, err := store.OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{store: &faulty{Store: real}, engine: &ledger{ran: map[string]int{}}, path: path, outside: make(chan audit.Checkpoint, 100)}
	putAdmin(t, real)
	cat, err := modules.Open(modules.Library())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeAssets(t, dir, levels...)
	inv, err := inventory.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	r.Control, err = control.New(t.Context(), control.Deps{
		Store: r.store, Accounts: account.NewService(r.store, "server", account.Options{}), Inventory: inv, Catalogue: cat,
		Engine: r.engine, Log: slog.New(slog.DiscardHandler), ServerID: "server", MaxServers: 5, StorePath: path,
		Outside: []control.Outside{func(p audit.Checkpoint) error { r.outside <- p; return nil }},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) close(t *testing.T) {
	t.Helper()
	if err := errors.Join(r.Control.Close(), r.store.Close()); err != nil {
		t.Error(err)
	}
}

func (r *rig) start(t *testing.T, id, on string) (job.Job, error) {
	t.Helper()
	req := job.Request{Module: "1000", On: on, Params: map[string]string{"command": "true"}}
	p, err := r.Plan(t.Context(), admin, req)
	if err != nil {
		return job.Job{}, err
	}
	return r.Start(t.Context(), admin, control.Order{ID: id, Request: req, PlanHash: p.Hash, Confirmed: true})
}

func (r *rig) watch(t *testing.T, j job.Job) *job.View {
	t.Helper()
	v := job.NewView(j)
	if err := r.Watch(t.Context(), admin, j.ID, 0, func(ev []job.Event) error { v.Apply(ev); return nil }); err != nil {
		t.Fatal(err)
	}
	return v
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// TestFullDiskDuringAJob: hosts whose intent cannot be stored are not touched, and every outcome is stored once there is
// room again.
func TestFullDiskDuringAJob(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "db"))
	defer r.close(t)
	r.engine.gate = func(host string) { r.store.broken.Store(host >= "h2") }
	go func() { // the disk has room again once the refusals were seen
		for r.store.refused.Load() < 3 {
			time.Sleep(time.Millisecond)
		}
		r.store.broken.Store(false)
	}()
	j, err := r.start(t, newID(), "all")
	if err != nil {
		t.Fatal(err)
	}
	v := r.watch(t, j)
	if c := v.Counts(); c[job.OK] != 1 || c[job.NotStarted] != 3 {
		t.Errorf("outcomes %v, want h1 ok and the others not started", c)
	}
	if r.engine.ran["h1"] != 1 || len(r.engine.ran) != 1 {
		t.Errorf("ran on %v, want h1 alone", r.engine.ran)
	}
}

// TestRestartSettlesOpenJobs: intents without an end become unknown, hosts without an intent not started; nothing runs.
func TestRestartSettlesOpenJobs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	r := newRig(t, path)
	id := newID()
	ts := []job.Target{{Host: "h1"}, {Host: "h2"}, {Host: "h3"}}
	j := job.Job{ID: id, Operator: "admin", Module: "1000", Targets: ts, State: job.Queued, Created: time.Now()}
	must(t, r.store.CreateJob(t.Context(), j, audit.Entry{Event: "job_start", Job: id, Time: time.Now()}))
	_, err := r.store.AppendEvents(t.Context(), id, []job.Event{
		{Kind: job.JobStarted}, {Kind: job.HostStarted, Host: "h1"}, {Kind: job.HostStarted, Host: "h2"},
		{Kind: job.HostDone, Host: "h1", Outcome: job.OK, HasExit: true},
	})
	must(t, err)
	r.close(t) // the process ends here, without a word about h2 and h3

	r = newRig(t, path)
	defer r.close(t)
	got, err := r.Job(t.Context(), admin, id)
	must(t, err)
	if got.State != job.Finished || got.Counts[job.OK] != 1 || got.Counts[job.Unknown] != 1 || got.Counts[job.NotStarted] != 1 {
		t.Errorf("settled as %s %v", got.State, got.Counts)
	}
	v := r.watch(t, got)
	if v.Row("h2").Problem != "host_interrupted" || v.Row("h3").Problem != "host_never_begun" {
		t.Errorf("h2 %s, h3 %s", v.Row("h2").Problem, v.Row("h3").Problem)
	}
	if len(r.engine.ran) != 0 {
		t.Errorf("ran again on %v", r.engine.ran)
	}
}

// TestSubmittedManyTimesAtOnce: one id from many goroutines is one job, run once.
func TestSubmittedManyTimesAtOnce(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "db"))
	defer r.close(t)
	id := newID()
	var wg sync.WaitGroup
	errs := make(chan error, 20)
	for range cap(errs) {
		wg.Go(func() {
			_, err := r.start(t, id, "h1,h2")
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		must(t, err)
	}
	j, err := r.Job(t.Context(), admin, id)
	must(t, err)
	r.watch(t, j)
	r.engine.mu.Lock()
	defer r.engine.mu.Unlock()
	if r.engine.ran["h1"] != 1 || r.engine.ran["h2"] != 1 {
		t.Errorf("ran %v times", r.engine.ran)
	}
}

// TestTheLastEventComesWithTheEndStored: while the end of a job is being stored, a watcher that reads everything there
// is does not see the last event yet; so whoever has seen it finds the job finished.
func TestTheLastEventComesWithTheEndStored(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "db"))
	defer r.close(t)
	var early atomic.Bool
	var watching sync.WaitGroup
	call := func(id string) {
		seen := make(chan struct{})
		watching.Go(func() {
			must(t, r.Watch(context.Background(), admin, id, 0, func(ev []job.Event) error {
				if ev[len(ev)-1].Kind == job.JobDone {
					close(seen)
				}
				return nil
			}))
		})
		before := r.store.looked.Load()
		for r.store.looked.Load() < before+2 { // a watcher that has sent all it may looks its session up
			select {
			case <-seen:
				early.Store(true)
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	r.store.finished.Store(&call)
	j, err := r.start(t, newID(), "h1")
	must(t, err)
	r.watch(t, j)
	watching.Wait()
	if early.Load() {
		t.Error("the last event was seen before the end of the job was stored")
	}
	got, err := r.Job(t.Context(), admin, j.ID)
	must(t, err)
	if got.State != job.Finished || got.Counts[job.OK] != 1 {
		t.Errorf("after the last event the job is %s, %v", got.State, got.Counts)
	}
}

func TestRefusals(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "db"))
	defer r.close(t)
	wantCode := func(err error, want string) {
		t.Helper()
		var p *problem.Error
		if !errors.As(err, &p) || p.Code != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	_, err := r.Start(t.Context(), admin, control.Order{ID: "not a uuid"})
	wantCode(err, "usage")
	r.MaxServers = 3
	_, err = r.start(t, newID(), "all")
	wantCode(err, "too_many_servers")
	nobody := control.Caller{Operator: account.Operator{Name: "nobody"}}
	_, err = r.Plan(t.Context(), nobody, job.Request{Module: "1003", On: "h1"})
	wantCode(err, "not_allowed")
	strange := control.Caller{Operator: account.Operator{Name: "x", Privileges: "root; drop"}}
	seen, err := r.View(strange)
	if err != nil || len(seen.Servers())+len(seen.Categories()) > 0 {
		t.Errorf("who has rights that nobody understands sees %d servers, %v", len(seen.Servers()), err)
	}
	log, err := r.store.AuditRecords(t.Context(), audit.Query{Limit: 10})
	must(t, err)
	refused := 0
	for _, e := range log {
		if e.Event == "job_refused" {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d refused starts in the operation log, want 1", refused)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
