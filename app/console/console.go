// Package console is the desktop's state and use cases in plain Go: who is logged in, which servers are ticked,
// which module is filled in, what its plan is, and the job that is watched. A user interface draws what the
// accessors return and calls the methods; none of them blocks. Work runs in goroutines that the Console owns and
// ends in Close.
package console

import (
	"context"
	"errors"
	"sync"
	"time"

	"omanager/app/console/last"
	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/modules"
	"omanager/rpc/client"
)

// Server is what the console needs of a control server; rpc/client satisfies it.
type Server interface {
	Login(ctx context.Context, operator, password string, keyfile []byte) error
	Logout(ctx context.Context) error
	Inventory(ctx context.Context) (*inventory.Inventory, error)
	Modules(ctx context.Context) ([]*modules.Module, []string, error)
	Plan(ctx context.Context, r job.Request) (job.Plan, error)
	Start(ctx context.Context, o client.Order) (job.Job, error)
	// Watch resumes by itself after a broken connection and returns nil after the job's last event.
	Watch(ctx context.Context, jobID string, after int64, onEvents func([]job.Event) error, onState func(connected bool, err error)) error
	Jobs(ctx context.Context, limit int) ([]job.Job, error)
	Job(ctx context.Context, id string) (job.Job, error)
	Cancel(ctx context.Context, id string) error
	RequestApproval(ctx context.Context, id string, r job.Request, planHash, why string) (job.Approval, error)
	Approvals(ctx context.Context, pending bool, limit int) ([]job.Approval, error)
	DecideApproval(ctx context.Context, id string, approve bool, note string) (job.Approval, error)
	Session() client.Session
	ChangePassword(ctx context.Context, old, replacement string) error
	Close()
}

// Embedded is a control server inside this process with simulated servers, and the way to log in to it.
type Embedded struct {
	Addr, Fingerprint, Operator, Password, KeyFile string
	Close                                          func() error
}

// Config is what main wires in. Settings is the path of the settings file; empty keeps them in memory.
type Config struct {
	Fingerprint func(ctx context.Context, addr string) (string, error)
	Dial        func(addr, fingerprint string) Server
	Demo        func(ctx context.Context) (Embedded, error)
	NewJobID    func() string
	Settings    string
	Poll        time.Duration // how often waiting approvals are asked for; 0 means 10 s
}

// Topic says which part of the state changed; topics are or-ed together.
type Topic uint32

// The topics.
const (
	Session   Topic = 1 << iota // logged in or out, the fingerprint question, the connection
	Servers                     // the tree or what is ticked in it
	Catalog                     // the module list
	Form                        // the chosen module, its values and their errors
	Planning                    // the plan
	Running                     // the watched job
	History                     // the list of earlier jobs
	Busy                        // an operation began or ended
	Settings                    // language, theme, profiles
	Approvals                   // requests for approval
	People                      // operators and roles
	Log                         // the operation log
	All       Topic = 1<<iota - 1
)

// Op names an operation that takes time. At most one of each kind runs at once; one that reads is done once more when
// it was asked for meanwhile, one that changes something is not.
type Op string

// The operations.
const (
	OpLogin   Op = "login"
	OpLoad    Op = "load"
	OpPlan    Op = "plan"
	OpStart   Op = "start"
	OpCancel  Op = "cancel"
	OpHistory Op = "history"
	OpOpen    Op = "open"

	OpApprovals Op = "approvals" // reading the list
	OpRequest   Op = "request"   // asking for an approval
	OpDecide    Op = "decide"
	OpPassword  Op = "password"
	OpRemember  Op = "remember" // what was filled in last
)

// Console is safe for use by many goroutines.
type Console struct {
	cfg    Config
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu       sync.Mutex
	changed  func(Topic)
	closed   bool
	busy     map[Op]bool
	waiting  map[Op]func() // what was asked for last while its kind was busy
	errs     map[Op]error
	offline  bool
	settings SettingsFile
	last     *last.Values
	session  session
	tree     *Tree
	ticked   map[string]bool // by host
	modules  []*modules.Module
	rejected []string
	draft    draft
	plan     planned
	run      *Run
	sent     submitted
	jobs     []job.Job

	approvals []job.Approval // newest first
}

