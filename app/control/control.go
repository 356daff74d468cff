// Package control is the control server's use cases behind one door: whatever the transport, a call comes here
// with its Caller, is authorised, planned, run and recorded. Only Start begins anything on a server.
package control

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/engine"
	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/app/rights"
	"omanager/data/store"
	"omanager/modules"
)

// Deps is what a Control is made from. All are owned by the caller and outlive the Control.
type Deps struct {
	Store      store.Store
	Accounts   *account.Service
	Inventory  *inventory.Source
	Catalogue  *modules.Catalogue
	Engine     engine.Engine
	Log        *slog.Logger
	Now        func() time.Time
	ServerID   string
	Forks      int // hosts at once in one job; 0 means DefaultForks
	MaxServers int // most targets of one job; 0 means no limit
	StorePath  string
	// AuditKey signs checkpoints of the operation log; Outside takes each of them out of this process.
	AuditKey ed25519.PrivateKey
	Outside  []Outside
	About    string // of this process, for the operation log: version, state of the settings
	// Newest gives the newest version number that a legacy database names; nil means none.
	Newest  func(context.Context) string
	DataDir string // holds lists/ and files/, which modules offer values from; empty means there are none
}

// DefaultForks is how many hosts one job works on at once.
const DefaultForks = 100

// Control is safe for use by many goroutines. Close ends what it started.
type Control struct {
	Deps
	ctx    context.Context // ends with Close; parent of every job
	stop   context.CancelFunc
	wg     sync.WaitGroup
	mu     sync.Mutex
	live   map[string]*run
	doubts map[string]bool          // jobs of which nobody knows yet whether they are stored
	claims map[string]chan struct{} // job ids that are being submitted
	closed bool

	away turnedAway

	signing sync.Mutex
	fresh   atomic.Int64 // records written since the start
	due     chan struct{}
	key     []byte // of the marks of secrets in plans
}

// Caller is who asks, as the transport authenticated it.
type Caller struct {
	Token    string
	Session  account.Session
	Operator account.Operator
	Rights   *rights.Rights // made by Authenticate for this message
	Source   string         // client address
}

// New makes a Control and settles the jobs that an earlier process left open.
func New(ctx context.Context, d Deps) (*Control, error) {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Forks == 0 {
		d.Forks = DefaultForks
	}
	if d.AuditKey == nil { // of a control server that nobody holds checkpoints of
		_, d.AuditKey, _ = ed25519.GenerateKey(rand.Reader)
	}
	c := &Control{Deps: d, live: map[string]*run{}, doubts: map[string]bool{}, claims: map[string]chan struct{}{}, due: make(chan struct{}, 1), key: markKey(d.AuditKey)}
	c.ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := c.recover(ctx); err != nil {
		c.stop()
		return nil, fmt.Errorf("settle the jobs of the last process: %w", err)
	}
	c.note(ctx, Caller{}, audit.EventServerStart, "", d.About)
	c.wg.Go(func() {
		tick := time.NewTicker(checkpointTime)
		defer tick.Stop()
		c.keepCheckpoints(tick.C)
	})
	return c, nil
}

// Close cancels running jobs, waits until each host's outcome is stored, and returns.
func (c *Control) Close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.stop()
	c.wg.Wait()
	c.countTurnedAway(context.Background(), true)
	return nil
}

// Challenge gives a login nonce.
func (c *Control) Challenge() []byte { return c.Accounts.Challenge() }

// Login checks both factors; every attempt is written to the operation log, and one that cannot be is refused. Of many
// that are told to wait the number is written. proof is empty but for the first login of an account taken over from a
// legacy database.
func (c *Control) Login(ctx context.Context, operator, password string, nonce, sig []byte, proof account.LegacyProof, source string) (string, account.Session, account.Operator, error) {
	c.countTurnedAway(ctx, false)
	token, s, o, err := c.Accounts.LoginLegacy(ctx, operator, password, nonce, sig, proof, source)
	who := Caller{Operator: account.Operator{Name: clip(operator, 64)}, Source: source}
	if err != nil {
		err = c.reworded(err)
		c.refusedLogin(ctx, who, err)
		return token, s, o, err
	}
	if err := c.record(ctx, c.entry(who, audit.EventLogin, "", "")); err != nil {
		return "", s, o, errors.Join(err, c.Accounts.Logout(ctx, token))
	}
	return token, s, o, nil
}

// reworded says what is wrong with the store where accounts know only that it did not answer.
func (c *Control) reworded(err error) error {
	if p, ok := errors.AsType[*problem.Error](err); ok && p.Code == "store_failed" && p.Err != nil {
		if q, ok := errors.AsType[*problem.Error](c.storeProblem(p.Err)); ok && q.Code != "store_failed" {
			return q
		}
	}
	return err
}

