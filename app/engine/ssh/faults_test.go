package ssh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"omanager/app/engine"
	"omanager/app/engine/enginetest"
	"omanager/app/job"
	"omanager/app/problem"
)

// want checks the end of a host, and that its sentence is whole.
func want(t *testing.T, got enginetest.Record, o job.Outcome, code string) {
	t.Helper()
	if got.Result.Outcome != o || got.Result.Problem != code {
		t.Fatalf("ended %+v with %q, want %s %s", got.Result, got.Out, o, code)
	}
	for _, lang := range []string{"en", "zh"} {
		if text := problem.Text(lang, code, got.Result.Args); code != "" && strings.ContainsAny(text, "{}") {
			t.Errorf("%s sentence has a hole: %s", lang, text)
		}
	}
}

func quick(c *Config) { c.HandshakeTimeout, c.KeepAlive = time.Second, 50*time.Millisecond }

func TestSilentAndBabblingServersAreUnreachable(t *testing.T) {
	for name, greet := range map[string]func(int32, net.Conn) bool{
		"silence": func(_ int32, c net.Conn) bool { _, _ = io.Copy(io.Discard, c); return false },
		"endless banner": func(_ int32, c net.Conn) bool {
			for {
				if _, err := c.Write(bytes.Repeat([]byte("x"), 4096)); err != nil {
					return false
				}
			}
		},
		"one byte at a time": func(_ int32, c net.Conn) bool {
			for range 1000 {
				if _, err := c.Write([]byte("S")); err != nil {
					return false
				}
				time.Sleep(10 * time.Millisecond)
			}
			return false
		},
		"not ssh": func(_ int32, c net.Conn) bool { say(c, "HTTP/1.1 400 Bad Request\r\n\r\n"); return false },
	} {
		t.Run(name, func(t *testing.T) {
			f := (&fake{greet: greet}).start(t, newSigner(t))
			e := newEngine(t, quick)
			want(t, one(t.Context(), t, e, f.host, "true\n", time.Minute), job.Unreachable, "host_unreachable")
		})
	}
}

// TestHangingServersHoldUpNobody: while as many servers as may be dialled at once say nothing, another one is reached and
// done before the first of them is given up.
func TestHangingServersHoldUpNobody(t *testing.T) {
	silence := func(_ int32, c net.Conn) bool { _, _ = io.Copy(io.Discard, c); return false }
	e := newEngine(t, func(c *Config) { c.MaxDialing, c.DialTurn, c.HandshakeTimeout = 2, 20*time.Millisecond, 5*time.Second })
	r := &order{Recorder: enginetest.NewRecorder()}
	var hosts []engine.Host
	for i := range 4 {
		f := (&fake{greet: silence}).start(t, newSigner(t))
		f.host.ID = "silent" + strconv.Itoa(i)
		hosts = append(hosts, f.host)
	}
	f := (&fake{sessions: true, exec: good}).start(t, newSigner(t))
	task := engine.Task{JobID: "job", Script: []byte("true\n"), Timeout: time.Minute}
	if err := e.Run(t.Context(), task, append(hosts, f.host), 5, r); err != nil {
		t.Fatal(err)
	}
	if r.ended[0] != "fake" || r.Host("fake").Result.Outcome != job.OK {
		t.Errorf("ended in the order %v; the healthy one: %+v", r.ended, r.Host("fake").Result)
	}
}

// order notes in which order hosts end.
type order struct {
	*enginetest.Recorder

	mu    sync.Mutex
	ended []string
}

func (o *order) Done(host string, res engine.Result) {
	o.mu.Lock()
	o.ended = append(o.ended, host)
	o.mu.Unlock()
	o.Recorder.Done(host, res)
}

func TestSessionThatIsNeverOpened(t *testing.T) {
	f := (&fake{}).start(t, newSigner(t))
	got := one(t.Context(), t, newEngine(t, quick), f.host, "true\n", time.Minute)
	want(t, got, job.Unreachable, "host_unreachable")
	if got.Started {
		t.Error("it counts as started")
	}
}

