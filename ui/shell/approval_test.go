package shell_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omanager/app/account"
	"omanager/data/store"
	"omanager/rpc/client"
)

// second logs another operator in beside the window.
func (d *desk) second() *client.Client {
	d.t.Helper()
	r := d.demo.Load()
	st, err := store.OpenSQLite(d.t.Context(), filepath.Join(r.Dir, "omanager.db"))
	if err != nil {
		d.t.Fatal(err)
	}
	password, key, err := account.Admin{Store: st, Params: account.FloorParams(), Now: time.Now}.Add(d.t.Context(), "second", "root")
	if err == nil {
		err = st.Close()
	}
	c := client.Dial(r.Addr, r.Fingerprint)
	d.t.Cleanup(c.Close)
	if err == nil {
		err = c.Login(d.t.Context(), "second", password, key)
	}
	if err == nil {
		err = c.ChangePassword(d.t.Context(), password, "a password of one's own 7")
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// TestApprovalFromTheWindow: a reason is typed, the window waits, and goes on by itself when another operator has decided.
func TestApprovalFromTheWindow(t *testing.T) {
	d := open(t)
	d.enter()
	other := d.second()
	d.c.SetTicked([]string{"db01"})
	d.choose("Restart MySQL")
	d.mustPress("Show plan")
	d.until("a reason is asked for", func() bool { return strings.Contains(d.said(), "second operator's approval. Say why") })
	if d.press("Ask for approval") || d.press("Run on 1 server") {
		t.Fatal("it goes on without a reason")
	}
	decide := func(reason string, yes bool, note string) {
		t.Helper()
		d.typeIn(reason)
		d.mustPress("Ask for approval")
		d.until("it waits", func() bool { return strings.Contains(d.said(), "Waiting for a second operator") })
		if d.press("Run on 1 server") {
			t.Fatal("it runs before anybody decided")
		}
		list, err := other.Approvals(t.Context(), true, 10)
		if err != nil || len(list) != 1 || list[0].Reason != reason {
			t.Fatalf("%+v, %v", list, err)
		}
		if _, err := other.DecideApproval(t.Context(), list[0].ID, yes, note); err != nil {
			t.Fatal(err)
		}
	}
	decide("memory leak", false, "wait until tonight")
	d.until("refused", func() bool {
		return strings.Contains(d.said(), "Operator second refused this plan: wait until tonight")
	})
	decide("it swaps now", true, "")
	d.until("approved", func() bool { return strings.Contains(d.said(), "Operator second approved this plan") })
	d.mustPress("Run on 1 server")
	d.until("end", func() bool { return d.c.Run() != nil && d.c.Run().Snapshot().Done })
	d.until("a new one is asked for", func() bool { return strings.Contains(d.said(), "Say why it is to run") })
}
