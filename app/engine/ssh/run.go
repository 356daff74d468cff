package ssh

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"omanager/app/engine"
	"omanager/app/job"
	"omanager/app/problem"
)

// defaultForks is how many hosts are worked on at the same time when the caller does not say.
const defaultForks = 64

// openTimeout bounds the opening of a session on a connection that exists.
const openTimeout = 10 * time.Second

// run is one Run: what is the same for all its hosts.
type run struct {
	e     *Engine
	task  engine.Task
	head  Header
	json  []byte
	limit time.Duration
	sink  engine.Sink

	mu   sync.Mutex
	good []*conn // their shells answered as they should
}

// Run runs the task on every host, at most forks at the same time. See engine.Engine.
func (e *Engine) Run(ctx context.Context, t engine.Task, hosts []engine.Host, forks int, s engine.Sink) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.runs.Done()
	r := &run{e: e, task: t, limit: t.Timeout, sink: s}
	if r.limit <= 0 {
		r.limit = e.cfg.CommandTimeout
	}
	var err error
	if r.head, err = header(t); err != nil {
		return err
	}
	if r.json, err = paramsJSON(t); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.life, cancel)()
	if forks <= 0 {
		forks = defaultForks
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(forks, len(hosts)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(hosts)); i = next.Add(1) - 1 {
				r.host(ctx, hosts[i])
			}
		})
	}
	wg.Wait()
	e.pool.prepare(r.good)
	return nil
}

// host brings one host to its end.
func (r *run) host(ctx context.Context, h engine.Host) {
	begun := time.Now()
	end := func(res engine.Result) {
		res.Elapsed = time.Since(begun)
		r.sink.Done(h.ID, res)
	}
	if ctx.Err() != nil {
		end(notStarted(h))
		return
	}
	c, p, ready, err := r.open(ctx, h)
	if err != nil {
		if ctx.Err() != nil {
			end(notStarted(h))
		} else {
			end(r.unreachable(h, err))
		}
		return
	}
	defer r.e.pool.release(c)
	begun = time.Now()
	if err := r.sink.Started(h.ID); err != nil {
		p.close()
		end(refused(h, err))
		return
	}
	res := newSession(r, h, c, p.ch, p.reqs).work(ctx, ready)
	end(res)
	if res.HasExit {
		r.mu.Lock()
		r.good = append(r.good, c)
		r.mu.Unlock()
	}
}

// open gives a session, on a warm connection if there is a live one; ready tells that its shell waits already.
func (r *run) open(ctx context.Context, h engine.Host) (c *conn, s *prepared, ready bool, err error) {
	t := r.e.pool.target(h)
	for fresh := false; ; fresh = true {
		c, reused, err := r.e.pool.acquire(ctx, t, maxSessions, fresh)
		if err != nil {
			return nil, nil, false, err
		}
		if s := r.e.pool.takePrepared(c); s != nil {
			return c, s, true, nil
		}
		ch, reqs, err := openSession(c, min(openTimeout, r.e.cfg.HandshakeTimeout))
		if err == nil && ctx.Err() == nil {
			return c, &prepared{ch: ch, reqs: reqs}, false, nil
		}
		if err == nil {
			_ = ch.Close()
			go ssh.DiscardRequests(reqs)
			err = ctx.Err()
		}
		r.e.pool.release(c)
		if !reused || ctx.Err() != nil {
			return nil, nil, false, fmt.Errorf("open session: %w", err)
		}
	}
}

// openSession opens a channel; a peer that does not answer in time loses its connection.
func openSession(c *conn, limit time.Duration) (ssh.Channel, <-chan *ssh.Request, error) {
	late := time.AfterFunc(limit, func() { _ = c.client.Close() })
	ch, reqs, err := c.client.OpenChannel("session", nil)
	if !late.Stop() {
		return nil, nil, os.ErrDeadlineExceeded
	}
	return ch, reqs, err
}

func notStarted(h engine.Host) engine.Result {
	return engine.Result{Outcome: job.NotStarted, Problem: "host_not_started", Args: map[string]string{"host": h.ID}}
}

// refused is the end of a host whose intent could not be stored.
func refused(h engine.Host, err error) engine.Result {
	res := engine.Result{Outcome: job.NotStarted, Problem: "store_failed", Args: map[string]string{"host": h.ID, "cause": err.Error()}}
	if pe, ok := errors.AsType[*problem.Error](err); ok {
		res.Problem, res.Args = pe.Code, pe.Args
	}
	return res
}

// unreachable explains why no command could be sent.
func (r *run) unreachable(h engine.Host, err error) engine.Result {
	res := engine.Result{Outcome: job.Unreachable, Args: map[string]string{"host": h.ID}}
	var ke *hostKeyError
	switch {
	case errors.As(err, &ke) && len(ke.want) > 0:
		res.Problem, res.Args["got"], res.Args["want"] = "host_key_changed", ke.got, joinWant(ke.want)
	case errors.As(err, &ke):
		res.Problem, res.Args["got"] = "host_key_unknown", ke.got
	case errors.Is(err, errAuth):
		res.Problem, res.Args["user"] = "host_auth", r.e.pool.target(h).user
	default:
		res.Problem, res.Args["cause"] = "host_unreachable", cause(err)
		res.Args["addr"] = r.e.pool.target(h).addr
	}
	return res
}

func joinWant(want []string) string {
	var s strings.Builder
	s.WriteString(want[0])
	for _, w := range want[1:min(len(want), 4)] {
		s.WriteString(", " + w)
	}
	return s.String()
}

// kill ends the processes of one run on a host and reports nil only when they are gone. It uses the command's own
// connection, or a new one when that has no room.
func (e *Engine) kill(ctx context.Context, h engine.Host, c *conn, pid, mark string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), killTimeout)
	defer cancel()
	err := killOn(ctx, c, pid, mark)
	if err == nil || errors.Is(err, errAlive) {
		return err
	}
	other, _, derr := e.pool.acquire(ctx, e.pool.target(h), math.MaxInt, true)
	if derr != nil {
		return fmt.Errorf("%s", cause(derr))
	}
	defer e.pool.release(other)
	return killOn(ctx, other, pid, mark)
}
