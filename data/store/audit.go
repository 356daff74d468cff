package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"omanager/app/audit"
)

const (
	auditColumns      = "seq, time, operator, source, event, job, detail, hash"
	checkpointColumns = "count, head, time, signature, public_key"
	scanPage          = 2000
	trimmed           = 2000
	moved             = 500 // records of an older program that one transaction chains
)

func (s *shared) Log(ctx context.Context, e audit.Entry) error {
	return s.commit(ctx, "store log entry "+e.Event, func(ctx context.Context, tx txn) error {
		return s.chain(ctx, tx, e)
	})
}

// chain appends entries in the transaction. Nobody else can come between: SQLite has one writer, and MySQL's queue for
// the row that holds the head.
func (s *shared) chain(ctx context.Context, tx txn, entries ...audit.Entry) error {
	var seq int64
	var hash []byte
	if err := tx.row(ctx, "SELECT seq, hash FROM @audit_head WHERE id = 1"+s.forUpdate).Scan(&seq, &hash); err != nil {
		return fmt.Errorf("read the head of the operation log: %w", err)
	}
	for _, e := range entries {
		// What is hashed is what can be read back.
		e.Time = fromMS(toMS(e.Time))
		e.Operator, e.Source, e.Event, e.Job, e.Detail = text(e.Operator), text(e.Source), text(e.Event), text(e.Job), text(e.Detail)
		r := audit.Chain(e, seq, hash)
		if _, err := tx.exec(ctx, "INSERT INTO @audit ("+auditColumns+")"+values(1, 8),
			r.Seq, toMS(r.Time), r.Operator, r.Source, r.Event, r.Job, r.Detail, r.Hash); err != nil {
			return err
		}
		if err := tx.old.write(ctx, tx, r.Entry); err != nil {
			return err
		}
		seq, hash = r.Seq, r.Hash
	}
	_, err := tx.exec(ctx, "UPDATE @audit_head SET seq = ?, hash = ? WHERE id = 1", seq, hash)
	return err
}

// AuditRecords searches, newest first. LIKE beside = because MySQL's = takes no notice of spaces at the end.
func (s *shared) AuditRecords(ctx context.Context, q audit.Query) ([]audit.Record, error) {
	like := "%" + literal(q.Text) + "%" // of letters without regard to case, as SQLite's LIKE does it
	until, before := toMS(q.Until), q.Before
	if until == 0 {
		until = math.MaxInt64
	}
	if before <= 0 {
		before = math.MaxInt64
	}
	rows, err := s.rows(ctx, "SELECT "+auditColumns+` FROM @audit
		WHERE seq < ? AND time >= ? AND time < ?
			AND (? = '' OR operator = ? AND operator LIKE ? ESCAPE '!') AND (? = '' OR event = ? AND event LIKE ? ESCAPE '!')
			AND (? = '' OR job = ? AND job LIKE ? ESCAPE '!')
			AND (? = '' OR LOWER(operator) LIKE LOWER(?) ESCAPE '!' OR LOWER(source) LIKE LOWER(?) ESCAPE '!'
				OR LOWER(event) LIKE LOWER(?) ESCAPE '!' OR LOWER(job) LIKE LOWER(?) ESCAPE '!' OR LOWER(detail) LIKE LOWER(?) ESCAPE '!')
		ORDER BY seq DESC LIMIT ?`,
		before, toMS(q.Since), until, q.Operator, q.Operator, literal(q.Operator),
		q.Event, q.Event, literal(q.Event), q.Job, q.Job, literal(q.Job),
		q.Text, like, like, like, like, like, max(q.Limit, 0))
	out, err := collect(rows, err, scanRecord)
	if err != nil {
		return nil, fmt.Errorf("read the operation log: %w", s.named(err))
	}
	return out, nil
}

// literal makes text a pattern that is only that text.
func literal(s string) string { return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) }

// AuditScan gives f every record from a number on, in order, a page in memory at a time.
func (s *shared) AuditScan(ctx context.Context, from int64, f func(audit.Record) error) error {
	for {
		rows, err := s.rows(ctx, "SELECT "+auditColumns+" FROM @audit WHERE seq >= ? ORDER BY seq LIMIT ?", from, scanPage)
		page, err := collect(rows, err, scanRecord)
		if err != nil {
			return fmt.Errorf("read the operation log: %w", s.named(err))
		}
		for _, r := range page {
			if err := f(r); err != nil {
				return err
			}
			from = r.Seq + 1
		}
		if len(page) < scanPage {
			return nil
		}
	}
}

// AuditHead is the number and hash of the last record.
func (s *shared) AuditHead(ctx context.Context) (seq int64, hash []byte, err error) {
	if err := s.row(ctx, "SELECT seq, hash FROM @audit_head WHERE id = 1").Scan(&seq, &hash); err != nil {
		return 0, nil, fmt.Errorf("read the head of the operation log: %w", s.named(err))
	}
	return seq, hash, nil
}

// PutCheckpoint keeps a checkpoint; the same count again changes nothing.
func (s *shared) PutCheckpoint(ctx context.Context, c audit.Checkpoint) error {
	return s.commit(ctx, "store checkpoint", func(ctx context.Context, tx txn) error { return putCheckpoint(ctx, tx, 0, c) })
}

