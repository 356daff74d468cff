package rpyc_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"omanager/rpc/rpyc"
)

type tuple = rpyc.Tuple

// raw connects without Dial, to send what no client of ours would.
func raw(t *testing.T, addr string) *rpyc.Raw {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return rpyc.NewRaw(c)
}

// ask sends a request and returns the kind and the body of its answer.
func ask(t *testing.T, r *rpyc.Raw, handler int, args any) (int64, any) {
	t.Helper()
	if err := r.Send(rpyc.Request, 7, tuple{handler, args}); err != nil {
		t.Fatal(err)
	}
	kind, seq, body, err := r.Receive()
	if err != nil || (kind != rpyc.Request && seq != 7) {
		t.Fatalf("answer %d to %d: %v", kind, seq, err)
	}
	return kind, body
}

func boxed(args ...any) tuple { return tuple{rpyc.LabelTuple, tuple(args)} }

func value(v any) tuple { return tuple{rpyc.LabelValue, v} }

// rootRef fetches the root in the form to give back.
func rootRef(t *testing.T, r *rpyc.Raw) tuple {
	t.Helper()
	kind, body := ask(t, r, rpyc.HandleGetRoot, value(tuple{}))
	ref, ok := body.(tuple)
	if kind != rpyc.Reply || !ok || len(ref) != 2 {
		t.Fatalf("root: %d %v", kind, body)
	}
	return tuple{rpyc.LabelLocalRef, ref[1]}
}

// CVE-2019-16328: comparing with any method of the class read every attribute, and so led to running code.
func TestCVE2019_16328(t *testing.T) {
	attack := func(addr, attribute string) int64 {
		r := raw(t, addr)
		kind, _ := ask(t, r, rpyc.HandleCmp, boxed(rootRef(t, r), value(attribute), value("__getattribute__")))
		return kind
	}
	_, port := serve(t, rpyc.Limits{}, nil)
	for _, attribute := range []string{"__class__", "__dict__", "__init__", "login"} {
		if kind := attack("127.0.0.1:"+port, attribute); kind != rpyc.Exception {
			t.Errorf("%s was reached", attribute)
		}
	}
	t.Run("control", func(t *testing.T) {
		if kind := attack(peer{"4.1.1", "python3"}.serve(t), "__class__"); kind != rpyc.Reply {
			t.Error("rpyc 4.1.1 withstands the attack, so this test shows nothing")
		}
	})
}

// CVE-2024-27758: an object of the peer that claims __array__ made numpy's users unpickle what the peer sent.
func TestCVE2024_27758(t *testing.T) {
	// attack hands an object over in the place of the envelope and serves what is asked about it. It returns the
	// handlers that the victim asked for, and what it answered in the end.
	attack := func(addr string) (asked []int64, kind int64) {
		r := raw(t, addr)
		root := rootRef(t, r)
		if k, _ := ask(t, r, rpyc.HandleCallAttr, boxed(root, value("login"), value(tuple{"OMuser", "secret"}), value(tuple{}))); k != rpyc.Reply {
			t.Fatal("login refused")
		}
		object := tuple{rpyc.LabelRemoteRef, tuple{"numpy.ndarray", int64(1), int64(2)}}
		kind, body := ask(t, r, rpyc.HandleCallAttr, boxed(root, value("Runcommands"), boxed(object), value(tuple{})))
		for kind == rpyc.Request {
			handler, _ := body.(tuple)[0].(int64)
			asked = append(asked, handler)
			reply := value(nil)
			if handler == rpyc.HandleInspect {
				reply = value(tuple{tuple{"__array__", nil}})
			}
			if handler == rpyc.HandlePickle {
				reply = value([]byte("I42\n.")) // a pickle of a number; an attacker would send another
			}
			if err := r.Send(rpyc.Reply, int64(len(asked)-1), reply); err != nil {
				t.Fatal(err)
			}
			var err error
			if kind, _, body, err = r.Receive(); err != nil {
				t.Fatal(err)
			}
		}
		return asked, kind
	}
	_, port := serve(t, rpyc.Limits{}, nil)
	if asked, kind := attack("127.0.0.1:" + port); len(asked) > 0 || kind != rpyc.Exception {
		t.Errorf("asked %v, answered %d", asked, kind)
	}
	t.Run("client", func(t *testing.T) {
		addr := actor(t, func(r *rpyc.Raw) { // the same from a server: its answer is such an object
			answerRoot(r)
			_, seq, _, _ := r.Receive()
			_ = r.Send(rpyc.Reply, seq, tuple{rpyc.LabelRemoteRef, tuple{"numpy.ndarray", int64(1), int64(2)}})
			if kind, _, _, err := r.Receive(); err == nil {
				t.Errorf("the client asked %d about the object", kind)
			}
		})
		c, err := rpyc.Dial(t.Context(), addr, rpyc.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Runcommands(t.Context(), "x"); !errors.Is(err, rpyc.ErrReference) {
			t.Errorf("%v", err)
		}
	})
	t.Run("control", func(t *testing.T) {
		asked, _ := attack(peer{"5.3.0", "python3"}.serve(t))
		if !strings.Contains(fmt.Sprint(asked), fmt.Sprint(rpyc.HandlePickle)) {
			t.Errorf("rpyc 5.3.0 withstands the attack (asked %v), so this test shows nothing", asked)
		}
	})
}

// actor is a server that does as told on each connection.
func actor(t *testing.T, do func(r *rpyc.Raw)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			do(rpyc.NewRaw(c))
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = ln.Close(); <-done })
	return ln.Addr().String()
}

