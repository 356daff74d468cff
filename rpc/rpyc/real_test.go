package rpyc_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"omanager/app/problem"
	"omanager/rpc/envelope"
	"omanager/rpc/legacy"
	"omanager/rpc/rpyc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "test#&amp;key=(^"

func seal(plain string) string {
	return envelope.SealRC4([]byte(key), [16]byte{1, 2, 3}, []byte(plain))
}

func open(t *testing.T, sealed string) string {
	t.Helper()
	b, err := envelope.OpenRC4([]byte(key), sealed)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// dial connects and logs in.
func dial(t *testing.T, addr string, o rpyc.Options) *rpyc.Client {
	t.Helper()
	c, err := rpyc.Dial(t.Context(), addr, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Login(t.Context(), "OMuser", "secret"); err != nil {
		t.Fatal(err)
	}
	return c
}

func run(t *testing.T, c *rpyc.Client, job string) string {
	t.Helper()
	sealed, err := c.Runcommands(t.Context(), seal(job))
	if err != nil {
		t.Fatalf("%s: %v", job, err)
	}
	return open(t, sealed)
}

func code(err error) string {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p.Code
	}
	return fmt.Sprint(err)
}

func TestDialRealServers(t *testing.T) {
	eachPeer(t, func(t *testing.T, p peer) {
		addr := p.serve(t)
		c := dial(t, addr, rpyc.Options{})
		hosts := []envelope.JobHost{{LIP: "10.0.0.1", Serial: "a"}, {LIP: "10.0.0.9", Serial: "b"}}

		one := legacy.ParseReply(run(t, c, "1004@@10.0.0.1*a@@"), hosts[:1])
		if r := one.Results[0]; r.Outcome != legacy.Succeeded || r.Output != "内核 of 10.0.0.1\nline 2\n" {
			t.Errorf("one: %+v", one)
		}
		many := legacy.ParseReply(run(t, c, "1001@@10.0.0.1*a,10.0.0.9*b@@30@@"), hosts)
		if many.Results[0].Outcome != legacy.Succeeded || many.Results[1].Outcome != legacy.Failed || len(many.Results) != 2 {
			t.Errorf("many: %+v", many)
		}
		big := legacy.ParseReply(run(t, c, "9001@@10.0.0.1*a,10.0.0.9*b@@"), hosts)
		if n := strings.Count(big.Results[1].Output, "abcdefg\n"); n != 500000/11 {
			t.Errorf("big: %d lines", n)
		}
		if got := run(t, c, "4242@@10.0.0.1*a@@"); got != legacy.ModuleMissing("4242") {
			t.Errorf("module: %q", got)
		}
		_, err := c.Runcommands(t.Context(), seal("9002@@10.0.0.1*a@@"))
		var remote *rpyc.RemoteError
		if !errors.As(err, &remote) || remote.Error() != "ValueError: 模块 boom" || code(err) != "legacy_exception" {
			t.Errorf("exception: %v", err)
		}
		if !strings.Contains(remote.Traceback, "exposed_Runcommands") {
			t.Errorf("traceback: %q", remote.Traceback)
		}
		if got := run(t, c, "9006@@10.0.0.1*a@@"); got != "found AttributeError" {
			t.Errorf("a server that pries: %q", got)
		}
		if got := run(t, c, "1004@@10.0.0.1*a@@"); !strings.Contains(got, "10.0.0.1") {
			t.Errorf("after all this: %q", got)
		}
	})
}

func TestDialRealServerRefusesLogin(t *testing.T) {
	eachPeer(t, func(t *testing.T, p peer) {
		c, err := rpyc.Dial(t.Context(), p.serve(t), rpyc.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if got := run(t, c, "1004@@a*b@@"); got != legacy.InvalidLogin {
			t.Errorf("without login: %q", got)
		}
		if err := c.Login(t.Context(), "OMuser", "wrong"); err != nil {
			t.Fatal(err)
		}
		if got := run(t, c, "1004@@a*b@@"); got != legacy.VerifyFailed {
			t.Errorf("wrong login: %q", got)
		}
	})
}

// A server that hangs, dies in the midst of its answer, or answers with an object: the client says which.
func TestDialRealServersInTrouble(t *testing.T) {
	eachPeer(t, func(t *testing.T, p peer) {
		addr := p.serve(t)
		hung := dial(t, addr, rpyc.Options{})
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		_, err := hung.Runcommands(ctx, seal("9003@@a*b@@"))
		if code(err) != "legacy_timeout" || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "within 300ms") {
			t.Errorf("hung: %v", err)
		}
		if _, err := hung.Runcommands(t.Context(), seal("1004@@a*b@@")); !errors.Is(err, rpyc.ErrClosed) {
			t.Errorf("after a timeout: %v", err)
		}
		object := dial(t, addr, rpyc.Options{})
		if _, err := object.Runcommands(t.Context(), seal("9005@@a*b@@")); !errors.Is(err, rpyc.ErrReference) || code(err) != "legacy_garbage" {
			t.Errorf("object: %v", err)
		}
		dying := dial(t, addr, rpyc.Options{})
		if _, err := dying.Runcommands(t.Context(), seal("9004@@a*b@@")); code(err) != "legacy_lost" {
			t.Errorf("died: %v", err)
		}
	})
}

// desk is a control server behind Serve. It notes what it was asked.
type desk struct {
	mu     sync.Mutex
	noted  []string
	closed chan error
	enter  chan struct{} // told when module 9003 hangs
	quiet  bool          // notes nothing, for benchmarks
}

func (d *desk) notef(format string, args ...any) {
	if d.quiet {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.noted = append(d.noted, fmt.Sprintf(format, args...))
}

func (d *desk) notes() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.noted, "; ")
}

