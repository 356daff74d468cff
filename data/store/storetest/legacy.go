package storetest

import (
	"testing"

	"omanager/data/store"
)

func testLegacyKeys(t *testing.T, s store.Store) {
	ctx := t.Context()
	old := operator("demo")
	old.PublicKey, old.LegacyKey = nil, "00aa"
	ok(t, s.PutOperator(ctx, old))
	ok(t, s.PutOperator(ctx, operator("new")))
	is(t, s.ReplaceLegacy(ctx, "demo", "00ab", "p", []byte{1}), store.ErrNotFound)
	is(t, s.ReplaceLegacy(ctx, "new", "", "p", []byte{1}), store.ErrNotFound)
	is(t, s.ReplaceLegacy(ctx, "nobody", "00aa", "p", []byte{1}), store.ErrNotFound)
	got, err := s.Operator(ctx, "demo")
	ok(t, err)
	same(t, got, old)
	ok(t, s.ReplaceLegacy(ctx, "demo", "00aa", "p", []byte{1}))
	is(t, s.ReplaceLegacy(ctx, "demo", "00aa", "q", []byte{2}), store.ErrNotFound) // once
	old.Password, old.PublicKey, old.LegacyKey = "p", []byte{1}, ""
	got, err = s.Operator(ctx, "demo")
	ok(t, err)
	same(t, got, old)
	got, err = s.Operator(ctx, "new")
	ok(t, err)
	same(t, got, operator("new"))
}
