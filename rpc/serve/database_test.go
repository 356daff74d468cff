package serve_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"omanager/app/engine"
	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/data/store/mariadb"
	"omanager/rpc/client"
	"omanager/rpc/serve"
)

func startMaria(t *testing.T) *mariadb.Server {
	t.Helper()
	s, err := mariadb.Start(t.Context(), mariadb.Options{})
	if errors.Is(err, mariadb.ErrMissing) {
		t.Skipf("SKIP: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, s.Close()) })
	return s
}

// mariaFolder makes a data folder with three servers whose database is an empty one behind the socket.
func mariaFolder(t *testing.T, s *mariadb.Server, socket string) (string, serve.Created) {
	t.Helper()
	check(t, s.Create(t.Context(), "OManager"))
	dir := t.TempDir()
	writeDB(t, dir, socket)
	made, err := serve.Init(t.Context(), dir, "boss", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var servers []inventory.Server
	for _, h := range hosts() {
		servers = append(servers, inventory.Server{Serial: h, LIP: "10.0.0." + h[1:], CategoryID: "1", App: "x"})
	}
	option, list := inventory.Marshal(inventory.New([]inventory.Category{{ID: "1", Name: "应用服务器"}}, servers))
	check(t, os.WriteFile(filepath.Join(dir, "assets", "ServerOptioninfo.xml"), option, 0o600))
	check(t, os.WriteFile(filepath.Join(dir, "assets", "Serverinfo.xml"), list, 0o600))
	return dir, made
}

func writeDB(t *testing.T, dir, socket string) {
	t.Helper()
	check(t, os.WriteFile(filepath.Join(dir, "omserver.ini"), []byte("[system]\nmax_servers = 0\nlisten = 127.0.0.1:0\n\n[db]\ndb_ip = "+socket+
		"\ndb_user = "+mariadb.User+"\ndb_pass = "+mariadb.Pass+"\ndb_name = OManager\n"), 0o600))
}

func hosts() []string { return []string{"h1", "h2", "h3"} }

// scribe is an engine whose hosts write down what they ran, one after the other; at is called at each step.
type scribe struct {
	mu  sync.Mutex
	ran map[string]int
	at  func(step string)
}

func (s *scribe) Name() string { return "ssh" }
func (s *scribe) Close() error { return nil }

func (s *scribe) Run(ctx context.Context, _ engine.Task, all []engine.Host, _ int, sink engine.Sink) error {
	s.mu.Lock()
	at := s.at
	s.mu.Unlock()
	for _, h := range all {
		at("begin " + h.ID)
		if ctx.Err() != nil {
			sink.Done(h.ID, engine.Result{Outcome: job.NotStarted, Problem: "host_not_started", Args: map[string]string{"host": h.ID}})
			continue
		}
		if err := sink.Started(h.ID); err != nil {
			sink.Done(h.ID, engine.Result{Outcome: job.NotStarted, Problem: "store_failed", Args: map[string]string{"cause": err.Error()}})
			continue
		}
		s.mu.Lock()
		s.ran[h.ID]++
		s.mu.Unlock()
		at("running " + h.ID)
		sink.Output(h.ID, job.Stdout, []byte("out of "+h.ID+"\n"))
		at("answered " + h.ID)
		sink.Done(h.ID, engine.Result{Outcome: job.OK, HasExit: true})
	}
	return nil
}

// anew gives the hosts new paper.
func (s *scribe) anew(at func(step string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ran, s.at = map[string]int{}, at
}

func (s *scribe) count(host string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ran[host]
}

// heard is a log handler that tells when a message was logged.
type heard struct {
	slog.Handler

	text string
	mu   sync.Mutex
	told chan struct{} // closed and replaced when it was
}

// next is closed the next time.
func (h *heard) next() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.told
}

func (h *heard) Enabled(context.Context, slog.Level) bool { return true }
func (h *heard) Handle(_ context.Context, r slog.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if strings.Contains(r.Message, h.text) {
		close(h.told)
		h.told = make(chan struct{})
	}
	return nil
}

// rig is a whole control server on a MariaDB, its client, and the path between it and the database.
type rig struct {
	*client.Client

	maria  *mariadb.Server
	proxy  *mariadb.Proxy
	server *serve.Server
	scribe *scribe
	plan   job.Plan
	failed *heard
}

func newRig(t *testing.T, s *mariadb.Server, p *mariadb.Proxy, patience time.Duration) *rig {
	t.Helper()
	dir, made := mariaFolder(t, s, p.Socket)
	r := &rig{maria: s, proxy: p, scribe: &scribe{ran: map[string]int{}, at: func(string) {}}, failed: &heard{Handler: slog.DiscardHandler, text: "not stored", told: make(chan struct{})}}
	server, err := serve.Open(t.Context(), serve.Options{Dir: dir, Engine: r.scribe, Patience: patience, Log: slog.New(r.failed)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, server.Close()) })
	r.server = server
	r.Client = loggedIn(t, server.Addr, server.Fingerprint, made)
	if r.plan, err = r.Plan(t.Context(), job.Request{Module: "1003", On: "all"}); err != nil {
		t.Fatal(err)
	}
	return r
}

// finish watches the job to its end, which must be in the list too, with numbers without gaps.
func (r *rig) finish(t *testing.T, id string) *job.View {
	t.Helper()
	v := job.NewView(job.Job{ID: id, Targets: r.plan.Targets})
	last := int64(0)
	check(t, r.Watch(t.Context(), id, 0, func(ev []job.Event) error {
		for _, e := range ev {
			if e.Seq != last+1 {
				t.Errorf("event %d follows %d", e.Seq, last)
			}
			last = e.Seq
		}
		v.Apply(ev)
		return nil
	}, nil))
	all, err := r.Jobs(t.Context(), 1)
	if err != nil || len(all) != 1 || all[0].ID != id || all[0].State != job.Finished {
		t.Errorf("the list begins with %+v, %v", all, err)
	}
	return v
}

// honest compares what the job says of each host with what the host wrote down.
func (r *rig) honest(t *testing.T, v *job.View) {
	t.Helper()
	for _, h := range hosts() {
		ran, row := r.scribe.count(h), v.Row(h)
		switch {
		case ran > 1:
			t.Errorf("%s ran the task %d times", h, ran)
		case row.Outcome == job.OK && ran != 1, row.Outcome == job.NotStarted && ran != 0:
			t.Errorf("%s is %s and ran the task %d times", h, row.Outcome, ran)
		case row.Outcome != job.OK && row.Outcome != job.NotStarted && row.Outcome != job.Unknown:
			t.Errorf("%s is %s", h, row.Outcome)
		}
	}
}

// whole wants every host to have run once, and its whole output.
func (r *rig) whole(t *testing.T, v *job.View) {
	t.Helper()
	r.honest(t, v)
	for _, h := range hosts() {
		if out := string(v.Output(h)); v.Row(h).Outcome != job.OK || out != "out of "+h+"\n" {
			t.Errorf("%s is %s and said %q", h, v.Row(h).Outcome, out)
		}
	}
}

// TestG06 lets a job meet each fault of its database at several steps. While a fault is shorter than the store's
// patience nobody notices. G06 in data/store shows the same for each kind of write.
func TestG06(t *testing.T) {
	s := startMaria(t)
	p, err := s.NewProxy()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, p.Close()) })
	restart := func(t *testing.T) {
		t.Helper()
		check(t, s.Kill())
		check(t, s.Restart(t.Context()))
	}
	r := newRig(t, s, p, 0)
	for _, c := range []struct {
		fault string
		steps []string
		do    func(t *testing.T)
	}{
		{"restarted", []string{"begin h1", "running h2", "answered h3"}, restart},
		{"answer to COMMIT lost", []string{"begin h2", "running h1", "answered h3"}, func(*testing.T) { p.CutNext(mariadb.DropAnswer, 0) }},
		{"COMMIT lost", []string{"begin h1", "answered h2"}, func(*testing.T) { p.CutNext(mariadb.DropCommit, 0) }},
		{"COMMIT late", []string{"begin h3"}, func(*testing.T) { p.CutNext(mariadb.LateCommit, 0) }},
	} {
		for _, step := range c.steps {
			t.Run(c.fault+" at "+step, func(t *testing.T) {
				done := 0
				id := r.start(t, func(now string) {
					if now == step {
						done++
						c.do(t)
					}
				})
				r.whole(t, r.finish(t, id))
				if done != 1 {
					t.Errorf("the fault came %d times", done)
				}
			})
		}
	}
	t.Run("read-only at running h1", r.readOnly)
	check(t, r.server.Close())
	r = newRig(t, s, p, 100*time.Millisecond)
	t.Run("away at running h1", r.away)
	t.Run("COMMIT of the job lost", func(t *testing.T) { r.lostStart(t, mariadb.DropCommit) })
	t.Run("answer to COMMIT of the job lost", func(t *testing.T) { r.lostStart(t, mariadb.DropAnswer) })
	t.Run("messages", r.messages)
}

