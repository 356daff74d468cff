package ssh

import (
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// errAuth says that the server refused the login; it is never tried again.
var errAuth = errors.New("login refused")

// maxRetries bounds how often a connection that was dropped before the key exchange is made again: sshd drops
// bursts by its MaxStartups.
const maxRetries = 3

func joinPort(host string, port int) string {
	if port == 0 {
		port = 22
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}

// dial makes a logged-in connection, through the jump hosts if there are any.
func (p *pool) dial(ctx context.Context, t target) (*conn, error) {
	exp, err := p.known.expect(t.addr, t.hostKey)
	if err != nil {
		return nil, err
	}
	via, err := p.jump(ctx, t)
	if err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		client, key, dropped, err := p.attempt(ctx, t, exp, via)
		if err == nil {
			c := &conn{key: t.key(), client: client, shown: *key, via: via, gone: make(chan struct{}), used: time.Now()}
			p.owners.Go(func() {
				_ = client.Wait()
				close(c.gone)
			})
			return c, nil
		}
		if !dropped || try == maxRetries || sleep(ctx, backoff(try)) != nil {
			if via != nil {
				p.release(via)
			}
			return nil, err
		}
	}
}

func backoff(try int) time.Duration {
	d := 100 * time.Millisecond * time.Duration(math.Pow(3, float64(try)))
	return d/2 + rand.N(d)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// jump gives the connection to the last hop, or nil when there is none. Hops share connections like targets do.
func (p *pool) jump(ctx context.Context, t target) (*conn, error) {
	if t.jump == "" {
		return nil, nil
	}
	before, last := "", t.jump
	if i := strings.LastIndex(t.jump, ","); i >= 0 {
		before, last = t.jump[:i], t.jump[i+1:]
	}
	hop := target{user: t.user, jump: before}
	addr := strings.TrimSpace(last)
	if u, a, ok := strings.Cut(addr, "@"); ok {
		hop.user, addr = u, a
	}
	if _, _, err := net.SplitHostPort(addr); err != nil {
		addr = net.JoinHostPort(strings.Trim(addr, "[]"), "22")
	}
	hop.addr = addr
	c, _, err := p.acquire(ctx, hop, math.MaxInt, false)
	if err != nil {
		return nil, &jumpError{addr: addr, err: err}
	}
	return c, nil
}

// jumpError says that the way to a target is broken, not the target. It hides what kind of error the hop had: a hop's
// wrong host key is not the target's.
type jumpError struct {
	addr string
	err  error
}

func (e *jumpError) Error() string { return "jump host " + e.addr + ": " + e.err.Error() }

// attempt dials once. Dropped tells that the server hung up before it had shown its key.
func (p *pool) attempt(ctx context.Context, t target, exp expectation, via *conn) (_ *ssh.Client, _ *shown, dropped bool, _ error) {
	done, err := p.turn(ctx)
	if err != nil {
		return nil, nil, false, err
	}
	defer done()
	nc, err := p.connect(ctx, t.addr, via)
	if err != nil {
		return nil, nil, false, err
	}
	var key atomic.Pointer[shown]
	conf := &ssh.ClientConfig{
		User: t.user, Auth: []ssh.AuthMethod{ssh.PublicKeys(p.signers...)}, HostKeyAlgorithms: exp.algorithms,
		ClientVersion: "SSH-2.0-OManager",
		HostKeyCallback: func(host string, remote net.Addr, k ssh.PublicKey) error {
			sk := &shown{addr: host, pinned: t.hostKey != "", remote: remote, key: k, err: exp.check(host, remote, k)}
			key.Store(sk)
			return sk.err
		},
	}
	c, chans, reqs, err := handshake(ctx, nc, t.addr, conf, p.cfg.HandshakeTimeout)
	switch {
	case err == nil:
		return ssh.NewClient(c, chans, reqs), key.Load(), false, nil
	case ctx.Err() != nil:
		return nil, nil, false, ctx.Err()
	case key.Load() != nil && key.Load().err != nil:
		return nil, nil, false, key.Load().err
	case strings.Contains(err.Error(), "unable to authenticate"):
		return nil, nil, false, errAuth
	}
	return nil, nil, key.Load() == nil && hungUp(err), err
}

// turn waits until a connection may be made; done ends the turn. A turn ends by itself after a while, so that servers
// that hang do not hold up those that answer; how many may hang at once is bounded by the hosts of the jobs.
func (p *pool) turn(ctx context.Context) (done func(), err error) {
	select {
	case p.dialing <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	end := sync.OnceFunc(func() { <-p.dialing })
	t := time.AfterFunc(p.cfg.DialTurn, end)
	return func() { t.Stop(); end() }, nil
}

func (p *pool) connect(ctx context.Context, addr string, via *conn) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, p.cfg.DialTimeout)
	defer cancel()
	if via != nil {
		return via.client.DialContext(ctx, "tcp", addr)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", addr)
}

// handshake bounds all of the key exchange and login; the client library by itself bounds none of it.
func handshake(ctx context.Context, nc net.Conn, addr string, conf *ssh.ClientConfig, limit time.Duration) (
	ssh.Conn, <-chan ssh.NewChannel, <-chan *ssh.Request, error) {
	hctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	// A connection through a jump host has no deadlines; closing it serves both kinds.
	_ = nc.SetDeadline(time.Now().Add(limit))
	stop := context.AfterFunc(hctx, func() { _ = nc.Close() })
	c, chans, reqs, err := ssh.NewClientConn(nc, addr, conf)
	if !stop() && err == nil {
		_ = c.Close()
		err = hctx.Err()
	}
	if err != nil {
		if hctx.Err() != nil && ctx.Err() == nil {
			err = os.ErrDeadlineExceeded
		}
		return nil, nil, nil, err
	}
	_ = nc.SetDeadline(time.Time{})
	return c, chans, reqs, nil
}

func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
}

// cause says in a few words why a connection could not be made.
func cause(err error) string {
	var oe *net.OpError
	var de *net.DNSError
	var ne net.Error
	var je *jumpError
	switch {
	case errors.As(err, &je):
		return "jump host " + je.addr + ": " + cause(je.err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &de):
		return "its name cannot be resolved"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &ne) && ne.Timeout():
		return "no answer in time"
	case hungUp(err):
		return "the server closed the connection"
	case errors.As(err, &oe):
		return oe.Err.Error()
	}
	return strings.TrimPrefix(err.Error(), "ssh: handshake failed: ")
}