func TestDroppedConnectionsAreTriedAgain(t *testing.T) {
	drop := func(upTo int32) func(int32, net.Conn) bool { return func(n int32, _ net.Conn) bool { return n > upTo } }
	f := (&fake{sessions: true, exec: good, greet: drop(2)}).start(t, newSigner(t))
	e := newEngine(t, nil)
	want(t, one(t.Context(), t, e, f.host, "true\n", time.Minute), job.OK, "")
	if n := f.conns.Load(); n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
	f = (&fake{greet: drop(1000)}).start(t, newSigner(t))
	want(t, one(t.Context(), t, e, f.host, "true\n", time.Minute), job.Unreachable, "host_unreachable")
	if n := f.conns.Load(); n != 1+maxRetries {
		t.Errorf("%d connections, want %d", n, 1+maxRetries)
	}
}

func TestRefusedLoginIsNotTriedAgain(t *testing.T) {
	f := (&fake{refuse: true}).start(t, newSigner(t))
	want(t, one(t.Context(), t, newEngine(t, nil), f.host, "true\n", time.Minute), job.Unreachable, "host_auth")
	if f.conns.Load() != 1 || f.logins.Load() != 1 {
		t.Errorf("%d connections and %d logins, want one each", f.conns.Load(), f.logins.Load())
	}
}

func TestChangedAndUnknownHostKeysGetNothing(t *testing.T) {
	key, other := newSigner(t), newSigner(t)
	e := newEngine(t, nil)
	f := (&fake{sessions: true, exec: good}).start(t, key)
	f.host.HostKey = line(other)
	got := one(t.Context(), t, e, f.host, "true\n", time.Minute)
	want(t, got, job.Unreachable, "host_key_changed")
	if got.Result.Args["got"] != ssh.FingerprintSHA256(key.PublicKey()) || got.Result.Args["want"] != ssh.FingerprintSHA256(other.PublicKey()) {
		t.Errorf("fingerprints %v", got.Result.Args)
	}
	f.host.HostKey = ""
	want(t, one(t.Context(), t, e, f.host, "true\n", time.Minute), job.Unreachable, "host_key_unknown")
	if f.logins.Load() != 0 {
		t.Error("a login was offered to a server with a wrong key")
	}
	f.host.HostKey = line(other) + "\n" + line(key)
	want(t, one(t.Context(), t, e, f.host, "true\n", time.Minute), job.OK, "")
}

