package control

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/problem"
	"omanager/app/rights"
	"omanager/data/store"
)

// Operators lists who may log in, with what they may do.
func (c *Control) Operators(ctx context.Context, who Caller) ([]account.Operator, error) {
	if err := c.Allowed(who, rights.ManageOperators); err != nil {
		return nil, err
	}
	all, err := c.Store.Operators(ctx)
	if err != nil {
		return nil, c.storeProblem(err)
	}
	return all, nil
}

// AddOperator makes an operator with a one-time password and a key file; neither is stored.
func (c *Control) AddOperator(ctx context.Context, who Caller, name, privileges string, roles []string) (password string, keyfile []byte, err error) {
	detail := name + " privileges " + privileges + " roles " + strings.Join(roles, ",")
	err = c.manage(ctx, who, audit.EventOperatorAdd, detail, func(ctx context.Context, a account.Admin) (err error) {
		password, keyfile, err = a.Add(ctx, name, privileges, roles...)
		return err
	})
	return password, keyfile, err
}

// SetDisabled locks an operator out, wherever it is logged in, or lets it in again.
func (c *Control) SetDisabled(ctx context.Context, who Caller, name string, disabled bool) error {
	detail := " enabled"
	if disabled {
		detail = " disabled"
	}
	return c.changeOperator(ctx, who, audit.EventOperatorState, name, detail, func(ctx context.Context, a account.Admin) error {
		return a.SetDisabled(ctx, name, disabled)
	})
}

// SetRights replaces an operator's privileges and roles; its sessions end.
func (c *Control) SetRights(ctx context.Context, who Caller, name, privileges string, roles []string) error {
	detail := " privileges " + privileges + " roles " + strings.Join(roles, ",")
	return c.changeOperator(ctx, who, audit.EventRights, name, detail, func(ctx context.Context, a account.Admin) error {
		return a.SetPrivileges(ctx, name, privileges, roles...)
	})
}

// NewPassword gives an operator a new one-time password.
func (c *Control) NewPassword(ctx context.Context, who Caller, name string) (password string, err error) {
	err = c.changeOperator(ctx, who, audit.EventNewPassword, name, "", func(ctx context.Context, a account.Admin) (err error) {
		password, err = a.NewPassword(ctx, name)
		return err
	})
	return password, err
}

// NewKey gives an operator a new key file; the old one stops working.
func (c *Control) NewKey(ctx context.Context, who Caller, name string) (keyfile []byte, err error) {
	err = c.changeOperator(ctx, who, audit.EventNewKey, name, "", func(ctx context.Context, a account.Admin) (err error) {
		keyfile, err = a.NewKey(ctx, name)
		return err
	})
	return keyfile, err
}

// changeOperator is manage for an operator that is there; its sessions end at once, those remembered here too.
func (c *Control) changeOperator(ctx context.Context, who Caller, event, name, detail string, act func(context.Context, account.Admin) error) error {
	return c.manage(ctx, who, event, name+detail, func(ctx context.Context, a account.Admin) error {
		if err := act(ctx, a); err != nil {
			return err
		}
		return c.Accounts.LogoutAll(ctx, name)
	})
}

// manage is the one way to change operators and roles: the caller must be allowed to, and the operation log must hold
// what is about to be done before it is. What then is refused is logged as refused too. What was begun is not left half done when the caller
// goes away.
func (c *Control) manage(ctx context.Context, who Caller, event, detail string, act func(context.Context, account.Admin) error) error {
	if err := c.Allowed(who, rights.ManageOperators); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	detail = clip(strings.ToValidUTF8(detail, "?"), 500)
	if err := c.record(ctx, c.entry(who, event, "", detail)); err != nil {
		return err
	}
	err := act(ctx, account.Admin{Store: c.Store, Now: c.Now, Actor: &who.Operator})
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*problem.Error](err); !ok {
		err = c.storeProblem(err)
	}
	c.note(ctx, who, audit.EventRefused, "", event+" "+detail+": "+problem.Describe("en", err))
	return err
}

// Roles lists the roles.
func (c *Control) Roles(ctx context.Context, who Caller) ([]rights.Role, error) {
	if err := c.Allowed(who, rights.ManageOperators); err != nil {
		return nil, err
	}
	all, err := c.Store.Roles(ctx)
	if err != nil {
		return nil, c.storeProblem(err)
	}
	return all, nil
}

// PutRole makes or replaces a role. Who holds it has the new rights from the next message on; if it allows less than
// before, their sessions end. Nobody makes a role of more than its own rights, or changes one that it holds.
func (c *Control) PutRole(ctx context.Context, who Caller, r rights.Role) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return c.manage(ctx, who, audit.EventRolePut, string(text), func(ctx context.Context, _ account.Admin) error {
		if err := r.Check(); err != nil {
			return err
		}
		old, err := c.changeable(ctx, who, r.Name)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := c.coversRole(who, r); err != nil {
			return err
		}
		if err := c.Store.PutRole(ctx, r); err != nil {
			return err
		}
		before, _ := rights.Compile("", old)
		if after, _ := rights.Compile("", r); after.Covers(before) {
			return nil
		}
		holders, err := holders(ctx, c.Store, r.Name)
		for _, name := range holders {
			err = errors.Join(err, c.Accounts.LogoutAll(ctx, name))
		}
		return err
	})
}

// DeleteRole removes a role that nobody holds.
func (c *Control) DeleteRole(ctx context.Context, who Caller, name string) error {
	return c.manage(ctx, who, audit.EventRoleDelete, name, func(ctx context.Context, _ account.Admin) error {
		if _, err := c.changeable(ctx, who, name); err != nil {
			return err
		}
		return DropRole(ctx, c.Store, name)
	})
}

// DropRole deletes a role, or names those who hold it.
func DropRole(ctx context.Context, s store.Store, name string) error {
	err := s.DeleteRole(ctx, name)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return problem.Wrap(err, "role_unknown", "role", clip(name, 60))
	case errors.Is(err, store.ErrInUse):
		holders, herr := holders(ctx, s, name)
		if herr != nil {
			return herr
		}
		return problem.Wrap(err, "role_in_use", "role", name, "operators", clip(strings.Join(holders, ", "), 300))
	}
	return err
}

// changeable loads a role that the caller may change.
func (c *Control) changeable(ctx context.Context, who Caller, name string) (rights.Role, error) {
	r, err := c.Store.Role(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return r, problem.Wrap(err, "role_unknown", "role", clip(name, 60))
	}
	if err != nil {
		return r, err
	}
	if err := c.coversRole(who, r); err != nil {
		return r, err
	}
	if slices.Contains(who.Operator.Roles, name) && !who.may().Root() {
		return r, problem.New("role_own", "actor", who.Operator.Name, "role", name)
	}
	return r, nil
}

// coversRole refuses a role that allows more than the caller may, or of which nobody can say so.
func (c *Control) coversRole(who Caller, r rights.Role) error {
	allows, strange := rights.Compile("", r)
	if mine := who.may(); mine.Root() || strange == nil && mine.Covers(allows) {
		return nil
	}
	return problem.New("role_above", "actor", who.Operator.Name, "role", r.Name)
}

func holders(ctx context.Context, s store.Store, role string) ([]string, error) {
	all, err := s.Operators(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, o := range all {
		if slices.Contains(o.Roles, role) {
			out = append(out, o.Name)
		}
	}
	return out, nil
}
