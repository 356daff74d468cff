package storetest

import (
	"testing"
	"time"

	"omanager/app/account"
	"omanager/data/store"
)

// testPasswords: a hash is replaced only if it is the one that was read, and nothing else of the operator changes.
func testPasswords(t *testing.T, s store.Store) {
	ctx := t.Context()
	is(t, s.ReplaceHash(ctx, "demo", "$argon2id$", "x"), store.ErrNotFound)
	is(t, s.ChangePassword(ctx, "demo", "$argon2id$", "x", nil), store.ErrNotFound)
	demo := operator("demo")
	demo.OneTime, demo.Disabled = true, true
	ok(t, s.PutOperator(ctx, demo))
	ok(t, s.PutOperator(ctx, operator("other")))
	for hash, name := range map[string]string{"own": "demo", "second": "demo", "foreign": "other"} {
		ok(t, s.PutSession(ctx, account.Session{TokenHash: []byte(hash), Operator: name, Created: at, Expires: at.Add(time.Hour)}))
	}
	is(t, s.ReplaceHash(ctx, "demo", "older", "x"), store.ErrNotFound)
	ok(t, s.ReplaceHash(ctx, "demo", "$argon2id$", "first"))
	demo.Password = "first"
	got, err := s.Operator(ctx, "demo")
	ok(t, err)
	same(t, got, demo)

	is(t, s.ChangePassword(ctx, "demo", "$argon2id$", "x", nil), store.ErrNotFound)
	for _, hash := range []string{"own", "second", "foreign"} { // nothing happened yet
		_, err := s.Session(ctx, []byte(hash))
		ok(t, err)
	}
	ok(t, s.ChangePassword(ctx, "demo", "first", "second", []byte("own")))
	demo.Password, demo.OneTime = "second", false
	got, err = s.Operator(ctx, "demo")
	ok(t, err)
	same(t, got, demo)
	for hash, want := range map[string]error{"own": nil, "second": store.ErrNotFound, "foreign": nil} {
		_, err := s.Session(ctx, []byte(hash))
		is(t, err, want)
	}
	ok(t, s.ChangePassword(ctx, "demo", "second", "third", nil))
	_, err = s.Session(ctx, []byte("own"))
	is(t, err, store.ErrNotFound)
}
