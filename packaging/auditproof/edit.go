package main

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"omanager/app/audit"
	"omanager/data/store"
)

// logLength is the number of records of the log that is edited; a checkpoint of all of them is held outside.
const logLength = 200

const serverName = "proof"

// Tally counts the edits of one kind: those made, those found, and of the same edits those found by a verifier without
// the checkpoint, and by one that looks at numbers only.
type Tally struct{ Edits, Found, Alone, Blind int }

// Result counts edits, and the untouched logs that verify.
type Result struct {
	Tally

	Clean int
	Kinds map[string]Tally
}

// Edit makes a log, and then for each edit takes a fresh copy of its file, edits that through SQL as somebody with the
// database in hand would, guards dropped, and verifies it with the checkpoint held outside.
func Edit(ctx context.Context, dir string, edits int, r *rand.Rand) (Result, error) {
	res := Result{Kinds: map[string]Tally{}}
	whole, old, work := filepath.Join(dir, "log.db"), filepath.Join(dir, "old.db"), filepath.Join(dir, "work.db")
	held, err := makeLog(ctx, whole, old)
	if err != nil {
		return res, err
	}
	for range 20 {
		if err := replace(work, whole); err != nil {
			return res, err
		}
		if fault, err := verify(ctx, work, held.PublicKey, held); err != nil || fault != nil {
			return res, errors.Join(err, fault)
		}
		res.Clean++
	}
	for range edits {
		if err := replace(work, whole); err != nil {
			return res, err
		}
		kind := kinds()[r.IntN(len(kinds()))]
		if err := kind.edit(ctx, work, old, r); err != nil {
			return res, fmt.Errorf("%s: %w", kind.name, err)
		}
		one, err := look(ctx, work, held)
		if err != nil {
			return res, fmt.Errorf("after %s: %w", kind.name, err)
		}
		res.Kinds[kind.name] = res.Kinds[kind.name].plus(one)
		res.Tally = res.plus(one)
	}
	return res, nil
}

func (t Tally) plus(o Tally) Tally {
	return Tally{t.Edits + o.Edits, t.Found + o.Found, t.Alone + o.Alone, t.Blind + o.Blind}
}

// look verifies an edited log in the three ways.
func look(ctx context.Context, path string, held audit.Checkpoint) (Tally, error) {
	fault, err := verify(ctx, path, held.PublicKey, held)
	alone, err2 := verify(ctx, path, held.PublicKey)
	return Tally{1, count(fault != nil), count(alone != nil), count(blind(ctx, path))}, errors.Join(err, err2)
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// makeLog writes the log, an older copy of its file, and the checkpoint that somebody holds outside.
func makeLog(ctx context.Context, path, old string) (p audit.Checkpoint, err error) {
	st, err := store.OpenSQLite(ctx, path)
	if err != nil {
		return p, err
	}
	for i := range logLength {
		e := audit.Entry{Time: time.Unix(int64(1e9+i), 0), Operator: "demo", Source: "10.0.0.1", Event: audit.EventJobStart, Job: fmt.Sprint("job", i), Detail: "1003 on 5 servers"}
		if err := st.Log(ctx, e); err != nil {
			return p, errors.Join(err, st.Close())
		}
		if i == logLength/2 {
			if err := snapshot(ctx, path, old); err != nil {
				return p, errors.Join(err, st.Close())
			}
		}
	}
	seq, head, err := st.AuditHead(ctx)
	if err != nil {
		return p, errors.Join(err, st.Close())
	}
	_, key, err := ed25519.GenerateKey(nil)
	return audit.Signer{Server: serverName, Key: key}.Checkpoint(seq, head, time.Now()), errors.Join(err, st.Close())
}

func snapshot(ctx context.Context, path, to string) (err error) {
	return withDB(path, func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, "VACUUM INTO ?", to)
		return err
	})
}

// replace puts a copy of the file in place, without the companions of the one before.
func replace(path, from string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600)
}

func withDB(path string, f func(*sql.DB) error) (err error) {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	return f(db)
}

// verify gives the fault that the verifier finds, and apart from it what keeps it from looking.
func verify(ctx context.Context, path string, key []byte, held ...audit.Checkpoint) (fault, err error) {
	st, err := store.OpenSQLite(ctx, path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	_, err = audit.Check(ctx, st, serverName, key, held...)
	if f, ok := errors.AsType[*audit.FaultError](err); ok {
		return f, nil
	}
	return nil, err
}

// blind looks as a log without chain would: are the numbers in a row?
func blind(ctx context.Context, path string) bool {
	found := false
	err := withDB(path, func(db *sql.DB) error {
		var n, last int64
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(MAX(seq), 0) FROM audit").Scan(&n, &last); err != nil {
			return err
		}
		found = n != last
		return nil
	})
	return err == nil && found
}

