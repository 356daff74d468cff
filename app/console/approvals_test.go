package console_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"omanager/app/account"
	"omanager/app/console"
	"omanager/app/job"
	"omanager/data/store"
	"omanager/rpc/client"
	"omanager/rpc/serve"
)

// pair is one control server with two operators' desks, which ask for approvals again and again.
func pair(t *testing.T) (asker, decider *desk) {
	t.Helper()
	r, err := serve.Demo(t.Context(), serve.DemoOptions{Hosts: 12, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	st, err := store.OpenSQLite(t.Context(), filepath.Join(r.Dir, "omanager.db"))
	if err != nil {
		t.Fatal(err)
	}
	password, key, err := account.Admin{Store: st, Params: account.FloorParams(), Now: time.Now}.Add(t.Context(), "second", "root")
	if err == nil {
		err = errors.Join(account.Admin{Store: st, Now: time.Now}.KeepPassword(t.Context(), "second"), st.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "second.key")
	write(t, file, key)
	const own = "a password of this test"
	c := client.Dial(r.Addr, r.Fingerprint)
	defer c.Close()
	if err := errors.Join(c.Login(t.Context(), "second", password, key), c.ChangePassword(t.Context(), password, own)); err != nil {
		t.Fatal(err)
	}
	return entered(t, r, r.Operator, r.Password, r.KeyFile), entered(t, r, "second", own, file)
}

func entered(t *testing.T, r *serve.Running, operator, password, keyfile string) *desk {
	t.Helper()
	d := newDeskOf(t, console.Config{
		Fingerprint: client.Fingerprint, NewJobID: client.NewJobID, Poll: 5 * time.Millisecond,
		Dial: func(addr, fp string) console.Server { return client.Dial(addr, fp) },
		Demo: func(context.Context) (console.Embedded, error) { return console.Embedded{}, nil },
	})
	d.Login(console.Credentials{Address: r.Addr, Operator: operator, Password: password, KeyFile: keyfile})
	d.until("question", func() bool { return d.Question() != nil })
	d.idle(console.OpLogin)
	d.Trust(true)
	d.until("modules", func() bool { m, _ := d.Modules(); return len(m) > 0 && !d.IsBusy(console.OpLoad) })
	return d
}

func (d *desk) planned() {
	d.t.Helper()
	d.MakePlan()
	d.until("plan", func() bool { return d.Plan() != nil || d.Err(console.OpPlan) != nil })
	d.idle(console.OpPlan)
	if d.Plan() == nil {
		d.t.Fatal(d.Err(console.OpPlan))
	}
}

func TestTheNumberIsTyped(t *testing.T) {
	d := newDesk(t, "")
	d.tryIt()
	d.Choose("3610")
	d.SetValue("user", "ops2")
	d.SetTicked([]string{"web01", "web02"})
	d.planned()
	if g := d.Gate(); g.Gate != job.GateCount || g.Targets != 2 || g.Passed() {
		t.Fatalf("gate %+v", g)
	}
	d.SetTyped(1)
	d.Execute()
	d.until("refused", func() bool { return d.Err(console.OpStart) != nil })
	if c := code(d.Err(console.OpStart)); c != "count_wrong" || d.Run() != nil {
		t.Errorf("with 1 of 2: %q", c)
	}
	d.idle(console.OpStart)
	d.SetTyped(2)
	d.SetTicked([]string{"web01", "web02", "web03"}) // another plan: what was typed is gone
	d.planned()
	if g := d.Gate(); g.Typed != 0 || g.Passed() {
		t.Fatalf("gate of the new plan %+v", g)
	}
	d.SetTyped(3)
	if !d.Gate().Passed() {
		t.Fatal("3 of 3 do not pass")
	}
	d.Execute()
	d.until("end", func() bool { return d.Run() != nil && d.Run().Snapshot().Done })
}

// TestApprovalBetweenTwoDesks: what one asks for appears on the other by itself, and the decision comes back by itself.
func TestApprovalBetweenTwoDesks(t *testing.T) {
	asker, decider := pair(t)
	asker.Choose("3302")
	asker.SetTicked([]string{"db01"})
	asker.planned()
	if g := asker.Gate(); g.Gate != job.GateApproval || g.Approval != nil || g.Passed() {
		t.Fatalf("gate %+v", g)
	}
	ask := func(reason string) string {
		t.Helper()
		asker.RequestApproval(reason)
		asker.until("asked", func() bool {
			a := asker.Gate().Approval
			return !asker.IsBusy(console.OpRequest) && a != nil && a.State == job.ApprovalPending
		})
		if asker.Waiting() != 0 || asker.Gate().Passed() {
			t.Error("one's own request is taken for one to decide, or for decided")
		}
		id := asker.Gate().Approval.ID
		decider.until("it waits", func() bool { return decider.Waiting() == 1 && decider.Approvals()[0].ID == id })
		return id
	}
	decider.Decide(ask("memory leak"), false, "wait until tonight")
	asker.until("refused", func() bool { a := asker.Gate().Approval; return a != nil && a.State == job.ApprovalRefused })
	if a := asker.Gate().Approval; a.Note != "wait until tonight" || a.Decider != "second" {
		t.Errorf("refused: %+v", a)
	}
	decider.idle(console.OpDecide)
	id := ask("it swaps now")
	asker.SetTicked([]string{"db02"}) // another plan in between; the request stays with its own
	asker.planned()
	if asker.Gate().Approval != nil {
		t.Error("the approval of one plan stands at another")
	}
	decider.Decide(id, true, "")
	decider.until("decided", func() bool { return decider.Waiting() == 0 })
	asker.SetTicked([]string{"db01"})
	asker.planned()
	asker.until("granted", func() bool { return asker.Gate().Passed() })
	asker.Execute()
	asker.until("end", func() bool { return asker.Run() != nil && asker.Run().Snapshot().Done })
	asker.until("used", func() bool { return asker.Gate().Approval == nil && !asker.IsBusy(console.OpStart) })
	asker.Execute()
	asker.until("refused", func() bool { return asker.Err(console.OpStart) != nil })
	if c := code(asker.Err(console.OpStart)); c != "approval_needed" {
		t.Errorf("a second run: %q, want approval_needed", c)
	}
	decider.Logout()
	if len(decider.Approvals()) != 0 {
		t.Error("after logout approvals are left")
	}
}
