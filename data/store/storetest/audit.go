package storetest

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"omanager/app/audit"
	"omanager/data/store"
)

// verify holds the whole log of a store against its hashes.
func verify(t *testing.T, s store.Store, held ...audit.Checkpoint) *audit.Verifier {
	t.Helper()
	stub, err := s.AuditStub(t.Context())
	ok(t, err)
	v := audit.NewVerifier(stub, held...)
	ok(t, s.AuditScan(t.Context(), 0, v.Next))
	ok(t, v.End())
	return v
}

// testAuditChain: what is stored is what was hashed, whatever the text, and many writers at once leave no gap.
func testAuditChain(t *testing.T, s store.Store) {
	hostile := []string{"", "a", "line\nline", "\x1b[31mred", "nul\x00byte", "bad \xff utf8", "😀", strings.Repeat("長", 100_000), "' or 1=1 --", `\`, "%_"}
	for _, h := range hostile {
		ok(t, s.Log(t.Context(), audit.Entry{Time: at.Add(time.Microsecond), Operator: h, Source: h, Event: h, Job: h, Detail: h}))
	}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 10 {
				if err := s.Log(t.Context(), audit.Entry{Time: at, Event: "parallel", Detail: fmt.Sprint(w, " ", i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	v := verify(t, s)
	seq, head, err := s.AuditHead(t.Context())
	ok(t, err)
	if want := int64(len(hostile) + 80); v.Count() != want || seq != want || len(head) == 0 {
		t.Errorf("%d records verified, head at %d, want %d", v.Count(), seq, want)
	}
}

// testA22Names: names with the same first ten characters are two names, in what is stored and in what is found. The
// control cuts them as the legacy column did, and takes one for the other.
func testA22Names(t *testing.T, s store.Store) {
	names := []string{"zhang.wei-operations", "zhang.wei-database"}
	found := func(name string) (n int) {
		got, err := s.AuditRecords(t.Context(), audit.Query{Operator: name, Limit: 10})
		ok(t, err)
		for _, r := range got {
			if r.Operator != name {
				t.Errorf("%q was found as %q", r.Operator, name)
			}
		}
		return len(got)
	}
	for _, n := range names {
		ok(t, s.Log(t.Context(), audit.Entry{Time: at, Operator: n, Event: "login"}))
		ok(t, s.Log(t.Context(), audit.Entry{Time: at, Operator: n[:10], Event: "cut"}))
	}
	if a, b, cut := found(names[0]), found(names[1]), found(names[0][:10]); a != 1 || b != 1 || cut != 2 {
		t.Errorf("%d and %d records of the two, %d of what both were cut to; want 1, 1 and, as the control, 2", a, b, cut)
	}
	verify(t, s)
}

func testAuditSearch(t *testing.T, s store.Store) {
	for i := range 20 {
		e := audit.Entry{Time: at.Add(time.Duration(i) * time.Minute), Operator: "demo", Source: "10.0.0.9", Event: "login"}
		if i%5 == 0 {
			e.Operator, e.Event, e.Job, e.Detail = "anna", "job_start", fmt.Sprint("job", i), "100%_sure"
		}
		ok(t, s.Log(t.Context(), e))
	}
	for name, c := range map[string]struct {
		q    audit.Query
		want []int64
	}{
		"operator":       {audit.Query{Operator: "anna", Limit: 10}, []int64{16, 11, 6, 1}},
		"event":          {audit.Query{Event: "job_start", Limit: 2}, []int64{16, 11}},
		"next page":      {audit.Query{Event: "job_start", Before: 11, Limit: 2}, []int64{6, 1}},
		"job":            {audit.Query{Job: "job5", Limit: 10}, []int64{6}},
		"text":           {audit.Query{Text: "0%_s", Limit: 1}, []int64{16}},
		"text literally": {audit.Query{Text: "1%s", Limit: 10}, nil},
		"any case":       {audit.Query{Text: "SURE", Limit: 1}, []int64{16}},
		"space at end":   {audit.Query{Operator: "anna ", Limit: 10}, nil},
		"other case":     {audit.Query{Operator: "Anna", Limit: 10}, nil},
		"time":           {audit.Query{Since: at.Add(3 * time.Minute), Until: at.Add(5 * time.Minute), Limit: 10}, []int64{5, 4}},
		"nobody":         {audit.Query{Operator: "an%", Limit: 10}, nil},
		"limit":          {audit.Query{Limit: 3}, []int64{20, 19, 18}},
	} {
		got, err := s.AuditRecords(t.Context(), c.q)
		ok(t, err)
		var seqs []int64
		for _, r := range got {
			seqs = append(seqs, r.Seq)
		}
		if fmt.Sprint(seqs) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", name, seqs, c.want)
		}
	}
}

// testAuditTrim: retention leaves a stub from which the rest still verifies.
func testAuditTrim(t *testing.T, s store.Store) {
	for i := range 10 {
		ok(t, s.Log(t.Context(), audit.Entry{Time: at.Add(time.Duration(i) * time.Hour), Event: "x"}))
	}
	_, err := s.AuditBefore(t.Context(), at)
	is(t, err, store.ErrNotFound)
	last, err := s.AuditBefore(t.Context(), at.Add(4*time.Hour))
	ok(t, err)
	if last.Seq != 4 {
		t.Fatalf("the last before is %d, want 4", last.Seq)
	}
	signer := audit.Signer{Server: "server", Key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))}
	held := signer.Checkpoint(7, nil, at)
	ok(t, s.AuditScan(t.Context(), 7, func(r audit.Record) error {
		if r.Seq == 7 {
			held.Head = r.Hash
		}
		return nil
	}))
	ok(t, s.AuditTrim(t.Context(), signer.Stub(last.Seq, last.Hash, at), audit.Entry{Time: at, Event: "audit_trim"}))
	ok(t, s.AuditTrim(t.Context(), signer.Stub(last.Seq, last.Hash, at), audit.Entry{Time: at, Event: "audit_trim"})) // again
	v := verify(t, s, held)
	if v.Count() != 12 || v.Vouched() != 7 {
		t.Errorf("verified to %d, vouched to %d; want 12 and 7", v.Count(), v.Vouched())
	}
	stub, err := s.AuditStub(t.Context())
	ok(t, err)
	ok(t, stub.Verify("server", signer.Key.Public().(ed25519.PublicKey)))
}

func testCheckpoints(t *testing.T, s store.Store) {
	_, err := s.LastCheckpoint(t.Context())
	is(t, err, store.ErrNotFound)
	signer := audit.Signer{Server: "server", Key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))}
	for _, n := range []int64{1, 3, 2, 3} {
		ok(t, s.PutCheckpoint(t.Context(), signer.Checkpoint(n, bytes.Repeat([]byte{byte(n)}, 32), at)))
	}
	got, err := s.LastCheckpoint(t.Context())
	ok(t, err)
	same(t, got, signer.Checkpoint(3, bytes.Repeat([]byte{3}, 32), at))
	ok(t, got.Verify("server", signer.Key.Public().(ed25519.PublicKey)))
	if got.Verify("another", signer.Key.Public().(ed25519.PublicKey)) == nil {
		t.Error("a checkpoint of one server is good for another")
	}
}
