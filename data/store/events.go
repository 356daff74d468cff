package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"omanager/app/job"
)

const (
	eventColumns = "id, job, " + eventFields
	eventFields  = "host, kind, time, stream, packed, data, outcome, `exit`, elapsed, problem, args"
	eventWidth   = 13
	packAbove    = 1 << 10
	maxData      = 64 << 20 // of one event
)

// inserts are the prepared statements that add this many events at once, largest first.
type inserts struct {
	sizes []int
	stmts []*sql.Stmt
}

func prepareInserts(ctx context.Context, db *sql.DB, prefix string) (*inserts, error) {
	in := &inserts{}
	for _, n := range []int{128, 16, 1} {
		st, err := db.PrepareContext(ctx, prefixed(prefix, "INSERT INTO @events ("+eventColumns+")"+values(n, eventWidth)))
		if err != nil {
			return in, fmt.Errorf("prepare insert of events: %w", err)
		}
		in.sizes = append(in.sizes, n)
		in.stmts = append(in.stmts, st)
	}
	return in, nil
}

func (in *inserts) close() error {
	if in == nil {
		return nil
	}
	var all []error
	for _, st := range in.stmts {
		all = append(all, st.Close())
	}
	return errors.Join(all...)
}

// cursor is where a job's next event goes.
type cursor struct{ n, seq int64 }

func (s *shared) AppendEvents(ctx context.Context, jobID string, ev []job.Event) ([]job.Event, error) {
	if len(ev) == 0 {
		return nil, nil
	}
	what := "store events of job " + jobID
	for i := range ev {
		if ev[i].Job != "" && ev[i].Job != jobID {
			return nil, fmt.Errorf("%s: event %d belongs to job %s", what, i, ev[i].Job)
		}
		if len(ev[i].Data) > maxData {
			return nil, fmt.Errorf("%s: event %d has %d bytes", what, i, len(ev[i].Data))
		}
	}
	out, err := s.appendEvents(ctx, what, jobID, ev)
	if errors.Is(err, ErrExists) { // another process appended too, or the append before this one did; the place is read anew
		out, err = s.appendEvents(ctx, what, jobID, ev)
	}
	return out, err
}

func (s *shared) appendEvents(ctx context.Context, what, jobID string, ev []job.Event) ([]job.Event, error) {
	normal := make([]job.Event, len(ev))
	for i := range ev {
		normal[i] = stored(ev[i], jobID)
	}
	var at cursor
	var sure, done, added []job.Event
	err := s.commit(ctx, what, func(ctx context.Context, tx txn) (err error) {
		if at, err = s.cursor(ctx, tx, jobID); err != nil {
			return err
		}
		sure = s.settled(jobID, at.seq)
		done = repeated(sure, normal)
		added = slices.Clone(normal[len(done):])
		if at.seq+int64(len(added)) > math.MaxUint32 {
			return errors.New("job has too many events")
		}
		for i := range added {
			added[i].Seq = at.seq + 1 + int64(i)
		}
		return s.insertEvents(ctx, tx, at.n, added)
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		delete(s.next, jobID) // the next append reads anew where it is
		if errors.Is(err, ErrUnknown) {
			s.doubts[jobID] = append(slices.Clip(sure), added...)
		}
		return nil, err
	}
	delete(s.doubts, jobID)
	s.next[jobID] = cursor{at.n, at.seq + int64(len(added))}
	return append(done, added...), nil
}

// settled gives those of the job's doubtful events that turned out to be stored, now that its last number is known.
func (s *shared) settled(jobID string, last int64) []job.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	doubts := s.doubts[jobID]
	n := 0
	for n < len(doubts) && doubts[n].Seq <= last {
		n++
	}
	return doubts[:n:n]
}

// repeated gives the stored form of the events at the beginning of ev that are stored already: a caller that was told
// ErrUnknown comes again with the same events or with some of them, in the same order.
func repeated(sure, ev []job.Event) []job.Event {
	var done []job.Event
	for _, e := range sure {
		if len(done) == len(ev) {
			break
		}
		seq := e.Seq
		if e.Seq = 0; reflect.DeepEqual(e, ev[len(done)]) {
			e.Seq = seq
			done = append(done, e)
		}
	}
	return done
}

// stored is the event as a later read gives it, without its number.
func stored(e job.Event, jobID string) job.Event {
	e.Job, e.Seq, e.Time = jobID, 0, fromMS(toMS(e.Time))
	e.Host, e.Problem = text(e.Host), text(e.Problem)
	if len(e.Data) == 0 {
		e.Data = nil
	}
	if len(e.Args) == 0 {
		e.Args = nil
	}
	if !e.HasExit {
		e.Exit = 0
	}
	return e
}

