package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"omanager/app/job"
)

const jobColumns = "n, id, operator, module, title, module_hash, plan_hash, params, engine, danger, state, created, started, ended, counts"

func (s *sqlite) CreateJob(ctx context.Context, j job.Job, e LogEntry) error {
	params, err := toJSON(j.Params)
	if err != nil {
		return fmt.Errorf("store job %s: %w", j.ID, err)
	}
	counts, err := toJSON(j.Counts)
	if err != nil {
		return fmt.Errorf("store job %s: %w", j.ID, err)
	}
	return s.write(ctx, "store job "+j.ID, func(ctx context.Context, tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `INSERT INTO jobs (id, operator, module, title, module_hash, plan_hash, params, engine,
			danger, state, created, started, ended, counts) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
			j.ID, j.Operator, j.Module, j.Title, j.ModuleHash, j.PlanHash, params, j.Engine,
			j.Danger, string(j.State), toMS(j.Created), toMS(j.Started), toMS(j.Ended), counts)
		if err != nil {
			return err
		}
		n, err := res.LastInsertId()
		if err != nil {
			return err
		}
		if err := insertTargets(ctx, tx, n, j.Targets); err != nil {
			return err
		}
		return insertLog(ctx, tx, e)
	})
}

func insertTargets(ctx context.Context, tx *sql.Tx, n int64, targets []job.Target) error {
	stmt, err := tx.PrepareContext(ctx, "INSERT INTO targets (job, ord, host, addr, category, app, reason) VALUES (?,?,?,?,?,?,?)")
	if err != nil {
		return err
	}
	defer stmt.Close()
	for i, t := range targets {
		if _, err := stmt.ExecContext(ctx, n, i, t.Host, t.Addr, t.Category, t.App, t.Reason); err != nil {
			return err
		}
	}
	return nil
}

func (s *sqlite) Job(ctx context.Context, id string) (job.Job, error) {
	r, err := scanJob(s.r.QueryRowContext(ctx, "SELECT "+jobColumns+" FROM jobs WHERE id = ?", id))
	if err == nil {
		r.Targets, err = s.targets(ctx, r.n)
	}
	if err != nil {
		return job.Job{}, fmt.Errorf("read job %s: %w", id, s.mapErr(err))
	}
	return r.Job, nil
}

func (s *sqlite) Jobs(ctx context.Context, limit int) ([]job.Job, error) {
	rows, err := s.r.QueryContext(ctx, "SELECT "+jobColumns+" FROM jobs ORDER BY created DESC, n DESC LIMIT ?", max(limit, 0))
	list, err := collect(rows, err, scanJob)
	if err != nil {
		return nil, fmt.Errorf("read jobs: %w", s.mapErr(err))
	}
	return plainJobs(list), nil
}

// UnfinishedJobs gives the oldest first.
func (s *sqlite) UnfinishedJobs(ctx context.Context) ([]job.Job, error) {
	rows, err := s.r.QueryContext(ctx, "SELECT "+jobColumns+" FROM jobs WHERE state <> 'finished' ORDER BY n")
	list, err := collect(rows, err, scanJob)
	if err != nil {
		return nil, fmt.Errorf("read unfinished jobs: %w", s.mapErr(err))
	}
	for i := range list {
		if list[i].Targets, err = s.targets(ctx, list[i].n); err != nil {
			return nil, fmt.Errorf("read targets of %s: %w", list[i].ID, s.mapErr(err))
		}
	}
	return plainJobs(list), nil
}

// SetJobState notes the time as the job's start or end by the state, and the counts if there are any.
func (s *sqlite) SetJobState(ctx context.Context, id string, st job.State, at time.Time, counts map[job.Outcome]int) error {
	text, err := toJSON(counts)
	if err != nil {
		return fmt.Errorf("set state of job %s: %w", id, err)
	}
	what := "set state of job " + id
	n, err := s.exec(ctx, what, `UPDATE jobs SET state = ?1, counts = coalesce(?2, counts),
		started = CASE WHEN ?1 = 'running' THEN ?3 ELSE started END,
		ended = CASE WHEN ?1 = 'finished' THEN ?3 ELSE ended END WHERE id = ?4`, string(st), text, toMS(at), id)
	if err == nil && st == job.Finished {
		s.forget(id)
	}
	return found(n, err, what)
}

func (s *sqlite) targets(ctx context.Context, n int64) ([]job.Target, error) {
	rows, err := s.r.QueryContext(ctx, "SELECT host, addr, category, app, reason FROM targets WHERE job = ? ORDER BY ord", n)
	return collect(rows, err, func(r scanner) (t job.Target, err error) {
		err = r.Scan(&t.Host, &t.Addr, &t.Category, &t.App, &t.Reason)
		return t, err
	})
}

type jobRow struct {
	job.Job
	n int64
}

func scanJob(r scanner) (j jobRow, err error) {
	var params, counts sql.NullString
	var state string
	var created, started, ended int64
	err = r.Scan(&j.n, &j.ID, &j.Operator, &j.Module, &j.Title, &j.ModuleHash, &j.PlanHash, &params, &j.Engine,
		&j.Danger, &state, &created, &started, &ended, &counts)
	if err != nil {
		return j, err
	}
	j.State = job.State(state)
	j.Created, j.Started, j.Ended = fromMS(created), fromMS(started), fromMS(ended)
	if err := fromJSON(params, &j.Params); err != nil {
		return j, err
	}
	return j, fromJSON(counts, &j.Counts)
}

func plainJobs(rows []jobRow) []job.Job {
	out := make([]job.Job, len(rows))
	for i, r := range rows {
		out[i] = r.Job
	}
	return out
}

func (s *sqlite) Log(ctx context.Context, e LogEntry) error {
	return s.write(ctx, "store log entry "+e.Event, func(ctx context.Context, tx *sql.Tx) error {
		return insertLog(ctx, tx, e)
	})
}

func insertLog(ctx context.Context, tx *sql.Tx, e LogEntry) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO log (time, operator, source, event, job, detail) VALUES (?,?,?,?,?,?)",
		toMS(e.Time), e.Operator, e.Source, e.Event, e.Job, e.Detail)
	return err
}

func (s *sqlite) LogEntries(ctx context.Context, limit int) ([]LogEntry, error) {
	rows, err := s.r.QueryContext(ctx, "SELECT id, time, operator, source, event, job, detail FROM log ORDER BY id DESC LIMIT ?", max(limit, 0))
	out, err := collect(rows, err, func(r scanner) (e LogEntry, err error) {
		var at int64
		err = r.Scan(&e.ID, &at, &e.Operator, &e.Source, &e.Event, &e.Job, &e.Detail)
		e.Time = fromMS(at)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("read log: %w", s.mapErr(err))
	}
	return out, nil
}

// toJSON gives nil for an empty map: NULL in the table.
func toJSON[K ~string, V any](m map[K]V) (any, error) {
	if len(m) == 0 {
		return nil, nil
	}
	b, err := json.Marshal(m)
	return string(b), err
}

func fromJSON(s sql.NullString, into any) error {
	if !s.Valid {
		return nil
	}
	return json.Unmarshal([]byte(s.String), into)
}
