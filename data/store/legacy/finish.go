package legacy

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"omanager/app/audit"
	"omanager/app/problem"
	"omanager/data/store"
)

// Finish takes over what is left and then drops users and user_logs, which no program of this system needs any more;
// "upgrade" stays. Without yes it only says what it would drop (migrate_confirm). Where nothing is left to drop it does
// nothing.
func Finish(ctx context.Context, st store.Store, o Options, yes bool) (Report, error) {
	t, err := begin(ctx, st, o)
	if err != nil {
		return Report{}, err
	}
	if !t.schema.users && !t.schema.logs {
		return t.report, t.forget(ctx)
	}
	if err := t.run(ctx); err != nil {
		return t.report, err
	}
	if !yes {
		what, err := t.doomed(ctx)
		if err != nil {
			return t.report, err
		}
		return t.report, problem.New("migrate_confirm", "tables", what)
	}
	for _, d := range []struct {
		table string
		there bool
	}{{"user_logs", t.schema.logs}, {"users", t.schema.users}} { // in this order: the first refers to the second
		if !d.there {
			continue
		}
		if _, err := t.DB().ExecContext(ctx, "DROP TABLE IF EXISTS "+d.table); err != nil {
			err = t.Named(err)
			return t.report, problem.Wrap(err, "migrate_stopped", "cause", "table "+d.table+" was not dropped: "+err.Error())
		}
		t.report.Dropped = append(t.report.Dropped, d.table)
	}
	return t.report, t.forget(ctx)
}

// doomed describes the tables that will go.
func (t *takeover) doomed(ctx context.Context) (string, error) {
	var parts []string
	for _, d := range []struct {
		table, count string
		there        bool
	}{
		{"users", "SELECT count(*) FROM users", t.schema.users},
		{"user_logs", "SELECT count(*) FROM user_logs", t.schema.logs},
	} {
		if !d.there {
			continue
		}
		var n int64
		if err := t.DB().QueryRowContext(ctx, d.count).Scan(&n); err != nil {
			return "", fmt.Errorf("count %s: %w", d.table, t.Named(err))
		}
		parts = append(parts, fmt.Sprintf("%s (%d rows)", d.table, n))
	}
	if n := len(t.report.Left); n > 0 {
		parts = append(parts, fmt.Sprintf("among them %d rows that were left out and will be lost: %s", n, few(t.report.Left)))
	}
	return strings.Join(parts, ", "), nil
}

// forget removes the notes, and says once in the log that the tables are gone.
func (t *takeover) forget(ctx context.Context) error {
	return t.Commit(ctx, "forget the legacy tables", func(ctx context.Context, tx *sql.Tx) error {
		gone := int64(0)
		for _, table := range []string{"om_legacy_logs", "om_legacy_users"} {
			res, err := tx.ExecContext(ctx, "DELETE FROM "+table)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			gone += n
		}
		if gone == 0 {
			return nil
		}
		return t.Log(ctx, tx, audit.Entry{Time: t.Now().UTC(), Source: "omserver migrate", Event: "legacy_finish", Detail: "users, user_logs"})
	})
}
