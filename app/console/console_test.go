package console_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"omanager/app/console"
	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/modules"
	"omanager/rpc/client"
	"omanager/rpc/serve"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is a console on a real control server with simulated servers, and the signal that something changed.
type desk struct {
	*console.Console
	t       *testing.T
	changed chan struct{}
}

func newDesk(t *testing.T, settings string) *desk {
	t.Helper()
	dir := t.TempDir() // before the clean-up below, so that it goes after it
	return newDeskOf(t, console.Config{
		Fingerprint: client.Fingerprint,
		Dial:        func(addr, fp string) console.Server { return client.Dial(addr, fp) },
		NewJobID:    client.NewJobID,
		Settings:    settings,
		Demo: func(ctx context.Context) (console.Embedded, error) {
			r, err := serve.Demo(ctx, serve.DemoOptions{Hosts: 12, Dir: dir})
			if err != nil {
				return console.Embedded{}, err
			}
			return console.Embedded{Addr: r.Addr, Fingerprint: r.Fingerprint, Operator: r.Operator, Password: r.Password, KeyFile: r.KeyFile, Close: r.Close}, nil
		},
	})
}

func newDeskOf(t *testing.T, cfg console.Config) *desk {
	t.Helper()
	c := console.New(cfg)
	d := &desk{Console: c, t: t, changed: make(chan struct{}, 1)}
	c.OnChange(func(console.Topic) {
		select {
		case d.changed <- struct{}{}:
		default:
		}
	})
	t.Cleanup(c.Close)
	return d
}

// until waits for the state; every change of it is announced, so nothing is polled. The limit only keeps a fault
// from hanging the test.
func (d *desk) until(what string, done func() bool) {
	d.t.Helper()
	limit := time.After(60 * time.Second)
	for !done() {
		select {
		case <-d.changed:
		case <-limit:
			d.t.Fatalf("%s: not reached; login %v, load %v, plan %v, start %v", what,
				d.Err(console.OpLogin), d.Err(console.OpLoad), d.Err(console.OpPlan), d.Err(console.OpStart))
		}
	}
}

func (d *desk) idle(op console.Op) {
	d.t.Helper()
	d.until(string(op)+" idle", func() bool { return !d.IsBusy(op) })
}

