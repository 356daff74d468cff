package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"omanager/app/audit"
)

func chain(n int) []audit.Record {
	var out []audit.Record
	hash := audit.Genesis()
	for i := range int64(n) {
		r := audit.Chain(audit.Entry{Time: time.UnixMilli(i), Operator: "demo", Event: "login"}, i, hash)
		out, hash = append(out, r), r.Hash
	}
	return out
}

func verify(records []audit.Record, stub *audit.Stub, held ...audit.Checkpoint) error {
	v := audit.NewVerifier(stub, held...)
	for _, r := range records {
		if err := v.Next(r); err != nil {
			return err
		}
	}
	return v.End()
}

func signer() audit.Signer {
	return audit.Signer{Server: "SHA256:x", Key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))}
}

// TestFirstBadRecordIsNamed: whatever is done to a record, the fault is told at its number.
func TestFirstBadRecordIsNamed(t *testing.T) {
	whole := chain(9)
	p := signer().Checkpoint(9, whole[8].Hash, time.Now())
	for name, c := range map[string]struct {
		edit func([]audit.Record) []audit.Record
		want string
	}{
		"operator":  {func(r []audit.Record) []audit.Record { r[3].Operator = "eve"; return r }, "record 4: was changed"},
		"time":      {func(r []audit.Record) []audit.Record { r[3].Time = r[3].Time.Add(time.Millisecond); return r }, "record 4: was changed"},
		"shifted":   {func(r []audit.Record) []audit.Record { r[3].Operator, r[3].Source = "dem", "o"; return r }, "record 4: was changed"},
		"deleted":   {func(r []audit.Record) []audit.Record { return slices.Delete(r, 4, 5) }, "record 5: is missing"},
		"first one": {func(r []audit.Record) []audit.Record { return r[1:] }, "record 1: is missing"},
		"doubled":   {func(r []audit.Record) []audit.Record { return slices.Insert(r, 2, r[1]) }, "record 2: comes after"},
		"cut":       {func(r []audit.Record) []audit.Record { return r[:7] }, "the last 2 are missing"},
		"emptied":   {func([]audit.Record) []audit.Record { return nil }, "the last 9 are missing"},
	} {
		if err := verify(c.edit(chain(9)), nil, p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if err := verify(whole, nil, p); err != nil {
		t.Error(err)
	}
}

// TestRemadeChainNeedsACheckpoint: who can write everything can make a whole new chain; a checkpoint held outside tells,
// and without one nothing does.
func TestRemadeChainNeedsACheckpoint(t *testing.T) {
	whole := chain(9)
	p := signer().Checkpoint(6, whole[5].Hash, time.Now())
	var remade []audit.Record
	hash := audit.Genesis()
	for i, r := range chain(9) {
		if i == 2 {
			r.Operator = "eve"
		}
		next := audit.Chain(r.Entry, int64(i), hash)
		remade, hash = append(remade, next), next.Hash
	}
	if err := verify(remade, nil); err != nil {
		t.Errorf("the control: a remade chain is whole in itself, yet %v", err)
	}
	if err := verify(remade, nil, p); err == nil || !strings.Contains(err.Error(), "record 6") {
		t.Errorf("with a checkpoint: %v", err)
	}
}

func TestSignatures(t *testing.T) {
	s := signer()
	p := s.Checkpoint(3, bytes.Repeat([]byte{9}, 32), time.UnixMilli(12345))
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back audit.Checkpoint
	if err := json.Unmarshal(b, &back); err != nil || back.Verify(s.Server, s.PublicKey()) != nil {
		t.Errorf("%v, %v", back, err)
	}
	for name, change := range map[string]func(*audit.Checkpoint){
		"count": func(p *audit.Checkpoint) { p.Count++ }, "head": func(p *audit.Checkpoint) { p.Head = bytes.Repeat([]byte{8}, 32) },
		"time": func(p *audit.Checkpoint) { p.Time = p.Time.Add(time.Millisecond) }, "signature": func(p *audit.Checkpoint) { p.Signature[0] ^= 1 },
	} {
		bad := s.Checkpoint(3, bytes.Repeat([]byte{9}, 32), time.UnixMilli(12345))
		change(&bad)
		if bad.Verify(s.Server, s.PublicKey()) == nil {
			t.Errorf("%s was changed and it still verifies", name)
		}
	}
	if (audit.Stub{Checkpoint: p}).Verify(s.Server, s.PublicKey()) == nil {
		t.Error("a checkpoint passes for a stub: whoever holds one could make the log look trimmed")
	}
}

func TestTitles(t *testing.T) {
	for _, e := range []string{audit.EventLogin, audit.EventAuditTrim, audit.EventRoleDelete, audit.EventJobDone} {
		en, zh := audit.Title("en", e), audit.Title("zh", e)
		if en == e || zh == e || en == zh {
			t.Errorf("%s is %q and %q", e, en, zh)
		}
	}
	if audit.Title("zh", "something_else") != "something_else" {
		t.Error("an event without title has no name")
	}
}
