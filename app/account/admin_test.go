package account_test

import (
	"context"
	"strings"
	"testing"

	"omanager/app/account"
	"omanager/app/rights"
	"omanager/data/store"
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
	r.roles("web")
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

// roles stores roles that allow to look at an application of that name.
func (r *rig) roles(names ...string) {
	r.t.Helper()
	for _, n := range names {
		look := []rights.Grant{{Verbs: []string{rights.Look}, Servers: []string{"app:" + n}}}
		if err := r.store.Store.(store.Store).PutRole(r.t.Context(), rights.Role{Name: n, Grants: look}); err != nil {
			r.t.Fatal(err)
		}
	}
}

func TestCovers(t *testing.T) {
	r := newRig(t, account.Options{})
	r.roles("x", "y")
	for _, c := range []struct {
		a, b account.Operator
		want bool
	}{
		{who("a", "root"), who("b", "root", "any"), true},
		{who("a", "1", "x", "y"), who("b", "1", "y"), true},
		{who("a", "1", "x"), who("b", "1", "y"), false},
		{who("a", "zhiban"), who("b", "", "y"), true},
		{who("a", ""), who("b", "", "x"), false},
		{who("a", ""), who("b", ""), true},
		{who("a", ""), who("b", "1"), false},
		{who("a", "zhiban"), who("b", "1"), false},
		{who("a", "broken;"), who("b", ""), false},
		{who("a", "1"), who("b", "broken;"), false},
		{who("a", "root"), who("b", "broken;"), true},
	} {
		if got, err := account.Covers(t.Context(), r.store.Store, c.a, c.b); got != c.want || err != nil {
			t.Errorf("%+v covers %+v: %v, %v", c.a, c.b, got, err)
		}
	}
}

// TestA14RolesCountLikePrivileges: what nobody may give as privileges it may not give as a role either.
func TestA14RolesCountLikePrivileges(t *testing.T) {
	r := newRig(t, account.Options{})
	r.roles("x", "y")
	manager := who("manager", "1", "x")
	r.put(manager)
	r.put(who("other", "1"))
	for _, c := range []struct {
		roles []string
		want  string
	}{{[]string{"y"}, "grant_above"}, {[]string{"x", "y"}, "grant_above"}, {[]string{"nothere"}, "role_unknown"}, {strings.Split("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", ","), "role_many"}} {
		if err := r.admin(&manager).SetPrivileges(t.Context(), "other", "1", c.roles...); code(err) != c.want {
			t.Errorf("roles %v: %v, want %s", c.roles, err, c.want)
		}
		if _, _, err := r.admin(&manager).Add(t.Context(), "puppet", "", c.roles...); code(err) != c.want {
			t.Errorf("a new operator with roles %v: %v, want %s", c.roles, err, c.want)
		}
	}
	if err := r.admin(&manager).SetPrivileges(t.Context(), "other", " 1 ", "x", "x"); err != nil {
		t.Error(err)
	}
	got, err := r.store.Store.Operator(t.Context(), "other")
	if err != nil || got.Privileges != "1" || strings.Join(got.Roles, ",") != "x" {
		t.Errorf("stored %+v, %v", got, err)
	}
	r.put(who("above", "", "y"))
	if err := r.admin(&manager).SetDisabled(t.Context(), "above", true); code(err) != "operator_above" {
		t.Errorf("who holds a role of more: %v", err)
	}
	if err := r.admin(&manager).SetPrivileges(t.Context(), "manager", "1"); code(err) != "operator_self" {
		t.Errorf("its own roles: %v", err)
	}
	boss := who("boss", "root") // the control: with all rights the same succeeds
	if err := r.admin(&boss).SetPrivileges(t.Context(), "other", "1", "x", "y"); err != nil {
		t.Error(err)
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
