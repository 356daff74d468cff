package ssh

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"omanager/app/engine"
)

// maxSessions is how many commands share one connection; sshd allows 10; one waits prepared, and killers need room.
const maxSessions = 8

// conn is one logged-in connection. Its owner goroutine, keep, probes it and closes it when idle.
type conn struct {
	key    string
	client *ssh.Client
	shown  shown
	via    *conn         // the jump host it goes through
	gone   chan struct{} // closed when the connection has ended

	// guarded by pool.mu
	users     int
	used      time.Time
	spare     *prepared // a shell that waits for the next task
	preparing bool
	unheard   bool // a probe is under way: the peer may be gone
	state     int  // of known_hosts when the host key was looked at last
	refused   bool // the host key is not trusted any more
}

func (c *conn) dead() bool {
	select {
	case <-c.gone:
		return true
	default:
		return false
	}
}

// slot holds the connections of one key. Its token serialises dialling, so that waiters share one dial.
type slot struct {
	token chan struct{}
	conns []*conn
}

type pool struct {
	cfg     Config
	signers []ssh.Signer
	known   *known
	dialing chan struct{}

	mu    sync.Mutex
	slots map[string]*slot
	total int

	stopped chan struct{}
	once    sync.Once
	owners  sync.WaitGroup
}

func newPool(cfg Config, signers []ssh.Signer) *pool {
	return &pool{
		cfg: cfg, signers: signers, known: &known{file: cfg.KnownHosts},
		dialing: make(chan struct{}, cfg.MaxDialing), slots: map[string]*slot{}, stopped: make(chan struct{}),
	}
}

// target is where a connection leads.
type target struct {
	user, addr, jump, hostKey string
}

func (t target) key() string { return t.user + "\x00" + t.addr + "\x00" + t.jump + "\x00" + t.hostKey }

func (p *pool) target(h engine.Host) target {
	t := target{user: h.User, addr: joinPort(h.Addr, h.Port), jump: h.Jump, hostKey: h.HostKey}
	if t.user == "" {
		t.user = p.cfg.User
	}
	return t
}

// acquire gives a live connection with room for one more user; fresh skips the warm ones. Reused tells that the
// connection was warm, so that its peer may have gone unnoticed.
func (p *pool) acquire(ctx context.Context, t target, limit int, fresh bool) (c *conn, reused bool, err error) {
	s := p.slot(t.key())
	if !fresh {
		if c, err := p.warm(s, limit); c != nil || err != nil {
			return c, true, err
		}
	}
	select {
	case s.token <- struct{}{}:
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	defer func() { <-s.token }()
	if !fresh {
		if c, err := p.warm(s, limit); c != nil || err != nil {
			return c, true, err
		}
	}
	c, err = p.dial(ctx, t)
	if err != nil {
		p.drop(t.key(), s)
		return nil, false, err
	}
	p.add(s, c)
	return c, false, nil
}

func (p *pool) slot(key string) *slot {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.slots[key]
	if s == nil {
		s = &slot{token: make(chan struct{}, 1)}
		p.slots[key] = s
	}
	return s
}

// add puts a new connection, already in use by the caller, under its owner.
func (p *pool) add(s *slot, c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.users = 1
	if p.slots[c.key] == nil {
		p.slots[c.key] = s // it was dropped while this connection was made
	}
	s.conns = append(s.conns, c)
	p.total++
	if p.total > p.cfg.MaxConns {
		p.evict()
	}
	p.owners.Add(1)
	go p.keep(s, c)
}

// evict closes the connection that has been idle longest.
func (p *pool) evict() {
	var oldest *conn
	for _, s := range p.slots {
		for _, c := range s.conns {
			if c.users == 0 && (oldest == nil || c.used.Before(oldest.used)) {
				oldest = c
			}
		}
	}
	if oldest != nil {
		oldest.users = math.MaxInt
		_ = oldest.client.Close()
	}
}

func (p *pool) release(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.users--
	c.used = time.Now()
}

// keep owns c: it probes the peer, closes c when it is dead, idle or the pool ends, and forgets it.
func (p *pool) keep(s *slot, c *conn) {
	defer p.owners.Done()
	defer p.forget(s, c)
	tick := time.NewTicker(p.cfg.KeepAlive)
	defer tick.Stop()
	pong := make(chan struct{}, 1)
	asked, missed := false, 0
	for {
		select {
		case <-c.gone:
			return
		case <-p.stopped:
			_ = c.client.Close()
			<-c.gone
			return
		case <-pong:
			asked, missed = false, 0
			p.listening(c, false)
		case <-tick.C:
			if asked {
				missed++
			}
			if missed >= 3 || p.idle(c) {
				_ = c.client.Close()
				continue
			}
			if !asked {
				asked = true
				p.listening(c, true)
				p.owners.Add(1)
				go p.probe(c, pong)
			}
		}
	}
}

func (p *pool) probe(c *conn, pong chan<- struct{}) {
	defer p.owners.Done()
	if _, _, err := c.client.SendRequest("keepalive@openssh.com", true, nil); err == nil {
		pong <- struct{}{}
	}
}

func (p *pool) listening(c *conn, unheard bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.unheard = unheard
}

// idle takes c out of use if nobody has used it for long, or nobody may.
func (p *pool) idle(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.users > 0 || !c.refused && time.Since(c.used) < p.cfg.IdleTimeout {
		return false
	}
	c.users = math.MaxInt
	return true
}

func (p *pool) forget(s *slot, c *conn) {
	p.mu.Lock()
	for i, o := range s.conns {
		if o == c {
			s.conns = append(s.conns[:i], s.conns[i+1:]...)
			break
		}
	}
	p.total--
	p.mu.Unlock()
	p.drop(c.key, s)
	if c.via != nil {
		p.release(c.via)
	}
}

// drop takes an empty slot out of the table.
func (p *pool) drop(key string, s *slot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(s.conns) == 0 && p.slots[key] == s {
		delete(p.slots, key)
	}
}

func (p *pool) close() {
	p.once.Do(func() { close(p.stopped) })
	p.owners.Wait()
}
