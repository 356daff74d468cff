package control_test

import (
	"errors"
	"path/filepath"
	"testing"

	"omanager/app/control"
	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/app/problem"
)

// The library's modules of each danger.
var (
	low    = job.Request{Module: "1003"}
	medium = job.Request{Module: "1000", Params: map[string]string{"command": "true"}}
	high   = job.Request{Module: "3610", Params: map[string]string{"user": "wang", "action": "lock"}}
)

func on(r job.Request, expr string) job.Request {
	r.On = expr
	return r
}

// leveled is a rig with two servers of each level: h1, h2 normal, h3, h4 guarded, h5, h6 critical.
func leveled(t *testing.T) *rig {
	t.Helper()
	r := newRigOf(t, filepath.Join(t.TempDir(), "db"), inventory.Normal, inventory.Guarded, inventory.Critical)
	t.Cleanup(func() { r.close(t) })
	return r
}

func (r *rig) plan(t *testing.T, who control.Caller, q job.Request) job.Plan {
	t.Helper()
	p, err := r.Plan(t.Context(), who, q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func wantCode(t *testing.T, what string, err error, want string) {
	t.Helper()
	got := ""
	if p, ok := errors.AsType[*problem.Error](err); ok {
		got = p.Code
	}
	if got != want || want == "" && err != nil {
		t.Errorf("%s: %q (%v), want %q", what, got, err, want)
	}
}

func TestGateTable(t *testing.T) {
	r := leveled(t)
	for expr, want := range map[string][3]job.Gate{
		"h1,h2":    {job.GateNone, job.GateConfirm, job.GateCount},
		"h3":       {job.GateNone, job.GateCount, job.GateApproval},
		"h5,h6":    {job.GateConfirm, job.GateApproval, job.GateApproval},
		"h1,h4":    {job.GateNone, job.GateCount, job.GateApproval},
		"h1,h3,h5": {job.GateConfirm, job.GateApproval, job.GateApproval},
	} {
		for i, q := range []job.Request{low, medium, high} {
			if got := r.plan(t, admin, on(q, expr)).Gate; got != want[i] {
				t.Errorf("module %s on %s: gate %s, want %s", q.Module, expr, got, want[i])
			}
		}
	}
}

// TestA12NoGateWithoutItsProof gives each gate everything but what it asks for; only the right proof starts a job.
func TestA12NoGateWithoutItsProof(t *testing.T) {
	r := leveled(t)
	stranger := newID()
	orders := map[string]control.Order{
		"nothing": {}, "yes": {Confirmed: true}, "count": {Confirmed: true, TypedCount: 2}, "one less": {Confirmed: true, TypedCount: 1},
		"below zero": {Confirmed: true, TypedCount: -2}, "made-up approval": {Confirmed: true, TypedCount: 2, Approval: stranger},
	}
	for _, c := range []struct {
		request job.Request
		want    map[string]string // "" starts
	}{
		// The negative control: a harmless module on normal servers takes the weakest order, so it is the gate that refuses.
		{on(low, "h1,h2"), map[string]string{"nothing": "", "yes": "", "made-up approval": "approval_not_needed"}},
		{on(low, "h5,h6"), map[string]string{"nothing": "confirm_needed", "yes": "", "made-up approval": "approval_not_needed"}},
		{on(medium, "h1,h2"), map[string]string{"nothing": "confirm_needed", "yes": ""}},
		{on(medium, "h3,h4"), map[string]string{"nothing": "count_needed", "yes": "count_needed", "one less": "count_wrong", "below zero": "count_wrong",
			"count": "", "made-up approval": "approval_not_needed"}},
		{on(high, "h1,h2"), map[string]string{"nothing": "count_needed", "yes": "count_needed", "one less": "count_wrong", "count": ""}},
		{on(high, "h3,h4"), map[string]string{"nothing": "approval_needed", "yes": "approval_needed", "count": "approval_needed", "made-up approval": "approval_unknown"}},
		{on(medium, "h5,h6"), map[string]string{"nothing": "approval_needed", "yes": "approval_needed", "count": "approval_needed", "made-up approval": "approval_unknown"}},
	} {
		p := r.plan(t, admin, c.request)
		for name, want := range c.want {
			o := orders[name]
			o.ID, o.Request, o.PlanHash = newID(), c.request, p.Hash
			j, err := r.Start(t.Context(), admin, o)
			wantCode(t, c.request.Module+" on "+c.request.On+" with "+name, err, want)
			if stored, serr := r.store.Job(t.Context(), o.ID); (serr == nil) != (want == "") {
				t.Errorf("%s on %s with %s: stored %q, want a job only if it starts", c.request.Module, c.request.On, name, stored.ID)
			}
			if err == nil {
				r.watch(t, j)
			}
		}
	}
}
