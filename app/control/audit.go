package control

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"time"

	"omanager/app/audit"
	"omanager/app/problem"
	"omanager/app/rights"
	"omanager/data/store"
)

const (
	checkpointRecords = 100 // new records after which a checkpoint is made at once
	checkpointTime    = time.Minute
	auditPage         = 1000
	longestSearch     = 4096 // bytes of one field of a search; a database compiles patterns
)

// Outside takes a checkpoint out of the control server's hands: a file, syslog. It is called on one goroutine.
type Outside func(audit.Checkpoint) error

// record writes to the operation log before something is done; what cannot be recorded is not done.
func (c *Control) record(ctx context.Context, e audit.Entry) error {
	if err := c.Store.Log(context.WithoutCancel(ctx), e); err != nil {
		return c.storeProblem(err)
	}
	c.grown()
	return nil
}

// note is record for what happens anyway: an end, a refusal, a cancel that must not fail for want of disk. A log that
// cannot be written is reported in the server's own log.
func (c *Control) note(ctx context.Context, who Caller, event, jobID, detail string) {
	if err := c.record(ctx, c.entry(who, event, jobID, detail)); err != nil {
		c.Deps.Log.Error("operation log", "event", event, "job", jobID, "err", err)
	}
}

// Refused notes a call that the caller may not make; transports call it for every not_allowed they pass on.
func (c *Control) Refused(ctx context.Context, who Caller, call string, err error) {
	c.note(ctx, who, audit.EventRefused, "", call+": "+clip(problem.Describe("en", err), 500))
}

func mayReadAudit(who Caller) bool {
	return who.may().MayManage(rights.ManageAudit)
}

// Audit searches the operation log, newest first; more tells that older records match too. That it was read is
// recorded first.
func (c *Control) Audit(ctx context.Context, who Caller, q audit.Query, export bool) (found []audit.Record, more bool, err error) {
	if !mayReadAudit(who) {
		return nil, false, problem.New("not_allowed", "operator", who.Operator.Name, "action", "read", "thing", "operation log")
	}
	for name, v := range map[string]string{"operator": q.Operator, "event": q.Event, "job": q.Job, "text": q.Text} {
		if len(v) > longestSearch {
			return nil, false, problem.New("audit_search_long", "field", name, "length", strconv.Itoa(len(v)), "limit", strconv.Itoa(longestSearch))
		}
	}
	if q.Limit <= 0 || q.Limit > auditPage {
		q.Limit = auditPage
	}
	event := audit.EventAuditRead
	if export {
		event = audit.EventAuditExport
	}
	if err := c.record(ctx, c.entry(who, event, "", clip(q.String(), 500))); err != nil {
		return nil, false, err
	}
	q.Limit++
	found, err = c.Store.AuditRecords(ctx, q)
	if err != nil {
		return nil, false, c.storeProblem(err)
	}
	if more = len(found) == q.Limit; more {
		found = found[:q.Limit-1]
	}
	return found, more, nil
}

// Checkpoint signs the present state of the log and gives the hash at the number of records that the caller holds a
// checkpoint of, empty if that record is not there any more.
func (c *Control) Checkpoint(ctx context.Context, held int64) (p audit.Checkpoint, heldHash []byte, err error) {
	if p, err = c.checkpoint(ctx); err != nil {
		return p, nil, err
	}
	if held <= 0 {
		return p, nil, nil
	}
	heldHash, err = c.hashAt(ctx, held)
	return p, heldHash, err
}