func TestKnownHostsFile(t *testing.T) {
	first, known, other := newECDSA(t), newSigner(t), newSigner(t)
	f := (&fake{sessions: true, exec: good}).start(t, first, known)
	f.host.HostKey = ""
	file := filepath.Join(t.TempDir(), "known_hosts")
	e := newEngine(t, func(c *Config) { c.KnownHosts = file })
	write := func(prefix string, k ssh.Signer) {
		addr := joinPort(f.host.Addr, f.host.Port)
		text := prefix + knownhosts.Line([]string{addr}, k.PublicKey()) + "\n" + strings.Repeat("\n", int(time.Now().UnixNano()%97))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want(t, one(t.Context(), t, e, f.host, "true\n", time.Minute), job.Unreachable, "host_key_unknown")
	write("", other)
	want(t, one(t.Context(), t, e, f.host, "true\n", time.Minute), job.Unreachable, "host_key_changed")
	write("@revoked ", known)
	want(t, one(t.Context(), t, e, f.host, "true\n", time.Minute), job.Unreachable, "host_key_unknown")
	if f.logins.Load() != 0 {
		t.Error("a login was offered")
	}
	// The server prefers ECDSA; only its Ed25519 key is known.
	write("", known)
	want(t, one(t.Context(), t, e, f.host, "true\n", time.Minute), job.OK, "")
}

func TestWarmConnectionIsUsedAgainAndReplacedWhenDead(t *testing.T) {
	var last atomic.Value // net.Conn; a shell is prepared while the test goes on
	f := (&fake{sessions: true, exec: func(f *fake, ch ssh.Channel, cmd string, c net.Conn) { last.Store(c); good(f, ch, cmd, c) }}).start(t, newSigner(t))
	e := newEngine(t, nil)
	for range 3 {
		want(t, one(t.Context(), t, e, f.host, "true\n", time.Minute), job.OK, "")
	}
	if n := f.conns.Load(); n != 1 {
		t.Fatalf("%d connections for three runs, want 1", n)
	}
	_ = last.Load().(net.Conn).Close()
	for e.pool.warmConnections() > 0 && t.Context().Err() == nil {
		time.Sleep(time.Millisecond) // pace of the poll, not a limit
	}
	want(t, one(t.Context(), t, e, f.host, "true\n", time.Minute), job.OK, "")
	if n := f.conns.Load(); n != 2 {
		t.Errorf("%d connections after the first died, want 2", n)
	}
}

func TestIdleConnectionIsClosed(t *testing.T) {
	closed := make(chan struct{})
	f := (&fake{sessions: true, exec: good, greet: func(int32, net.Conn) bool { return true }}).start(t, newSigner(t))
	e := newEngine(t, func(c *Config) { c.KeepAlive, c.IdleTimeout = 20*time.Millisecond, 100*time.Millisecond })
	want(t, one(t.Context(), t, e, f.host, "true\n", time.Minute), job.OK, "")
	go func() {
		defer close(closed)
		e.pool.owners.Wait()
	}()
	select {
	case <-closed:
	case <-t.Context().Done():
		t.Fatal("the connection is still owned")
	}
	if len(e.pool.slots) != 0 || e.pool.total != 0 {
		t.Errorf("pool keeps %d slots, %d connections", len(e.pool.slots), e.pool.total)
	}
}

func TestEndsThatCannotBeKnown(t *testing.T) {
	for name, c := range map[string]struct {
		exec func(*fake, ssh.Channel, string, net.Conn)
		o    job.Outcome
		code string
	}{
		"no exit code": {func(_ *fake, ch ssh.Channel, _ string, _ net.Conn) { say(ch, "OM1 77\nhalf") }, job.Unknown, "host_no_exit"},
		"connection lost": {func(_ *fake, ch ssh.Channel, _ string, c net.Conn) {
			say(ch, "OM1 77\nhalf")
			_ = c.Close()
		}, job.Unknown, "host_lost"},
		"no shell": {func(_ *fake, ch ssh.Channel, _ string, _ net.Conn) {
			say(ch, "This account is currently not available.\n")
			status(ch, 0)
		}, job.Failed, "host_no_shell"},
		"pid 1": {func(_ *fake, ch ssh.Channel, _ string, _ net.Conn) { say(ch, "OM1 1\n"); status(ch, 0) }, job.Failed, "host_no_shell"},
		"late marker": {func(_ *fake, ch ssh.Channel, _ string, _ net.Conn) {
			say(ch, "Welcome!\nOM")
			say(ch, "1 4711\nhalf")
			status(ch, 0)
		}, job.OK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := (&fake{sessions: true, exec: c.exec}).start(t, newSigner(t))
			got := one(t.Context(), t, newEngine(t, nil), f.host, "true\n", time.Minute)
			want(t, got, c.o, c.code)
			if out := string(got.Out[job.Stdout]); strings.Contains(out, "OM1 77") || strings.Contains(out, "4711") {
				t.Errorf("the marker is in the output: %q", out)
			}
		})
	}
}

func TestFrozenPeerIsNoticedByKeepAlive(t *testing.T) {
	f := (&fake{sessions: true, exec: func(f *fake, ch ssh.Channel, _ string, _ net.Conn) {
		say(ch, "OM1 77\nbegun\n")
		_, _ = io.Copy(io.Discard, ch)
		<-f.over
	}}).start(t, newSigner(t))
	p := newProxy(t, f.host.Port)
	h := f.host
	h.Port = p.port
	e := newEngine(t, quick)
	r := enginetest.NewRecorder()
	r.OnOutput(func(string) { p.freeze() })
	record(t.Context(), t, e, h, r)
	want(t, r.Host(h.ID), job.Unknown, "host_lost")
}

