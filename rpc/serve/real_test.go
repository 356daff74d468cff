package serve_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omanager/app/engine/enginetest/openssh"
	"omanager/app/job"
	"omanager/rpc/client"
	"omanager/rpc/serve"
)

// realFleet is a control server in front of real OpenSSH servers, with a logged-in client.
func realFleet(t *testing.T, n int) (*client.Client, *openssh.Servers, string) {
	t.Helper()
	fleet, err := openssh.Start(t.Context(), openssh.Options{N: n})
	if errors.Is(err, openssh.ErrMissing) {
		t.Skip("SKIPPED: no OpenSSH server on this machine: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, fleet.Close()) })
	dir := filepath.Join(t.TempDir(), "data")
	made, err := serve.Init(t.Context(), dir, "admin", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	check(t, fleet.WriteAssets(filepath.Join(dir, "assets")))
	check(t, fleet.Authorize(made.SSHKey))
	edit(t, filepath.Join(dir, "omserver.ini"), "user = root", "user = "+fleet.User)
	s, err := serve.Open(t.Context(), serve.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, s.Close()) })
	return loggedIn(t, s.Addr, s.Fingerprint, made), fleet, dir
}

func loggedIn(t *testing.T, addr, fingerprint string, made serve.Created) *client.Client {
	t.Helper()
	key, err := os.ReadFile(made.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	c := client.Dial(addr, fingerprint)
	t.Cleanup(c.Close)
	check(t, c.Login(t.Context(), made.Operator, made.Password, key))
	if c.Session().OneTime { // init's operator must choose a password first
		check(t, c.ChangePassword(t.Context(), made.Password, "a password of this test"))
	}
	return c
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func edit(t *testing.T, path, from, to string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte(from)) {
		t.Fatalf("%s does not hold %q", path, from)
	}
	check(t, os.WriteFile(path, bytes.ReplaceAll(b, []byte(from), []byte(to)), 0o600))
}

// runModule plans, starts and watches a job to its end.
func runModule(ctx context.Context, c *client.Client, r job.Request) (*job.View, error) {
	p, err := c.Plan(ctx, r)
	if err != nil {
		return nil, err
	}
	j, err := c.Start(ctx, client.Order{ID: client.NewJobID(), On: r.On, Plan: p, Confirmed: true, TypedCount: len(p.Targets)})
	if err != nil {
		return nil, err
	}
	v := job.NewView(j)
	return v, c.Watch(ctx, j.ID, 0, func(ev []job.Event) error { v.Apply(ev); return nil }, nil)
}

// TestCatalogueOnRealServers runs the modules of the main job on a hundred real OpenSSH servers.
func TestCatalogueOnRealServers(t *testing.T) {
	c, _, _ := realFleet(t, 100)
	inv, err := c.Inventory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(inv.Servers()); n != 100 {
		t.Fatalf("%d servers in the tree, want 100", n)
	}
	for _, tc := range []struct {
		module string
		params map[string]string
		want   func(out string) bool // what the output of a host that ended ok must hold
	}{
		{"1001", map[string]string{"lines": "5"}, nil},
		{"1002", map[string]string{"lines": "5"}, nil},
		{"1003", nil, func(out string) bool { return strings.Contains(out, "Debian") || strings.Contains(out, "Linux") }},
		{"1004", nil, nil},
		{"1006", map[string]string{"app": "sysctl"}, nil},
		{"1007", map[string]string{"service": "nginx"}, nil},
		{"1000", map[string]string{"command": "echo $((6*7)); id -un"}, func(out string) bool { return strings.HasPrefix(out, "42\n") }},
	} {
		t.Run(tc.module, func(t *testing.T) {
			v, err := runModule(t.Context(), c, job.Request{Module: tc.module, On: "all", Params: tc.params})
			if err != nil {
				t.Fatal(err)
			}
			total := 0
			for _, n := range v.Counts() {
				total += n
			}
			if total != 100 {
				t.Errorf("%d servers have an outcome, want 100: %v", total, v.Counts())
			}
			for _, r := range v.Rows() {
				// What the machine has not (a system log, a service) is told as a failed exit with a reason, never as ok.
				if !r.HasExit || (r.Exit != 0) != (r.Outcome == job.Failed) {
					t.Fatalf("%s: outcome %s, exit %d (%v), %s", r.Host, r.Outcome, r.Exit, r.HasExit, v.Output(r.Host))
				}
				if r.Outcome == job.Failed && len(v.Output(r.Host)) == 0 {
					t.Fatalf("%s failed without a word", r.Host)
				}
				if tc.want != nil && (r.Outcome != job.OK || !tc.want(string(v.Output(r.Host)))) {
					t.Fatalf("%s: %s: %q", r.Host, r.Outcome, v.Output(r.Host))
				}
			}
			if g := v.Groups(); len(g) != 1 {
				t.Errorf("%d groups on servers that are one machine, want 1", len(g))
			}
		})
	}
}

// TestChangedHostKey gives one server another key in the assets: nothing is sent to it, the others run.
func TestChangedHostKey(t *testing.T) {
	c, fleet, dir := realFleet(t, 3)
	path := filepath.Join(dir, "assets", "Serverinfo.xml")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The last server's key becomes one that no machine has.
	const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJUZD0ZpDEXHqU1RUwfHDnzYFjsY4zzhTPDxvbFD3pkJ"
	i := bytes.LastIndex(b, []byte(fleet.HostKeyLine))
	if i < 0 {
		t.Fatal("the assets hold no host key")
	}
	b = append(b[:i:i], append([]byte(other), b[i+len(fleet.HostKeyLine):]...)...)
	b = bytes.Replace(b, []byte("</locate>"), []byte("-moved</locate>"), 1)
	check(t, os.WriteFile(path, b, 0o600))
	waitForRack(t, c, "-moved")
	v, err := runModule(t.Context(), c, job.Request{Module: "1000", On: "all", Params: map[string]string{"command": "echo ran"}})
	if err != nil {
		t.Fatal(err)
	}
	rows := v.Rows()
	last := rows[len(rows)-1]
	if last.Outcome != job.Unreachable || last.Problem != "host_key_changed" || last.Args["got"] == "" || last.Args["want"] == "" {
		t.Errorf("changed key: %s %s %v", last.Outcome, last.Problem, last.Args)
	}
	if v.Counts()[job.OK] != 2 {
		t.Errorf("the others: %v", v.Counts())
	}
}

// waitForRack polls until the control server has read the assets again: the first server's rack ends with the mark.
func waitForRack(t *testing.T, c *client.Client, mark string) {
	t.Helper()
	for t.Context().Err() == nil {
		inv, err := c.Inventory(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(inv.Servers()[0].Locate, mark) {
			return
		}
		time.Sleep(20 * time.Millisecond) // pace of the poll, not a limit
	}
}
