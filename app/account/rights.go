package account

import (
	"context"
	"errors"
	"fmt"

	"omanager/app/problem"
	"omanager/app/rights"
)

// RolesOf reads the roles that the operator holds. One that is not stored any more is left out: it allows nothing.
func RolesOf(ctx context.Context, s Store, o Operator) ([]rights.Role, error) {
	var out []rights.Role
	for _, name := range o.Roles {
		r, err := s.Role(ctx, name)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read role %s of %s: %w", name, o.Name, err)
		}
		out = append(out, r)
	}
	return out, nil
}

// Covers reports whether a may do everything that b may. Of an operator whose rights are not understood nobody can say
// that but who has all.
func Covers(ctx context.Context, s Store, a, b Operator) (bool, error) {
	ours, err := RolesOf(ctx, s, a)
	if err != nil {
		return false, err
	}
	theirs, err := RolesOf(ctx, s, b)
	if err != nil {
		return false, err
	}
	mine, strange := rights.Compile(a.Privileges, ours...)
	if mine.Root() {
		return true, nil
	}
	other, err := rights.Compile(b.Privileges, theirs...)
	return strange == nil && err == nil && mine.Covers(other), nil
}

// checkRights refuses rights that an operator cannot be given: what is not understood, and roles that are not there.
func (a Admin) checkRights(ctx context.Context, o Operator) error {
	if _, err := rights.ParsePrivileges(o.Privileges); err != nil {
		return problem.Wrap(err, "privileges_bad", "value", shown(o.Privileges))
	}
	if n := len(o.Roles); n > rights.MaxRoles {
		return problem.New("role_many", "name", o.Name, "count", fmt.Sprint(n), "max", fmt.Sprint(rights.MaxRoles))
	}
	for _, name := range o.Roles {
		if _, err := a.Store.Role(ctx, name); errors.Is(err, ErrNotFound) {
			return problem.New("role_unknown", "role", shown(name))
		} else if err != nil {
			return fmt.Errorf("read role %s: %w", shown(name), err)
		}
	}
	return nil
}

// may refuses, with the problem of the code, what the actor does to an operator who may do more than it.
func (a Admin) may(ctx context.Context, o Operator, code string) error {
	if a.Actor == nil {
		return nil
	}
	covered, err := Covers(ctx, a.Store, *a.Actor, o)
	if err == nil && !covered {
		err = problem.New(code, "actor", a.Actor.Name, "name", o.Name)
	}
	return err
}
