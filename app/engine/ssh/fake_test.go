package ssh

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/ssh"

	"omanager/app/engine"
)

func newSigner(t *testing.T) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return asSigner(t, key)
}

func newECDSA(t *testing.T) ssh.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return asSigner(t, key)
}

func asSigner(t *testing.T, key any) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func line(s ssh.Signer) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(s.PublicKey())))
}

// fake is a server whose commands do what a test says.
type fake struct {
	host   engine.Host
	conns  atomic.Int32 // TCP connections
	logins atomic.Int32 // keys that were offered
	// exec runs a command; the channel is closed after it.
	exec func(f *fake, ch ssh.Channel, command string, c net.Conn)
	// greet may take a connection over before any SSH; it reports whether to go on.
	greet    func(n int32, c net.Conn) bool
	sessions bool // false: session requests are never answered
	refuse   bool
	over     chan struct{} // closed when the test ends
}

// start serves f on a loopback port until the test ends.
func (f *fake) start(t *testing.T, keys ...ssh.Signer) *fake {
	t.Helper()
	f.over = make(chan struct{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conf := &ssh.ServerConfig{PublicKeyCallback: func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) {
		f.logins.Add(1)
		if f.refuse {
			return nil, errors.New("no")
		}
		return nil, nil
	}}
	for _, k := range keys {
		conf.AddHostKey(k)
	}
	f.host = engine.Host{ID: "fake", Addr: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port, User: "u", HostKey: line(keys[0])}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			wg.Go(func() { f.serve(c, conf) })
		}
	})
	t.Cleanup(func() {
		close(f.over)
		_ = ln.Close()
		mu.Lock()
		for _, c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return f
}

func (f *fake) serve(c net.Conn, conf *ssh.ServerConfig) {
	defer func() { _ = c.Close() }()
	if n := f.conns.Add(1); f.greet != nil && !f.greet(n, c) {
		return
	}
	sc, chans, reqs, err := ssh.NewServerConn(c, conf)
	if err != nil {
		return
	}
	defer func() { _ = sc.Close() }()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { ssh.DiscardRequests(reqs) })
	for nc := range chans {
		if !f.sessions {
			continue
		}
		ch, creqs, err := nc.Accept()
		if err != nil {
			return
		}
		wg.Go(func() {
			for r := range creqs {
				var e struct{ Command string }
				_ = ssh.Unmarshal(r.Payload, &e)
				if r.WantReply {
					_ = r.Reply(true, nil)
				}
				wg.Go(func() {
					f.exec(f, ch, e.Command, c)
					_ = ch.Close()
				})
			}
		})
	}
}

func say(ch io.Writer, s string) { _, _ = io.WriteString(ch, s) }

func status(ch ssh.Channel, code uint32) {
	_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ S uint32 }{code}))
}

// good behaves like a server where every task prints "ran" and ends well.
func good(_ *fake, ch ssh.Channel, _ string, _ net.Conn) {
	say(ch, "OM1 77\n")
	_, _ = io.Copy(io.Discard, ch)
	say(ch, "ran\n")
	status(ch, 0)
}

func newEngine(t *testing.T, adjust func(*Config)) *Engine {
	t.Helper()
	cfg := Config{User: "u", Signers: []ssh.Signer{newSigner(t)}}
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
	return e
}