func TestCancelThatCannotBeProved(t *testing.T) {
	for name, verdict := range map[string]string{"alive": "OM1 alive 77\n", "nothing": "", "odd": "sh: not found\n"} {
		t.Run(name, func(t *testing.T) {
			f := (&fake{sessions: true, exec: func(f *fake, ch ssh.Channel, cmd string, _ net.Conn) {
				if cmd == Killer {
					_, _ = io.Copy(io.Discard, ch)
					say(ch, verdict)
					status(ch, 0)
					return
				}
				say(ch, "OM1 77\nbegun\n")
				_, _ = io.Copy(io.Discard, ch)
				<-f.over
			}}).start(t, newSigner(t))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r := enginetest.NewRecorder()
			r.OnOutput(func(string) { cancel() })
			record(ctx, t, newEngine(t, quick), f.host, r)
			want(t, r.Host("fake"), job.Unknown, "host_cancel_unsure")
		})
	}
}

func TestFullChannelsOfOneConnectionGetASecond(t *testing.T) {
	release := make(chan struct{})
	f := (&fake{sessions: true, exec: func(f *fake, ch ssh.Channel, cmd string, c net.Conn) { <-release; good(f, ch, cmd, c) }}).start(t, newSigner(t))
	e := newEngine(t, nil)
	r := enginetest.NewRecorder()
	started := make(chan string, 20)
	r.OnStart(func(h string) error { started <- h; return nil })
	done := make(chan struct{})
	go func() {
		defer close(done)
		many := hostsLike(f.host, maxSessions+2)
		if err := e.Run(t.Context(), task("true\n"), many, len(many), r); err != nil {
			t.Error(err)
		}
	}()
	for range maxSessions + 2 {
		<-started
	}
	close(release)
	<-done
	for i := range maxSessions + 2 {
		want(t, r.Host(fmt.Sprint(i)), job.OK, "")
	}
	if n := f.conns.Load(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
}

func TestRunAfterClose(t *testing.T) {
	e := newEngine(t, nil)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := e.Run(t.Context(), task("true\n"), nil, 1, enginetest.NewRecorder()); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestSlowSinkHoldsItsHostOnly(t *testing.T) {
	const size = 64 << 20
	var sessions, sent atomic.Int64
	f := (&fake{sessions: true, exec: func(f *fake, ch ssh.Channel, cmd string, c net.Conn) {
		if sessions.Add(1) > 1 {
			good(f, ch, cmd, c)
			return
		}
		say(ch, "OM1 77\n")
		for range size >> 15 {
			n, err := ch.Write(make([]byte, 1<<15))
			if err != nil {
				return
			}
			sent.Add(int64(n))
		}
		status(ch, 0)
	}}).start(t, newSigner(t))
	e := newEngine(t, nil)
	blocked, release := make(chan struct{}, 1), make(chan struct{})
	r := enginetest.NewRecorder()
	r.OnOutput(func(string) {
		select {
		case blocked <- struct{}{}:
		default:
		}
		<-release
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		record(t.Context(), t, e, f.host, r)
	}()
	<-blocked
	want(t, one(t.Context(), t, e, f.host, "true\n", time.Minute), job.OK, "")
	if n := sent.Load(); n > 4<<20 {
		t.Errorf("the server could send %d bytes while the sink took none", n)
	}
	if n := f.conns.Load(); n != 1 {
		t.Errorf("%d connections, want both commands on one", n)
	}
	close(release)
	<-done
	got := r.Host(f.host.ID)
	want(t, got, job.OK, "")
	if n := len(got.Out[job.Stdout]); n != size {
		t.Errorf("%d bytes arrived, want %d", n, size)
	}
}