func answerRoot(r *rpyc.Raw) {
	if _, seq, _, err := r.Receive(); err == nil {
		_ = r.Send(rpyc.Reply, seq, tuple{rpyc.LabelRemoteRef, tuple{"a.B", int64(1), int64(2)}})
	}
}

// E08: what a client may reach is a fixed list, and only text goes in.
func TestE08ServeRefusesObjectsAndReflection(t *testing.T) {
	d, port := serve(t, rpyc.Limits{}, nil)
	r := raw(t, "127.0.0.1:"+port)
	root := rootRef(t, r)
	login := tuple{rpyc.LabelLocalRef, tuple{"omanager.login", "x", "y"}}
	pair, none := value(tuple{"OMuser", "secret"}), value(tuple{})
	remote := tuple{rpyc.LabelRemoteRef, tuple{"a.B", int64(1), int64(2)}}
	refused := map[string]func() (int64, any){
		"callback as user": func() (int64, any) {
			return ask(t, r, rpyc.HandleCall, boxed(login, boxed(remote, value("x")), none))
		},
		"root as password": func() (int64, any) {
			return ask(t, r, rpyc.HandleCall, boxed(login, boxed(value("x"), root), none))
		},
		"number as user": func() (int64, any) { return ask(t, r, rpyc.HandleCall, boxed(login, value(tuple{1, "x"}), none)) },
		"one argument":   func() (int64, any) { return ask(t, r, rpyc.HandleCall, boxed(login, value(tuple{"x"}), none)) },
		"keywords": func() (int64, any) {
			return ask(t, r, rpyc.HandleCall, boxed(login, pair, value(tuple{tuple{"a", "b"}})))
		},
		"calling the root": func() (int64, any) { return ask(t, r, rpyc.HandleCall, boxed(root, pair, none)) },
		"object of ours":   func() (int64, any) { return ask(t, r, rpyc.HandleGetAttr, boxed(remote, value("login"))) },
		"unknown object": func() (int64, any) {
			return ask(t, r, rpyc.HandleGetAttr, boxed(tuple{rpyc.LabelLocalRef, int64(140)}, value("login")))
		},
		"ping with an object":  func() (int64, any) { return ask(t, r, 1, boxed(remote)) },
		"name of bytes beyond": func() (int64, any) { return ask(t, r, rpyc.HandleGetAttr, boxed(root, value([]byte("__class__")))) },
		"method of a method":   func() (int64, any) { return ask(t, r, rpyc.HandleCallAttr, boxed(login, value("login"), pair, none)) },
	}
	for handler := range 30 {
		switch handler {
		case 1, 2, 3, 4, 7, 8, 15, 16: // ping, close, root, getattr, call, callattr, del, inspect
			continue
		}
		refused[fmt.Sprint("handler ", handler)] = func() (int64, any) { return ask(t, r, handler, boxed(root, value("login"))) }
	}
	for name, attack := range refused {
		if kind, body := attack(); kind != rpyc.Exception {
			t.Errorf("%s: %d %v", name, kind, body)
		}
	}
	if n := d.notes(); n != "" {
		t.Errorf("reached the handler: %s", n)
	}
	// The control: the same connection can still do what it may.
	if kind, _ := ask(t, r, rpyc.HandleCall, boxed(login, pair, none)); kind != rpyc.Reply || d.notes() == "" {
		t.Errorf("login: %d, %s", kind, d.notes())
	}
}