// Authenticate turns a token into a Caller with its rights of this moment; it is called for every message. An operator
// whose password somebody else made gets password_change_needed.
func (c *Control) Authenticate(ctx context.Context, token, source string) (Caller, error) {
	return c.authenticated(ctx, c.Accounts.Check, token, source, false)
}

// AuthenticateFirst is Authenticate for the two messages that go before a one-time password is changed: ChangePassword
// and Logout.
func (c *Control) AuthenticateFirst(ctx context.Context, token, source string) (Caller, error) {
	return c.authenticated(ctx, c.Accounts.Check, token, source, true)
}

// Glance is Authenticate for a message that a program sends by itself: it does not prolong the session.
func (c *Control) Glance(ctx context.Context, token, source string) (Caller, error) {
	return c.authenticated(ctx, c.Accounts.Peek, token, source, false)
}

type checker func(ctx context.Context, token string) (account.Session, account.Operator, error)

func (c *Control) authenticated(ctx context.Context, check checker, token, source string, oneTime bool) (Caller, error) {
	s, o, err := check(ctx, token)
	if err != nil {
		return Caller{}, c.reworded(err)
	}
	if o.OneTime && !oneTime {
		return Caller{}, problem.New("password_change_needed", "operator", o.Name)
	}
	who, err := c.as(ctx, o, source)
	who.Token, who.Session = token, s
	return who, err
}

// ChangePassword replaces the caller's own password and ends its other sessions. The attempt is recorded before it is made.
func (c *Control) ChangePassword(ctx context.Context, who Caller, old, replacement string) error {
	if err := c.record(ctx, c.entry(who, audit.EventOwnPassword, "", "")); err != nil {
		return err
	}
	err := c.Accounts.ChangePassword(ctx, who.Session, old, replacement)
	if err != nil {
		c.note(ctx, who, audit.EventPasswordError, "", problem.Describe("en", err))
	}
	return err
}

// Logout ends the caller's session.
func (c *Control) Logout(ctx context.Context, who Caller) error {
	c.note(ctx, who, audit.EventLogout, "", "")
	return c.Accounts.Logout(ctx, who.Token)
}

// View is what the caller may see of the inventory: its servers, their categories, and the categories that its
// privileges name.
func (c *Control) View(who Caller) (*inventory.Inventory, error) {
	inv := c.Inventory.Current()
	if err := c.Inventory.Err(); err != nil && len(inv.Servers()) == 0 {
		return nil, err // nothing good was ever read: the reason is the answer
	}
	r := who.may()
	return inv.Visible(r.MaySeeCategory, func(s inventory.Server) bool { return r.MaySee(serverScope(s)) }), nil
}

// AssetProblem is why the newest asset files are not in use, or what is wrong in them though they are, or nil.
func (c *Control) AssetProblem() error {
	if err := c.Inventory.Err(); err != nil {
		return err
	}
	return c.Inventory.Current().Notice()
}

// Modules lists what of the catalogue the caller may run on some server, or all of it for who looks at everything; who
// sees all of it also learns what was left out of it. The revision names exactly this answer.
func (c *Control) Modules(who Caller) ([]*modules.Module, []modules.Rejection, string) {
	all, rejected, r := c.Catalogue.All(), c.Catalogue.Rejected(), who.may()
	if !r.SeesCatalogue() {
		all = slices.DeleteFunc(all, func(m *modules.Module) bool { return !listed(r, m) })
		rejected = nil
	}
	return all, rejected, modules.Revision(all, rejected)
}

func (c *Control) entry(who Caller, event, jobID, detail string) audit.Entry {
	return audit.Entry{Time: c.Now(), Operator: who.Operator.Name, Source: who.Source, Event: event, Job: jobID, Detail: detail}
}

// storeProblem words a store's error for a person.
func (c *Control) storeProblem(err error) error {
	switch {
	case errors.Is(err, store.ErrFull):
		return problem.Wrap(err, "disk_full", "path", c.StorePath)
	case errors.Is(err, store.ErrReplaced):
		return problem.Wrap(err, "db_taken", "place", c.StorePath)
	case errors.Is(err, store.ErrUnknown):
		return problem.Wrap(err, "store_unknown", "place", c.StorePath)
	case errors.Is(err, store.ErrReadOnly):
		return problem.Wrap(err, "db_read_only")
	case errors.Is(err, store.ErrUnreachable):
		return problem.Wrap(err, "db_lost", "place", c.StorePath)
	}
	return problem.Wrap(err, "store_failed", "cause", err.Error())
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// jobFor loads a job the caller may see: its own, or one whose every target it may see.
func (c *Control) jobFor(ctx context.Context, who Caller, id string) (job.Job, error) {
	j, err := c.Store.Job(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return job.Job{}, problem.New("job_unknown", "job", clip(id, 64))
	}
	if err != nil {
		return job.Job{}, c.storeProblem(err)
	}
	if !c.mayLook(who, j) {
		return job.Job{}, problem.New("job_unknown", "job", clip(id, 64))
	}
	return j, nil
}
