package ssh

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"omanager/app/engine"
	"omanager/app/job"
)

const (
	chunk       = 32 << 10        // bytes a read
	quiet       = 3 * time.Second // after the exit: how long silent background processes may hold the output open
	closing     = 2 * time.Second // how long a peer has to answer a close before it loses its connection
	pidWait     = 5 * time.Second // on cancel: how long to wait for the pid of a command just sent
	markerLimit = 64 << 10        // how much a login shell may print before the first sign of life
)

// exit is what the server said about the end of the command.
type exit struct {
	known  bool // an exit code or a signal came
	code   int
	signal string
}

// session is one command on one host.
type session struct {
	r    *run
	h    engine.Host
	c    *conn
	ch   ssh.Channel
	mark string

	pid   chan string // the pid, once
	ended chan exit   // the exit, once it is known or cannot come any more
	done  chan struct{}

	emitting sync.Mutex   // keeps Sink.Output calls of the host in order
	busy     atomic.Int32 // streams waiting for the sink
	heard    atomic.Int64 // nanoseconds since begun, at the last output
	begun    time.Time
	parts    sync.WaitGroup
}

func newSession(r *run, h engine.Host, c *conn, ch ssh.Channel, reqs <-chan *ssh.Request) *session {
	var raw [16]byte
	_, _ = rand.Read(raw[:])
	s := &session{
		r: r, h: h, c: c, ch: ch, mark: hex.EncodeToString(raw[:]), begun: time.Now(),
		pid: make(chan string, 1), ended: make(chan exit, 1), done: make(chan struct{}),
	}
	s.parts.Go(func() { s.requests(reqs) })
	return s
}

// work sends the command, unless its shell is ready, and follows it to its end. When it returns, no goroutine of the
// session is left.
func (s *session) work(ctx context.Context, ready bool) engine.Result {
	var err error
	if !ready {
		err = startBootstrap(s.ch)
	}
	s.parts.Go(func() { s.pump(job.Stdout, s.ch, true) })
	s.parts.Go(func() { s.pump(job.Stderr, s.ch.Stderr(), false) })
	if err == nil {
		s.parts.Go(s.send)
	}
	go func() {
		s.parts.Wait()
		close(s.done)
	}()
	res := s.follow(ctx)
	s.close()
	return res
}

// send writes the task. It ends when all is written or the channel is closed.
func (s *session) send() {
	first, rest := s.r.head.encode(s.r.task.JobID, s.mark), s.r.json
	if len(rest) < chunk { // one packet; a file is not copied for each host
		first, rest = append(first, rest...), nil
	}
	_, err := s.ch.Write(first)
	if err == nil && rest != nil {
		_, err = s.ch.Write(rest)
	}
	if err == nil {
		_ = s.ch.CloseWrite()
	}
}

func (s *session) follow(ctx context.Context) engine.Result {
	limit := time.NewTimer(s.r.limit)
	defer limit.Stop()
	start := time.NewTimer(min(s.r.e.cfg.StartTimeout, s.r.limit))
	defer start.Stop()
	for {
		select {
		case x := <-s.ended:
			return s.exited(ctx, x)
		case <-start.C:
			select {
			case pid := <-s.pid:
				s.pid <- pid
			default:
				if s.busy.Load() == 0 {
					return s.result(job.Unknown, "host_no_exit")
				}
			}
		case <-ctx.Done():
			return s.stop(ctx, job.Cancelled, "host_cancelled", "it was cancelled")
		case <-limit.C:
			return s.stop(ctx, job.TimedOut, "host_timeout", "it ran longer than "+s.r.limit.String())
		}
	}
}

// result is an end with a sentence.
func (s *session) result(o job.Outcome, problem string, args ...string) engine.Result {
	res := engine.Result{Outcome: o, Problem: problem, Args: map[string]string{"host": s.h.ID}}
	for i := 0; i+1 < len(args); i += 2 {
		res.Args[args[i]] = args[i+1]
	}
	return res
}

// exited drains the output and judges the end.
func (s *session) exited(ctx context.Context, x exit) engine.Result {
	s.drain(ctx)
	switch {
	case x.signal != "":
		return s.result(job.Failed, "host_signal", "signal", x.signal)
	case !x.known && s.alive():
		return s.result(job.Unknown, "host_no_exit")
	case !x.known:
		return s.result(job.Unknown, "host_lost")
	case len(s.pid) == 0:
		return s.result(job.Failed, "host_no_shell", "user", s.r.e.pool.target(s.h).user)
	}
	res := engine.Result{Outcome: s.r.task.Outcome(x.code), Exit: x.code, HasExit: true}
	if !res.Outcome.Good() {
		res.Problem, res.Args = "host_exit", map[string]string{"host": s.h.ID, "exit": strconv.Itoa(x.code)}
	}
	return res
}

// drain waits for the rest of the output; processes left behind in silence do not hold it up.
func (s *session) drain(ctx context.Context) {
	s.heard.Store(int64(time.Since(s.begun)))
	tick := time.NewTicker(quiet / 4)
	defer tick.Stop()
	cut := time.NewTimer(s.r.limit)
	defer cut.Stop()
	cancelled := ctx.Done()
	for {
		select {
		case <-s.done:
			return
		case <-cut.C:
			return
		case <-cancelled:
			cancelled = nil
			cut.Reset(quiet)
		case <-tick.C:
			if s.busy.Load() == 0 && time.Since(s.begun)-time.Duration(s.heard.Load()) > quiet {
				return
			}
		}
	}
}