func (s *shared) cursor(ctx context.Context, tx txn, jobID string) (c cursor, err error) {
	s.mu.Lock()
	c, ok := s.next[jobID]
	s.mu.Unlock()
	if ok {
		return c, nil
	}
	if err = tx.row(ctx, "SELECT n FROM @jobs WHERE id = ?", jobID).Scan(&c.n); err != nil {
		return c, err
	}
	err = tx.row(ctx, "SELECT coalesce(max(id), 0) & 4294967295 FROM @events WHERE id BETWEEN ? AND ?",
		eventID(c.n, 0), eventID(c.n, math.MaxUint32)).Scan(&c.seq)
	return c, err
}

func (s *shared) forget(jobID string) {
	s.mu.Lock()
	delete(s.next, jobID)
	s.mu.Unlock()
}

func eventID(n, seq int64) int64 { return n<<32 | seq }

func (s *shared) insertEvents(ctx context.Context, tx txn, n int64, ev []job.Event) error {
	args := make([]any, 0, s.ins.sizes[0]*eventWidth)
	for i, size := range s.ins.sizes {
		st := tx.StmtContext(ctx, s.ins.stmts[i])
		for ; len(ev) >= size; ev = ev[size:] {
			args = args[:0]
			for j := range size {
				var err error
				if args, err = s.eventArgs(args, n, &ev[j]); err != nil {
					return err
				}
			}
			if _, err := st.ExecContext(ctx, args...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *shared) eventArgs(to []any, n int64, e *job.Event) ([]any, error) {
	args, err := toJSON(e.Args)
	if err != nil {
		return nil, err
	}
	var data, exit any
	packed := 0
	if e.Data != nil {
		data = e.Data
	}
	if len(e.Data) > packAbove {
		if z := s.zenc.EncodeAll(e.Data, nil); len(z) < len(e.Data) {
			data, packed = z, 1
		}
	}
	if b, ok := data.([]byte); ok && len(b) > s.maxBlob {
		return nil, fmt.Errorf("output of %d bytes in one event is more than the database takes (%d)", len(b), s.maxBlob)
	}
	if e.HasExit {
		exit = e.Exit
	}
	return append(to, eventID(n, e.Seq), n, e.Host, string(e.Kind), toMS(e.Time), e.Stream, packed, data,
		string(e.Outcome), exit, int64(e.Elapsed), e.Problem, args), nil
}

// Events of an unknown job are ErrNotFound, not an empty list.
func (s *shared) Events(ctx context.Context, jobID string, after int64, limit int) ([]job.Event, error) {
	var n int64
	if err := s.row(ctx, "SELECT n FROM @jobs WHERE id = ?", jobID).Scan(&n); err != nil {
		return nil, fmt.Errorf("read events of job %s: %w", jobID, s.named(err))
	}
	after = min(max(after, 0), math.MaxUint32)
	rows, err := s.rows(ctx, "SELECT id & 4294967295, "+eventFields+
		" FROM @events WHERE id > ? AND id <= ? ORDER BY id LIMIT ?", eventID(n, after), eventID(n, math.MaxUint32), max(limit, 0))
	out, err := collect(rows, err, func(r scanner) (job.Event, error) { return s.scanEvent(r, jobID) })
	if err != nil {
		return nil, fmt.Errorf("read events of job %s: %w", jobID, s.named(err))
	}
	return out, nil
}

func (s *shared) scanEvent(r scanner, jobID string) (job.Event, error) {
	e := job.Event{Job: jobID}
	var kind, outcome string
	var at, elapsed int64
	var packed bool
	var exit sql.NullInt64
	var args sql.NullString
	err := r.Scan(&e.Seq, &e.Host, &kind, &at, &e.Stream, &packed, &e.Data, &outcome, &exit, &elapsed, &e.Problem, &args)
	if err != nil {
		return e, err
	}
	e.Kind, e.Outcome, e.Time, e.Elapsed = job.Kind(kind), job.Outcome(outcome), fromMS(at), time.Duration(elapsed)
	e.Exit, e.HasExit = int(exit.Int64), exit.Valid
	if packed {
		if e.Data, err = s.zdec.DecodeAll(e.Data, nil); err != nil {
			return e, fmt.Errorf("unpack event %d: %w", e.Seq, err)
		}
	}
	return e, fromJSON(args, &e.Args)
}
