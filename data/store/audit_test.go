package store_test

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"omanager/app/audit"
	"omanager/data/store"
)

// TestA22DatabaseRefusesChanges: UPDATE and DELETE on records are refused by the database itself; with the guards
// dropped, which is the control, they succeed, and the chain tells.
func TestA22DatabaseRefusesChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	st, err := store.OpenSQLite(t.Context(), path)
	ok(t, err)
	for range 5 {
		ok(t, st.Log(t.Context(), audit.Entry{Time: time.Now(), Operator: "operator-one", Event: "login"}))
	}
	db, err := sql.Open("sqlite", path)
	ok(t, err)
	defer func() { ok(t, db.Close()) }()
	attacks := []string{"UPDATE audit SET operator = 'operator-on' WHERE seq = 3", "DELETE FROM audit WHERE seq = 5",
		"INSERT OR REPLACE INTO audit SELECT seq, time, 'operator-on', source, event, job, detail, hash FROM audit WHERE seq = 3",
	}
	for _, a := range attacks {
		if _, err := db.ExecContext(t.Context(), a); err == nil {
			t.Errorf("the database let through: %s", a)
		}
	}
	ok(t, verified(t.Context(), st))
	for _, q := range []string{"DROP TRIGGER audit_stays", "DROP TRIGGER audit_kept", "DROP TRIGGER audit_next", attacks[2]} {
		_, err := db.ExecContext(t.Context(), q)
		ok(t, err)
	}
	if err := verified(t.Context(), st); err == nil {
		t.Error("a changed record was not noticed")
	}
	ok(t, st.Close())
}

func verified(ctx context.Context, st store.Store) error {
	v := audit.NewVerifier(nil)
	if err := st.AuditScan(ctx, 0, v.Next); err != nil {
		return err
	}
	return v.End()
}

// TestOlderLogIsChained: records of a program without chain come into it once, in order, wherever it was cut.
func TestOlderLogIsChained(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	st, err := store.OpenSQLite(t.Context(), path)
	ok(t, err)
	ok(t, st.Close())
	db, err := sql.Open("sqlite", path)
	ok(t, err)
	_, err = db.ExecContext(t.Context(), `CREATE TABLE log (id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, operator TEXT NOT NULL,
		source TEXT NOT NULL, event TEXT NOT NULL, job TEXT NOT NULL, detail TEXT NOT NULL) STRICT`)
	ok(t, err)
	for i := range 1201 {
		_, err := db.ExecContext(t.Context(), "INSERT INTO log (time, operator, source, event, job, detail) VALUES (?,'o','s','login','',?)", 1000+i, i)
		ok(t, err)
	}
	ok(t, db.Close())
	for range 2 {
		st, err := store.OpenSQLite(t.Context(), path)
		ok(t, err)
		ok(t, verified(t.Context(), st))
		n := int64(0)
		ok(t, st.AuditScan(t.Context(), 0, func(r audit.Record) error {
			if r.Time.UnixMilli() != 1000+n {
				t.Fatalf("record %d is of %d", r.Seq, r.Time.UnixMilli())
			}
			n++
			return nil
		}))
		if n != 1201 {
			t.Errorf("%d records, want 1201", n)
		}
		ok(t, st.Close())
	}
}

// TestTrimCutShort: a program that was killed after it kept the stub left records that the stub stands for: the log holds,
// and the next trim removes them too.
func TestTrimCutShort(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	st, err := store.OpenSQLite(t.Context(), path)
	ok(t, err)
	for i := range 4500 {
		ok(t, st.Log(t.Context(), audit.Entry{Time: time.UnixMilli(int64(1 + i)), Event: "x"}))
	}
	last, err := st.AuditBefore(t.Context(), time.UnixMilli(4201))
	ok(t, err)
	signer := audit.Signer{Server: "server", Key: ed25519.NewKeyFromSeed(make([]byte, 32))}
	stub := signer.Stub(last.Seq, last.Hash, time.Now())
	db, err := sql.Open("sqlite", path)
	ok(t, err)
	_, err = db.ExecContext(t.Context(), "INSERT INTO checkpoints (stub, count, head, time, signature, public_key) VALUES (1, ?, ?, ?, ?, ?)",
		stub.Count, stub.Head, stub.Time.UnixMilli(), stub.Signature, stub.PublicKey)
	ok(t, err)
	_, err = db.ExecContext(t.Context(), "DELETE FROM audit WHERE seq <= 2000")
	ok(t, err)
	ok(t, db.Close())
	for range 2 {
		v, err := audit.Check(t.Context(), st, signer.Server, signer.PublicKey())
		if err != nil || v.Count() < 4500 {
			t.Fatalf("%v", err)
		}
		ok(t, st.AuditTrim(t.Context(), stub, audit.Entry{Event: audit.EventAuditTrim}))
		ok(t, st.AuditScan(t.Context(), 0, func(r audit.Record) error {
			if r.Seq <= stub.Count {
				t.Fatalf("record %d is left", r.Seq)
			}
			return nil
		}))
	}
	ok(t, st.Close())
}