func (d *desk) Login(_ context.Context, source, user, password string) (any, error) {
	d.notef("login %s %s", source, user)
	if user != "OMuser" || password != "secret" {
		return nil, errors.New("wrong pair")
	}
	return user, nil
}

func (d *desk) Refuse(_ context.Context, reason error) (string, error) {
	if errors.Is(reason, rpyc.ErrNoLogin) {
		return seal(legacy.InvalidLogin), nil
	}
	return seal(legacy.VerifyFailed), nil
}

func (d *desk) Runcommands(ctx context.Context, session any, sealed string) (string, error) {
	b, err := envelope.OpenRC4([]byte(key), sealed)
	if err != nil {
		return "", problem.Wrap(err, "envelope_refused", "cause", "not sealed")
	}
	job, err := envelope.ParseJob(string(b))
	if err != nil {
		return "", err
	}
	d.notef("%v runs %s on %d", session, job.Module, len(job.Hosts))
	size := 0
	switch job.Module {
	case "9000":
		size = 4000
	case "9001":
		size = 1000000
	case "9002":
		return "", problem.New("module_unknown", "module", "九千")
	case "9003":
		d.enter <- struct{}{}
		<-ctx.Done()
		d.notef("stopped")
		return "", ctx.Err()
	}
	var replies []legacy.HostReply
	for _, h := range job.Hosts {
		replies = append(replies, legacy.HostReply{
			Address: h.LIP, OK: true, Output: "内核 of " + h.LIP + "\n" + strings.Repeat("abcdefg\n", size/len(job.Hosts)/11),
		})
	}
	return seal(legacy.FormatReply(replies)), nil
}

