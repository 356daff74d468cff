package rpyc

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"
)

const (
	maxWaiting = 64       // requests that a client may send ahead
	maxLarge   = 2        // of them, how many of more bytes than small
	small      = 64 << 10 // also the most before the login: it bounds what strangers can make us hold
	bufferSize = 16 << 10
)

// waiting is a request that has been read.
type waiting struct {
	message

	large bool
}

// timedWriter gives each write its time.
type timedWriter struct {
	conn  net.Conn
	limit time.Duration
}

func (w timedWriter) Write(p []byte) (int, error) {
	if err := w.conn.SetWriteDeadline(time.Now().Add(w.limit)); err != nil {
		return 0, err
	}
	return w.conn.Write(p)
}

// session is one client's connection: one goroutine reads, the one of serve answers in order.
type session struct {
	conn    net.Conn
	source  string
	handler Handler
	lim     Limits
	r       *bufio.Reader
	out     *bufio.Writer
	w       frameWriter // to out
	began   time.Time

	dialect  dialect // set by the first message, before it is handed over
	spoken   bool
	pending  atomic.Int32 // requests read and not yet answered
	large    atomic.Int32 // of the pending ones
	answered atomic.Int64 // when the last one was, in Unix nanoseconds
	inside   atomic.Bool  // logged in

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
		conn: conn, source: source, handler: h, lim: lim, r: bufio.NewReaderSize(conn, bufferSize), began: time.Now(), refused: ErrNoLogin,
	}
	s.out = bufio.NewWriterSize(timedWriter{conn, lim.FrameTime}, bufferSize)
	s.w.w = s.out
	return s
}

// serve returns why the connection ended; nil after an orderly end.
func (s *session) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() })
	requests := make(chan waiting, maxWaiting)
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(requests)
		cancel(s.read(ctx, requests))
	}()
	var err error
	for m := range requests {
		if err = s.answer(ctx, m.message); err == nil && len(requests) == 0 {
			err = s.out.Flush()
		}
		if err != nil || ctx.Err() != nil {
			break
		}
		s.answered.Store(time.Now().UnixNano())
		if m.large {
			s.large.Add(-1)
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
func (s *session) read(ctx context.Context, requests chan<- waiting) error {
	for {
		if err := s.await(); err != nil {
			return err
		}
		if !s.whole() {
			if err := s.conn.SetReadDeadline(time.Now().Add(s.lim.FrameTime)); err != nil {
				return err
			}
		}
		data, err := readFrame(s.r, s.bounds())
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
		w := waiting{m, len(data) > small}
		if w.large && s.large.Add(1) > maxLarge {
			return fmt.Errorf("large requests sent ahead: %w", ErrLimit)
		}
		s.pending.Add(1)
		select {
		case requests <- w:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// await waits for the first byte of a frame, as long as the client may be silent.
func (s *session) await() error {
	for {
		due, busy := s.due()
		if !busy && !due.After(time.Now()) {
			return ErrIdle
		}
		if s.r.Buffered() > 0 {
			return nil
		}
		if err := s.conn.SetReadDeadline(due); err != nil {
			return err
		}
		if _, err := s.r.Peek(1); err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
}

// bounds are the limits that hold now.
func (s *session) bounds() Limits {
	lim := s.lim
	if !s.inside.Load() {
		lim.Frame, lim.Message = min(lim.Frame, small), min(lim.Message, small)
	}
	return lim
}

// whole says that a frame has arrived completely.
func (s *session) whole() bool {
	if s.r.Buffered() < frameHeader {
		return false
	}
	header, err := s.r.Peek(frameHeader)
	return err == nil && uint64(s.r.Buffered()) > frameHeader+uint64(binary.BigEndian.Uint32(header))
}

// due says until when the client may be silent: while it waits for an answer there is no end.
func (s *session) due() (time.Time, bool) {
	switch {
	case s.pending.Load() > 0:
		return time.Now().Add(s.lim.IdleTime), true
	case !s.inside.Load():
		return s.began.Add(s.lim.LoginTime), false
	}
	return time.Unix(0, s.answered.Load()).Add(s.lim.IdleTime), false
}