func order(id string, p job.Plan) client.Order {
	return client.Order{ID: id, On: "all", Plan: p, Confirmed: true, TypedCount: len(p.Targets)}
}

// start starts a job whose hosts tell each step.
func (r *rig) start(t *testing.T, at func(step string)) string {
	t.Helper()
	r.scribe.anew(at)
	id := client.NewJobID()
	if _, err := r.Start(t.Context(), order(id, r.plan)); err != nil {
		t.Fatal(err)
	}
	return id
}

// readOnly: what had begun keeps its outcome, nothing new begins, and the job ends once it can be stored again.
func (r *rig) readOnly(t *testing.T) {
	failed := r.failed.next()
	id := r.start(t, func(now string) {
		switch now {
		case "running h1":
			check(t, r.maria.Exec(context.Background(), "SET GLOBAL read_only = 1"))
		case "begin h2":
			<-failed
		}
	})
	<-failed
	check(t, r.maria.Exec(context.Background(), "SET GLOBAL read_only = 0"))
	v := r.finish(t, id)
	r.honest(t, v)
	if v.Row("h1").Outcome != job.OK || v.Row("h2").Outcome != job.NotStarted || v.Row("h3").Outcome != job.NotStarted {
		t.Errorf("outcomes are %v", v.Counts())
	}
}

