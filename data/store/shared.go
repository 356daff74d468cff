package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"omanager/app/job"
)

// shared is what the implementations have in common: every statement but the ones dialect holds, and how rows
// become values and back. In a statement, @ before a table's name stands for the prefix.
type shared struct {
	dialect

	read *sql.DB
	ins  *inserts
	zenc *zstd.Encoder
	zdec *zstd.Decoder

	mu     sync.Mutex
	next   map[string]cursor      // of jobs that have been appended to
	doubts map[string][]job.Event // of jobs: what the last append may have stored though it said ErrUnknown
	purged time.Time
}

// dialect is what differs.
type dialect struct {
	prefix    string // of the tables
	upsert    string // what makes INSERT INTO operators replace the row that is there
	maxBlob   int    // the longest value that can be stored
	oldLog    string // counts the tables that hold the operation log of a program without chain
	forUpdate string // what makes a SELECT hold its rows to the end of the transaction
	// commit runs f in one transaction, which is safe when it returns nil, and names what it did in the error. f may
	// run again; of what it reaches outside, the last run counts.
	commit func(ctx context.Context, what string, f func(ctx context.Context, tx txn) error) error
	// named turns what the driver says into the package's errors.
	named func(err error) error
}

// prepare readies what the statements need; write is where they will run.
func (s *shared) prepare(ctx context.Context, write, read *sql.DB) (err error) {
	s.read, s.next, s.doubts = read, make(map[string]cursor), make(map[string][]job.Event)
	if s.zenc, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1)); err != nil {
		return err
	}
	if s.zdec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(readers), zstd.WithDecoderMaxMemory(maxData)); err != nil {
		return err
	}
	s.ins, err = prepareInserts(ctx, write, s.prefix)
	return err
}

// release gives up what prepare made.
func (s *shared) release() error {
	if s.zdec != nil {
		s.zdec.Close()
	}
	return s.ins.close()
}

func prefixed(prefix, text string) string { return strings.ReplaceAll(text, "@", prefix) }

func (s *shared) row(ctx context.Context, text string, args ...any) *sql.Row {
	return s.read.QueryRowContext(ctx, prefixed(s.prefix, text), args...)
}

func (s *shared) rows(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return s.read.QueryContext(ctx, prefixed(s.prefix, text), args...)
}

// exec is commit for one statement; it gives the number of rows.
func (s *shared) exec(ctx context.Context, what, text string, args ...any) (n int64, err error) {
	err = s.commit(ctx, what, func(ctx context.Context, tx txn) error {
		res, err := tx.exec(ctx, text, args...)
		if err == nil {
			n, err = res.RowsAffected()
		}
		return err
	})
	return n, err
}

// txn is a transaction whose statements are written with @.
type txn struct {
	*sql.Tx

	prefix string
	old    *oldLog // where the log goes too; may be nil
}

func (tx txn) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	return tx.ExecContext(ctx, prefixed(tx.prefix, text), args...)
}

func (tx txn) row(ctx context.Context, text string, args ...any) *sql.Row {
	return tx.QueryRowContext(ctx, prefixed(tx.prefix, text), args...)
}

type scanner interface{ Scan(dest ...any) error }

func collect[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// values is the list for an insert of n rows of so many columns.
func values(n, columns int) string {
	row := ",(?" + strings.Repeat(",?", columns-1) + ")"
	return " VALUES " + strings.Repeat(row, n)[1:]
}

func found(n int64, err error, what string) error {
	if err == nil && n == 0 {
		return fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	return err
}

// blob keeps nil from becoming NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// text is s with what is not UTF-8 replaced: a byte that a database refuses must not cost the row.
func text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

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

func toMS(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMS(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
