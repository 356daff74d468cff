package legacy

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"omanager/app/audit"
	"omanager/app/problem"
)

const batch = 500 // rows of user_logs in one transaction

// Event is what carried rows are called in the operation log.
const Event = "legacy_log"

// undone chooses the rows that are neither carried over nor written by this system.
const undone = " FROM user_logs l LEFT JOIN om_legacy_logs d ON d.id = l.id WHERE d.id IS NULL"

// badText chooses rows whose text is not what it says: programs wrote UTF-8 into columns that were declared latin1.
const badText = " AND (l.event <> CONVERT(l.event USING ascii) OR l.user <> CONVERT(l.user USING ascii))"

func (t *takeover) latin1() bool {
	return strings.HasPrefix(t.schema.columns["user_logs.event"].charset, "latin")
}

func (t *takeover) checkLogs(ctx context.Context) error {
	if !t.schema.logs || !t.latin1() {
		return nil
	}
	err := each(ctx, t.DB(), "SELECT l.id"+undone+badText+" ORDER BY l.id", func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		t.report.Left = append(t.report.Left, fmt.Sprintf("user_logs %d: the table is latin1 but this text is not ASCII, so nobody knows its letters", id))
		return err
	})
	if err != nil {
		return fmt.Errorf("read user_logs: %w", t.Named(err))
	}
	return nil
}

// carryLogs adds the rows to the operation log, oldest first, some with their notes in one transaction.
func (t *takeover) carryLogs(ctx context.Context) error {
	last := int64(0)
	for {
		rows, err := t.readLogs(ctx, last)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return nil
		}
		err = t.Commit(ctx, "carry over user_logs", func(ctx context.Context, tx *sql.Tx) error {
			entries := make([]audit.Entry, len(rows))
			for i, r := range rows {
				if _, err := tx.ExecContext(ctx, "INSERT INTO om_legacy_logs (id) VALUES (?)", r.id); err != nil {
					return err
				}
				entries[i] = r.entry
			}
			return t.Log(ctx, tx, entries...)
		})
		if err != nil {
			return problem.Wrap(err, "migrate_stopped", "cause", err.Error())
		}
		t.report.Logs += int64(len(rows))
		last = rows[len(rows)-1].id
	}
}

type logRow struct {
	id    int64
	entry audit.Entry
}

func (t *takeover) readLogs(ctx context.Context, after int64) ([]logRow, error) {
	query := "SELECT l.id, coalesce(l.user, ''), coalesce(l.event, ''), coalesce(CAST(UNIX_TIMESTAMP(l.Datatime) AS SIGNED), 0)" + undone
	if t.latin1() {
		query += " AND NOT coalesce((" + strings.TrimPrefix(badText, " AND ") + "), FALSE)"
	}
	var out []logRow
	err := each(ctx, t.DB(), query+" AND l.id > ? ORDER BY l.id LIMIT ?", func(scan func(...any) error) error {
		var r logRow
		var at int64
		if err := scan(&r.id, &r.entry.Operator, &r.entry.Detail, &at); err != nil {
			return err
		}
		r.entry.Event = Event
		if at > 0 {
			r.entry.Time = time.Unix(at, 0).UTC()
		}
		out = append(out, r)
		return nil
	}, after, batch)
	if err != nil {
		return nil, fmt.Errorf("read user_logs: %w", t.Named(err))
	}
	return out, nil
}

func (t *takeover) mend(ctx context.Context) error {
	if t.schema.mended() {
		return nil
	}
	if _, err := t.DB().ExecContext(ctx, t.schema.mending()); err != nil {
		err = t.Named(err)
		return problem.Wrap(err, "migrate_stopped", "cause", "user_logs was not mended: "+err.Error())
	}
	t.report.Mended = true
	return nil
}
