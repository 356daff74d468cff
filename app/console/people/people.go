// Package people is the state of the page where operators and roles are managed: the lists as the control server last
// gave them, and the password and key file that were just made for somebody, until they are handed over.
package people

import (
	"context"
	"slices"
	"strings"
	"sync"

	"omanager/app/account"
	"omanager/app/console"
	"omanager/app/problem"
	"omanager/app/rights"
	"omanager/rpc/client"
)

// Server is what this page needs of a control server; rpc/client satisfies it.
type Server interface {
	Operators(ctx context.Context) ([]account.Listed, error)
	AddOperator(ctx context.Context, name, privileges string, roles []string) (client.Made, error)
	SetDisabled(ctx context.Context, name string, disabled bool) error
	SetRights(ctx context.Context, name, privileges string, roles []string) error
	NewPassword(ctx context.Context, name string) (client.Made, error)
	NewKey(ctx context.Context, name string) (client.Made, error)
	Roles(ctx context.Context) ([]rights.Role, error)
	PutRole(ctx context.Context, r rights.Role) error
	DeleteRole(ctx context.Context, name string) error
}

// The operations.
const (
	OpLoad   console.Op = "people"
	OpChange console.Op = "operator"
	OpRole   console.Op = "role"
	OpKey    console.Op = "keyfile"
)

// People is safe for use by many goroutines.
type People struct {
	c *console.Console

	mu        sync.Mutex
	srv       console.Server // whose the lists are
	operators []account.Listed
	roles     []rights.Role
	handover  *Handover
	changes   int
}

// New makes the state of the page.
func New(c *console.Console) *People { return &People{c: c} }

// of forgets what belongs to another session. The lock is held.
func (p *People) of(srv console.Server) {
	if p.srv != srv {
		p.srv, p.operators, p.roles, p.handover = srv, nil, nil, nil
	}
}

func (p *People) lock() func() {
	srv := p.c.Serving()
	p.mu.Lock()
	p.of(srv)
	return p.mu.Unlock
}

// Operators returns the operators by name.
func (p *People) Operators() []account.Listed {
	defer p.lock()()
	return p.operators
}

// Roles returns the roles by name.
func (p *People) Roles() []rights.Role {
	defer p.lock()()
	return p.roles
}

// Changes grows whenever something was changed: what a form asked for is done.
func (p *People) Changes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changes
}

// Load reads both lists again.
func (p *People) Load() {
	p.c.Latest(OpLoad, console.People, p.read)
}

func (p *People) read(ctx context.Context, srv console.Server) error {
	s, err := serves(srv)
	if err != nil {
		return err
	}
	operators, err := s.Operators(ctx)
	if err != nil {
		return err
	}
	roles, err := s.Roles(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(operators, func(a, b account.Listed) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(roles, func(a, b rights.Role) int { return strings.Compare(a.Name, b.Name) })
	defer p.lock()()
	if p.srv == srv {
		p.operators, p.roles = operators, roles
	}
	return nil
}

func serves(srv console.Server) (Server, error) {
	s, ok := srv.(Server)
	if !ok {
		return nil, problem.New("page_unserved")
	}
	return s, nil
}

// change does one change and reads the lists again.
func (p *People) change(op console.Op, f func(ctx context.Context, s Server) (*Handover, error)) {
	p.c.Do(op, console.People, func(ctx context.Context, srv console.Server) error {
		s, err := serves(srv)
		if err != nil {
			return err
		}
		made, err := f(ctx, s)
		if err != nil {
			return err
		}
		p.done(srv, made)
		p.Load()
		return nil
	})
}

func (p *People) done(srv console.Server, made *Handover) {
	defer p.lock()()
	if p.srv != srv {
		return
	}
	p.changes++
	if made != nil {
		p.handover = made
	}
}

// Add makes an operator. What was made for it is in Handover then.
func (p *People) Add(name, privileges string, roles []string) {
	name, privileges = strings.TrimSpace(name), strings.TrimSpace(privileges)
	p.change(OpChange, func(ctx context.Context, s Server) (*Handover, error) {
		m, err := s.AddOperator(ctx, name, privileges, roles)
		return handed(name, m), err
	})
}

// SetDisabled locks an operator out or lets it in again.
func (p *People) SetDisabled(name string, disabled bool) {
	p.change(OpChange, func(ctx context.Context, s Server) (*Handover, error) {
		return nil, s.SetDisabled(ctx, name, disabled)
	})
}

// SetRights replaces an operator's privileges and roles.
func (p *People) SetRights(name, privileges string, roles []string) {
	privileges = strings.TrimSpace(privileges)
	p.change(OpChange, func(ctx context.Context, s Server) (*Handover, error) {
		return nil, s.SetRights(ctx, name, privileges, roles)
	})
}

// NewPassword gives an operator a new one-time password; it is in Handover then.
func (p *People) NewPassword(name string) {
	p.change(OpChange, func(ctx context.Context, s Server) (*Handover, error) {
		m, err := s.NewPassword(ctx, name)
		return handed(name, m), err
	})
}

// NewKey gives an operator a new key file; it is in Handover then.
func (p *People) NewKey(name string) {
	p.change(OpChange, func(ctx context.Context, s Server) (*Handover, error) {
		m, err := s.NewKey(ctx, name)
		return handed(name, m), err
	})
}
