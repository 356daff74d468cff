package control_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/control"
	"omanager/app/job"
	"omanager/app/problem"
)

func (f *faulty) AuditRecords(ctx context.Context, q audit.Query) ([]audit.Record, error) {
	found, err := f.Store.AuditRecords(ctx, q)
	edit := f.edit.Load()
	if edit == nil {
		return found, err
	}
	kept := found[:0]
	for _, r := range found {
		if r, there := (*edit)(r); there {
			kept = append(kept, r)
		}
	}
	return kept, err
}

func (f *faulty) AuditHead(ctx context.Context) (int64, []byte, error) {
	at := f.headAt.Load()
	if at == 0 {
		return f.Store.AuditHead(ctx)
	}
	found, err := f.Store.AuditRecords(ctx, audit.Query{Before: at + 1, Limit: 1})
	if err != nil {
		return 0, nil, err
	}
	return at, found[0].Hash, nil
}

// TestNothingUnrecorded: what cannot be written to the operation log is not done; a cancel is.
func TestNothingUnrecorded(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "db"))
	defer r.close(t)
	if _, _, err := r.Audit(t.Context(), admin, audit.Query{Limit: 1}, false); err != nil {
		t.Fatal(err)
	}
	password, keyFile, err := account.Admin{Store: r.store, Now: time.Now}.Add(t.Context(), "anna", "root")
	must(t, err)
	key, err := account.KeyFromFile(keyFile)
	must(t, err)
	login := func() error {
		nonce := r.Challenge()
		_, _, _, err := r.Login(t.Context(), "anna", password, nonce, ed25519.Sign(key, account.LoginMessage("server", "anna", nonce)), account.LegacyProof{}, "10.0.0.9")
		return err
	}
	must(t, login())
	r.store.unlogged.Store(true)
	for name, try := range map[string]func() error{
		"login": login,
		"plan":  func() error { _, err := r.Plan(t.Context(), admin, job.Request{Module: "1003", On: "h1"}); return err },
		"audit": func() error { _, _, err := r.Audit(t.Context(), admin, audit.Query{Limit: 1}, false); return err },
	} {
		if p, ok := errors.AsType[*problem.Error](try()); !ok || p.Code != "disk_full" {
			t.Errorf("%s went on unrecorded", name)
		}
	}
	r.store.unlogged.Store(false)
	logins, err := r.store.AuditRecords(t.Context(), audit.Query{Event: audit.EventLogin, Limit: 10})
	if err != nil || len(logins) != 1 {
		t.Errorf("%d logins are recorded, want 1; %v", len(logins), err)
	}
	j, err := r.start(t, newID(), "h1")
	must(t, err)
	r.store.unlogged.Store(true)
	must(t, r.Cancel(t.Context(), admin, j.ID))
	r.watch(t, j)
	recorded := make(chan audit.Entry, 1)
	call := func(e audit.Entry) {
		if e.Event == audit.EventJobDone {
			recorded <- e
		}
	}
	r.store.logged.Store(&call)
	r.store.unlogged.Store(false)
	if e := <-recorded; e.Job != j.ID || !strings.Contains(e.Detail, "output sha256 ") {
		t.Errorf("the end was recorded as %+v", e)
	}
}

// TestTheEndIsRecordedFirst: whenever a job is finished, its outcome is in the operation log.
func TestTheEndIsRecordedFirst(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "db"))
	defer r.close(t)
	found := make(chan int, 1)
	call := func(id string) {
		done, err := r.store.AuditRecords(context.Background(), audit.Query{Event: audit.EventJobDone, Job: id, Limit: 5})
		must(t, err)
		found <- len(done)
	}
	r.store.finished.Store(&call)
	j, err := r.start(t, newID(), "h1")
	must(t, err)
	r.watch(t, j)
	if n := <-found; n != 1 {
		t.Errorf("when the job's end was stored, %d records told of it, want 1", n)
	}
}

// TestCheckpoints: a hundred records make a signed checkpoint by themselves, which leaves the process; the hash that a
// client asks for is that of its record.
func TestCheckpoints(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "db"))
	defer r.close(t)
	for range 120 {
		_, err := r.Plan(t.Context(), admin, job.Request{Module: "1003", On: "h1"})
		must(t, err)
	}
	first := <-r.outside
	if first.Count < 100 || first.Count > 125 {
		t.Errorf("the first checkpoint is of %d records", first.Count)
	}
	p, hash, err := r.Checkpoint(t.Context(), first.Count)
	must(t, err)
	if string(hash) != string(first.Head) || p.Count < first.Count {
		t.Errorf("asked for record %d: another hash; now %d records", first.Count, p.Count)
	}
	must(t, p.Verify("server", p.PublicKey))
	if _, _, err := r.Audit(t.Context(), control.Caller{Operator: account.Operator{Name: "x", Privileges: "zhiban"}}, audit.Query{}, true); err == nil {
		t.Error("an operator without the right reads the operation log")
	}
	for _, q := range []audit.Query{{Text: strings.Repeat("%", 4097)}, {Operator: strings.Repeat("名", 4e6)}} {
		if p, ok := errors.AsType[*problem.Error](second(r.Audit(t.Context(), admin, q, false))); !ok || p.Code != "audit_search_long" {
			t.Errorf("a search for %d bytes: %v", len(q.Text+q.Operator), p)
		}
	}
	if _, _, err := r.Audit(t.Context(), admin, audit.Query{Text: strings.Repeat("%", 4096), Operator: strings.Repeat("!", 4096)}, false); err != nil {
		t.Errorf("the control: the longest search is refused: %v", err)
	}
}

func second(_ []audit.Record, _ bool, err error) error { return err }

// TestABrokenLogIsNotSigned: a log that lost its end, a record, or its past gets no new checkpoint; one that is whole
// does, which is the control.
func TestABrokenLogIsNotSigned(t *testing.T) {
	r := newRig(t, filepath.Join(t.TempDir(), "db"))
	defer r.close(t)
	record := func() {
		_, err := r.Plan(t.Context(), admin, job.Request{Module: "1003", On: "h1"})
		must(t, err)
	}
	record()
	held, _, err := r.Checkpoint(t.Context(), 0)
	must(t, err)
	record()
	gone := func(seq int64) *func(audit.Record) (audit.Record, bool) {
		f := func(x audit.Record) (audit.Record, bool) { return x, x.Seq != seq }
		return &f
	}
	other := func(x audit.Record) (audit.Record, bool) {
		if x.Seq == held.Count {
			x.Hash = []byte("another")
		}
		return x, true
	}
	broken := func(name string) {
		t.Helper()
		_, _, err := r.Checkpoint(t.Context(), held.Count)
		if p, ok := errors.AsType[*problem.Error](err); !ok || p.Code != "audit_fault" {
			t.Errorf("%s: %v", name, err)
		}
		r.store.edit.Store(nil)
		r.store.headAt.Store(0)
	}
	r.store.edit.Store(gone(held.Count + 1))
	broken("without its last record")
	r.store.edit.Store(gone(held.Count))
	broken("without the record that is held")
	r.store.edit.Store(&other)
	broken("with another past")
	r.store.headAt.Store(held.Count - 1)
	broken("cut together with its head")
	now, hash, err := r.Checkpoint(t.Context(), held.Count)
	if err != nil || now.Count != held.Count+1 || string(hash) != string(held.Head) {
		t.Errorf("the control: %d, %v", now.Count, err)
	}
}
