package audit

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
)

const (
	recordDomain = "omanager-audit-record-v1"
	hashSize     = sha256.Size
)

// Genesis is the hash before the first record.
func Genesis() []byte { return make([]byte, hashSize) }

// Chain gives the entry its place after the record with the number and hash.
func Chain(e Entry, seq int64, hash []byte) Record {
	r := Record{Entry: e, Seq: seq + 1}
	r.Hash = r.sum(hash)
	return r
}

// sum hashes the record and the hash before it. Every field goes with its length, so that text cannot move between
// neighbours; the time is hashed as it is stored, to the millisecond.
func (r Record) sum(prev []byte) []byte {
	h := sha256.New()
	field := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		_, _ = h.Write(n[:]) // a hash never errs
		_, _ = h.Write(b)
	}
	number := func(v int64) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(v))
		_, _ = h.Write(n[:])
	}
	field([]byte(recordDomain))
	field(prev)
	number(r.Seq)
	number(millis(r.Time))
	for _, s := range []string{r.Operator, r.Source, r.Event, r.Job, r.Detail} {
		field([]byte(s))
	}
	return h.Sum(nil)
}

// FaultError is why a log does not hold: the first record that is wrong.
type FaultError struct {
	Seq   int64 // 0: no record, but the log as a whole
	Cause string
}

// Error says where and why.
func (f *FaultError) Error() string {
	if f.Seq == 0 {
		return f.Cause
	}
	return fmt.Sprintf("record %d: %s", f.Seq, f.Cause)
}

// Verifier checks records in order; NewVerifier makes it.
type Verifier struct {
	seq     int64
	hash    []byte
	outside []Checkpoint // held outside, by their counts; those up to seq are looked at and gone
	head    *Checkpoint  // what the log itself takes for its end; unsigned, so it vouches for nothing
	vouched int64
}

// NewVerifier begins after the stub, if there is one, and holds checkpoints against the log.
func NewVerifier(stub *Stub, held ...Checkpoint) *Verifier {
	v := &Verifier{hash: Genesis(), outside: slices.Clone(held)}
	slices.SortStableFunc(v.outside, func(a, b Checkpoint) int { return cmp.Compare(a.Count, b.Count) })
	if stub != nil {
		v.seq, v.hash = stub.Count, stub.Head
	}
	return v
}

// Next checks one record.
func (v *Verifier) Next(r Record) error {
	switch {
	case r.Seq <= v.seq:
		return &FaultError{r.Seq, fmt.Sprintf("comes after record %d", v.seq)}
	case r.Seq != v.seq+1:
		return &FaultError{v.seq + 1, fmt.Sprintf("is missing; the next there is %d", r.Seq)}
	case !bytes.Equal(r.sum(v.hash), r.Hash):
		return &FaultError{r.Seq, "was changed, or the one before it was"}
	}
	v.seq, v.hash = r.Seq, r.Hash
	return v.compare()
}

// compare holds what is known from outside, and the head, against the present place.
func (v *Verifier) compare() error {
	for ; len(v.outside) > 0 && v.outside[0].Count <= v.seq; v.outside = v.outside[1:] {
		p := v.outside[0]
		if p.Count < v.seq {
			continue // of records that were removed
		}
		if !bytes.Equal(p.Head, v.hash) {
			return &FaultError{v.seq, "is not the one that a checkpoint was made of: records up to it were replaced"}
		}
		v.vouched = p.Count
	}
	if v.head != nil && v.head.Count == v.seq && !bytes.Equal(v.head.Head, v.hash) {
		return &FaultError{v.seq, "is not the one that the log's head was made of"}
	}
	return nil
}

// End checks the log as a whole after its last record.
func (v *Verifier) End() error {
	if n := len(v.outside); n > 0 {
		return v.short("a checkpoint was made of", v.outside[n-1].Count)
	}
	if v.head != nil && v.head.Count > v.seq {
		return v.short("its head was made of", v.head.Count)
	}
	return nil
}

func (v *Verifier) short(what string, count int64) error {
	return &FaultError{0, fmt.Sprintf("the log ends with record %d, but %s %d: the last %d are missing", v.seq, what, count, count-v.seq)}
}

// Count is the number of the last record checked.
func (v *Verifier) Count() int64 { return v.seq }

// Vouched is the number of records up to which a checkpoint vouches for the log.
func (v *Verifier) Vouched() int64 { return v.vouched }
