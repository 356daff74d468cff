package console

import (
	"context"

	"omanager/app/problem"
)

// Do runs f with the session's control server as the one operation of its kind, or nothing if that kind runs already.
// The topics are announced when f ends. It is for the states of pages, which live in packages of their own.
func (c *Console) Do(op Op, t Topic, f func(ctx context.Context, srv Server) error) {
	c.do(op, t, c.withServer(f))
}

// Latest is Do for what only reads: asked for while its kind is busy, the last request is done afterwards.
func (c *Console) Latest(op Op, t Topic, f func(ctx context.Context, srv Server) error) {
	c.latest(op, t, c.withServer(f))
}

func (c *Console) withServer(f func(ctx context.Context, srv Server) error) func(context.Context) error {
	return func(ctx context.Context) error {
		srv, err := c.server()
		if err != nil {
			return err
		}
		return f(ctx, srv)
	}
}

// Local is Latest for work that needs no control server: files, written again as they are to be in the end.
func (c *Console) Local(op Op, t Topic, f func() error) {
	c.latest(op, t, func(context.Context) error { return f() })
}

// Notify announces a change of a page's state.
func (c *Console) Notify(t Topic) { c.notify(t) }

// Serving is the session's control server, nil when nobody is logged in. What a page knows is forgotten when this is
// another one.
func (c *Console) Serving() Server {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session.server
}

// ChangePassword replaces the password of the person who is logged in. What is wrong with the input is refused before
// anything is sent.
func (c *Console) ChangePassword(old, replacement, again string) {
	c.do(OpPassword, Session, func(ctx context.Context) error {
		switch {
		case old == "" || replacement == "":
			return problem.New("password_missing")
		case replacement != again:
			return problem.New("password_differs")
		}
		srv, err := c.server()
		if err != nil {
			return err
		}
		if err := srv.ChangePassword(ctx, old, replacement); err != nil {
			return err
		}
		c.mu.Lock()
		first := false
		if c.session.server == srv {
			first = c.session.rights.OneTime
			c.session.rights.OneTime, c.session.changed = false, true
		}
		c.mu.Unlock()
		if first {
			c.Reload() // what could not be asked for until now
			c.LoadApprovals()
		}
		return nil
	})
}

// ReadPassword forgets that the password was changed, once a person was told.
func (c *Console) ReadPassword() {
	c.mu.Lock()
	c.session.changed = false
	delete(c.errs, OpPassword)
	c.mu.Unlock()
}
