package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMain(m *testing.M) {
	if isChild() {
		os.Exit(child())
	}
	os.Exit(m.Run())
}

// TestThirtyKills is the short form of the proof, with its control.
func TestThirtyKills(t *testing.T) {
	const seed = 1
	dir := t.TempDir()
	good, err := run(t.Context(), filepath.Join(dir, "good"), ourWay, 30, seed)
	if err != nil {
		t.Fatal(err)
	}
	weak, err := run(t.Context(), filepath.Join(dir, "weak"), inPlace, 30, seed)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range claims(good, weak) {
		if !c.Pass {
			t.Errorf("%s: %g, want %g", c.Claim, c.Value, c.Target)
		}
	}
	for _, f := range good.faults {
		t.Log(f)
	}
}
