package rpyc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"omanager/app/problem"
)

// maxAsides is how many requests of its own a server may make during one call.
const maxAsides = 64

func (c *Client) call(ctx context.Context, name string, args ...string) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, fmt.Errorf("call %s on %s: %w", name, c.addr, ErrClosed)
	}
	values := make(tuple, len(args))
	for i, a := range args {
		values[i] = textLike(a, c.isBytes)
	}
	begun := time.Now()
	var result any
	err := c.guard(ctx, begun, func() (err error) {
		result, err = c.request(handleCallAttr, c.target(textLike(name, c.isBytes), values, tuple{}))
		if err == nil && !plain(result) {
			err = fmt.Errorf("result of %s: %w", name, ErrReference)
		}
		return err
	})
	if remote, ok := errors.AsType[*RemoteError](err); ok {
		return nil, problem.Wrap(err, "legacy_exception", "addr", c.addr, "cause", remote.Error())
	}
	return result, err
}

// target boxes the arguments of a request about the root object.
func (c *Client) target(args ...any) tuple {
	if c.refs == refNumber {
		return boxValue(append(tuple{c.root}, args...))
	}
	items := tuple{tuple{labelLocalRef, c.root}}
	for _, a := range args {
		items = append(items, boxValue(a))
	}
	return tuple{labelTuple, items}
}

// request sends one request and reads until its answer is there.
func (c *Client) request(handler int, args tuple) (any, error) {
	seq := c.seq
	c.seq++
	if err := c.send(message{kindRequest, seq, tuple{handler, args}}); err != nil {
		return nil, err
	}
	for range maxAsides {
		m, err := c.receive()
		if err != nil {
			return nil, err
		}
		switch {
		case m.kind == kindRequest:
			if err := c.aside(m); err != nil {
				return nil, err
			}
		case m.seq != seq:
			return nil, fmt.Errorf("%w: answer to %d instead of %d", ErrMessage, m.seq, seq)
		case m.kind == kindReply:
			return unbox(m.body)
		default:
			remote, err := loadException(m.body)
			if err != nil {
				return nil, err
			}
			return nil, remote
		}
	}
	return nil, fmt.Errorf("%w: the server asks and does not answer", ErrLimit)
}

func (c *Client) send(m message) error {
	data, err := c.dialect.encode(m)
	if err != nil {
		return err
	}
	return c.w.write(data)
}

func (c *Client) receive() (message, error) {
	data, err := readFrame(c.r, c.opts.Limits)
	if err != nil {
		return message{}, err
	}
	m, d, err := decodeMessage(data, c.opts.Limits)
	if err == nil && d != c.dialect {
		err = errDialect
	}
	return m, err
}

// aside answers what a server asks of its client: a ping is echoed, a close ends the connection, and everything
// else is refused, so that a hostile server finds nothing to look at or to call.
func (c *Client) aside(m message) error {
	r, err := loadRequest(m.body)
	if err != nil {
		return err
	}
	switch {
	case r.handler == handleClose:
		return io.EOF
	case r.handler == handlePing && len(r.args) == 1 && plain(r.args[0]):
		return c.send(message{kindReply, m.seq, boxValue(r.args[0])})
	case r.handler == handleDel:
		return c.send(message{kindReply, m.seq, boxValue(nil)})
	}
	return c.send(message{kindException, m.seq, dumpException("AttributeError", "nothing is offered here", c.isBytes)})
}

// ended says that the peer hung up instead of answering.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

func lost(err error) bool { return ended(err) || errors.Is(err, io.ErrUnexpectedEOF) }

func limitText(ctx context.Context, begun time.Time) string {
	if end, ok := ctx.Deadline(); ok {
		return end.Sub(begun).Round(time.Millisecond).String()
	}
	return time.Since(begun).Round(time.Millisecond).String()
}