// hashAt is the hash of a record, or of what stands for it; empty if it was removed by retention, or was never there. A
// gap is a fault.
func (c *Control) hashAt(ctx context.Context, seq int64) ([]byte, error) {
	if seq <= 0 {
		return nil, nil
	}
	found, err := c.Store.AuditRecords(ctx, audit.Query{Before: seq + 1, Limit: 1})
	if err != nil {
		return nil, c.storeProblem(err)
	}
	if len(found) == 1 && found[0].Seq == seq {
		return found[0].Hash, nil
	}
	head, _, err := c.Store.AuditHead(ctx)
	if err != nil {
		return nil, c.storeProblem(err)
	}
	stub, err := c.Store.AuditStub(ctx)
	switch {
	case err != nil:
		return nil, c.storeProblem(err)
	case stub != nil && stub.Count >= seq:
		if err := stub.Verify(c.ServerID, c.signer().PublicKey()); err != nil {
			return nil, problem.Wrap(err, "audit_fault", "cause", "what stands for the removed records: "+err.Error())
		}
		if stub.Count == seq {
			return stub.Head, nil
		}
		return nil, nil
	case seq > head:
		return nil, nil
	}
	return nil, faultAt(seq, "is missing")
}

func faultAt(seq int64, cause string) error {
	return problem.New("audit_fault", "cause", (&audit.FaultError{Seq: seq, Cause: cause}).Error())
}

// checkpoint signs the head of the log, keeps the result, and hands it outside; the same head again is the same
// checkpoint. A log whose end is gone, or that does not continue the last checkpoint, is not signed.
func (c *Control) checkpoint(ctx context.Context) (audit.Checkpoint, error) {
	c.signing.Lock()
	defer c.signing.Unlock()
	seq, head, err := c.Store.AuditHead(ctx)
	if err != nil {
		return audit.Checkpoint{}, c.storeProblem(err)
	}
	there, err := c.hashAt(ctx, seq)
	if err != nil {
		return audit.Checkpoint{}, err
	}
	if seq > 0 && !bytes.Equal(there, head) {
		return audit.Checkpoint{}, faultAt(seq, "is not the one that the log's head was made of")
	}
	last, err := c.Store.LastCheckpoint(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return audit.Checkpoint{}, c.storeProblem(err)
	}
	if err == nil && last.Verify(c.ServerID, c.signer().PublicKey()) == nil {
		there, err := c.hashAt(ctx, last.Count)
		switch {
		case err != nil:
			return audit.Checkpoint{}, err
		case last.Count > seq:
			return audit.Checkpoint{}, faultAt(last.Count, "is missing")
		case len(there) > 0 && !bytes.Equal(there, last.Head):
			return audit.Checkpoint{}, faultAt(last.Count, "is not the one that the last checkpoint was made of")
		case last.Count == seq:
			return last, nil
		}
	}
	p := c.signer().Checkpoint(seq, head, c.Now())
	if err := c.Store.PutCheckpoint(context.WithoutCancel(ctx), p); err != nil {
		return audit.Checkpoint{}, c.storeProblem(err)
	}
	for _, out := range c.Outside {
		if err := out(p); err != nil {
			c.Deps.Log.Error("a checkpoint of the operation log did not get outside", "count", p.Count, "err", err)
		}
	}
	return p, nil
}

func (c *Control) signer() audit.Signer { return audit.Signer{Server: c.ServerID, Key: c.AuditKey} }

// grown counts a new record towards the next checkpoint.
func (c *Control) grown() {
	if c.fresh.Add(1)%checkpointRecords == 0 {
		select {
		case c.due <- struct{}{}:
		default:
		}
	}
}

// keepCheckpoints makes a checkpoint when enough was written or enough time went by (tick), until Close; it is a goroutine
// of the Control.
func (c *Control) keepCheckpoints(tick <-chan time.Time) {
	for done := int64(0); ; {
		select {
		case <-c.due:
		case <-tick:
		case <-c.ctx.Done():
			return
		}
		n := c.fresh.Load()
		if n == done {
			continue
		}
		if _, err := c.checkpoint(c.ctx); err != nil {
			if c.ctx.Err() == nil {
				c.Deps.Log.Error("checkpoint of the operation log", "err", err)
			}
			continue
		}
		done = n
	}
}
