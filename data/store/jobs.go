package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"omanager/app/audit"
	"omanager/app/job"
)

const jobColumns = "n, id, operator, module, title, module_hash, plan_hash, params, engine, danger, state, created, started, ended, counts"

func (s *shared) CreateJob(ctx context.Context, j job.Job, e audit.Entry) error {
	return s.createJob(ctx, j, e, func(context.Context, txn) error { return nil })
}

// createJob stores the job in one transaction with what before does.
func (s *shared) createJob(ctx context.Context, j job.Job, e audit.Entry, before func(context.Context, txn) error) error {
	params, err := toJSON(j.Params)
	if err != nil {
		return fmt.Errorf("store job %s: %w", j.ID, err)
	}
	counts, err := toJSON(j.Counts)
	if err != nil {
		return fmt.Errorf("store job %s: %w", j.ID, err)
	}
	return s.commit(ctx, "store job "+j.ID, func(ctx context.Context, tx txn) error {
		if err := before(ctx, tx); err != nil {
			return err
		}
		res, err := tx.exec(ctx, `INSERT INTO @jobs (id, operator, module, title, module_hash, plan_hash, params, engine,
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
		return s.chain(ctx, tx, e)
	})
}

func insertTargets(ctx context.Context, tx txn, n int64, targets []job.Target) error {
	const columns, most = 7, 100
	for from := 0; from < len(targets); from += most {
		part := targets[from:min(from+most, len(targets))]
		args := make([]any, 0, columns*len(part))
		for i, t := range part {
			args = append(args, n, from+i, t.Host, t.Addr, t.Category, t.App, t.Reason)
		}
		if _, err := tx.exec(ctx, "INSERT INTO @targets (job, ord, host, addr, category, app, reason)"+values(len(part), columns), args...); err != nil {
			return err
		}
	}
	return nil
}

func (s *shared) Job(ctx context.Context, id string) (job.Job, error) {
	r, err := scanJob(s.row(ctx, "SELECT "+jobColumns+" FROM @jobs WHERE id = ?", id))
	if err == nil {
		r.Targets, err = s.targets(ctx, r.n)
	}
	if err != nil {
		return job.Job{}, fmt.Errorf("read job %s: %w", id, s.named(err))
	}
	return r.Job, nil
}

func (s *shared) Jobs(ctx context.Context, limit int) ([]job.Job, error) {
	rows, err := s.rows(ctx, "SELECT "+jobColumns+" FROM @jobs ORDER BY created DESC, n DESC LIMIT ?", max(limit, 0))
	list, err := collect(rows, err, scanJob)
	if err != nil {
		return nil, fmt.Errorf("read jobs: %w", s.named(err))
	}
	return plainJobs(list), nil
}

// UnfinishedJobs gives the oldest first.
func (s *shared) UnfinishedJobs(ctx context.Context) ([]job.Job, error) {
	rows, err := s.rows(ctx, "SELECT "+jobColumns+" FROM @jobs WHERE state <> 'finished' ORDER BY n")
	list, err := collect(rows, err, scanJob)
	if err != nil {
		return nil, fmt.Errorf("read unfinished jobs: %w", s.named(err))
	}
	for i := range list {
		if list[i].Targets, err = s.targets(ctx, list[i].n); err != nil {
			return nil, fmt.Errorf("read targets of %s: %w", list[i].ID, s.named(err))
		}
	}
	return plainJobs(list), nil
}

// SetJobState notes the time as the job's start or end by the state, and the counts if there are any.
func (s *shared) SetJobState(ctx context.Context, id string, st job.State, at time.Time, counts map[job.Outcome]int) error {
	what := "set state of job " + id
	text, err := toJSON(counts)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	n, err := s.exec(ctx, what, `UPDATE @jobs SET state = ?, counts = coalesce(?, counts),
		started = CASE WHEN ? THEN ? ELSE started END, ended = CASE WHEN ? THEN ? ELSE ended END WHERE id = ?`,
		string(st), text, st == job.Running, toMS(at), st == job.Finished, toMS(at), id)
	if err == nil && st == job.Finished {
		s.forget(id)
	}
	return found(n, err, what)
}

func (s *shared) targets(ctx context.Context, n int64) ([]job.Target, error) {
	rows, err := s.rows(ctx, "SELECT host, addr, category, app, reason FROM @targets WHERE job = ? ORDER BY ord", n)
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
