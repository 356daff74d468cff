package serve_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/emptypb"

	"omanager/app/account"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/data/store"
	"omanager/rpc/client"
	v1 "omanager/rpc/omanager/v1"
	"omanager/rpc/serve"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func demoFleet(t *testing.T, hosts int) (*client.Client, *serve.Running) {
	t.Helper()
	r, err := serve.Demo(t.Context(), serve.DemoOptions{Hosts: hosts, Dir: filepath.Join(t.TempDir(), "demo")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, r.Close()) })
	return loggedIn(t, r.Addr, r.Fingerprint, r.Created), r
}

func code(err error) string {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p.Code
	}
	return "none"
}

func wantCode(t *testing.T, err error, want string) {
	t.Helper()
	if got := code(err); got != want {
		t.Errorf("problem %s (%v), want %s", got, err, want)
	}
}

var echo = job.Request{Module: "1000", On: "web01", Params: map[string]string{"command": "echo hi"}}

// TestStartIsIdempotent: an answer that got lost is asked for again; the job runs once.
func TestStartIsIdempotent(t *testing.T) {
	c, _ := demoFleet(t, 4)
	p, err := c.Plan(t.Context(), echo)
	if err != nil {
		t.Fatal(err)
	}
	id := client.NewJobID()
	for range 3 {
		j, err := c.Start(t.Context(), client.Order{ID: id, On: echo.On, Plan: p, Confirmed: true})
		if err != nil || j.ID != id {
			t.Fatalf("Start: %v %v", j.ID, err)
		}
	}
	v := job.NewView(job.Job{ID: id, Targets: p.Targets})
	check(t, c.Watch(t.Context(), id, 0, func(ev []job.Event) error { v.Apply(ev); return nil }, nil))
	if got := string(v.Output("web01")); got != "hi\n" {
		t.Errorf("output %q, want one line", got)
	}
	if jobs, err := c.Jobs(t.Context(), 10); err != nil || len(jobs) != 1 {
		t.Errorf("%d jobs stored (%v), want 1", len(jobs), err)
	}
}

// TestWhatWasConfirmedIsWhatRuns: another plan hash, or a missing confirmation, starts nothing.
func TestWhatWasConfirmedIsWhatRuns(t *testing.T) {
	c, _ := demoFleet(t, 4)
	p, err := c.Plan(t.Context(), echo)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Start(t.Context(), client.Order{ID: client.NewJobID(), On: echo.On, Plan: p, Confirmed: false})
	wantCode(t, err, "confirm_needed")
	_, err = c.Start(t.Context(), client.Order{ID: client.NewJobID(), On: "web01,db01", Plan: p, Confirmed: true})
	wantCode(t, err, "plan_changed")
	p.Params = map[string]string{"command": "rm -rf /"}
	p.Given = p.Params
	_, err = c.Start(t.Context(), client.Order{ID: client.NewJobID(), On: echo.On, Plan: p, Confirmed: true})
	wantCode(t, err, "plan_changed")
	if jobs, err := c.Jobs(t.Context(), 10); err != nil || len(jobs) != 0 {
		t.Errorf("%d jobs stored (%v), want none", len(jobs), err)
	}
}

