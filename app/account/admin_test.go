package account_test

import (
	"context"
	"strings"
	"testing"

	"omanager/app/account"
)

func (r *rig) admin(actor *account.Operator) account.Admin {
	return account.Admin{Store: r.store.Store, Params: account.FloorParams(), Now: r.clock.now, Actor: actor}
}

func who(name, privileges string, roles ...string) account.Operator {
	return account.Operator{Name: name, Privileges: privileges, Roles: roles}
}

// changes are everything that can be done to an operator.
func changes(name string) map[string]func(context.Context, account.Admin) error {
	return map[string]func(context.Context, account.Admin) error{
		"disable":    func(ctx context.Context, a account.Admin) error { return a.SetDisabled(ctx, name, true) },
		"enable":     func(ctx context.Context, a account.Admin) error { return a.SetDisabled(ctx, name, false) },
		"privileges": func(ctx context.Context, a account.Admin) error { return a.SetPrivileges(ctx, name, "1") },
		"password":   func(ctx context.Context, a account.Admin) error { _, err := a.NewPassword(ctx, name); return err },
		"key":        func(ctx context.Context, a account.Admin) error { _, err := a.NewKey(ctx, name); return err },
	}
}

// TestA14NobodyChangesMoreThanItself: who may manage operators, but has not all rights, changes none who has more.
func TestA14NobodyChangesMoreThanItself(t *testing.T) {
	r := newRig(t, account.Options{})
	manager := who("manager", "1,2", "web")
	r.put(manager)
	for _, o := range []account.Operator{who("boss", "root"), who("boss2", "root"), who("wide", "1,2,3"), who("duty", "zhiban"), who("odd", "no;sense")} {
		r.put(o)
		for what, change := range changes(o.Name) {
			if err := change(t.Context(), r.admin(&manager)); code(err) != "operator_above" {
				t.Errorf("%s of %s (%s): %v", what, o.Name, o.Privileges, err)
			}
		}
		if got, err := r.store.Store.Operator(t.Context(), o.Name); err != nil || got.Password != "" || got.Disabled || got.Privileges != o.Privileges {
			t.Errorf("%s was changed: %+v, %v", o.Name, got, err)
		}
	}
	equal := who("equal", "2")
	r.put(equal)
	for what, change := range changes("equal") {
		if err := change(t.Context(), r.admin(&manager)); err != nil {
			t.Errorf("%s of an equal: %v", what, err)
		}
	}
	// The control: the same changes by who has all rights, and by the command line, succeed.
	boss := who("boss2", "root")
	for _, actor := range []*account.Operator{&boss, nil} {
		for what, change := range changes("boss") {
			r.put(who("boss", "root"))
			if err := change(t.Context(), r.admin(actor)); err != nil {
				t.Errorf("%s by %v: %v", what, actor, err)
			}
		}
	}
}

func TestA14NobodyGivesMoreThanItHas(t *testing.T) {
	r := newRig(t, account.Options{})
	manager := who("manager", "1,2")
	r.put(manager)
	for _, more := range []string{"root", "zhiban", "3", "1,2,3"} {
		if err := r.admin(&manager).SetPrivileges(t.Context(), "demo", more); code(err) != "grant_above" {
			t.Errorf("privileges %s given: %v", more, err)
		}
		if _, _, err := r.admin(&manager).Add(t.Context(), "puppet", more); code(err) != "grant_above" {
			t.Errorf("an operator with %s made: %v", more, err)
		}
	}
	if _, err := r.store.Store.Operator(t.Context(), "puppet"); err == nil {
		t.Error("the refused operator is stored")
	}
	if _, _, err := r.admin(&manager).Add(t.Context(), "puppet", "2"); err != nil {
		t.Errorf("an operator with less: %v", err)
	}
}

func TestA14NobodyLocksItselfOut(t *testing.T) {
	r := newRig(t, account.Options{})
	boss := who("boss", "root")
	r.put(boss)
	r.put(who("other", "root"))
	for _, what := range []string{"disable", "privileges"} {
		if err := changes("boss")[what](t.Context(), r.admin(&boss)); code(err) != "operator_self" {
			t.Errorf("%s itself: %v", what, err)
		}
		if err := changes("other")[what](t.Context(), r.admin(&boss)); err != nil {
			t.Errorf("%s the other: %v", what, err)
		}
		if err := changes("boss")[what](t.Context(), r.admin(nil)); code(err) != "operator_last" {
			t.Errorf("%s the last one: %v", what, err)
		}
		r.put(who("other", "root"))
	}
	manager := who("manager", "1")
	r.put(manager)
	if err := r.admin(&manager).SetPrivileges(t.Context(), "manager", "root"); code(err) != "operator_self" {
		t.Errorf("gave itself root: %v", err)
	}
}

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		a, b account.Operator
		want bool
	}{
		{who("a", "root"), who("b", "root", "any"), true},
		{who("a", "1", "x", "y"), who("b", "1", "y"), true},
		{who("a", "1", "x"), who("b", "1", "y"), false},
		{who("a", ""), who("b", ""), true},
		{who("a", ""), who("b", "1"), false},
		{who("a", "zhiban"), who("b", "1"), false},
		{who("a", "broken;"), who("b", ""), false},
		{who("a", "1"), who("b", "broken;"), false},
	} {
		if got := c.a.Covers(c.b); got != c.want {
			t.Errorf("%+v covers %+v: %v", c.a, c.b, got)
		}
	}
}

// TestNamesAreShownShort: a sentence about a name that cannot be one stays a sentence, and nothing is stored.
func TestNamesAreShownShort(t *testing.T) {
	r := newRig(t, account.Options{})
	for _, name := range []string{
		"", strings.Repeat("x", 10<<20), "a\nb", `a"b`, "a'b", "a\x00b", "\x1b]0;x\a", "a b", "名字", "-a", "1a", "a/../b", strings.Repeat("é", 100), "a\u202eb",
	} {
		_, _, err := r.admin(nil).Add(t.Context(), name, "root")
		if text := err.Error(); code(err) != "operator_name" || len(text) > 600 || strings.ContainsAny(text, "\n\x00\x1b\u202e") {
			t.Errorf("%.20q: %.200q", name, text)
		}
		_, _, err = r.admin(nil).Add(t.Context(), "fine", name+"!")
		if text := err.Error(); code(err) != "privileges_bad" || len(text) > 600 || strings.ContainsAny(text, "\n\x00\x1b\u202e") {
			t.Errorf("privileges %.20q: %.200q", name, text)
		}
		if err := r.admin(nil).SetDisabled(t.Context(), name, true); code(err) != "operator_unknown" || len(err.Error()) > 600 {
			t.Errorf("disable %.20q: %.200q", name, err)
		}
	}
	if all, err := r.store.Store.Operators(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%d operators are stored, %v; want 1", len(all), err)
	}
}
