package main

import (
	"math/rand/v2"
	"testing"
)

// TestEditsAreFound is the short form of make audit-proof.
func TestEditsAreFound(t *testing.T) {
	res, err := Edit(t.Context(), t.TempDir(), 50, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	if res.Found != 50 || res.Clean != 20 {
		t.Errorf("%d of 50 edits found, %d of 20 untouched logs verified", res.Found, res.Clean)
	}
	if res.Alone >= res.Found || res.Blind >= res.Alone {
		t.Errorf("%+v: weaker verifiers find as much, so the test shows nothing", res)
	}
}