// addOperator stores an operator beside the running server, as `omserver operator add` will.
func addOperator(t *testing.T, r *serve.Running, name, privileges string) *client.Client {
	t.Helper()
	st, err := store.OpenSQLite(t.Context(), filepath.Join(r.Dir, "omanager.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { check(t, st.Close()) }()
	key := account.NewKeyFile()
	priv, err := account.KeyFromFile(key)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := account.HashPassword("password of "+name, account.FloorParams())
	if err != nil {
		t.Fatal(err)
	}
	check(t, st.PutOperator(t.Context(), account.Operator{
		Name: name, Password: hash, PublicKey: priv.Public().(ed25519.PublicKey), Privileges: privileges, Created: time.Now(),
	}))
	c := client.Dial(r.Addr, r.Fingerprint)
	t.Cleanup(c.Close)
	check(t, c.Login(t.Context(), name, "password of "+name, key))
	return c
}

func TestPrivileges(t *testing.T) {
	root, r := demoFleet(t, 12)
	all, err := root.Inventory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	web, _ := all.Get("web01")
	db, ok := all.Get("db01")
	if !ok || web.CategoryID == db.CategoryID {
		t.Fatalf("web01 is in category %q, db01 in %q", web.CategoryID, db.CategoryID)
	}
	jobView, err := runModule(t.Context(), root, echo)
	if err != nil {
		t.Fatal(err)
	}

	t.Run("zhiban looks but does not run", func(t *testing.T) {
		duty := addOperator(t, r, "duty", "zhiban")
		inv, err := duty.Inventory(t.Context())
		if err != nil || len(inv.Servers()) != len(all.Servers()) {
			t.Fatalf("sees %v servers, %v", len(inv.Servers()), err)
		}
		_, err = duty.Plan(t.Context(), echo)
		wantCode(t, err, "not_allowed")
	})
	t.Run("a category is all one sees", func(t *testing.T) {
		one := addOperator(t, r, "dba", db.CategoryID)
		inv, err := one.Inventory(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range inv.Servers() {
			if s.CategoryID != db.CategoryID {
				t.Errorf("sees %s of category %s", s.ID, s.CategoryID)
			}
		}
		_, err = one.Plan(t.Context(), echo)
		wantCode(t, err, "expr_unknown")
		_, err = one.Job(t.Context(), jobView.Job().ID)
		wantCode(t, err, "job_unknown")
		wantCode(t, one.Watch(t.Context(), jobView.Job().ID, 0, func([]job.Event) error { return nil }, nil), "job_unknown")
		wantCode(t, one.Cancel(t.Context(), jobView.Job().ID), "job_unknown")
		if v, err := runModule(t.Context(), one, job.Request{Module: "1000", On: "db01", Params: echo.Params}); err != nil || v.Counts()[job.OK] != 1 {
			t.Errorf("its own server: %v %v", v, err)
		}
	})
}

// TestA03EveryCallNeedsASession calls every procedure of the service, found by reflection, without and with a wrong token.
func TestA03EveryCallNeedsASession(t *testing.T) {
	good, r := demoFleet(t, 1)
	h := client.HTTPClient(r.Addr, r.Fingerprint)
	defer h.CloseIdleConnections()
	methods := v1.File_omanager_v1_omanager_proto.Services().ByName("ControlService").Methods()
	open := []string{"Challenge", "Login"}
	for i := range methods.Len() {
		m := methods.Get(i)
		if slices.Contains(open, string(m.Name())) {
			continue
		}
		url := "https://" + r.Addr + "/omanager.v1.ControlService/" + string(m.Name())
		for _, token := range []string{"", "Bearer ", "Bearer wrong", "Basic " + good.Session().Token} {
			if err := callRaw(t.Context(), connect.NewClient[emptypb.Empty, emptypb.Empty](h, url), token, m.IsStreamingServer()); connect.CodeOf(err) != connect.CodePermissionDenied {
				t.Errorf("%s with %q: %v, want permission_denied", m.Name(), token, err)
			}
		}
		// The negative control: the same call with the right token passes the gate (whatever it then says).
		err := callRaw(t.Context(), connect.NewClient[emptypb.Empty, emptypb.Empty](h, url), "Bearer "+good.Session().Token, m.IsStreamingServer())
		if m.Name() != "Start" && connect.CodeOf(err) == connect.CodePermissionDenied && err != nil {
			t.Errorf("%s with the right token: %v", m.Name(), err)
		}
		if m.Name() == "Logout" {
			good, r = again(t, r)
		}
	}
}

func again(t *testing.T, r *serve.Running) (*client.Client, *serve.Running) {
	t.Helper()
	return loggedIn(t, r.Addr, r.Fingerprint, r.Created), r
}

func callRaw(ctx context.Context, c *connect.Client[emptypb.Empty, emptypb.Empty], auth string, stream bool) error {
	return sendRaw(ctx, c, &emptypb.Empty{}, auth, stream)
}

func sendRaw(ctx context.Context, c *connect.Client[emptypb.Empty, emptypb.Empty], msg *emptypb.Empty, auth string, stream bool) error {
	req := connect.NewRequest(msg)
	if auth != "" {
		req.Header().Set("Authorization", auth)
	}
	if !stream {
		_, err := c.CallUnary(ctx, req)
		return err
	}
	s, err := c.CallServerStream(ctx, req)
	if err != nil {
		return err
	}
	for s.Receive() {
	}
	return errors.Join(s.Err(), s.Close())
}

// TestCancelIsProved cancels a command that would run for ten minutes.
func TestCancelIsProved(t *testing.T) {
	c, _ := demoFleet(t, 4)
	r := job.Request{Module: "1000", On: "web01", Params: map[string]string{"command": "echo begun; sleep 600"}}
	p, err := c.Plan(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	j, err := c.Start(t.Context(), client.Order{ID: client.NewJobID(), On: r.On, Plan: p, Confirmed: true})
	if err != nil {
		t.Fatal(err)
	}
	v := job.NewView(j)
	var once sync.Once
	check(t, c.Watch(t.Context(), j.ID, 0, func(ev []job.Event) error {
		v.Apply(ev)
		if len(v.Output("web01")) > 0 {
			once.Do(func() { err = c.Cancel(t.Context(), j.ID) })
		}
		return err
	}, nil))
	if v.Counts()[job.Cancelled] != 1 || v.Row("web01").Problem != "host_cancelled" {
		t.Errorf("outcome %v %s", v.Counts(), v.Row("web01").Problem)
	}
	if string(v.Output("web01")) != "begun\n" {
		t.Errorf("what had arrived is lost: %q", v.Output("web01"))
	}
}

// TestWatchSurvivesCuts watches through a proxy that cuts every connection after a few kilobytes.
func TestWatchSurvivesCuts(t *testing.T) {
	direct, r := demoFleet(t, 4)
	proxy := cuttingProxy(t, r.Addr, 6000)
	c := client.Dial(proxy, r.Fingerprint)
	t.Cleanup(c.Close)
	c.Resume(direct.Session())
	req := job.Request{Module: "1000", On: "web01", Params: map[string]string{"command": "for i in $(seq 1 40); do echo line-$i; seq 1 300; sleep 0.01; done"}}
	p, err := direct.Plan(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	j, err := direct.Start(t.Context(), client.Order{ID: client.NewJobID(), On: req.On, Plan: p, Confirmed: true})
	if err != nil {
		t.Fatal(err)
	}
	var last int64
	losses := 0
	v := job.NewView(j)
	check(t, c.Watch(t.Context(), j.ID, 0, func(ev []job.Event) error {
		for _, e := range ev {
			if e.Seq != last+1 {
				t.Errorf("event %d follows %d", e.Seq, last)
			}
			last = e.Seq
		}
		v.Apply(ev)
		return nil
	}, func(up bool, _ error) {
		if !up {
			losses++
		}
	}))
	if losses == 0 {
		t.Error("the proxy cut nothing: this test proved nothing")
	}
	if got := strings.Count(string(v.Output("web01")), "line-"); got != 40 {
		t.Errorf("%d of 40 lines arrived after %d cuts", got, losses)
	}
}

// cuttingProxy forwards TCP and resets each connection after n bytes from the server.
func cuttingProxy(t *testing.T, to string, n int64) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { _ = ln.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			wg.Add(2)
			go func() { defer wg.Done(); _, _ = io.Copy(out, in); _ = out.Close() }()
			go func() { defer wg.Done(); _, _ = io.CopyN(in, out, n); _ = in.Close(); _ = out.Close() }()
		}
	})
	return ln.Addr().String()
}

// TestNewModuleAppears drops a module folder into the running server's data folder.
func TestNewModuleAppears(t *testing.T) {
	c, r := demoFleet(t, 1)
	dir := filepath.Join(r.Dir, "modules", "bas_4711_hello")
	check(t, os.MkdirAll(dir, 0o700))
	for name, body := range map[string]string{
		"form.xrc":    `<?xml version="1.0" encoding="utf-8"?><resource><object class="wxPanel" name="panel"><object class="wxStaticText" name="l"><label>Hello</label></object></object></resource>`,
		"ssh.sh":      "#!/bin/sh\necho hello\n",
		"module.yaml": "titles: {en: Hello, zh: 你好}\ndanger: low\n",
	} {
		check(t, os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600))
	}
	for t.Context().Err() == nil {
		p, err := c.Plan(t.Context(), job.Request{Module: "4711", On: "all"})
		if err == nil {
			if p.Title != "Hello" {
				t.Errorf("title %q", p.Title)
			}
			return
		}
		if code(err) != "module_unknown" {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond) // pace of the poll, not a limit
	}
}
