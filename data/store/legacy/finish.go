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
	if t.schema.logs { // first, for it refers to the other
		if err := t.exec(ctx, "user_logs", "DROP TABLE IF EXISTS user_logs"); err != nil {
			return t.report, err
		}
	}
	if t.schema.users {
		if err := t.exec(ctx, "users", "DROP TABLE IF EXISTS users"); err != nil {
			return t.report, err
		}
	}
	return t.report, t.forget(ctx)
}

// exec drops a table and reports it.
func (t *takeover) exec(ctx context.Context, table, text string) error {
	if _, err := t.DB().ExecContext(ctx, text); err != nil {
		err = t.Named(err)
		return problem.Wrap(err, "migrate_stopped", "cause", "table "+table+" was not dropped: "+err.Error())
	}
	t.report.Dropped = append(t.report.Dropped, table)
	return nil
}

// row gives the one number that a statement asks for.
func (t *takeover) row(ctx context.Context, text string) (n int64, err error) {
	err = t.DB().QueryRowContext(ctx, text).Scan(&n)
	return n, t.Named(err)
}

// doomed describes the tables that will go.
func (t *takeover) doomed(ctx context.Context) (string, error) {
	var parts []string
	if t.schema.users {
		n, err := t.row(ctx, "SELECT count(*) FROM users")
		if err != nil {
			return "", fmt.Errorf("count users: %w", err)
		}
		parts = append(parts, fmt.Sprintf("users (%d rows)", n))
	}
	if t.schema.logs {
		n, err := t.row(ctx, "SELECT count(*) FROM user_logs")
		if err != nil {
			return "", fmt.Errorf("count user_logs: %w", err)
		}
		parts = append(parts, fmt.Sprintf("user_logs (%d rows)", n))
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
