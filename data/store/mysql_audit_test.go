package store_test

import (
	"sync"
	"testing"
	"time"

	"omanager/app/audit"
	"omanager/data/store"
)

// TestA22MySQLRefusesChanges is TestA22DatabaseRefusesChanges for the other database, attacked by its root.
func TestA22MySQLRefusesChanges(t *testing.T) {
	s := mariaServer(t)
	st := openMySQL(t, s, s.Socket)
	for range 5 {
		ok(t, st.Log(t.Context(), audit.Entry{Time: time.Now(), Operator: "operator-one", Event: "login"}))
	}
	db := root(t, s)
	attacks := []string{
		"UPDATE om_audit SET operator = 'operator-on' WHERE seq = 3", "DELETE FROM om_audit WHERE seq = 5",
		"REPLACE INTO om_audit SELECT seq, time, 'operator-on', source, event, job, detail, hash FROM om_audit WHERE seq = 3",
		"INSERT INTO om_audit SELECT * FROM om_audit WHERE seq = 3 ON DUPLICATE KEY UPDATE operator = 'operator-on'",
	}
	for _, a := range attacks {
		if _, err := db.ExecContext(t.Context(), a); err == nil {
			t.Errorf("the database let through: %s", a)
		}
	}
	ok(t, verified(t.Context(), st))
	for _, q := range []string{"DROP TRIGGER om_audit_stays", "DROP TRIGGER om_audit_kept", attacks[0]} {
		_, err := db.ExecContext(t.Context(), q)
		ok(t, err)
	}
	if err := verified(t.Context(), st); err == nil {
		t.Error("a changed record was not noticed")
	}
}

// TestMySQLOlderLogIsChainedOnce: of programs that start at once, each older record is chained by one.
func TestMySQLOlderLogIsChainedOnce(t *testing.T) {
	s := mariaServer(t)
	ok(t, openMySQL(t, s, s.Socket).Close())
	_, err := root(t, s).ExecContext(t.Context(), `CREATE TABLE om_log (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, time BIGINT NOT NULL,
		operator MEDIUMTEXT NOT NULL, source MEDIUMTEXT NOT NULL, event MEDIUMTEXT NOT NULL, job MEDIUMTEXT NOT NULL, detail MEDIUMTEXT NOT NULL)`)
	ok(t, err)
	_, err = root(t, s).ExecContext(t.Context(),
		"INSERT INTO om_log (time, operator, source, event, job, detail) SELECT seq, 'o', 's', 'login', '', '' FROM seq_1_to_1201")
	ok(t, err)
	stores := make([]store.Store, 4)
	var wg sync.WaitGroup
	for i := range stores {
		wg.Go(func() {
			var err error
			if stores[i], err = store.OpenMySQL(t.Context(), mysqlConfig(s)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, st := range stores {
		if st == nil {
			continue
		}
		ok(t, verified(t.Context(), st))
		n := int64(0)
		ok(t, st.AuditScan(t.Context(), 0, func(r audit.Record) error {
			if n++; r.Time.UnixMilli() != n {
				t.Fatalf("record %d is of %d", r.Seq, r.Time.UnixMilli())
			}
			return nil
		}))
		if n != 1201 {
			t.Errorf("%d records, want 1201", n)
		}
		ok(t, st.Close())
	}
}
