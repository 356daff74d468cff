package console

import (
	"context"
	"os"
	"slices"
	"strings"

	"omanager/app/problem"
	"omanager/app/rights"
	"omanager/rpc/client"
)

// Credentials is what the login form holds.
type Credentials struct {
	Address, Operator, Password, KeyFile string
}

// maxKeyFile bounds what is read as a key file.
const maxKeyFile = 1 << 20

// session is the logged-in side of the state.
type session struct {
	in       bool
	demo     bool
	operator string
	addr     string
	server   Server
	embedded func() error
	stop     context.CancelFunc // ends what runs as long as the session
	rights   client.Session     // as the login gave it; its secrets stay with the client
	changed  bool               // the person's own password, in this session

	asking  *Question
	pending Credentials
}

// Question is the fingerprint that a person is to compare before the first login to a control server.
type Question struct{ Address, Fingerprint string }

// end says goodbye and lets go of everything the session holds.
func (s session) end() {
	if s.stop != nil {
		s.stop()
	}
	if s.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), logoutTimeout)
		_ = s.server.Logout(ctx)
		cancel()
		s.server.Close()
	}
	if s.embedded != nil {
		_ = s.embedded()
	}
}

// Who tells who is logged in and where, and what else than running modules it may do.
type Who struct {
	In, Demo          bool
	Operator, Address string
	Operators, Log    bool // may manage operators, may read the operation log
	MustChange        bool // the password was made by somebody else; nothing else works until it is changed
	Changed           bool // the password was changed in this session
}

// Who returns the session as a person sees it.
func (c *Console) Who() Who {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.session
	return Who{
		In: s.in, Demo: s.demo, Operator: s.operator, Address: s.addr,
		Operators: s.in && s.may(rights.ManageOperators), Log: s.in && s.may(rights.ManageAudit),
		MustChange: s.in && s.rights.OneTime, Changed: s.changed,
	}
}

// may reports whether the control server would let the operator manage something; it alone decides in the end.
func (s session) may(what string) bool {
	return s.rights.Privileges == "root" || slices.Contains(s.rights.Manage, what)
}

// Question returns the open fingerprint question, or nil.
func (c *Console) Question() *Question {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session.asking
}

// Login logs in. A control server that was never confirmed is asked for its fingerprint first; nothing else is
// sent to it until Trust answers the Question.
func (c *Console) Login(cr Credentials) {
	cr.Address, cr.Operator = strings.TrimSpace(cr.Address), strings.TrimSpace(cr.Operator)
	c.do(OpLogin, Session, func(ctx context.Context) error {
		if cr.Address == "" {
			return problem.New("address_missing")
		}
		p, known := c.profile(cr.Address)
		if known && p.Fingerprint != "" {
			return c.enter(ctx, cr, p.Fingerprint)
		}
		fp, err := c.cfg.Fingerprint(ctx, cr.Address)
		if err != nil {
			return err
		}
		c.mu.Lock()
		c.session.asking, c.session.pending = &Question{cr.Address, fp}, cr
		c.mu.Unlock()
		return nil
	})
}

// Trust answers the open Question: yes logs in and remembers the fingerprint, no drops the login.
func (c *Console) Trust(yes bool) {
	c.mu.Lock()
	q, cr := c.session.asking, c.session.pending
	c.session.asking, c.session.pending = nil, Credentials{}
	c.mu.Unlock()
	c.notify(Session)
	if q == nil || !yes {
		return
	}
	c.latest(OpLogin, Session, func(ctx context.Context) error { // the asking may not have ended yet
		return c.enter(ctx, cr, q.Fingerprint)
	})
}

// TryIt starts the control server with simulated servers inside this process and logs in to it.
func (c *Console) TryIt() {
	c.do(OpLogin, Session, func(ctx context.Context) error {
		e, err := c.cfg.Demo(ctx)
		if err != nil {
			return err
		}
		key, err := readKey(e.KeyFile)
		if err != nil {
			_ = e.Close()
			return err
		}
		srv := c.cfg.Dial(e.Addr, e.Fingerprint)
		if err := srv.Login(ctx, e.Operator, e.Password, key); err != nil {
			srv.Close()
			_ = e.Close()
			return err
		}
		c.entered(session{in: true, demo: true, operator: e.Operator, addr: e.Addr, server: srv, embedded: e.Close})
		return nil
	})
}

func (c *Console) enter(ctx context.Context, cr Credentials, fingerprint string) error {
	key, err := readKey(cr.KeyFile)
	if err != nil {
		return err
	}
	srv := c.cfg.Dial(cr.Address, fingerprint)
	if err := srv.Login(ctx, cr.Operator, cr.Password, key); err != nil {
		srv.Close()
		return err
	}
	c.remember(Profile{Address: cr.Address, Fingerprint: fingerprint, Operator: cr.Operator, KeyFile: cr.KeyFile})
	c.entered(session{in: true, operator: cr.Operator, addr: cr.Address, server: srv})
	return nil
}

func readKey(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxKeyFile {
		return nil, problem.New("keyfile_read", "file", path, "cause", "larger than 1 MiB")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, problem.Wrap(err, "keyfile_read", "file", path, "cause", cause(err))
	}
	return data, nil
}

func cause(err error) string {
	if os.IsNotExist(err) {
		return "no such file"
	}
	if os.IsPermission(err) {
		return "permission denied"
	}
	return err.Error()
}

// entered replaces the session and loads what the control server has.
func (c *Console) entered(s session) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		s.end()
		return
	}
	ctx, stop := context.WithCancel(c.ctx)
	s.stop = stop
	s.rights = s.server.Session()
	s.rights.Token, s.rights.EnvelopeKey = "", nil
	old := c.session
	c.session = s
	c.forget()
	if err := c.last.Broken(); err != nil {
		c.errs[OpRemember] = err
	}
	c.wg.Go(func() { c.pollApprovals(ctx, s.server) })
	c.mu.Unlock()
	old.end()
	c.notify(All)
	if !s.rights.OneTime {
		c.Reload()
	}
}

// forget drops all that belongs to a session but the session itself. The lock is held.
func (c *Console) forget() {
	if c.run != nil {
		c.run.stop()
	}
	c.tree, c.ticked = newTree(nil), map[string]bool{}
	c.modules, c.rejected, c.jobs, c.run, c.approvals = nil, nil, nil, nil, nil
	c.draft, c.plan = draft{}, planned{}
	clear(c.errs)
	clear(c.waiting)
}

// Logout ends the session and forgets what belongs to it.
func (c *Console) Logout() {
	c.mu.Lock()
	old := c.session
	c.session = session{}
	c.forget()
	c.offline = false
	if !c.closed {
		c.wg.Go(func() { ; old.end() })
	}
	c.mu.Unlock()
	c.notify(All)
}

// server returns the session's control server, or the reason there is none.
func (c *Console) server() (Server, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.server == nil {
		return nil, problem.New("session_expired")
	}
	return c.session.server, nil
}

// Reload reads servers, modules and earlier jobs again.
func (c *Console) Reload() {
	c.latest(OpLoad, Servers|Catalog|Form|Planning, func(ctx context.Context) error {
		srv, err := c.server()
		if err != nil {
			return err
		}
		inv, err := srv.Inventory(ctx)
		if err != nil {
			return err
		}
		mods, rejected, err := srv.Modules(ctx)
		if err != nil {
			return err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.session.server != srv {
			return nil // logged out meanwhile
		}
		c.tree = newTree(inv)
		c.keepTicks()
		c.modules, c.rejected = inOrder(mods), rejected
		c.refreshDraft()
		return nil
	})
	c.LoadHistory()
}
