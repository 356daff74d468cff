package rpyc

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"omanager/app/problem"
)

// Options of Dial. The zero value is fit for use.
type Options struct {
	// Timeout bounds each call whose context allows longer; 5 min.
	Timeout time.Duration
	// Limits bound what the server may answer. Frame and Message default to 64 MiB here.
	Limits Limits
	// DialContext replaces the plain TCP dialer.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

func (o Options) withDefaults() Options {
	set(&o.Timeout, 5*time.Minute)
	set(&o.Limits.Frame, 64<<20)
	set(&o.Limits.Message, 64<<20)
	o.Limits = o.Limits.withDefaults()
	if o.DialContext == nil {
		o.DialContext = new(net.Dialer).DialContext
	}
	return o
}

// refStyle is how a peer wants to be told which of its objects is meant.
type refStyle int

const (
	refNumber refStyle = iota // to 3.x: the number as a plain value
	refObject                 // 4.0: the number as a reference
	refPack                   // from 4.1: name, class and number as a reference
)

// Client is one connection to a legacy control server. Calls of several goroutines wait for each other. After an
// error other than *RemoteError (inside a *problem.Error) the connection is closed and each later call says ErrClosed.
type Client struct {
	addr    string
	opts    Options
	conn    net.Conn
	r       *bufio.Reader
	w       frameWriter
	dialect dialect

	root    any // what the server calls its root object
	refs    refStyle
	isBytes bool // the server is Python 2

	mu     sync.Mutex
	seq    int64
	closed bool
}

// errDialect says that the peer speaks, but in the other dialect.
var errDialect = errors.New("peer speaks the other dialect of rpyc")

// Dial connects and finds out which version the server has. Errors are *problem.Error.
func Dial(ctx context.Context, addr string, o Options) (*Client, error) {
	o = o.withDefaults()
	c, err := dialAs(ctx, addr, o, classic)
	if errors.Is(err, errDialect) || ended(err) {
		var again error
		if c, again = dialAs(ctx, addr, o, split); again == nil {
			return c, nil
		}
		if !errors.Is(again, errDialect) && !ended(again) {
			err = again
		}
	}
	return c, err
}

func dialAs(ctx context.Context, addr string, o Options, d dialect) (*Client, error) {
	conn, err := o.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, problem.Wrap(fmt.Errorf("dial %s: %w", addr, err), "server_unreachable", "addr", addr, "cause", err.Error())
	}
	c := &Client{addr: addr, opts: o, conn: conn, r: bufio.NewReader(conn), dialect: d}
	c.w.w = conn
	if err := c.guard(ctx, time.Now(), c.greet); err != nil {
		return nil, err
	}
	return c, nil
}

// greet fetches the root reference and learns from its form which version answers.
func (c *Client) greet() error {
	var remote *RemoteError
	v, err := c.request(handleGetRoot, boxValue(tuple{}))
	if errors.As(err, &remote) {
		return fmt.Errorf("%w: no root: %s", ErrMessage, remote.Error())
	}
	if err != nil {
		return err
	}
	ref, ok := v.(remoteRef)
	pack, _ := ref.id.(tuple)
	if !ok || len(pack) != 3 {
		return fmt.Errorf("%w: root is %T", ErrMessage, v)
	}
	if _, isBytes, ok := text(pack[0]); ok {
		c.root, c.refs, c.isBytes = pack, refPack, isBytes
		return nil
	}
	n, ok := pack[0].(int64)
	if !ok {
		return fmt.Errorf("%w: root is known as %T", ErrMessage, pack[0])
	}
	_, c.isBytes, _ = text(pack[1])
	c.root = n
	// Before 4.0 a plain number names the object; from then on it is just a number, whose str is its digits.
	v, err = c.request(handleStr, boxValue(tuple{n}))
	if err != nil && !errors.As(err, &remote) {
		return err
	}
	if s, _, _ := text(v); s == strconv.FormatInt(n, 10) {
		c.refs = refObject
	}
	return nil
}

// Login tells the server the pair that all clients of an installation share. The legacy server returns nothing
// either way: a wrong pair shows in the answer of Runcommands.
func (c *Client) Login(ctx context.Context, user, password string) error {
	_, err := c.call(ctx, "login", user, password)
	return err
}

// Runcommands sends a sealed job and returns the sealed answer.
func (c *Client) Runcommands(ctx context.Context, envelope string) (string, error) {
	v, err := c.call(ctx, "Runcommands", envelope)
	if err != nil {
		return "", err
	}
	answer, _, ok := text(v)
	if !ok {
		return "", problem.Wrap(ErrMessage, "legacy_garbage", "addr", c.addr, "cause", fmt.Sprintf("the answer is %T, not text", v))
	}
	return answer, nil
}

// Close ends the connection. It does not wait for a call under way, which ends with an error.
func (c *Client) Close() error {
	if err := c.conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close connection to %s: %w", c.addr, err)
	}
	return nil
}

// guard runs one exchange under the context and the time limit; any error but an exception ends the connection.
func (c *Client) guard(ctx context.Context, begun time.Time, exchange func() error) error {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) })
	err := exchange()
	if !stop() && err == nil {
		err = ctx.Err() // the deadline is spoilt, so the connection is of no use any more
	}
	var remote *RemoteError
	if err == nil || errors.As(err, &remote) {
		return err
	}
	return c.fail(ctx, begun, err)
}

// fail closes the connection and says in a person's words why.
func (c *Client) fail(ctx context.Context, begun time.Time, err error) error {
	c.closed = true
	_ = c.conn.Close()
	cause := ctx.Err()
	switch {
	case errors.Is(err, ErrClosed), errors.Is(cause, context.Canceled):
		return fmt.Errorf("call %s: %w", c.addr, errors.Join(cause, err))
	case cause != nil:
		return problem.Wrap(errors.Join(cause, err), "legacy_timeout", "addr", c.addr, "limit", limitText(ctx, begun))
	case errors.Is(err, net.ErrClosed):
		return fmt.Errorf("call %s: %w", c.addr, ErrClosed)
	case lost(err):
		return problem.Wrap(err, "legacy_lost", "addr", c.addr, "cause", err.Error())
	}
	return problem.Wrap(err, "legacy_garbage", "addr", c.addr, "cause", err.Error())
}