func putCheckpoint(ctx context.Context, tx txn, stub int, c audit.Checkpoint) error {
	var n int
	if err := tx.row(ctx, "SELECT COUNT(*) FROM @checkpoints WHERE stub = ? AND count = ?", stub, c.Count).Scan(&n); err != nil || n > 0 {
		return err
	}
	_, err := tx.exec(ctx, "INSERT INTO @checkpoints (stub, "+checkpointColumns+")"+values(1, 6),
		stub, c.Count, blob(c.Head), toMS(c.Time), blob(c.Signature), blob(c.PublicKey))
	return err
}

// LastCheckpoint is the newest; ErrNotFound if none was made.
func (s *shared) LastCheckpoint(ctx context.Context) (audit.Checkpoint, error) {
	return s.checkpoint(ctx, 0)
}

// AuditStub is what stands for removed records, or nil if none were removed.
func (s *shared) AuditStub(ctx context.Context) (*audit.Stub, error) {
	c, err := s.checkpoint(ctx, 1)
	if errors.Is(err, ErrNotFound) {
		return nil, nil //nolint:nilnil // a log that was never trimmed has none
	}
	if err != nil {
		return nil, err
	}
	return &audit.Stub{Checkpoint: c}, nil
}

func (s *shared) checkpoint(ctx context.Context, stub int) (c audit.Checkpoint, err error) {
	var at int64
	err = s.row(ctx, "SELECT "+checkpointColumns+" FROM @checkpoints WHERE stub = ? ORDER BY count DESC LIMIT 1", stub).
		Scan(&c.Count, &c.Head, &at, &c.Signature, &c.PublicKey)
	if err != nil {
		return audit.Checkpoint{}, fmt.Errorf("read a checkpoint: %w", s.named(err))
	}
	c.Time = fromMS(at)
	return c, nil
}

// AuditBefore is the last record older than a time; ErrNotFound if there is none.
func (s *shared) AuditBefore(ctx context.Context, t time.Time) (audit.Record, error) {
	r, err := scanRecord(s.row(ctx, "SELECT "+auditColumns+" FROM @audit WHERE seq < (SELECT COALESCE(MIN(seq), 9223372036854775807) FROM @audit WHERE time >= ?) ORDER BY seq DESC LIMIT 1", toMS(t)))
	if err != nil {
		return audit.Record{}, fmt.Errorf("read the operation log: %w", s.named(err))
	}
	return r, nil
}

// AuditTrim keeps the stub and appends e in one transaction, then removes the records that the stub stands for, some at a
// time so that other writers get their turn. What is left when it is cut goes the next time.
func (s *shared) AuditTrim(ctx context.Context, stub audit.Stub, e audit.Entry) error {
	err := s.commit(ctx, "trim the operation log", func(ctx context.Context, tx txn) error {
		if err := putCheckpoint(ctx, tx, 1, stub.Checkpoint); err != nil {
			return err
		}
		return s.chain(ctx, tx, e)
	})
	for err == nil {
		var first int64
		err = s.row(ctx, "SELECT COALESCE(MIN(seq), 9223372036854775807) FROM @audit").Scan(&first)
		if err != nil || first > stub.Count {
			break
		}
		_, err = s.exec(ctx, "trim the operation log", "DELETE FROM @audit WHERE seq <= ?", min(first+trimmed-1, stub.Count))
	}
	return s.named(err)
}

// chainOld moves the records that a program without chain wrote into the chain; what one transaction has moved is gone
// from the old table, so it may be cut anywhere, and of two programs that do this at once the second waits. The empty
// table goes, so that nothing is chained that somebody puts into it.
func (s *shared) chainOld(ctx context.Context) error {
	there, err := s.hasOld(ctx)
	if err != nil || !there {
		return err
	}
	if err = s.emptyOld(ctx); err == nil {
		_, err = s.exec(ctx, "drop the older log", "DROP TABLE IF EXISTS @log")
	}
	if err != nil {
		if there, look := s.hasOld(ctx); look == nil && !there { // another program was quicker
			return nil
		}
	}
	return err
}

func (s *shared) hasOld(ctx context.Context) (bool, error) {
	var n int
	err := s.row(ctx, s.oldLog).Scan(&n)
	return n > 0, s.named(err)
}

func (s *shared) emptyOld(ctx context.Context) error {
	for more := true; more; {
		err := s.commit(ctx, "chain older log entries", func(ctx context.Context, tx txn) error {
			rows, err := tx.QueryContext(ctx, prefixed(tx.prefix, "SELECT id, time, operator, source, event, job, detail FROM @log ORDER BY id LIMIT ?"+s.forUpdate), moved)
			old, err := collect(rows, err, func(r scanner) (e audit.Record, err error) {
				var at int64
				err = r.Scan(&e.Seq, &at, &e.Operator, &e.Source, &e.Event, &e.Job, &e.Detail)
				e.Time = fromMS(at)
				return e, err
			})
			more = len(old) == moved
			if err != nil || len(old) == 0 {
				return err
			}
			entries := make([]audit.Entry, len(old))
			for i, r := range old {
				entries[i] = r.Entry
			}
			if err := s.chain(ctx, tx, entries...); err != nil {
				return err
			}
			_, err = tx.exec(ctx, "DELETE FROM @log WHERE id <= ?", old[len(old)-1].Seq)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func scanRecord(r scanner) (e audit.Record, err error) {
	var at int64
	err = r.Scan(&e.Seq, &at, &e.Operator, &e.Source, &e.Event, &e.Job, &e.Detail, &e.Hash)
	e.Time = fromMS(at)
	return e, err
}
