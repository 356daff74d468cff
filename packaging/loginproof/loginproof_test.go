package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"omanager/data/store"
)

// TestFloods is the proof with fewer logins.
func TestFloods(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: reads /proc and uses the whole of 127/8")
	}
	dir := t.TempDir()
	omserver, err := program(t.Context(), "", dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range floods(20) {
		r, err := f.run(t.Context(), omserver, filepath.Join(dir, f.name))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range r.claims(f) {
			if !c.Pass {
				t.Errorf("%s is %g, want %g", c.Claim, c.Value, c.Target)
			}
		}
	}
}

// TestTooManyEvaluationsAreSeen: the counting can fail. That an unthrottled service does evaluate more is shown in the
// tests of app/account.
func TestTooManyEvaluationsAreSeen(t *testing.T) {
	dir := t.TempDir()
	st, err := store.OpenSQLite(t.Context(), filepath.Join(dir, "omanager.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	log := strings.Repeat("level=WARN msg=refused code=login_refused err=password\n", 6) +
		"level=WARN msg=refused code=login_busy err=account\nlevel=WARN msg=refused code=login_refused err=\"nonce unknown, used or expired\"\n"
	if err := os.WriteFile(filepath.Join(dir, "log"), []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	r := result{peak: 600}
	if err := count(t.Context(), dir, &r); err != nil {
		t.Fatal(err)
	}
	if r.evaluated != 6 || r.turnedAway != 1 {
		t.Fatalf("%d evaluated and %d turned away, want 6 and 1", r.evaluated, r.turnedAway)
	}
	f := floods(8)[0]
	f.most = func(time.Duration) float64 { return 5 }
	passed := 0
	for _, c := range r.claims(f) {
		if c.Pass {
			passed++
		}
	}
	if passed != 1 { // the memory before
		t.Errorf("%d claims pass, want 1", passed)
	}
}
