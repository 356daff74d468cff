// Package demo is a fleet of pretend servers for trying OManager and for tests: real SSH servers on 127.0.0.1 whose
// commands run in a sandboxed shell over made-up files. Nothing they do touches the machine they run on.
package demo

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"omanager/app/inventory"
)

// loginUser is the account of every pretend server.
const loginUser = "ops"

// Fleet is a running set of pretend servers.
type Fleet struct {
	signer ssh.Signer
	hosts  []*host
	tools  map[string]tool

	life context.Context // ends with Close
	stop context.CancelFunc
	work sync.WaitGroup

	mu     sync.Mutex
	closed bool
	open   map[net.Conn]struct{}
}

// host is one pretend server.
type host struct {
	profile
	files *files
	procs *procs
	units *units
	key   ssh.Signer
	shown string // the host key in the inventory; differs from key on one server
	port  int
	ln    net.Listener
}

// Start brings up n pretend servers. From 50 on, some are slow, two fail, one is unreachable and one shows
// another host key than the inventory says.
func Start(n int) (*Fleet, error) {
	if n < 1 {
		return nil, fmt.Errorf("start demo fleet: %d servers", n)
	}
	signer, err := newKey()
	if err != nil {
		return nil, err
	}
	f := &Fleet{signer: signer, tools: tools(), open: map[net.Conn]struct{}{}}
	f.life, f.stop = context.WithCancel(context.Background())
	now := time.Now()
	for _, p := range profiles(n) {
		h, err := f.newHost(p, now)
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("start demo server %s: %w", p.name, err)
		}
		f.hosts = append(f.hosts, h)
	}
	for _, h := range f.hosts {
		if h.fault == faultClosed {
			_ = h.ln.Close()
			continue
		}
		f.work.Go(func() { f.serve(h) })
	}
	return f, nil
}

func newKey() (ssh.Signer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make demo key: %w", err)
	}
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		return nil, fmt.Errorf("make demo key: %w", err)
	}
	return s, nil
}

func (f *Fleet) newHost(p profile, now time.Time) (*host, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	shown := key
	if p.fault == faultKey {
		if shown, err = newKey(); err != nil {
			return nil, err
		}
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	h := &host{
		profile: p, files: newFiles(p, now, f.tools), procs: newProcs(), units: newUnits(p), key: key, ln: ln,
		shown: strings.TrimSpace(string(ssh.MarshalAuthorizedKey(shown.PublicKey()))),
	}
	h.port = ln.Addr().(*net.TCPAddr).Port
	return h, nil
}

// Inventory is the fleet as the control server knows it.
func (f *Fleet) Inventory() ([]inventory.Category, []inventory.Server) {
	servers := make([]inventory.Server, 0, len(f.hosts))
	for _, h := range f.hosts {
		servers = append(servers, inventory.Server{
			ID: h.name, IP: h.lip, Serial: h.name, WIP: h.wip, LIP: h.lip, OS: h.release.inventory, App: h.app,
			Locate: h.locate, CategoryID: h.category, Address: "127.0.0.1", Port: h.port, User: loginUser, HostKey: h.shown,
		})
	}
	return categories(), servers
}

// Signer is the key every server lets in.
func (f *Fleet) Signer() ssh.Signer { return f.signer }

// User is the account every server has.
func (f *Fleet) User() string { return loginUser }

// Close ends all servers and what runs on them. It may be called again.
func (f *Fleet) Close() {
	f.mu.Lock()
	f.closed = true
	f.stop()
	for _, h := range f.hosts {
		_ = h.ln.Close()
	}
	for c := range f.open {
		_ = c.Close()
	}
	f.mu.Unlock()
	f.work.Wait()
}

// track keeps c closable; it reports false when the fleet is closed already.
func (f *Fleet) track(c net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.open[c] = struct{}{}
	return true
}

func (f *Fleet) untrack(c net.Conn) {
	f.mu.Lock()
	delete(f.open, c)
	f.mu.Unlock()
	_ = c.Close()
}
