package control_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/control"
	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/modules"
)

// risky needs an approval: danger high on guarded servers.
var risky = on(high, "h3,h4")

// colleague stores an operator and gives it as a caller.
func (r *rig) colleague(t *testing.T, name, privileges string) control.Caller {
	t.Helper()
	o := account.Operator{Name: name, Privileges: privileges, Created: time.Now()}
	must(t, r.store.PutOperator(t.Context(), o))
	return control.Caller{Operator: o, Source: "test"}
}

func (r *rig) ask(t *testing.T, who control.Caller, q job.Request) job.Approval {
	t.Helper()
	a, err := r.RequestApproval(t.Context(), who, control.Ask{ID: newID(), Request: q, PlanHash: r.plan(t, who, q).Hash, Reason: "account is abused"})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (r *rig) granted(t *testing.T, decider control.Caller, q job.Request) job.Approval {
	t.Helper()
	a, err := r.DecideApproval(t.Context(), decider, r.ask(t, admin, q).ID, true, "")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (r *rig) use(t *testing.T, who control.Caller, q job.Request, approval string) (job.Job, error) {
	t.Helper()
	return r.Start(t.Context(), who, control.Order{ID: newID(), Request: q, PlanHash: r.plan(t, who, q).Hash, Approval: approval})
}

// story gives the operation log's events that matter here, oldest first.
func (r *rig) story(t *testing.T) []string {
	t.Helper()
	log, err := r.store.AuditRecords(t.Context(), audit.Query{Limit: 1000})
	must(t, err)
	var out []string
	for _, e := range slices.Backward(log) {
		if strings.HasPrefix(e.Event, "approval_") || e.Event == "job_start" || e.Event == "job_refused" {
			out = append(out, e.Event+" "+e.Operator)
		}
	}
	return out
}

func TestApprovalIsGoodForOneRun(t *testing.T) {
	r := leveled(t)
	second := r.colleague(t, "second", "2")
	q := control.Ask{ID: newID(), Request: risky, PlanHash: r.plan(t, admin, risky).Hash, Reason: " account is abused "}
	a, err := r.RequestApproval(t.Context(), admin, q)
	must(t, err)
	if a.State != job.ApprovalPending || a.Reason != "account is abused" || len(a.Targets) != 2 || a.Decidable || a.Expires.Sub(a.Created) != 24*time.Hour {
		t.Errorf("asked for %+v", a)
	}
	again, err := r.RequestApproval(t.Context(), admin, q)
	if err != nil || again.ID != a.ID || !again.Created.Equal(a.Created) {
		t.Errorf("asked again: %+v, %v", again, err)
	}
	_, err = r.use(t, admin, risky, a.ID)
	wantCode(t, "before anybody decided", err, "approval_waiting")
	_, err = r.DecideApproval(t.Context(), admin, a.ID, true, "")
	wantCode(t, "one's own", err, "approval_own")
	a, err = r.DecideApproval(t.Context(), second, a.ID, true, "known to me")
	if err != nil || a.State != job.ApprovalApproved || a.Decider != "second" {
		t.Fatalf("decided: %+v, %v", a, err)
	}
	_, err = r.DecideApproval(t.Context(), second, a.ID, false, "no")
	wantCode(t, "decided twice", err, "approval_decided")
	j, err := r.use(t, admin, risky, a.ID)
	must(t, err)
	if c := r.watch(t, j).Counts(); c[job.OK] != 2 {
		t.Errorf("ran with %v", c)
	}
	_, err = r.use(t, admin, risky, a.ID)
	wantCode(t, "used twice", err, "approval_used")
	want := []string{"approval_asked admin", "job_refused admin", "approval_denied admin", "approval_granted second", "approval_denied second",
		"job_start admin", "job_refused admin"}
	if got := r.story(t); !slices.Equal(got, want) {
		t.Errorf("the operation log tells\n%q, want\n%q", got, want)
	}
}

// TestApprovalBindsToItsPlan changes what was asked for in every way; the consent covers none of them.
func TestApprovalBindsToItsPlan(t *testing.T) {
	r := leveled(t)
	second := r.colleague(t, "second", "root")
	other := r.colleague(t, "other", "root")
	a := r.granted(t, second, risky)
	unlock := on(job.Request{Module: "3610", Params: map[string]string{"user": "wang", "action": "unlock"}}, "h3,h4")
	for what, q := range map[string]job.Request{
		"a parameter": unlock, "one server less": on(high, "h3"), "one server more": on(high, "h3,h4,h5"), "other servers": on(high, "h5,h6"),
		"another module": on(medium, "h5"),
	} {
		_, err := r.use(t, admin, q, a.ID)
		wantCode(t, what, err, "approval_other")
	}
	_, err := r.use(t, other, risky, a.ID)
	wantCode(t, "somebody else's", err, "approval_unknown")
	j, err := r.use(t, admin, risky, a.ID) // the negative control: unchanged, it starts
	must(t, err)
	r.watch(t, j)
}

// TestApprovalVoidAfterAChange changes the world between request, decision and use.
func TestApprovalVoidAfterAChange(t *testing.T) {
	r := leveled(t)
	second := r.colleague(t, "second", "root")
	dir := t.TempDir()
	module := func(script string) {
		t.Helper()
		m := filepath.Join(dir, "bas_4711_danger")
		must(t, os.MkdirAll(m, 0o700))
		for name, body := range map[string]string{
			"form.xrc":    `<?xml version="1.0" encoding="utf-8"?><resource><object class="wxPanel" name="panel"><object class="wxStaticText" name="l"><label>x</label></object></object></resource>`,
			"ssh.sh":      "#!/bin/sh\n" + script + "\n",
			"module.yaml": "titles: {en: Danger, zh: 危险}\ndanger: high\n",
		} {
			must(t, os.WriteFile(filepath.Join(m, name), []byte(body), 0o600))
		}
		cat, err := modules.Open(modules.Library(), dir)
		must(t, err)
		r.Catalogue = cat
	}
	assets := func(levels ...inventory.Level) {
		t.Helper()
		dir := t.TempDir()
		writeAssets(t, dir, levels...)
		inv, err := inventory.Open(dir)
		must(t, err)
		r.Inventory = inv
	}
	module("echo one")
	guarded := on(job.Request{Module: "4711"}, "category:2")
	all := on(job.Request{Module: "4711"}, "all ! h1")
	asked, askedAll := r.ask(t, admin, guarded), r.ask(t, admin, all)
	given := r.granted(t, second, guarded)

	module("echo two")
	_, err := r.DecideApproval(t.Context(), second, asked.ID, true, "")
	wantCode(t, "the module changed before the decision", err, "plan_changed")
	_, err = r.use(t, admin, guarded, given.ID)
	wantCode(t, "the module changed before the use", err, "approval_other")
	module("echo one")
	assets(inventory.Normal, inventory.Guarded)
	_, err = r.DecideApproval(t.Context(), second, askedAll.ID, true, "")
	wantCode(t, "the servers changed before the decision", err, "plan_changed")
	assets(inventory.Normal, inventory.Critical, inventory.Critical)
	_, err = r.DecideApproval(t.Context(), second, asked.ID, true, "")
	wantCode(t, "the level changed, the gate did not", err, "")
	assets(inventory.Normal, inventory.Normal, inventory.Normal)
	_, err = r.use(t, admin, guarded, asked.ID)
	wantCode(t, "no approval is needed any more", err, "approval_not_needed")
	assets(inventory.Normal, inventory.Guarded, inventory.Critical)
	j, err := r.use(t, admin, guarded, asked.ID)
	must(t, err)
	r.watch(t, j)
}

func TestApprovalEnds(t *testing.T) {
	r := leveled(t)
	second := r.colleague(t, "second", "root")
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	var clock atomic.Int64
	clock.Store(now.UnixMilli())
	r.Now = func() time.Time { return time.UnixMilli(clock.Load()) }
	waits, given := r.ask(t, admin, risky), r.granted(t, second, risky)
	clock.Store(now.Add(24*time.Hour - time.Millisecond).UnixMilli())
	if list, err := r.Approvals(t.Context(), admin, true, 0); err != nil || len(list) != 1 || list[0].ID != waits.ID {
		t.Errorf("a moment before the end %+v wait, %v", list, err)
	}
	clock.Store(now.Add(24 * time.Hour).UnixMilli())
	_, err := r.DecideApproval(t.Context(), second, waits.ID, true, "")
	wantCode(t, "decided after the end", err, "approval_expired")
	_, err = r.use(t, admin, risky, given.ID)
	wantCode(t, "used after the end", err, "approval_expired")
	list, err := r.Approvals(t.Context(), admin, false, 0)
	must(t, err)
	for _, a := range list {
		if a.State != job.ApprovalExpired || a.Decidable {
			t.Errorf("after its end %s is %s, decidable %v", a.ID, a.State, a.Decidable)
		}
	}
	if list, err := r.Approvals(t.Context(), admin, true, 0); err != nil || len(list) != 0 {
		t.Errorf("after the end %+v wait, %v", list, err)
	}
	clock.Store(now.Add(24*time.Hour - time.Millisecond).UnixMilli()) // the negative control: it was the clock
	j, err := r.use(t, admin, risky, given.ID)
	must(t, err)
	r.watch(t, j)
}

// TestA11ConsentOfAnOperatorWhoLostTheRight: the one who approved is looked at again when the approval is used.
func TestA11ConsentOfAnOperatorWhoLostTheRight(t *testing.T) {
	r := leveled(t)
	second := r.colleague(t, "second", "1,2")
	a := r.granted(t, second, risky)
	for what, change := range map[string]func(*account.Operator){
		"disabled": func(o *account.Operator) { o.Disabled = true }, "demoted": func(o *account.Operator) { o.Privileges = "1" },
		"on duty only": func(o *account.Operator) { o.Privileges = "zhiban" }, "nonsense": func(o *account.Operator) { o.Privileges = "root; drop" },
	} {
		o := second.Operator
		change(&o)
		must(t, r.store.PutOperator(t.Context(), o))
		_, err := r.use(t, admin, risky, a.ID)
		wantCode(t, what, err, "approval_withdrawn")
	}
	must(t, r.store.PutOperator(t.Context(), second.Operator)) // the negative control: with the right back it starts
	j, err := r.use(t, admin, risky, a.ID)
	must(t, err)
	r.watch(t, j)
}

func TestWhoMayDecide(t *testing.T) {
	r := leveled(t)
	asker := r.colleague(t, "asker", "2,3")
	wide := on(high, "h3,h5")
	for _, c := range []struct{ name, privileges, want string }{
		{"asker", "2,3", "approval_own"}, {"duty", "zhiban", "approval_not_allowed"}, {"narrow", "2", "approval_unknown"},
		{"elsewhere", "1", "approval_unknown"}, {"nobody", "", "approval_unknown"}, {"odd", "root,2", "approval_unknown"},
		{"Asker", "2,3", ""}, {"both", "1,2,3", ""}, {"boss", "root", ""},
	} {
		a := r.ask(t, asker, wide)
		who := asker
		if c.name != "asker" {
			who = r.colleague(t, c.name, c.privileges)
		}
		list, err := r.Approvals(t.Context(), who, true, 1)
		must(t, err)
		if sees, may := len(list) == 1 && list[0].ID == a.ID, len(list) == 1 && list[0].Decidable; may != (c.want == "") || sees != (may || c.name == "asker") {
			t.Errorf("%s sees it: %v, may decide: %v", c.name, sees, may)
		}
		_, err = r.DecideApproval(t.Context(), who, a.ID, true, "")
		wantCode(t, c.name, err, c.want)
	}
	a := r.ask(t, asker, wide)
	gone := asker.Operator
	gone.Disabled = true
	must(t, r.store.PutOperator(t.Context(), gone))
	_, err := r.DecideApproval(t.Context(), admin, a.ID, true, "")
	wantCode(t, "who asked is disabled", err, "approval_asker")
	gone.Disabled, gone.Privileges = false, "2"
	must(t, r.store.PutOperator(t.Context(), gone))
	_, err = r.DecideApproval(t.Context(), admin, a.ID, true, "")
	wantCode(t, "who asked may not run it any more", err, "plan_changed")
	_, err = r.DecideApproval(t.Context(), admin, a.ID, false, "he may not")
	wantCode(t, "it can be refused all the same", err, "")
}

func TestApprovalBadRequests(t *testing.T) {
	r := leveled(t)
	second := r.colleague(t, "second", "root")
	hash := r.plan(t, admin, risky).Hash
	good := control.Ask{ID: newID(), Request: risky, PlanHash: hash, Reason: "x"}
	for want, change := range map[string]func(*control.Ask){
		"usage": func(q *control.Ask) { q.ID = "'; --" }, "approval_reason": func(q *control.Ask) { q.Reason = " \n" },
		"plan_changed": func(q *control.Ask) { q.PlanHash = "0" }, "module_unknown": func(q *control.Ask) { q.Request.Module = "9999" },
		"approval_not_needed": func(q *control.Ask) { q.Request = on(low, "h1"); q.PlanHash = r.plan(t, admin, q.Request).Hash },
	} {
		q := good
		change(&q)
		_, err := r.RequestApproval(t.Context(), admin, q)
		wantCode(t, want, err, want)
	}
	q := good
	q.Reason = strings.Repeat("长", 501)
	_, err := r.RequestApproval(t.Context(), admin, q)
	wantCode(t, "a long reason", err, "approval_reason")
	_, err = r.RequestApproval(t.Context(), admin, good)
	must(t, err)
	_, err = r.RequestApproval(t.Context(), second, good)
	wantCode(t, "another operator with the same id", err, "approval_taken")
	_, err = r.DecideApproval(t.Context(), second, good.ID, false, " ")
	wantCode(t, "refused without a word", err, "approval_reason")
	_, err = r.DecideApproval(t.Context(), second, newID(), true, "")
	wantCode(t, "no such request", err, "approval_unknown")
	_, err = r.DecideApproval(t.Context(), second, good.ID, false, "not today")
	must(t, err)
	_, err = r.use(t, admin, risky, good.ID)
	wantCode(t, "used though refused", err, "approval_refused")
	for range 100 {
		r.ask(t, admin, risky)
	}
	_, err = r.RequestApproval(t.Context(), admin, control.Ask{ID: newID(), Request: risky, PlanHash: hash, Reason: "x"})
	wantCode(t, "the 101st open request", err, "approval_many")
	_ = r.ask(t, second, risky) // others are not kept from asking
}

// TestA17ParallelUsesOfOneApproval: of many starts at once with one approval one makes a job, which runs once; a start
// that is sent again is the same job.
func TestA17ParallelUsesOfOneApproval(t *testing.T) {
	r := leveled(t)
	second := r.colleague(t, "second", "root")
	a := r.granted(t, second, risky)
	hash := r.plan(t, admin, risky).Hash
	ids := []string{newID(), newID(), newID(), newID()}
	var won sync.Map
	var wg sync.WaitGroup
	for n := range 24 {
		wg.Go(func() {
			id := ids[n%len(ids)]
			j, err := r.Start(t.Context(), admin, control.Order{ID: id, Request: risky, PlanHash: hash, Approval: a.ID})
			if err == nil {
				won.Store(j.ID, j)
				return
			}
			wantCode(t, "a loser", err, "approval_used")
		})
	}
	wg.Wait()
	n := 0
	won.Range(func(_, j any) bool { n++; r.watch(t, j.(job.Job)); return true })
	r.engine.mu.Lock()
	defer r.engine.mu.Unlock()
	if n != 1 || r.engine.ran["h3"] != 1 || r.engine.ran["h4"] != 1 {
		t.Errorf("%d jobs, ran %v", n, r.engine.ran)
	}
}

// TestApprovalsLookPastOthers: what the caller may not see does not hide what it may.
func TestApprovalsLookPastOthers(t *testing.T) {
	r := leveled(t)
	narrow := r.colleague(t, "narrow", "2")
	first := r.ask(t, narrow, risky)
	for range 60 {
		r.ask(t, admin, on(medium, "h5"))
	}
	last := r.ask(t, narrow, risky)
	for limit, want := range map[int][]string{1: {last.ID}, 2: {last.ID, first.ID}, 0: {last.ID, first.ID}} {
		list, err := r.Approvals(t.Context(), narrow, true, limit)
		must(t, err)
		var got []string
		for _, a := range list {
			got = append(got, a.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("with limit %d: %v, want %v", limit, got, want)
		}
	}
	if list, err := r.Approvals(t.Context(), admin, true, 55); err != nil || len(list) != 55 || !list[0].Decidable || list[1].Decidable {
		t.Errorf("the administrator sees %d, %v", len(list), err)
	}
}
