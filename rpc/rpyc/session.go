package rpyc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// maxWaiting is how many requests a client may send ahead.
const maxWaiting = 64

// session is one client's connection: one goroutine reads, the one of serve answers in order.
type session struct {
	conn    net.Conn
	source  string
	handler Handler
	lim     Limits
	r       *bufio.Reader
	w       frameWriter
	began   time.Time

	dialect dialect // set by the first message, before it is handed over
	spoken  bool
	pending atomic.Int32 // requests read and not yet answered
	inside  atomic.Bool  // logged in

	// Of the answering goroutine only.
	isBytes bool // the client is Python 2
	logins  int
	operand any   // Handler's session
	refused error // why there is none
}

func newSession(conn net.Conn, h Handler, lim Limits) *session {
	source := conn.RemoteAddr().String()
	if host, _, err := net.SplitHostPort(source); err == nil {
		source = host
	}
	s := &session{
		conn: conn, source: source, handler: h, lim: lim, r: bufio.NewReader(conn), began: time.Now(), refused: ErrNoLogin,
	}
	s.w.w = conn
	return s
}

// serve returns why the connection ended; nil after an orderly end.
func (s *session) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() })
	requests := make(chan message, maxWaiting)
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(requests)
		cancel(s.read(ctx, requests))
	}()
	var err error
	for m := range requests {
		if err = s.answer(ctx, m); err != nil {
			break
		}
		s.pending.Add(-1)
	}
	cancel(err)
	stop()
	_ = s.conn.Close()
	<-read
	return orderly(context.Cause(ctx))
}

// orderly drops what is no fault of the peer.
func orderly(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// read hands over each request until the peer ends, errs, or is too slow. It always returns an error.
func (s *session) read(ctx context.Context, requests chan<- message) error {
	for {
		if err := s.await(); err != nil {
			return err
		}
		if err := s.conn.SetReadDeadline(time.Now().Add(s.lim.FrameTime)); err != nil {
			return err
		}
		data, err := readFrame(s.r, s.lim)
		if err != nil {
			return err
		}
		m, d, err := decodeMessage(data, s.lim)
		if err != nil {
			return err
		}
		if !s.spoken {
			s.dialect, s.spoken = d, true
		}
		if d != s.dialect || m.kind != kindRequest {
			return fmt.Errorf("%w: kind %d in the midst of requests", ErrMessage, m.kind)
		}
		s.pending.Add(1)
		select {
		case requests <- m:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// await waits for the first byte of a frame: until the login is due, and then as long as a client may be idle,
// counted anew while it waits for an answer.
func (s *session) await() error {
	for {
		due := time.Now().Add(s.lim.IdleTime)
		if login := s.began.Add(s.lim.LoginTime); !s.inside.Load() {
			due = login
		}
		if err := s.conn.SetReadDeadline(due); err != nil {
			return err
		}
		_, err := s.r.Peek(1)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case !s.busy():
			return ErrIdle
		}
		// A call is under way: look again after it could have ended.
		if err := s.conn.SetReadDeadline(time.Now().Add(s.lim.IdleTime)); err != nil {
			return err
		}
		if _, err := s.r.Peek(1); err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
}

func (s *session) busy() bool { return s.pending.Load() > 0 }
