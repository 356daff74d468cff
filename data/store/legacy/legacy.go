// Package legacy takes over a database of the OManager of 2014 in place: its operators, its operation log and its newest
// version number. Whatever stops it, the next run goes on where it stopped: each row and the note that it is done are
// one transaction.
package legacy

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"omanager/app/account"
	"omanager/app/problem"
	"omanager/data/store"
)

// Options is how to take over; zero fields take the defaults.
type Options struct {
	SkipBad bool           // leave out rows that cannot be taken over
	Params  account.Params // of the hashes that wrap the old ones
	Now     func() time.Time
}

// Report is what a run did.
type Report struct {
	Operators int      // taken over by this run
	Before    int      // by earlier ones
	Logs      int64    // entries of the operation log carried over by this run
	Mended    bool     // user_logs was given its new widths
	Left      []string // rows that were left out, with the reason
	Notes     []string // what the administrator should know
	Dropped   []string // tables that Finish dropped
}

// takeover is one run.
type takeover struct {
	Options
	store.Tables

	schema schema
	report Report
}

// TakeOver makes an operator of each row of users, carries user_logs over into the operation log, and mends the widths
// of user_logs, which goes on being written. Its problems are migrate_no_mysql, migrate_no_tables, migrate_table and
// migrate_rows; then nothing was changed. The store must be alone.
func TakeOver(ctx context.Context, st store.Store, o Options) (Report, error) {
	t, err := begin(ctx, st, o)
	if err != nil {
		return Report{}, err
	}
	if !t.schema.users && !t.schema.logs {
		return t.report, problem.New("migrate_no_tables", "name", t.schema.database)
	}
	return t.report, t.run(ctx)
}

func begin(ctx context.Context, st store.Store, o Options) (*takeover, error) {
	tables, ok := store.TablesOf(st)
	if !ok {
		return nil, problem.New("migrate_no_mysql")
	}
	if o.Params == (account.Params{}) {
		o.Params = account.DefaultParams()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	t := &takeover{Options: o, Tables: tables}
	if err := t.schema.read(ctx, t.DB()); err != nil {
		return nil, fmt.Errorf("read the legacy tables' description: %w", t.Named(err))
	}
	return t, nil
}

func (t *takeover) run(ctx context.Context) error {
	if err := t.schema.check(); err != nil {
		return err
	}
	users, err := t.readUsers(ctx)
	if err != nil {
		return err
	}
	if err := t.checkLogs(ctx); err != nil {
		return err
	}
	if n := len(t.report.Left); n > 0 && !t.SkipBad {
		return problem.New("migrate_rows", "count", fmt.Sprint(n), "rows", few(t.report.Left))
	}
	if err := t.takeUsers(ctx, users); err != nil {
		return err
	}
	if !t.schema.logs {
		return nil
	}
	if err := t.carryLogs(ctx); err != nil {
		return err
	}
	return t.mend(ctx)
}

// few joins the first lines of what may be a long list.
func few(lines []string) string {
	const most = 10
	if more := len(lines) - most; more > 0 {
		lines = append(lines[:most:most], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "; ")
}

// Newest is the number in the legacy table "upgrade"; empty where there is none.
func Newest(ctx context.Context, st store.Store) (string, error) {
	t, ok := store.TablesOf(st)
	if !ok {
		return "", nil
	}
	var there int
	err := t.DB().QueryRowContext(ctx, `SELECT count(*) FROM information_schema.columns WHERE table_schema = DATABASE()
		AND table_name = 'upgrade' AND column_name = 'version'`).Scan(&there)
	var version sql.NullString
	if err == nil && there == 1 {
		err = t.DB().QueryRowContext(ctx, "SELECT version FROM `upgrade` LIMIT 1").Scan(&version)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read the newest version: %w", t.Named(err))
	}
	return strings.TrimSpace(version.String), nil
}
