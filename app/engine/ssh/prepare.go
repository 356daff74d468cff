package ssh

import (
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sync/errgroup"
)

// prepared is a session whose shell has started Bootstrap already and waits for its header: the next task on the
// connection saves sshd's fork and exec, which is most of what a short command costs. It is one idle shell a warm
// connection, knows nothing of any task, and ends with the connection.
type prepared struct {
	ch   ssh.Channel
	reqs <-chan *ssh.Request
}

// startBootstrap asks for the command without waiting for a reply, so the header can follow at once; the first line of
// output is the reply.
func startBootstrap(ch ssh.Channel) error {
	_, err := ch.SendRequest("exec", false, ssh.Marshal(struct{ Command string }{Bootstrap}))
	return err
}

// gone reports whether the shell has ended meanwhile: whatever it says before it got a task is its end.
func (s *prepared) gone() bool {
	select {
	case <-s.reqs:
		return true
	default:
		return false
	}
}

func (s *prepared) close() {
	_ = s.ch.Close() // it may be closed already
	ssh.DiscardRequests(s.reqs)
}

// Preparing waits its turn: what a job's end still has to do, and the next job, come first.
const (
	prepareAfter = 100 * time.Millisecond
	preparers    = 8 // connections of one run prepared at the same time
)

// prepare starts a shell on each connection for the next task. It returns at once; the work ends with the pool.
func (p *pool) prepare(conns []*conn) {
	if len(conns) == 0 {
		return
	}
	p.owners.Go(func() {
		later := time.NewTimer(prepareAfter)
		defer later.Stop()
		select {
		case <-later.C:
		case <-p.stopped:
			return
		}
		var g errgroup.Group
		g.SetLimit(preparers)
		for _, c := range conns {
			g.Go(func() error {
				p.prepareOne(c)
				return nil
			})
		}
		_ = g.Wait() // the goroutines give no error
	})
}

// prepareOne does nothing on a connection that has a waiting shell, or gets one, or has ended.
func (p *pool) prepareOne(c *conn) {
	p.mu.Lock()
	if c.spare != nil || c.preparing || c.dead() {
		p.mu.Unlock()
		return
	}
	c.preparing = true
	p.mu.Unlock()
	s := newPrepared(c)
	p.mu.Lock()
	c.spare, c.preparing = s, false
	p.mu.Unlock()
}

func newPrepared(c *conn) *prepared {
	ch, reqs, err := openSession(c, openTimeout)
	if err != nil {
		return nil
	}
	s := &prepared{ch: ch, reqs: reqs}
	if startBootstrap(ch) != nil {
		s.close()
		return nil
	}
	return s
}

// takePrepared gives c's waiting shell to one caller, or nil. While a probe is unanswered there is none: a task must not
// be written to a peer that may be gone, the opening of a new session finds that out first.
func (p *pool) takePrepared(c *conn) *prepared {
	p.mu.Lock()
	var s *prepared
	if !c.unheard {
		s, c.spare = c.spare, nil
	}
	p.mu.Unlock()
	if s != nil && s.gone() {
		s.close()
		return nil
	}
	return s
}