// away: the same when the database is gone for longer than the store waits.
func (r *rig) away(t *testing.T) {
	failed := r.failed.next()
	id := r.start(t, func(now string) {
		switch now {
		case "running h1":
			check(t, r.maria.Kill())
		case "begin h2":
			<-failed
		}
	})
	<-failed
	check(t, r.maria.Restart(context.Background()))
	v := r.finish(t, id)
	r.honest(t, v)
	if v.Row("h1").Outcome != job.OK || v.Row("h3").Outcome != job.NotStarted {
		t.Errorf("outcomes are %v", v.Counts())
	}
}

// lostStart: nobody can say whether the job is stored. It is not started; its id, sent again, leads to a job that has
// ended, whether the database had it or not.
func (r *rig) lostStart(t *testing.T, cut mariadb.Cut) {
	r.scribe.anew(func(string) {})
	id := client.NewJobID()
	r.proxy.VanishNext(cut, 0)
	_, err := r.Start(t.Context(), order(id, r.plan))
	wantCode(t, err, "store_unknown")
	if err == nil || !strings.Contains(err.Error(), "omctl jobs") {
		t.Errorf("%v does not say what to do", err)
	}
	r.proxy.Return()
	for {
		_, err = r.Start(t.Context(), order(id, r.plan))
		if code(err) != "store_unknown" && code(err) != "db_lost" {
			break
		}
		time.Sleep(10 * time.Millisecond) // pace of the question, not a limit
	}
	check(t, err)
	v := r.finish(t, id)
	r.honest(t, v)
	if v.Counts()[job.NotStarted] != len(hosts()) || v.Row("h1").Problem != "host_start_lost" {
		t.Errorf("outcomes are %v, %s", v.Counts(), v.Row("h1").Problem)
	}
}

// messages: whoever asks while the database cannot be used is told which fault it is and what to do.
func (r *rig) messages(t *testing.T) {
	start := func(want, hint string) {
		t.Helper()
		_, err := r.Start(t.Context(), order(client.NewJobID(), r.plan))
		wantCode(t, err, want)
		if err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("%v does not say %q", err, hint)
		}
	}
	check(t, r.maria.Exec(t.Context(), "SET GLOBAL read_only = 1"))
	start("db_read_only", "writable")
	check(t, r.maria.Exec(t.Context(), "SET GLOBAL read_only = 0"))
	check(t, r.maria.Kill())
	start("db_lost", "Start the database server again")
	check(t, r.maria.Restart(t.Context()))
	r.whole(t, r.finish(t, r.start(t, func(string) {})))
}