// alive asks whether the connection still answers.
func (s *session) alive() bool {
	answer := make(chan bool, 1)
	s.r.e.pool.owners.Go(func() {
		_, _, err := s.c.client.SendRequest("keepalive@openssh.com", true, nil)
		answer <- err == nil
	})
	t := time.NewTimer(closing)
	defer t.Stop()
	select {
	case ok := <-answer:
		return ok
	case <-t.C:
		return false
	}
}

// stop ends the command and says the outcome only if it is proved gone.
func (s *session) stop(ctx context.Context, o job.Outcome, problem, why string) engine.Result {
	select { // an end that is known already counts, whatever else is
	case x := <-s.ended:
		return s.exited(context.WithoutCancel(ctx), x)
	default:
	}
	wait := time.NewTimer(pidWait)
	defer wait.Stop()
	var err error
	select {
	case x := <-s.ended:
		return s.exited(context.WithoutCancel(ctx), x)
	case pid := <-s.pid:
		err = s.r.e.kill(ctx, s.h, s.c, pid, s.mark)
	case <-wait.C:
		err = errNoPid
	}
	if err != nil {
		return s.result(job.Unknown, "host_cancel_unsure", "cause", why+"; "+err.Error())
	}
	res := s.result(o, problem, "limit", s.r.limit.String())
	late := time.NewTimer(closing)
	defer late.Stop()
	select {
	case x := <-s.ended:
		res.Exit, res.HasExit = x.code, x.known && x.signal == ""
	case <-late.C:
	}
	return res
}

// close ends the channel and waits for the session's goroutines. A peer that does not answer loses its connection.
func (s *session) close() {
	_ = s.ch.Close()
	t := time.NewTicker(closing)
	defer t.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-t.C:
			if s.busy.Load() == 0 {
				_ = s.c.client.Close()
			}
		}
	}
}

// requests listens for the exit. It ends when the channel is closed.
func (s *session) requests(reqs <-chan *ssh.Request) {
	var x exit
	for req := range reqs {
		var code struct{ Status uint32 }
		var sig struct {
			Signal     string
			CoreDumped bool
			Error      string
			Lang       string
		}
		switch {
		case x.known:
		case req.Type == "exit-status" && ssh.Unmarshal(req.Payload, &code) == nil:
			x = exit{known: true, code: int(code.Status)}
			s.ended <- x
		case req.Type == "exit-signal" && ssh.Unmarshal(req.Payload, &sig) == nil:
			x = exit{known: true, signal: clean(sig.Signal)}
			s.ended <- x
		}
		if req.WantReply {
			_ = req.Reply(false, nil)
		}
	}
	if !x.known {
		s.ended <- x
	}
}

// clean keeps a signal's name to letters and digits: it is shown to people and chosen by the server.
func clean(signal string) string {
	out := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, signal)
	if out == "" {
		return "unnamed"
	}
	return out[:min(len(out), 16)]
}

// pump carries one stream to the sink. It ends with the stream.
func (s *session) pump(stream string, r io.Reader, marked bool) {
	buf := s.r.e.buffers.Get().(*[]byte)
	defer s.r.e.buffers.Put(buf)
	var held []byte
	for {
		n, err := r.Read(*buf)
		data := (*buf)[:n]
		if marked && n > 0 {
			held = append(held, data...)
			data, marked = s.strip(&held)
		}
		s.emit(stream, data)
		if err != nil {
			s.emit(stream, held)
			return
		}
	}
}

// strip takes the line with the pid out of what came so far. It gives what may be passed on, and whether the line
// is still to come; until then, held keeps an unfinished line.
func (s *session) strip(held *[]byte) (out []byte, marked bool) {
	b := *held
	for rest := b; ; {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			done := len(b) - len(rest)
			if len(rest) > markerLimit {
				*held = nil
				return b, false
			}
			*held = bytes.Clone(rest)
			return b[:done], true
		}
		if pid, ok := marker(rest[:i]); ok {
			s.pid <- pid
			*held = nil
			at := len(b) - len(rest)
			return append(b[:at], b[at+i+1:]...), false
		}
		rest = rest[i+1:]
	}
}

// marker reads "OM1 <pid>". Pids 0 and 1 would address far too much and are not taken.
func marker(line []byte) (string, bool) {
	pid, ok := bytes.CutPrefix(bytes.TrimSuffix(line, []byte("\r")), []byte("OM1 "))
	if !ok {
		return "", false
	}
	n, err := strconv.ParseInt(string(pid), 10, 32)
	return strconv.FormatInt(n, 10), err == nil && n > 1
}

func (s *session) emit(stream string, data []byte) {
	if len(data) == 0 {
		return
	}
	s.busy.Add(1)
	s.emitting.Lock()
	s.r.sink.Output(s.h.ID, stream, data)
	s.emitting.Unlock()
	s.heard.Store(int64(time.Since(s.begun)))
	s.busy.Add(-1)
}