// New makes a console that is logged out. Settings that cannot be read are left at their defaults.
func New(cfg Config) *Console {
	ctx, cancel := context.WithCancel(context.Background())
	c := &Console{
		cfg: cfg, ctx: ctx, cancel: cancel,
		changed: func(Topic) {},
		busy:    map[Op]bool{}, waiting: map[Op]func(){}, errs: map[Op]error{},
		settings: readSettings(cfg.Settings),
		last:     last.Open(lastPath(cfg.Settings)),
		tree:     newTree(nil),
		ticked:   map[string]bool{},
	}
	return c
}

// OnChange sets the one listener. It is called from any goroutine, never with a lock held, and must not block.
func (c *Console) OnChange(f func(Topic)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed = f
}

// Close logs out, ends every goroutine, and waits for them.
func (c *Console) Close() {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return
	}
	c.closed = true
	s := c.session
	c.session = session{}
	c.changed = func(Topic) {}
	c.mu.Unlock()
	c.cancel()
	c.wg.Wait()
	s.end()
}

func (c *Console) notify(t Topic) {
	c.mu.Lock()
	f := c.changed
	c.mu.Unlock()
	f(t)
}

// do runs f in a goroutine as the one operation of its kind, or nothing if that kind runs already. The
// topics are announced when f ends, together with Busy.
func (c *Console) do(op Op, t Topic, f func(ctx context.Context) error) { c.begin(op, t, f, false) }

// latest is do for what only reads: asked for while its kind is busy, the last request is done afterwards, because
// the answer under way may be older than what made somebody ask.
func (c *Console) latest(op Op, t Topic, f func(ctx context.Context) error) { c.begin(op, t, f, true) }

func (c *Console) begin(op Op, t Topic, f func(ctx context.Context) error, keep bool) {
	c.mu.Lock()
	if c.closed || c.busy[op] {
		if keep {
			c.waiting[op] = func() { c.begin(op, t, f, true) }
		}
		c.mu.Unlock()
		return
	}
	c.busy[op] = true
	delete(c.errs, op)
	c.wg.Add(1)
	c.mu.Unlock()
	c.notify(Busy)
	go func() {
		defer c.wg.Done()
		err := f(c.ctx)
		c.mu.Lock()
		delete(c.busy, op)
		if err != nil && c.ctx.Err() == nil {
			c.errs[op] = err
		}
		t |= c.judge(err)
		next := c.waiting[op]
		delete(c.waiting, op)
		c.mu.Unlock()
		if next != nil {
			next()
		}
		c.notify(t | Busy)
	}()
}

// judge keeps track of the connection and of a session that the control server has ended. The lock is held.
func (c *Console) judge(err error) Topic {
	var p *problem.Error
	if !errors.As(err, &p) {
		return c.setOffline(false)
	}
	switch p.Code {
	case "server_unreachable":
		return c.setOffline(true)
	case "session_expired":
		if c.session.in {
			c.session.in = false
			c.errs[OpLogin] = err
		}
		return Session
	}
	return c.setOffline(false)
}

func (c *Console) setOffline(off bool) Topic {
	if c.offline == off {
		return 0
	}
	c.offline = off
	return Session
}

// IsBusy reports whether an operation of the kind is under way.
func (c *Console) IsBusy(op Op) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.busy[op]
}

// Err is why the last operation of the kind did not succeed, or nil.
func (c *Console) Err(op Op) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.errs[op]
}

// Online reports whether the control server answered last.
func (c *Console) Online() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.offline
}

// logoutTimeout bounds the farewell when the control server does not answer any more.
const logoutTimeout = 2 * time.Second
