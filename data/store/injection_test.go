package store_test

import (
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omanager/app/account"
	"omanager/app/problem"
	"omanager/data/store"
)

// injections are texts that mean something to a database when they become a part of a statement.
func injections() (out []string) {
	out = []string{"' or 1=1 -- ", "admin'--", "admin' #", "admin'/*", "' or ''='", "\\' or 1=1 -- ", "%' or '1'='1", "0x61646d696e", "CHAR(97,100)", "@@version", "\x00' or 1=1 -- "}
	for _, quote := range []string{"'", "\"", "')", "`", "\\'", "''", "\u2019", "\xbf'"} {
		for _, truth := range []string{" or 1=1", " OR 'a'='a'", "||1", " union select 1,2,3,4,5,6,7", "; drop table operators", "; update operators set disabled=0", " and sleep(0)", " or name like '%"} {
			for _, end := range []string{" -- ", "#", "/*", ""} {
				out = append(out, "admin"+quote+truth+end)
			}
		}
	}
	return out
}

// attack logs in with each payload as name and as password, and gives it to every other call that takes a name.
func attack(t *testing.T, st store.Store) (in int) {
	t.Helper()
	file := account.NewKeyFile()
	key, err := account.KeyFromFile(file)
	ok(t, err)
	s := account.NewService(st, "server", account.Options{Params: account.FloorParams()})
	for i, p := range injections() {
		for _, try := range [][2]string{{p, p}, {"admin", p}} {
			nonce := s.Challenge()
			_, _, _, err := s.Login(t.Context(), try[0], try[1], nonce, ed25519.Sign(key, account.LoginMessage("server", try[0], nonce)), fmt.Sprintf("10.0.%d.%d:1", i/250, i%250))
			if err == nil {
				in++
				continue
			}
			if e, ok := errors.AsType[*problem.Error](err); !ok || e.Code != "login_refused" && e.Code != "login_busy" {
				t.Errorf("%q: %v", try, err)
			}
		}
		if _, err := st.Operator(t.Context(), p); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("operator %q: %v", p, err)
		}
		if i%4 != 0 {
			continue // writes are durable, and take their time
		}
		if err := st.ReplaceHash(t.Context(), p, p, p); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("replace the hash of %q: %v", p, err)
		}
		ok(t, st.DeleteSessionsOf(t.Context(), p))
	}
	return in
}

// TestA01 on both databases: no payload logs in, reads, changes or removes anything.
func TestA01SQLInjection(t *testing.T) {
	if n := len(injections()); n < 200 {
		t.Fatalf("only %d payloads", n)
	}
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "om.db")
		st, err := store.OpenSQLite(t.Context(), path)
		ok(t, err)
		t.Cleanup(func() { st.Close() })
		injected(t, st)
		db, err := sql.Open("sqlite", path)
		ok(t, err)
		t.Cleanup(func() { db.Close() })
		naive(t, db, "operators")
	})
	t.Run("MariaDB", func(t *testing.T) {
		s := mariaServer(t)
		injected(t, openMySQL(t, s, s.Socket))
		naive(t, root(t, s), "om_operators")
	})
}

func injected(t *testing.T, st store.Store) {
	t.Helper()
	hash, err := account.HashPassword("a password of the admin", account.FloorParams())
	ok(t, err)
	admin := account.Operator{Name: "admin", Password: hash, PublicKey: make([]byte, ed25519.PublicKeySize), Privileges: "root", Created: time.UnixMilli(1).UTC()}
	ok(t, st.PutOperator(t.Context(), admin))
	ok(t, st.PutSession(t.Context(), account.Session{TokenHash: []byte("t"), Operator: "admin", Created: time.Now(), Expires: time.Now().Add(time.Hour)}))
	if in := attack(t, st); in != 0 {
		t.Errorf("%d payloads logged in", in)
	}
	all, err := st.Operators(t.Context())
	if err != nil || len(all) != 1 || all[0].Password != hash || all[0].Privileges != "root" {
		t.Errorf("the operators are %+v, %v", all, err)
	}
	if _, err := st.Session(t.Context(), []byte("t")); err != nil {
		t.Errorf("the admin's session: %v", err)
	}
}

// naive is the control: the login of the earlier program, on the same database, lets payloads in.
func naive(t *testing.T, db *sql.DB, table string) {
	t.Helper()
	in := 0
	for _, p := range injections() {
		if strings.Contains(p, ";") {
			continue // the control is to leave the tables alone
		}
		var name string
		if db.QueryRowContext(t.Context(), fmt.Sprintf("SELECT name FROM %s WHERE name='%s' AND password='%s'", table, p, "x")).Scan(&name) == nil {
			in++
		}
	}
	t.Logf("%d payloads get past the earlier program's login", in)
	if in == 0 {
		t.Error("no payload gets past a statement built from text: this test proves nothing")
	}
}
