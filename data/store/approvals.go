package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"omanager/app/audit"
	"omanager/app/job"
)

const approvalColumns = "id, operator, module, title, expr, params, targets, danger, plan_hash, frame, reason, state, decider, note, created, decided, expires"

// ApprovalQuery chooses requests for approval, newest first. Fields left empty do not narrow.
type ApprovalQuery struct {
	Operator string    // who asked
	OpenAt   time.Time // only those that wait and have not ended by then
	Before   string    // only those that were asked for before this one, for the next page
	Limit    int
}

// Decision is what a second operator says to a request.
type Decision struct {
	ID            string
	State         job.ApprovalState // approved or refused
	Decider, Note string
	At            time.Time
}

func (s *shared) PutApproval(ctx context.Context, a job.Approval, e audit.Entry) error {
	what := "store approval " + a.ID
	params, err := toJSON(a.Params)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	targets, err := json.Marshal(a.Targets)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return s.commit(ctx, what, func(ctx context.Context, tx txn) error {
		_, err := tx.exec(ctx, "INSERT INTO @approvals ("+approvalColumns+", job)"+values(1, 18),
			a.ID, a.Operator, a.Module, text(a.Title), text(a.On), params, string(targets), a.Danger, a.PlanHash, a.Frame, text(a.Reason),
			string(a.State), a.Decider, text(a.Note), toMS(a.Created), toMS(a.Decided), toMS(a.Expires), "")
		if err != nil {
			return err
		}
		return s.chain(ctx, tx, e)
	})
}

func (s *shared) Approval(ctx context.Context, id string) (job.Approval, error) {
	a, err := scanApproval(s.row(ctx, "SELECT "+approvalColumns+" FROM @approvals WHERE id = ?", id))
	if err != nil {
		return job.Approval{}, fmt.Errorf("read approval %s: %w", id, s.named(err))
	}
	return a, nil
}

func (s *shared) Approvals(ctx context.Context, q ApprovalQuery) ([]job.Approval, error) {
	open := !q.OpenAt.IsZero()
	rows, err := s.rows(ctx, "SELECT "+approvalColumns+` FROM @approvals
		WHERE (? = '' OR operator = ?) AND (NOT ? OR (state = 'pending' AND expires > ?))
			AND (? = '' OR n < (SELECT b.n FROM @approvals b WHERE b.id = ?)) ORDER BY n DESC LIMIT ?`,
		q.Operator, q.Operator, open, toMS(q.OpenAt), q.Before, q.Before, max(q.Limit, 0))
	out, err := collect(rows, err, scanApproval)
	if err != nil {
		return nil, fmt.Errorf("read approvals: %w", s.named(err))
	}
	return out, nil
}

// DecideApproval changes a row only from pending: of two who decide at once, one changes it.
func (s *shared) DecideApproval(ctx context.Context, d Decision, e audit.Entry) error {
	return s.commit(ctx, "decide approval "+d.ID, func(ctx context.Context, tx txn) error {
		err := changed(tx.exec(ctx, `UPDATE @approvals SET state = ?, decider = ?, note = ?, decided = ?
			WHERE id = ? AND state = 'pending' AND expires > ? AND operator <> ?`,
			string(d.State), d.Decider, text(d.Note), toMS(d.At), d.ID, toMS(d.At), d.Decider))
		if err != nil {
			return err
		}
		return s.chain(ctx, tx, e)
	})
}

// CreateApprovedJob uses the approval up and stores the job, both or neither.
func (s *shared) CreateApprovedJob(ctx context.Context, j job.Job, approval string, e audit.Entry) error {
	return s.createJob(ctx, j, e, func(ctx context.Context, tx txn) error {
		return changed(tx.exec(ctx, `UPDATE @approvals SET state = 'used', job = ?
			WHERE id = ? AND state = 'approved' AND expires > ? AND operator = ? AND plan_hash = ?`,
			j.ID, approval, toMS(j.Created), j.Operator, j.PlanHash))
	})
}

// changed is ErrTaken if the statement met no row in the state it asks for.
func changed(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return ErrTaken
	}
	return err
}

func scanApproval(r scanner) (a job.Approval, err error) {
	var params sql.NullString
	var targets, state string
	var created, decided, expires int64
	err = r.Scan(&a.ID, &a.Operator, &a.Module, &a.Title, &a.On, &params, &targets, &a.Danger, &a.PlanHash, &a.Frame, &a.Reason,
		&state, &a.Decider, &a.Note, &created, &decided, &expires)
	if err != nil {
		return a, err
	}
	a.State = job.ApprovalState(state)
	a.Created, a.Decided, a.Expires = fromMS(created), fromMS(decided), fromMS(expires)
	return a, errors.Join(fromJSON(params, &a.Params), json.Unmarshal([]byte(targets), &a.Targets))
}
