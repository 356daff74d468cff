package ssh

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"omanager/app/engine"
	"omanager/app/engine/enginetest"
	"omanager/app/engine/enginetest/openssh"
	"omanager/app/job"
)

// real starts n real sshd addresses and an engine for them.
func real(t testing.TB, n int, adjust func(*Config)) (*Engine, []engine.Host, *openssh.Servers) {
	t.Helper()
	s, err := openssh.Start(t.Context(), openssh.Options{N: n})
	if errors.Is(err, openssh.ErrMissing) {
		t.Skipf("no real sshd: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	cfg := Config{User: s.User, KeyFiles: []string{s.KeyFile}, KnownHosts: s.KnownHosts}
	if adjust != nil {
		adjust(&cfg)
	}
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	var hosts []engine.Host
	for i, a := range s.Addrs {
		h := engine.Host{ID: fmt.Sprintf("real%02d", i), Addr: a, Port: s.Port}
		if i%2 == 0 {
			h.HostKey = s.HostKeyLine
		}
		hosts = append(hosts, h)
	}
	return e, hosts, s
}

func TestSuiteOnOpenSSH(t *testing.T) {
	e, hosts, s := real(t, 8, nil)
	dead := engine.Host{ID: "dead", Addr: "127.0.1.250", Port: s.Port, HostKey: s.HostKeyLine}
	enginetest.Run(t, enginetest.Setup{Engine: e, Hosts: hosts, Dead: dead})
}

// one runs a script on the first host.
func one(ctx context.Context, t *testing.T, e *Engine, h engine.Host, script string, limit time.Duration) enginetest.Record {
	t.Helper()
	r := enginetest.NewRecorder()
	task := engine.Task{JobID: "job", Script: []byte(script), Timeout: limit}
	if err := e.Run(ctx, task, []engine.Host{h}, 1, r); err != nil {
		t.Fatal(err)
	}
	return r.Host(h.ID)
}

func TestTimeoutReachesGrandchildrenInTheirOwnSession(t *testing.T) {
	e, hosts, _ := real(t, 1, nil)
	// The fraction tells this run's processes from those of other runs on the machine.
	own := fmt.Sprintf("600.%d", time.Now().UnixNano())
	script := "#!/bin/sh\nsetsid sleep " + own + "1 >/dev/null 2>&1 &\nsetsid sh -c 'echo $$; trap \"\" TERM; sleep " + own + "2; sleep " + own + "3'\n"
	got := one(t.Context(), t, e, hosts[0], script, 2*time.Second)
	if got.Result.Outcome != job.TimedOut {
		t.Fatalf("ended %+v", got.Result)
	}
	left := one(t.Context(), t, e, hosts[0], "for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <\"$f\" 2>/dev/null; echo; done | grep '^sleep "+own+"'\ntrue\n", time.Minute)
	if len(left.Out[job.Stdout]) > 0 {
		t.Errorf("left over: %s", left.Out[job.Stdout])
	}
}

func TestOtherInterpretersRunFromAFile(t *testing.T) {
	e, hosts, _ := real(t, 1, nil)
	script := "#!/bin/bash -e\na=(x y)\necho \"${a[1]} $OM_JOB\"\necho \"$0\"\nexit 5\n"
	got := one(t.Context(), t, e, hosts[0], script, time.Minute)
	first, file, _ := strings.Cut(string(got.Out[job.Stdout]), "\n")
	if first != "y job" || got.Result.Exit != 5 {
		t.Fatalf("got %q %+v", got.Out, got.Result)
	}
	left := one(t.Context(), t, e, hosts[0], "ls -d "+strings.TrimSpace(file)+" 2>/dev/null\ntrue\n", time.Minute)
	if len(left.Out[job.Stdout]) > 0 {
		t.Errorf("script file is still there: %s", left.Out[job.Stdout])
	}
}

func TestSilentBackgroundProcessDoesNotHoldTheHost(t *testing.T) {
	e, hosts, _ := real(t, 1, nil)
	got := one(t.Context(), t, e, hosts[0], "sleep 30 &\necho done\n", time.Minute)
	if got.Result.Outcome != job.OK || string(got.Out[job.Stdout]) != "done\n" || got.Result.Elapsed > 25*time.Second {
		t.Errorf("ended %+v with %q", got.Result, got.Out)
	}
}

func TestSignalIsReported(t *testing.T) {
	e, hosts, _ := real(t, 1, nil)
	got := one(t.Context(), t, e, hosts[0], "kill -USR1 $$\n", time.Minute)
	if got.Result.Outcome != job.Failed || got.Result.Problem != "host_signal" || got.Result.Args["signal"] != "USR1" {
		t.Errorf("ended %+v", got.Result)
	}
}

func TestThreeHundredHostsThroughDefaultMaxStartups(t *testing.T) {
	e, hosts, _ := real(t, 16, nil)
	var many []engine.Host
	for i := range 300 {
		h := hosts[i%len(hosts)]
		h.ID = fmt.Sprint(i)
		many = append(many, h)
	}
	for round := range 2 {
		r := enginetest.NewRecorder()
		began := time.Now()
		if err := e.Run(t.Context(), engine.Task{JobID: "j", Script: []byte("echo ok\n")}, many, 100, r); err != nil {
			t.Fatal(err)
		}
		t.Logf("round %d: %d hosts in %s", round, len(many), time.Since(began))
		for _, h := range many {
			if got := r.Host(h.ID); got.Result.Outcome != job.OK {
				t.Errorf("%s ended %+v", h.ID, got.Result)
			}
		}
	}
}

func TestJumpHosts(t *testing.T) {
	e, hosts, s := real(t, 4, nil)
	h := hosts[3]
	h.Jump = fmt.Sprintf("%s@%s:%d, %s:%d", s.User, hosts[0].Addr, s.Port, hosts[1].Addr, s.Port)
	for range 2 {
		got := one(t.Context(), t, e, h, "echo \"$SSH_CONNECTION\"\n", time.Minute)
		if got.Result.Outcome != job.OK || !strings.Contains(string(got.Out[job.Stdout]), " "+h.Addr+" ") {
			t.Fatalf("ended %+v with %q", got.Result, got.Out)
		}
	}
	if n := e.pool.total; n != 3 {
		t.Errorf("%d connections, want one for each hop and the target", n)
	}
	h.Jump = "127.0.1.250:" + fmt.Sprint(s.Port)
	h.ID = "behind nothing"
	got := one(t.Context(), t, e, h, "true\n", time.Minute)
	if got.Result.Outcome != job.Unreachable || !strings.Contains(got.Result.Args["cause"], "jump host 127.0.1.250") {
		t.Errorf("ended %+v", got.Result)
	}
}