// kind is one way to edit.
type kind struct {
	name string
	edit func(ctx context.Context, path, old string, r *rand.Rand) error
}

func kinds() []kind {
	return []kind{
		{"modify", edits("UPDATE audit SET %s WHERE seq = ?1")}, {"delete", statements("DELETE FROM audit WHERE seq = ?1")},
		{"close gap", statements("DELETE FROM audit WHERE seq = ?1", "UPDATE audit SET seq = -seq WHERE seq > ?1", "UPDATE audit SET seq = -seq - 1 WHERE seq < 0", "UPDATE audit_head SET seq = seq - 1")},
		{"insert", statements("UPDATE audit SET seq = -seq WHERE seq >= ?1", "UPDATE audit SET seq = -seq + 1 WHERE seq < 0",
			"INSERT INTO audit SELECT ?1, time, 'eve', source, event, job, detail, hash FROM audit WHERE seq = ?1 + 1", "UPDATE audit_head SET seq = seq + 1")},
		{"swap", statements("UPDATE audit SET seq = -1 WHERE seq = ?1", "UPDATE audit SET seq = ?1 WHERE seq = ?1 - 1", "UPDATE audit SET seq = ?1 - 1 WHERE seq = -1")},
		{"duplicate", statements("INSERT INTO audit SELECT (SELECT MAX(seq) + 1 FROM audit), time, operator, source, event, job, detail, hash FROM audit WHERE seq = ?1")},
		{"truncate", statements("DELETE FROM audit WHERE seq >= ?1", "UPDATE audit_head SET seq = ?1 - 1, hash = COALESCE((SELECT hash FROM audit WHERE seq = ?1 - 1), zeroblob(32))")},
		{"forged stub", statements("DELETE FROM audit WHERE seq < ?1", "INSERT INTO checkpoints (stub, count, head, time, signature, public_key) "+
			"SELECT 1, ?1 - 1, (SELECT hash FROM audit WHERE seq = ?1), 1, randomblob(64), randomblob(32)")},
		{"old copy", func(_ context.Context, path, old string, _ *rand.Rand) error { return replace(path, old) }},
		{"rechain", rechain},
	}
}

// unguard drops what makes the database refuse.
func unguard() []string {
	return []string{"DROP TRIGGER audit_stays", "DROP TRIGGER audit_kept", "DROP TRIGGER audit_next"}
}

// edits changes one column of one record.
func edits(format string) func(context.Context, string, string, *rand.Rand) error {
	return func(ctx context.Context, path, old string, r *rand.Rand) error {
		set := []string{"operator = 'eve'", "time = time + 1", "event = event || ' '", "detail = ''", "source = '10.0.0.2'", "job = 'job'", "hash = zeroblob(32)"}
		return statements(fmt.Sprintf(format, set[r.IntN(len(set))]))(ctx, path, old, r)
	}
}

// statements runs SQL on a random record from the second on, with the guards dropped.
func statements(list ...string) func(context.Context, string, string, *rand.Rand) error {
	return func(ctx context.Context, path, _ string, r *rand.Rand) error {
		seq := r.IntN(logLength-1) + 2
		return withDB(path, func(db *sql.DB) error {
			for _, s := range append(unguard(), list...) {
				if _, err := db.ExecContext(ctx, s, seq); err != nil {
					return fmt.Errorf("%s: %w", s, err)
				}
			}
			return nil
		})
	}
}

// rechain changes a record and makes all hashes after it anew, as somebody who knows the program would: only the
// checkpoint held outside tells.
func rechain(ctx context.Context, path, _ string, r *rand.Rand) error {
	from := int64(r.IntN(logLength) + 1)
	return withDB(path, func(db *sql.DB) error {
		for _, s := range unguard() {
			if _, err := db.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		hash := audit.Genesis()
		for seq := int64(1); seq <= logLength; seq++ {
			var e audit.Entry
			var at int64
			err := db.QueryRowContext(ctx, "SELECT time, operator, source, event, job, detail FROM audit WHERE seq = ?", seq).
				Scan(&at, &e.Operator, &e.Source, &e.Event, &e.Job, &e.Detail)
			if err != nil {
				return err
			}
			e.Time = time.UnixMilli(at)
			if seq == from {
				e.Operator = "eve"
			}
			next := audit.Chain(e, seq-1, hash)
			if _, err := db.ExecContext(ctx, "UPDATE audit SET operator = ?, hash = ? WHERE seq = ?", e.Operator, next.Hash, seq); err != nil {
				return err
			}
			hash = next.Hash
		}
		_, err := db.ExecContext(ctx, "UPDATE audit_head SET hash = ?", hash)
		return err
	})
}
