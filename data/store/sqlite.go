package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed migrations/sqlite/*.sql
var sqliteMigrations embed.FS

const readers = 4

const sqliteOldLog = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'log'"

const sqliteUpsert = `ON CONFLICT (name) DO UPDATE SET password=excluded.password, public_key=excluded.public_key,
	privileges=excluded.privileges, disabled=excluded.disabled, one_time=excluded.one_time, created=excluded.created, legacy_key=excluded.legacy_key`

// sqlite is the embedded store: one connection writes, a pool reads. Each write is one transaction that has
// reached the disk (WAL, synchronous=FULL) when the method returns.
type sqlite struct {
	shared

	path string
	w, r *sql.DB
	turn chan struct{} // who may write; waiting for it obeys the context

	closing sync.Once
	closed  error
}

// OpenSQLite opens or makes the file (mode 0600), brings its schema up to date and checks it. A file of a newer
// program, a damaged one, and one that is no database are refused.
func OpenSQLite(ctx context.Context, path string) (Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := makeFile(path); err != nil {
		return nil, fmt.Errorf("open store: %w", fileError(err))
	}
	s := &sqlite{path: path, turn: make(chan struct{}, 1)}
	s.dialect = dialect{oldLog: sqliteOldLog, upsert: sqliteUpsert, maxBlob: maxData, commit: s.write, named: s.mapErr}
	if err := s.open(ctx); err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, errors.Join(s.mapErr(err), s.Close()))
	}
	return s, nil
}

func (s *sqlite) open(ctx context.Context) (err error) {
	if s.w, err = sql.Open("sqlite", dsn(s.path, "journal_mode(WAL)", "synchronous(FULL)", "journal_size_limit(67108864)")); err != nil {
		return err
	}
	s.w.SetMaxOpenConns(1)
	if err = check(ctx, s.w); err != nil {
		return err
	}
	if err = migrate(ctx, s.w, goose.DialectSQLite3, sqliteMigrations, "migrations/sqlite"); err != nil {
		return err
	}
	if s.r, err = sql.Open("sqlite", dsn(s.path, "query_only(1)")); err != nil {
		return err
	}
	s.r.SetMaxOpenConns(readers)
	s.r.SetMaxIdleConns(readers)
	if err := s.prepare(ctx, s.w, s.r); err != nil {
		return err
	}
	return s.chainOld(ctx)
}

func dsn(path string, pragmas ...string) string {
	q := url.Values{"_txlock": {"immediate"}}
	for _, p := range append([]string{"busy_timeout(10000)", "foreign_keys(ON)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	slash := filepath.ToSlash(path)
	if !strings.HasPrefix(slash, "/") {
		slash = "/" + slash // a drive letter
	}
	return "file://" + (&url.URL{Path: slash}).EscapedPath() + "?" + q.Encode()
}

// makeFile makes the empty file with its final mode, so that the database and its companions are never readable
// by others, and makes the name durable.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if runtime.GOOS == "windows" {
		return nil
	}
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// check looks for damage before anything is written.
func check(ctx context.Context, db *sql.DB) error {
	var mode, result string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("journal mode is %q; the folder must be on a local disk", mode)
	}
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&result); err != nil {
		return err
	}
	if result != "ok" {
		return fmt.Errorf("file is damaged: %s; restore it from a backup", result)
	}
	return nil
}

// Close is safe to call more than once.
func (s *sqlite) Close() error {
	s.closing.Do(func() {
		if s.r != nil {
			s.closed = s.r.Close()
		}
		if s.w != nil {
			s.turn <- struct{}{} // a write under way ends first
			s.closed = errors.Join(s.closed, s.release(), s.w.Close())
			<-s.turn
		}
	})
	return s.closed
}

// write runs f in one transaction and names what it did in the error. The context ends the waiting, not the
// transaction: a commit is never left in doubt.
func (s *sqlite) write(ctx context.Context, what string, f func(ctx context.Context, tx txn) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", what, ctx.Err())
	}
	ctx = context.WithoutCancel(ctx)
	tx, err := s.w.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", what, s.mapErr(err))
	}
	if err := f(ctx, txn{Tx: tx}); err != nil {
		_ = tx.Rollback() // the first error counts; after a full disk there may be nothing left to roll back
		return fmt.Errorf("%s: %w", what, s.mapErr(err))
	}
	if err := tx.Commit(); err != nil {
		_ = tx.Rollback()
		return fmt.Errorf("%s: %w", what, s.mapErr(err))
	}
	return nil
}