// E04 and E08 on a whole connection: whatever is beyond the limits ends it, and the reason is told.
func TestServeEndsBadConnections(t *testing.T) {
	short := rpyc.Limits{LoginTime: 50 * time.Millisecond, IdleTime: 50 * time.Millisecond, FrameTime: 50 * time.Millisecond}
	deep := value(nil)
	for range 50 {
		deep = tuple{rpyc.LabelTuple, tuple{deep}}
	}
	signIn := func(r *rpyc.Raw, password string) {
		_ = r.Send(rpyc.Request, 0, tuple{rpyc.HandleCall, value(tuple{"omanager.login", tuple{"OMuser", password}, tuple{}})})
	}
	cases := map[string]struct {
		lim  rpyc.Limits
		do   func(r *rpyc.Raw)
		want error
	}{
		"web request":    {rpyc.Limits{}, write("GET / HTTP/1.1\r\n\r\n"), rpyc.ErrFrame},
		"4 GiB":          {rpyc.Limits{}, write("\xff\xff\xff\xff\x00"), rpyc.ErrLimit},
		"large outside":  {rpyc.Limits{}, write("\x00\x01\x00\x01\x00"), rpyc.ErrLimit},
		"half a frame":   {short, write("\x00\x00\x10\x00\x00abc"), nil},
		"silence":        {short, func(*rpyc.Raw) {}, rpyc.ErrIdle},
		"silence inside": {short, func(r *rpyc.Raw) { signIn(r, "secret") }, rpyc.ErrIdle},
		"no message":     {rpyc.Limits{}, write(string(rpyc.Frame([]byte("\x12\x51")))), rpyc.ErrMessage},
		"an answer":      {rpyc.Limits{}, func(r *rpyc.Raw) { _ = r.Send(rpyc.Reply, 0, value(nil)) }, rpyc.ErrMessage},
		"no label":       {rpyc.Limits{}, func(r *rpyc.Raw) { _ = r.Send(rpyc.Request, 0, tuple{3, tuple{9, nil}}) }, rpyc.ErrMessage},
		"no request":     {rpyc.Limits{}, func(r *rpyc.Raw) { _ = r.Send(rpyc.Request, 0, nil) }, rpyc.ErrMessage},
		"deep":           {rpyc.Limits{}, func(r *rpyc.Raw) { _ = r.Send(rpyc.Request, 0, tuple{1, deep}) }, rpyc.ErrLimit},
		"wide":           {rpyc.Limits{}, func(r *rpyc.Raw) { _ = r.Send(rpyc.Request, 0, make(tuple, 5000)) }, rpyc.ErrLimit},
		"much ahead": {rpyc.Limits{}, func(r *rpyc.Raw) {
			signIn(r, "secret")
			_, _, _, _ = r.Receive()
			job := tuple{"omanager.Runcommands", tuple{seal("9003@@a*b@@")}, tuple{}} // hangs
			_ = r.Send(rpyc.Request, 1, tuple{rpyc.HandleCall, value(job)})
			for range 3 {
				_ = r.Send(rpyc.Request, 2, tuple{rpyc.HandleCall, value(strings.Repeat(seal("x"), 10000))})
			}
		}, rpyc.ErrLimit},
		"too many logins":   {rpyc.Limits{Logins: 2}, func(r *rpyc.Raw) { signIn(r, "a"); signIn(r, "b"); signIn(r, "c") }, rpyc.ErrLogins},
		"not allowed":       {rpyc.Limits{Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, func(*rpyc.Raw) {}, rpyc.ErrSource},
		"nobody is allowed": {rpyc.Limits{Allow: []netip.Prefix{}}, func(*rpyc.Raw) {}, rpyc.ErrSource},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d, port := serve(t, c.lim, nil)
			c.do(raw(t, "127.0.0.1:"+port))
			err := <-d.closed
			if c.want != nil && !errors.Is(err, c.want) || err == nil {
				t.Errorf("closed: %v", err)
			}
		})
	}
}

