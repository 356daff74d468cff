package rpyc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Handler is what stands behind the two calls. Its methods may run for several connections at once; the context
// ends with the connection, with Serve, and after Limits.CallTime. The text of a *problem.Error goes to the client
// as an exception; of other errors it is only told that the server had a fault.
type Handler interface {
	// Login checks the pair. The session it returns is given to each Runcommands of the connection. As on the
	// legacy server the client is not told about an error: it shows in the answer of Refuse.
	Login(ctx context.Context, source, user, password string) (session any, err error)
	// Runcommands runs a sealed job after a good login and returns the sealed answer.
	Runcommands(ctx context.Context, session any, envelope string) (string, error)
	// Refuse returns the sealed answer for a job without a good login: reason is ErrNoLogin or Login's error.
	Refuse(ctx context.Context, reason error) (string, error)
}

// Serve answers legacy clients until the context ends or the listener breaks; it closes the listener and returns
// after the last connection has ended. The error is nil if the context ended.
func Serve(ctx context.Context, ln net.Listener, h Handler, lim Limits) error {
	lim = lim.withDefaults()
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = ln.Close() })
	defer func() {
		if stop() {
			_ = ln.Close()
		}
	}()
	places := make(chan struct{}, lim.Connections)
	for {
		nc, err := ln.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = nc.Close()
			}
			return nil
		}
		if err != nil {
			if passing(err) && pause(ctx, 50*time.Millisecond) {
				continue
			}
			return fmt.Errorf("accept on %s: %w", ln.Addr(), err)
		}
		if reason := admit(nc, lim, places); reason != nil {
			_ = nc.Close()
			lim.closed(nc, reason)
			continue
		}
		all.Go(func() {
			defer func() { <-places }()
			lim.closed(nc, newSession(nc, h, lim).serve(ctx))
		})
	}
}

// admit takes a place for the connection, or says why there is none.
func admit(nc net.Conn, lim Limits, places chan<- struct{}) error {
	if !allowed(nc.RemoteAddr(), lim.Allow) {
		return ErrSource
	}
	select {
	case places <- struct{}{}:
		return nil
	default:
		return ErrBusy
	}
}

func allowed(addr net.Addr, networks []netip.Prefix) bool {
	ap, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return false
	}
	ip := ap.Addr().Unmap().WithZone("")
	for _, n := range networks {
		if n.Contains(ip) {
			return true
		}
	}
	return false
}

func (l Limits) closed(nc net.Conn, reason error) {
	if l.OnClose != nil {
		l.OnClose(nc.RemoteAddr().String(), reason)
	}
}

// passing says that accepting may work again in a moment, as after running out of file descriptors.
func passing(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && !errors.Is(err, net.ErrClosed)
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
