package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"omanager/app/account"
	"omanager/app/rights"
	"omanager/data/store"
)

func testRoles(t *testing.T, s store.Store) {
	ctx := t.Context()
	_, err := s.Role(ctx, "web")
	is(t, err, store.ErrNotFound)
	is(t, s.DeleteRole(ctx, "web"), store.ErrNotFound)
	web := rights.Role{
		Name: "web", Note: `网站 "a" \ '`, Manage: []string{rights.ManageAudit},
		Grants: []rights.Grant{{Verbs: []string{rights.Run}, Modules: []string{"1001", "category:bas"}, Servers: []string{"app:订单", rights.Any}}},
	}
	ok(t, s.PutRole(ctx, web))
	ok(t, s.PutRole(ctx, web)) // the same again changes nothing and is no fault
	ok(t, s.PutRole(ctx, rights.Role{Name: "Web"}))
	got, err := s.Role(ctx, "web")
	ok(t, err)
	same(t, got, web)
	web.Grants, web.Note = nil, ""
	ok(t, s.PutRole(ctx, web))
	all, err := s.Roles(ctx)
	ok(t, err)
	same(t, all, []rights.Role{{Name: "Web"}, web})
	ok(t, s.DeleteRole(ctx, "web"))
	all, err = s.Roles(ctx)
	ok(t, err)
	same(t, all, []rights.Role{{Name: "Web"}})
}

func testRolesHeld(t *testing.T, s store.Store) {
	ctx := t.Context()
	demo, other := operator("demo"), operator("other")
	demo.Roles = []string{"a", "b"}
	is(t, s.PutOperator(ctx, demo), store.ErrNotFound) // the roles are not there, so nothing is stored
	_, err := s.Operator(ctx, "demo")
	is(t, err, store.ErrNotFound)
	for _, n := range []string{"a", "b", "c"} {
		ok(t, s.PutRole(ctx, rights.Role{Name: n}))
	}
	ok(t, s.PutOperator(ctx, demo))
	ok(t, s.PutOperator(ctx, other))
	ok(t, s.PutRole(ctx, rights.Role{Name: "a", Note: "changed while held"}))
	got, err := s.Operator(ctx, "demo")
	ok(t, err)
	same(t, got, demo)
	all, err := s.Operators(ctx)
	ok(t, err)
	same(t, all, []account.Operator{demo, other})

	is(t, s.DeleteRole(ctx, "b"), store.ErrInUse)
	ok(t, s.DeleteRole(ctx, "c"))
	demo.Roles = []string{"b", "c"}
	is(t, s.PutOperator(ctx, demo), store.ErrNotFound) // and what it held stays
	got, err = s.Operator(ctx, "demo")
	ok(t, err)
	same(t, got.Roles, []string{"a", "b"})
	demo.Roles = nil
	ok(t, s.PutOperator(ctx, demo))
	ok(t, s.DeleteRole(ctx, "b"))
	testGivenWhileDeleted(t, s, demo)
}

// testGivenWhileDeleted: whatever comes first, nobody holds a role that is not there.
func testGivenWhileDeleted(t *testing.T, s store.Store, demo account.Operator) {
	t.Helper()
	ctx := t.Context()
	for i := range 20 {
		role := fmt.Sprintf("r%d", i)
		ok(t, s.PutRole(ctx, rights.Role{Name: role}))
		demo.Roles = []string{role}
		var wg sync.WaitGroup
		var deleted, given error
		wg.Go(func() { deleted = s.DeleteRole(ctx, role) })
		wg.Go(func() { given = s.PutOperator(ctx, demo) })
		wg.Wait()
		got, err := s.Operator(ctx, "demo")
		ok(t, err)
		holds := slices.Contains(got.Roles, role)
		_, err = s.Role(ctx, role)
		if there := err == nil; holds && !there || (deleted == nil) == there || (given == nil) != holds {
			t.Fatalf("%s: held %v, there %v, delete %v, give %v", role, holds, there, deleted, given)
		}
		if deleted != nil && !errors.Is(deleted, store.ErrInUse) && !errors.Is(deleted, store.ErrNotFound) {
			t.Fatal(deleted)
		}
	}
}
