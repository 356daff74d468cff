package audit

import (
	"context"
	"fmt"
)

// Log is a stored operation log that can be read from end to end.
type Log interface {
	AuditStub(ctx context.Context) (*Stub, error)
	AuditHead(ctx context.Context) (seq int64, hash []byte, err error)
	AuditScan(ctx context.Context, from int64, f func(Record) error) error
}

// Check reads a whole log and holds it against its hashes, its stub, its head, and checkpoints held outside, whose
// signatures must be by the server's key. A log that does not hold is a *FaultError; other errors are of the reading. The
// log may grow meanwhile.
func Check(ctx context.Context, l Log, server string, key []byte, held ...Checkpoint) (*Verifier, error) {
	stub, err := l.AuditStub(ctx)
	if err != nil {
		return nil, err
	}
	if stub != nil {
		if err := stub.Verify(server, key); err != nil {
			return nil, &FaultError{0, "what stands for the removed records: " + err.Error()}
		}
	}
	for _, p := range held {
		if err := p.Verify(server, key); err != nil {
			return nil, &FaultError{0, fmt.Sprintf("the checkpoint at record %d: %s", p.Count, err)}
		}
	}
	seq, hash, err := l.AuditHead(ctx)
	if err != nil {
		return nil, err
	}
	v := NewVerifier(stub, held...)
	v.head = &Checkpoint{Count: seq, Head: hash}
	if err := v.compare(); err != nil { // at the stub's place
		return v, err
	}
	// Records that the stub stands for may be left where retention was cut short; they are nobody's word.
	if err := l.AuditScan(ctx, v.seq+1, v.Next); err != nil {
		return v, err
	}
	return v, v.End()
}
