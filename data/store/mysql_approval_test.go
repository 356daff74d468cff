package store_test

import (
	"errors"
	"testing"
	"time"

	"omanager/app/audit"
	"omanager/app/job"
	"omanager/data/store"
	"omanager/data/store/mariadb"
	"omanager/data/store/storetest"
)

// TestG06ApprovalCutAtCommit loses COMMIT or its answer while an approval is asked for, given and used: each step is done
// once and reported done, and a second use is refused.
func TestG06ApprovalCutAtCommit(t *testing.T) {
	s := mariaServer(t)
	p, err := s.NewProxy()
	ok(t, err)
	t.Cleanup(func() { ok(t, p.Close()) })
	for name, cut := range map[string]mariadb.Cut{
		"answer lost": mariadb.DropAnswer, "commit lost": mariadb.DropCommit,
		"commit lost, half open": mariadb.HoldCommit, "commit late": mariadb.LateCommit,
	} {
		t.Run(name, func(t *testing.T) {
			st := openMySQL(t, s, p.Socket)
			cuts, want := p.Cuts(), 3
			all := func() { p.CutNext(cut, 0) }
			if cut == mariadb.HoldCommit { // each costs seconds: only the use
				all, want = func() {}, 1
			}
			all()
			ok(t, st.PutApproval(t.Context(), storetest.NewApproval("a"), audit.Entry{Event: "r"}))
			all()
			ok(t, st.DecideApproval(t.Context(), storetest.Yes("a"), audit.Entry{Event: "d"}))
			p.CutNext(cut, 0)
			ok(t, st.CreateApprovedJob(t.Context(), storetest.NewJob("j"), "a", audit.Entry{Event: "u"}))
			if n := p.Cuts() - cuts; n != want {
				t.Fatalf("%d connections were cut, want %d", n, want)
			}
			if err := st.CreateApprovedJob(t.Context(), storetest.NewJob("k"), "a", audit.Entry{}); !errors.Is(err, store.ErrTaken) {
				t.Errorf("a second use: %v", err)
			}
			oneUse(t, st)
			ok(t, st.Close())
		})
	}
}

// TestG06NobodyKnowsOfTheUse: the server is away after COMMIT was sent for longer than a write waits. Whether or not the
// use was stored, asking again gives one job and one use.
func TestG06NobodyKnowsOfTheUse(t *testing.T) {
	s := mariaServer(t)
	p, err := s.NewProxy()
	ok(t, err)
	t.Cleanup(func() { ok(t, p.Close()) })
	for name, c := range map[string]struct {
		cut   mariadb.Cut
		again error
	}{"it was stored": {mariadb.DropAnswer, store.ErrTaken}, "it was not": {mariadb.DropCommit, nil}} {
		t.Run(name, func(t *testing.T) {
			st := openMySQL(t, s, p.Socket)
			ok(t, st.PutApproval(t.Context(), storetest.NewApproval("a"), audit.Entry{Event: "r"}))
			ok(t, st.DecideApproval(t.Context(), storetest.Yes("a"), audit.Entry{Event: "d"}))
			use := func() error {
				return st.CreateApprovedJob(t.Context(), storetest.NewJob("j"), "a", audit.Entry{Event: "u"})
			}
			store.SetPatience(st, 50*time.Millisecond)
			p.VanishNext(c.cut, 0)
			if err := use(); !errors.Is(err, store.ErrUnknown) {
				t.Errorf("error is %v, want ErrUnknown", err)
			}
			p.Return()
			store.SetPatience(st, time.Minute)
			if err := use(); !errors.Is(err, c.again) {
				t.Errorf("the use once more: %v, want %v", err, c.again)
			}
			oneUse(t, st)
			ok(t, st.Close())
		})
	}
}

func oneUse(t *testing.T, st store.Store) {
	t.Helper()
	jobs, err := st.Jobs(t.Context(), 10)
	ok(t, err)
	log, err := st.AuditRecords(t.Context(), audit.Query{Limit: 10})
	ok(t, err)
	a, err := st.Approval(t.Context(), "a")
	ok(t, err)
	if len(jobs) != 1 || len(log) != 3 || a.State != job.ApprovalUsed {
		t.Errorf("%d jobs, %d log entries, the approval is %s", len(jobs), len(log), a.State)
	}
}
