package store

import (
	"database/sql"
	"path/filepath"
	"testing"
)

func TestPragmas(t *testing.T) {
	opened, err := OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "om.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	s := opened.(*sqlite)
	for _, c := range []struct {
		db           *sql.DB
		pragma, want string
	}{
		{s.w, "journal_mode", "wal"}, {s.w, "synchronous", "2"}, {s.w, "foreign_keys", "1"}, {s.w, "busy_timeout", "10000"},
		{s.r, "journal_mode", "wal"}, {s.r, "query_only", "1"}, {s.r, "busy_timeout", "10000"},
	} {
		var got string
		if err := c.db.QueryRow("PRAGMA " + c.pragma).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s is %s, want %s, %v", c.pragma, got, c.want, err)
		}
	}
}