func write(s string) func(*rpyc.Raw) { return func(r *rpyc.Raw) { _, _ = r.Conn.Write([]byte(s)) } }

func TestServeBoundsConnections(t *testing.T) {
	d, port := serve(t, rpyc.Limits{Connections: 1}, nil)
	first := raw(t, "127.0.0.1:"+port)
	root := rootRef(t, first)
	raw(t, "127.0.0.1:"+port)
	if err := <-d.closed; !errors.Is(err, rpyc.ErrBusy) {
		t.Errorf("second: %v", err)
	}
	if kind, _ := ask(t, first, rpyc.HandleGetAttr, boxed(root, value("login"))); kind != rpyc.Reply {
		t.Error("first is disturbed")
	}
	_ = first.Conn.Close()
	<-d.closed
	rootRef(t, raw(t, "127.0.0.1:"+port)) // and then there is a place again
}

// A hostile server cannot hang the client, fill its memory or look into it.
func TestDialEndsBadServers(t *testing.T) {
	cases := map[string]struct {
		do   func(r *rpyc.Raw)
		code string
	}{
		"web server":   {write("HTTP/1.1 400 Bad Request\r\n\r\n"), "legacy_garbage"},
		"secure shell": {write("SSH-2.0-OpenSSH_9.6\r\n"), "legacy_garbage"},
		"4 GiB":        {write("\xff\xff\xff\xff\x00"), "legacy_garbage"},
		"hangs up":     {func(*rpyc.Raw) {}, "legacy_lost"},
		"no root":      {func(r *rpyc.Raw) { _, _, _, _ = r.Receive(); _ = r.Send(rpyc.Reply, 0, value("x")) }, "legacy_garbage"},
		"exception instead of root": {func(r *rpyc.Raw) {
			_, _, _, _ = r.Receive()
			_ = r.Send(rpyc.Exception, 0, tuple{tuple{"builtins", "EOFError"}, tuple{}, tuple{}, ""})
		}, "legacy_garbage"},
		"other number": {func(r *rpyc.Raw) { _, _, _, _ = r.Receive(); _ = r.Send(rpyc.Reply, 5, value("x")) }, "legacy_garbage"},
		"only asks": {func(r *rpyc.Raw) {
			for i := range 1000 {
				_ = r.Send(rpyc.Request, int64(i), tuple{rpyc.HandleGetRoot, value(tuple{})})
			}
			for {
				if _, _, _, err := r.Receive(); err != nil {
					return
				}
			}
		}, "legacy_garbage"},
		"silent": {func(r *rpyc.Raw) { _, _, _, _ = r.Receive(); _, _, _, _ = r.Receive() }, "legacy_timeout"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := rpyc.Dial(t.Context(), actor(t, c.do), rpyc.Options{Timeout: time.Second})
			if code(err) != c.code {
				t.Errorf("%v", err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	addr := actor(t, func(r *rpyc.Raw) { cancel(); _, _, _, _ = r.Receive(); _, _, _, _ = r.Receive() })
	if _, err := rpyc.Dial(ctx, addr, rpyc.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := rpyc.Dial(t.Context(), "127.0.0.1:1", rpyc.Options{}); code(err) != "server_unreachable" {
		t.Errorf("nobody there: %v", err)
	}
}
