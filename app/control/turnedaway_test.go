package control_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"omanager/app/account"
	"omanager/app/audit"
)

// TestAFloodOfLoginsDoesNotFillTheLog: what is refused is recorded one by one, of what is turned away a few a minute and
// the number of the others.
func TestAFloodOfLoginsDoesNotFillTheLog(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "db"))
	refused, busy := 0, 0
	for i := range 300 {
		_, _, _, err := r.Login(t.Context(), fmt.Sprintf("name%d", i), "x", nil, nil, account.LegacyProof{}, "10.0.0.1:1")
		switch {
		case err == nil:
			t.Fatal("let in")
		case strings.HasPrefix(err.Error(), "Login refused"):
			refused++
		default:
			busy++
		}
	}
	must(t, r.Control.Close()) // writes what is left to say
	all, err := r.store.AuditRecords(t.Context(), audit.Query{Event: audit.EventLoginRefused, Limit: 1000})
	must(t, err)
	var one, single, summed, minutes int
	for _, e := range all {
		var n int
		switch {
		case strings.HasPrefix(e.Detail, "Login refused"):
			one++
		case strings.HasPrefix(e.Detail, "Too many logins"):
			single++
		default:
			if _, err := fmt.Sscanf(e.Detail, "%d more logins were told to wait", &n); err != nil {
				t.Errorf("%q: %v", e.Detail, err)
			}
			summed += n
			minutes++
		}
	}
	if one != refused || single+summed != busy || busy < 100 {
		t.Errorf("%d refused and %d turned away; recorded are %d, %d and the number %d", refused, busy, one, single, summed)
	}
	if single > 20*(minutes+1) || summed == 0 {
		t.Errorf("%d records of their own in %d minutes", single, minutes)
	}
	must(t, r.store.Close())
}