func (d *desk) tryIt() {
	d.t.Helper()
	d.TryIt()
	d.until("modules", func() bool { m, _ := d.Modules(); return len(m) > 0 && !d.IsBusy(console.OpLoad) })
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func code(err error) string {
	var p *problem.Error
	if !errors.As(err, &p) {
		return ""
	}
	return p.Code
}

func TestTryItToGroups(t *testing.T) {
	d := newDesk(t, "")
	d.tryIt()
	if w := d.Who(); !w.In || !w.Demo {
		t.Fatalf("who = %+v, want logged in to the demo", w)
	}
	all := d.Tree().Hosts
	if len(all) != 12 {
		t.Fatalf("%d servers, want 12", len(all))
	}
	d.SetTicked(all)
	d.Choose("1001")
	d.Execute()
	d.until("run", func() bool { return d.Run() != nil })
	d.until("end", func() bool { return d.Run().Snapshot().Done })
	s := d.Run().Snapshot()
	sum := 0
	for _, n := range s.Counts {
		sum += n
	}
	if sum != 12 || s.Running != 0 || s.Waiting != 0 {
		t.Errorf("counts %v, running %d, waiting %d; want 12 ended", s.Counts, s.Running, s.Waiting)
	}
	grouped := 0
	for _, g := range d.Run().Groups() {
		grouped += len(g.Hosts)
	}
	if grouped != 12 {
		t.Errorf("groups hold %d servers, want 12", grouped)
	}
	id := d.Run().ID()
	d.until("history", func() bool { j := d.Jobs(); return len(j) == 1 && j[0].ID == id && j[0].State == job.Finished })

	first := d.Run()
	d.Open(id)
	d.until("opened", func() bool { r := d.Run(); return r != first && r.Snapshot().Done })
	if again := d.Run().Snapshot(); !slices.EqualFunc(again.Rows, s.Rows, func(a, b job.HostView) bool {
		return a.Host == b.Host && a.Outcome == b.Outcome && a.Bytes == b.Bytes
	}) {
		t.Error("the job opened again shows other rows than the job that ran")
	}
	d.Logout()
	if d.Who().In || len(d.Tree().Hosts) != 0 || d.Run() != nil {
		t.Error("after logout something of the session is left")
	}
}

func TestChangingModuleShowsItsPlanFirst(t *testing.T) {
	d := newDesk(t, "")
	d.tryIt()
	hosts := d.Tree().Hosts[:3]
	d.SetTicked(hosts)
	d.Choose("1007")
	d.SetValue("service", "nginx")
	if !d.NeedsPlan() {
		t.Fatal("a module that makes changes asks for no plan")
	}
	d.Execute()
	d.until("plan", func() bool { return d.Plan() != nil })
	d.idle(console.OpStart)
	if d.Run() != nil {
		t.Fatal("it ran before its plan was shown")
	}
	got := []string{}
	for _, x := range d.Plan().Targets {
		got = append(got, x.Host)
	}
	if !slices.Equal(got, hosts) {
		t.Fatalf("targets %v, want %v", got, hosts)
	}
	d.SetTicked(d.Tree().Hosts[:2])
	if d.Plan() != nil {
		t.Fatal("the plan outlived the selection it was made for")
	}
	d.MakePlan()
	d.until("second plan", func() bool { return d.Plan() != nil })
	d.idle(console.OpPlan)
	d.Execute()
	d.until("run", func() bool { return d.Run() != nil && d.Run().Snapshot().Done })
	if n := len(d.Run().Snapshot().Rows); n != 2 {
		t.Errorf("ran on %d servers, want 2", n)
	}
}

func TestFieldErrorsStandAtTheirField(t *testing.T) {
	d := newDesk(t, "")
	d.tryIt()
	d.SetTicked(d.Tree().Hosts)
	d.Choose("1001")
	d.SetValue("lines", "101")
	if c := code(d.Draft().Errors["lines"]); c != "param_range" {
		t.Errorf("101 lines: %q, want param_range", c)
	}
	d.Execute()
	d.idle(console.OpStart)
	if d.Run() != nil || d.Plan() != nil {
		t.Error("a wrong value was sent")
	}
	d.SetValue("lines", "5")
	if e := d.Draft().Errors; len(e) != 0 {
		t.Errorf("errors %v after mending", e)
	}
	d.Choose("1003")
	d.Choose("1001")
	if v := d.Draft().Values["lines"]; v != "5" {
		t.Errorf("lines = %q after coming back, want 5", v)
	}
	d.SetTicked(nil)
	d.Execute()
	if c := code(d.Err(console.OpStart)); c != "no_targets" {
		t.Errorf("nothing ticked: %q, want no_targets", c)
	}
}

func TestFirstLoginAsksForTheFingerprint(t *testing.T) {
	r, err := serve.Demo(t.Context(), serve.DemoOptions{Hosts: 3, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	path := filepath.Join(t.TempDir(), "sub", "console.json")
	d := newDesk(t, path)
	cr := console.Credentials{Address: r.Addr, Operator: r.Operator, Password: "wrong", KeyFile: r.KeyFile}
	d.Login(cr)
	d.until("question", func() bool { return d.Question() != nil })
	if q := d.Question(); q.Fingerprint != r.Fingerprint {
		t.Fatalf("asked about %s, the server has %s", q.Fingerprint, r.Fingerprint)
	}
	d.Trust(false)
	if d.Who().In || d.Question() != nil {
		t.Fatal("no was not taken for an answer")
	}
	d.idle(console.OpLogin)
	d.Login(cr)
	d.until("question", func() bool { return d.Question() != nil })
	d.idle(console.OpLogin)
	d.Trust(true)
	d.until("refused", func() bool { return d.Err(console.OpLogin) != nil })
	if c := code(d.Err(console.OpLogin)); c != "login_refused" {
		t.Fatalf("wrong password: %q, want login_refused", c)
	}
	d.idle(console.OpLogin)
	if len(d.Settings().Profiles) != 0 {
		t.Fatal("a login that was refused is remembered")
	}
	cr.Password = r.Password
	d.Login(cr)
	d.until("question", func() bool { return d.Question() != nil })
	d.idle(console.OpLogin)
	d.Trust(true)
	d.until("in", func() bool { return d.Who().In })
	checkSettings(t, path, r)
}

func checkSettings(t *testing.T, path string, r *serve.Running) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if m := info.Mode().Perm(); m != 0o600 {
		t.Errorf("settings have mode %o, want 600", m)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), r.Password) {
		t.Error("the password is in the settings")
	}
	var s console.SettingsFile
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	want := console.Profile{Address: r.Addr, Fingerprint: r.Fingerprint, Operator: r.Operator, KeyFile: r.KeyFile}
	if len(s.Profiles) != 1 || s.Profiles[0] != want {
		t.Errorf("profiles %+v, want %+v", s.Profiles, want)
	}
}

func TestKeyFileThatIsNotThere(t *testing.T) {
	r, err := serve.Demo(t.Context(), serve.DemoOptions{Hosts: 3, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	d := newDesk(t, "")
	d.Login(console.Credentials{Address: r.Addr, Operator: "x", Password: "y", KeyFile: filepath.Join(t.TempDir(), "none")})
	d.until("question", func() bool { return d.Question() != nil })
	d.idle(console.OpLogin)
	d.Trust(true)
	d.until("error", func() bool { return d.Err(console.OpLogin) != nil })
	if c := code(d.Err(console.OpLogin)); c != "keyfile_read" {
		t.Errorf("code %q, want keyfile_read", c)
	}
}

func TestCancelEndsEveryServer(t *testing.T) {
	d := newDesk(t, "")
	d.tryIt()
	d.SetTicked(d.Tree().Hosts)
	d.Choose("1000")
	d.SetValue("command", "sleep 600")
	d.MakePlan()
	d.until("plan", func() bool { return d.Plan() != nil || d.Err(console.OpPlan) != nil })
	d.idle(console.OpPlan)
	d.SetTyped(len(d.Plan().Targets)) // some are database servers, which are guarded
	d.Execute()
	d.until("running", func() bool { return d.Run() != nil && d.Run().Snapshot().Running > 0 })
	d.CancelRun()
	d.until("end", func() bool { return d.Run().Snapshot().Done })
	for _, r := range d.Run().Snapshot().Rows {
		if !r.Done || r.Outcome == job.OK {
			t.Errorf("%s ended in %q after cancelling", r.Host, r.Outcome)
		}
	}
}

// TestAskedWhileBusy: what only reads is done once more when it was asked for while it ran, for the answer on its way may
// be older than the question.
func TestAskedWhileBusy(t *testing.T) {
	srv := &slow{release: make(chan struct{}), asked: make(chan struct{}, 8)}
	c := console.New(console.Config{
		Fingerprint: func(context.Context, string) (string, error) { return "", nil },
		Dial:        func(string, string) console.Server { return srv },
		Demo: func(context.Context) (console.Embedded, error) {
			return console.Embedded{KeyFile: os.DevNull, Close: func() error { return nil }}, nil
		},
	})
	defer c.Close()
	c.TryIt()
	<-srv.asked // the first, when the session begins
	for range 3 {
		c.LoadHistory()
	}
	close(srv.release)
	<-srv.asked // the last of the three; the others are the same question
	c.Close()
	if n := len(srv.asked); n != 0 {
		t.Errorf("the list was read %d times more than needed", n)
	}
}

// slow is a control server that knows nothing and answers the list of jobs when it is let.
type slow struct {
	console.Server

	release, asked chan struct{}
}

func (s *slow) Session() client.Session { return client.Session{} }

func (s *slow) Login(context.Context, string, string, []byte) error { return nil }
func (s *slow) Logout(context.Context) error                        { return nil }
func (s *slow) Close()                                              {}
func (s *slow) Cancel(context.Context, string) error                { return nil }
func (s *slow) Inventory(context.Context) (*inventory.Inventory, error) {
	return inventory.New(nil, nil), nil
}
func (s *slow) Modules(context.Context) ([]*modules.Module, []string, error) { return nil, nil, nil }
func (s *slow) Plan(context.Context, job.Request) (job.Plan, error)          { return job.Plan{}, nil }
func (s *slow) Job(context.Context, string) (job.Job, error)                 { return job.Job{}, nil }
func (s *slow) Start(context.Context, client.Order) (job.Job, error)         { return job.Job{}, nil }
func (s *slow) RequestApproval(context.Context, string, job.Request, string, string) (job.Approval, error) {
	return job.Approval{}, nil
}
func (s *slow) Approvals(context.Context, bool, int) ([]job.Approval, error) { return nil, nil }
func (s *slow) DecideApproval(context.Context, string, bool, string) (job.Approval, error) {
	return job.Approval{}, nil
}

func (s *slow) Watch(context.Context, string, int64, func([]job.Event) error, func(bool, error)) error {
	return nil
}

func (s *slow) Jobs(ctx context.Context, _ int) ([]job.Job, error) {
	s.asked <- struct{}{}
	select {
	case <-s.release:
	case <-ctx.Done():
	}
	return nil, ctx.Err()
}
