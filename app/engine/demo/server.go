package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// serve accepts connections of one server until its listener is closed.
func (f *Fleet) serve(h *host) {
	conf := &ssh.ServerConfig{
		ServerVersion: "SSH-2.0-OpenSSH_8.8",
		PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if c.User() != loginUser || !bytes.Equal(key.Marshal(), f.signer.PublicKey().Marshal()) {
				return nil, errors.New("not known here")
			}
			return nil, nil
		},
	}
	conf.AddHostKey(h.key)
	for {
		c, err := h.ln.Accept()
		if err != nil {
			return
		}
		if !f.track(c) {
			_ = c.Close()
			return
		}
		f.work.Go(func() {
			defer f.untrack(c)
			f.connection(h, c, conf)
		})
	}
}

// connection serves one client to its end, with all its sessions.
func (f *Fleet) connection(h *host, c net.Conn, conf *ssh.ServerConfig) {
	_ = c.SetDeadline(time.Now().Add(15 * time.Second))
	sc, chans, reqs, err := ssh.NewServerConn(c, conf)
	if err != nil {
		return
	}
	_ = c.SetDeadline(time.Time{})
	var parts sync.WaitGroup
	defer parts.Wait()
	ctx, cancel := context.WithCancel(f.life)
	defer cancel()
	parts.Go(func() { ssh.DiscardRequests(reqs) })
	for nc := range chans {
		if nc.ChannelType() != "session" {
			_ = nc.Reject(ssh.UnknownChannelType, "only sessions")
			continue
		}
		ch, sreqs, err := nc.Accept()
		if err != nil {
			break
		}
		parts.Go(func() { f.session(ctx, h, ch, sreqs) })
	}
	_ = sc.Close()
}

// session waits for its one command, runs it, and closes the channel.
func (f *Fleet) session(ctx context.Context, h *host, ch ssh.Channel, reqs <-chan *ssh.Request) {
	ctx, cancel := context.WithCancel(ctx)
	var command sync.WaitGroup
	begun := false
	for req := range reqs {
		var exec struct{ Command string }
		ok := req.Type == "exec" && !begun && ssh.Unmarshal(req.Payload, &exec) == nil
		if req.WantReply {
			_ = req.Reply(ok, nil)
		}
		if ok {
			begun = true
			command.Go(func() {
				f.command(ctx, h, ch, exec.Command).send(ch)
				_ = ch.Close()
			})
		}
	}
	// A server without a pty lets a command run on when its client goes away; these end it, so that none is left.
	cancel()
	command.Wait()
}

// ending is how a command ended.
type ending struct {
	code   int
	signal string
}

func (e ending) send(ch ssh.Channel) {
	_ = ch.CloseWrite()
	if e.signal != "" {
		_, _ = ch.SendRequest("exit-signal", false, ssh.Marshal(struct {
			Signal string
			Core   bool
			Error  string
			Lang   string
		}{Signal: e.signal}))
		return
	}
	_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(e.code & 0xff)}))
}

// procs is the table of what runs on one server.
type procs struct {
	mu   sync.Mutex
	next int
	runs map[int]*proc
}

type proc struct {
	pid  int
	mark string
	stop context.CancelFunc
	gone chan struct{}

	mu     sync.Mutex
	signal string
}

func newProcs() *procs { return &procs{next: 4200, runs: map[int]*proc{}} }

func (p *procs) add(stop context.CancelFunc) *proc {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next += 7
	r := &proc{pid: p.next, stop: stop, gone: make(chan struct{})}
	p.runs[r.pid] = r
	return r
}

func (p *procs) remove(r *proc) {
	p.mu.Lock()
	delete(p.runs, r.pid)
	p.mu.Unlock()
	close(r.gone)
}

func (p *procs) find(pid int) *proc {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.runs[pid]
}

// kill ends a process and waits until it is gone.
func (r *proc) kill(ctx context.Context, signal string) error {
	r.mu.Lock()
	if r.signal == "" {
		r.signal = signal
	}
	r.mu.Unlock()
	r.stop()
	select {
	case <-r.gone:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for process %d: %w", r.pid, ctx.Err())
	}
}

func (r *proc) killedBy() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.signal
}
