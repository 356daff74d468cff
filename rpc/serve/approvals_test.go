package serve_test

import (
	"testing"

	"omanager/app/job"
	"omanager/rpc/client"
)

// TestA12SealedJobsPassTheGate sends orders over the wire: what its gate asks for is in the sealed job, and without it
// nothing starts.
func TestA12SealedJobsPassTheGate(t *testing.T) {
	root, r := demoFleet(t, 12)
	second := addOperator(t, r, "second", "root")
	plan := func(q job.Request) job.Plan {
		t.Helper()
		p, err := root.Plan(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	start := func(q job.Request, o client.Order) error {
		o.ID, o.On, o.Plan = client.NewJobID(), q.On, plan(q)
		j, err := root.Start(t.Context(), o)
		if err != nil {
			return err
		}
		return root.Watch(t.Context(), j.ID, 0, func([]job.Event) error { return nil }, nil)
	}
	counted := job.Request{Module: "1000", On: "db01,db02", Params: echo.Params}
	wantCode(t, start(counted, client.Order{Confirmed: true}), "count_needed")
	wantCode(t, start(counted, client.Order{Confirmed: true, TypedCount: 1}), "count_wrong")
	check(t, start(counted, client.Order{TypedCount: 2}))

	approved := job.Request{Module: "3302", On: "db01"}
	wantCode(t, start(approved, client.Order{Confirmed: true, TypedCount: 1}), "approval_needed")
	id := client.NewJobID()
	a, err := root.RequestApproval(t.Context(), id, approved, plan(approved).Hash, "memory leak")
	if err != nil || a.State != job.ApprovalPending || len(a.Targets) != 1 || a.Decidable {
		t.Fatalf("%+v, %v", a, err)
	}
	wantCode(t, start(approved, client.Order{Approval: id}), "approval_waiting")
	_, err = root.DecideApproval(t.Context(), id, true, "")
	wantCode(t, err, "approval_own")
	list, err := second.Approvals(t.Context(), true, 10)
	if err != nil || len(list) != 1 || list[0].ID != id || !list[0].Decidable || list[0].Reason != "memory leak" {
		t.Fatalf("%+v, %v", list, err)
	}
	if a, err = second.DecideApproval(t.Context(), id, true, "fine"); err != nil || a.State != job.ApprovalApproved {
		t.Fatalf("%+v, %v", a, err)
	}
	check(t, start(approved, client.Order{Approval: id}))
	wantCode(t, start(approved, client.Order{Approval: id}), "approval_used")
	if jobs, err := root.Jobs(t.Context(), 10); err != nil || len(jobs) != 2 {
		t.Errorf("%d jobs (%v), want the two that passed", len(jobs), err)
	}
}

// TestLevelsReachTheClient: the tree shows which categories are guarded.
func TestLevelsReachTheClient(t *testing.T) {
	c, _ := demoFleet(t, 4)
	inv, err := c.Inventory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, cat := range inv.Categories() {
		want := "normal"
		if cat.ID == "2" {
			want = "guarded"
		}
		if string(cat.Level) != want {
			t.Errorf("category %s is %s, want %s", cat.Name, cat.Level, want)
		}
	}
}
