// Package rpyc speaks the part of Python's rpyc protocol that a legacy installation needs: Dial calls login and
// Runcommands on a server of rpyc 3.2.3 to 6.0, and Serve offers exactly these two to clients of the same versions.
// Only plain values cross in either direction; nothing of Python's reflection is reachable or asked for.
package rpyc

import (
	"errors"
	"net/netip"
	"time"
)

// What a peer can do wrong, told apart with errors.Is. Each of them ends the connection.
var (
	ErrFrame     = errors.New("not an rpyc frame")
	ErrValue     = errors.New("not an rpyc value")
	ErrMessage   = errors.New("not an rpyc message")
	ErrReference = errors.New("a reference to an object instead of a plain value")
	ErrLimit     = errors.New("larger than allowed")
	ErrIdle      = errors.New("nothing was asked in time")
	ErrLogins    = errors.New("too many logins on one connection")
	ErrSource    = errors.New("address is not on the list of allowed networks")
	ErrBusy      = errors.New("too many connections")
	ErrClosed    = errors.New("connection is closed")
)

// ErrNoLogin is the reason given to Handler.Refuse when a client runs commands without logging in first.
var ErrNoLogin = errors.New("no login on this connection")

// Limits bound what a peer may cost. A zero field means the default beside it.
type Limits struct {
	Frame   int // bytes of one frame on the wire, 4 MiB
	Message int // bytes of one message after decompression, 4 MiB
	Depth   int // nested tuples, 16
	Values  int // values in one message, 4096

	// The rest is for Serve.
	Connections int            // at the same time, 64
	Logins      int            // on one connection, 5
	LoginTime   time.Duration  // from connecting to a good login, 30 s
	IdleTime    time.Duration  // between two requests, 5 min
	FrameTime   time.Duration  // for one frame to arrive or leave, 30 s
	CallTime    time.Duration  // for one call, 1 h
	Allow       []netip.Prefix // networks that may connect, loopback only
	// OnClose, if set, is told why each connection ended; reason is nil after an orderly end. It must not block.
	OnClose func(source string, reason error)
}

func (l Limits) withDefaults() Limits {
	set(&l.Frame, 4<<20)
	set(&l.Message, 4<<20)
	set(&l.Depth, 16)
	set(&l.Values, 4096)
	set(&l.Connections, 64)
	set(&l.Logins, 5)
	set(&l.LoginTime, 30*time.Second)
	set(&l.IdleTime, 5*time.Minute)
	set(&l.FrameTime, 30*time.Second)
	set(&l.CallTime, time.Hour)
	if l.Allow == nil {
		l.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	return l
}

func set[T int | time.Duration](field *T, to T) {
	if *field <= 0 {
		*field = to
	}
}