// serve runs a desk behind Serve and returns it with its port.
func serve(t testing.TB, lim rpyc.Limits, wrap func(net.Listener) net.Listener) (*desk, string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	if wrap != nil {
		ln = wrap(ln)
	}
	d := &desk{closed: make(chan error, 1000), enter: make(chan struct{}, 1)}
	lim.OnClose = func(_ string, reason error) {
		select {
		case d.closed <- reason:
		default: // a benchmark, which does not ask
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- rpyc.Serve(ctx, ln, d, lim) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return d, port
}

func TestServeRealClients(t *testing.T) {
	eachPeer(t, func(t *testing.T, p peer) {
		d, port := serve(t, rpyc.Limits{}, nil)
		out := p.client(t, port, "run:1004@@a*b@@", "login:OMuser,wrong", "run:1004@@a*b@@", "login:OMuser,secret",
			"run:1004@@10.0.0.1*a@@", "run:1001@@10.0.0.1*a,10.0.0.2*b@@30@@", "exposed:9001@@10.0.0.1*a@@",
			"run:9002@@10.0.0.1*a@@", "raw:rubbish", "run:no job", "object", "ping", "pry", "run:1004@@10.0.0.1*a@@")
		host := func(ip string, size int) string {
			return legacy.FormatReply([]legacy.HostReply{{Address: ip, OK: true, Output: "内核 of " + ip + "\n" + strings.Repeat("abcdefg\n", size/11)}})
		}
		want := []any{
			legacy.InvalidLogin, nil, legacy.VerifyFailed, nil,
			host("10.0.0.1", 0), host("10.0.0.1", 0) + host("10.0.0.2", 0), host("10.0.0.1", 1000000),
			"!Module 九千 does not exist on this control server. See the list with: omctl modules.",
			"!The sealed job was refused: not sealed. Log in again; if it stays, check the clocks of both machines.",
			"!the control server had a fault", "!login takes two strings, Runcommands one", "pong", "[]", host("10.0.0.1", 0),
		}
		for i, l := range out {
			got := l.OK
			if l.Exception != "" {
				got = "!" + l.Text
			}
			if list, ok := got.([]any); ok {
				got = fmt.Sprint(list)
			}
			if got != want[i] {
				t.Errorf("step %d: %.300v, want %.300v", i, got, want[i])
			}
		}
		if n := d.notes(); !strings.HasPrefix(n, "login 127.0.0.1 OMuser; login 127.0.0.1 OMuser; OMuser runs 1004 on 1; OMuser runs 1001 on 2;") {
			t.Errorf("noted %s", n)
		}
		if err := <-d.closed; err != nil {
			t.Errorf("closed: %v", err)
		}
	})
}

func TestServeOurClient(t *testing.T) {
	d, port := serve(t, rpyc.Limits{}, nil)
	c := dial(t, "127.0.0.1:"+port, rpyc.Options{})
	if r := legacy.ParseReply(run(t, c, "9001@@10.0.0.1*a@@"), nil); r.Results[0].Outcome != legacy.Succeeded {
		t.Errorf("%+v", r)
	}
	_, err := c.Runcommands(t.Context(), seal("9002@@10.0.0.1*a@@"))
	if code(err) != "legacy_exception" || !strings.Contains(err.Error(), "九千") {
		t.Errorf("%v", err)
	}
	// A client that goes away takes the context of its job with it.
	gone := make(chan error, 1)
	go func() { _, err := c.Runcommands(context.Background(), seal("9003@@a*b@@")); gone <- err }()
	<-d.enter
	_ = c.Close()
	if err := <-gone; !errors.Is(err, rpyc.ErrClosed) {
		t.Errorf("call under way at Close: %v", err)
	}
	if err := <-d.closed; err != nil {
		t.Errorf("closed: %v", err)
	}
	if !strings.HasSuffix(d.notes(), "stopped") {
		t.Errorf("noted %s", d.notes())
	}
}

// dialer wraps each connection that is made.
func dialer(wrap func(net.Conn) net.Conn) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return wrap(c), nil
	}
}

// Python reads each value as we write it and writes it as we read it.
func TestBrineOfRealPeers(t *testing.T) {
	eachPeer(t, func(t *testing.T, p peer) {
		var in strings.Builder
		for _, v := range rpyc.Samples() {
			b, err := rpyc.Dump(v)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&in, "%x\n", b)
		}
		cmd := p.command(t, "brine.py")
		cmd.Stdin = strings.NewReader(in.String())
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Fields(string(out))
		if len(lines) != len(rpyc.Samples()) {
			t.Fatalf("%d values of %d", len(lines), len(rpyc.Samples()))
		}
		for i, want := range strings.Fields(in.String()) {
			b, err := hex.DecodeString(lines[i])
			if err != nil {
				t.Fatal(err)
			}
			v, err := rpyc.Load(b)
			if err != nil {
				t.Errorf("%.40s: %v", lines[i], err)
			}
			if back, err := rpyc.Dump(v); err != nil || hex.EncodeToString(back) != want {
				t.Errorf("sent %.40s, came back as %x: %v", want, back, err)
			}
		}
	})
}
