package legacy_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/data/store"
	"omanager/data/store/legacy"
	"omanager/data/store/mariadb"
	"omanager/data/store/storetest"
)

// One server serves the tests of this package, one after the other; TestMain closes it.
var maria struct {
	sync.Mutex

	server *mariadb.Server
	err    error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if maria.server != nil {
		if err := maria.server.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func mariaServer(t testing.TB) *mariadb.Server {
	t.Helper()
	maria.Lock()
	defer maria.Unlock()
	if maria.server == nil && maria.err == nil {
		maria.server, maria.err = mariadb.Start(context.Background(), mariadb.Options{})
	}
	if errors.Is(maria.err, mariadb.ErrMissing) {
		t.Skipf("SKIP: %v", maria.err)
	}
	ok(t, maria.err)
	return maria.server
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, want string, texts ...string) {
	t.Helper()
	p, is := errors.AsType[*problem.Error](err)
	if !is || p.Code != want {
		t.Fatalf("problem is %v, want %s", err, want)
	}
	for _, text := range texts {
		if !strings.Contains(p.Error(), text) {
			t.Errorf("%q does not hold %q", p.Error(), text)
		}
	}
}

func root(t *testing.T, s *mariadb.Server) *sql.DB {
	t.Helper()
	db, err := s.Root("OManager")
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	return db
}

func run(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, st := range statements {
		if _, err := db.Exec(st); err != nil {
			t.Fatalf("%.80s: %v", st, err)
		}
	}
}

// oldDatabase is an empty database with the tables of 2014.
func oldDatabase(t *testing.T, s *mariadb.Server) *sql.DB {
	t.Helper()
	ok(t, s.Create(t.Context(), "OManager"))
	db := root(t, s)
	run(t, db, mariadb.LegacySchema()...)
	return db
}

func open(t *testing.T, socket string, alone bool) store.Store {
	t.Helper()
	st, err := store.OpenMySQL(t.Context(), store.MySQLConfig{Socket: socket, User: mariadb.User, Pass: mariadb.Pass, Name: "OManager", Alone: alone})
	ok(t, err)
	t.Cleanup(func() { ok(t, st.Close()) })
	return st
}

var quick = legacy.Options{Params: account.FloorParams()}

func take(t *testing.T, s *mariadb.Server) legacy.Report {
	t.Helper()
	st := open(t, s.Socket, true)
	r, err := legacy.TakeOver(t.Context(), st, quick)
	ok(t, err)
	ok(t, st.Close())
	return r
}

func TestTakeOver(t *testing.T) {
	s := mariaServer(t)
	db := oldDatabase(t, s)
	r := take(t, s)
	if r.Operators != 3 || r.Logs != 2 || !r.Mended || len(r.Left) != 0 {
		t.Errorf("%+v", r)
	}
	st := open(t, s.Socket, false)
	demo, err := st.Operator(t.Context(), "demo")
	ok(t, err)
	if right, err := account.VerifyPassword(demo.Password, "123456"); !right || err != nil {
		t.Errorf("the old password: %v, %v", right, err)
	}
	for _, wrong := range []string{"1234567", "e10adc3949ba59abbe56e057f20f883e", ""} {
		if right, _ := account.VerifyPassword(demo.Password, wrong); right {
			t.Errorf("%q is right too", wrong)
		}
	}
	key, _ := account.LegacyKeyHash("dced4ca98819e25a3ebcc939d5c21378")
	if demo.LegacyKey != key || len(demo.PublicKey) != 0 || demo.Privileges != "1,2,3,5,6" || demo.Disabled || demo.OneTime {
		t.Errorf("%+v", demo)
	}
	if strings.Contains(demo.Password+demo.LegacyKey, "dced4ca9") || strings.Contains(demo.Password, "e10adc39") {
		t.Error("an MD5 lies open in om_operators")
	}
	log, err := st.AuditRecords(t.Context(), audit.Query{Limit: 10})
	ok(t, err)
	var old []audit.Record
	for _, e := range log {
		if e.Event == legacy.Event {
			old = append(old, e)
		}
	}
	if len(old) != 2 || old[1].Operator != "demo" || old[1].Detail != "登录 192.168.1.7" || !old[1].Time.Equal(mariadb.LegacyTime) {
		t.Errorf("the old log reads %+v", old)
	}
	newest, err := legacy.Newest(t.Context(), st)
	if err != nil || newest != "10027" {
		t.Errorf("newest %q, %v", newest, err)
	}
	var n int
	ok(t, db.QueryRow("SELECT count(*) FROM users WHERE Privatekey <> ''").Scan(&n))
	if n != 3 {
		t.Errorf("%d rows of users are left as they were", n)
	}
	if again := take(t, s); again.Operators != 0 || again.Before != 3 || again.Logs != 0 || again.Mended {
		t.Errorf("the second run did %+v", again)
	}
}

// TestOldLogGoesOn: logins, logouts and runs are written to user_logs as well, whatever their length, also of operators
// whom the old table does not know; the old rows' times stay; and none of the new rows is carried over.
func TestOldLogGoesOn(t *testing.T) {
	s := mariaServer(t)
	db := oldDatabase(t, s)
	take(t, s)
	st := open(t, s.Socket, false)
	name := "somebody-with-20-chr"
	j := storetest.NewJob("j")
	j.Targets = nil
	for i := range 300 {
		j.Targets = append(j.Targets, job.Target{Host: fmt.Sprint("h", i), Addr: fmt.Sprint("10.0.0.", i)})
	}
	at := time.Unix(1_700_000_000, 0)
	ok(t, st.Log(t.Context(), audit.Entry{Time: at, Operator: name, Source: "10.1.1.1", Event: "login"}))
	ok(t, st.Log(t.Context(), audit.Entry{Time: at, Operator: name, Source: "10.1.1.1", Event: "login_refused"}))
	ok(t, st.CreateJob(t.Context(), j, audit.Entry{Time: at, Operator: name, Event: "job_start", Job: "j"}))
	ok(t, st.Log(t.Context(), audit.Entry{Operator: strings.Repeat("名", 100), Event: "logout", Source: "s"})) // no time, too long a name
	got := strings.Split(dump(t, db, "SELECT user, event, UNIX_TIMESTAMP(Datatime) > 0 FROM user_logs WHERE id > 2 ORDER BY id"), "\n")
	if len(got) != 4 || got[0] != name+"|登录 10.1.1.1|1" || !strings.HasPrefix(got[1], name+"|运行 1001 10.0.0.0,10.0.0.1,") ||
		!strings.HasSuffix(got[1], ",10.0.0.299|1") || got[2] != strings.Repeat("名", 64)+"|注销 s|1" {
		t.Errorf("user_logs holds %q", got)
	}
	run(t, db, "UPDATE user_logs SET event = 'edited' WHERE id = 1")
	if at := dump(t, db, "SELECT UNIX_TIMESTAMP(Datatime) FROM user_logs WHERE id = 1"); at != fmt.Sprintf("%d\n", mariadb.LegacyTime.Unix()) {
		t.Errorf("an edited row's time became %s", at)
	}
	run(t, db, "INSERT INTO user_logs (user, event) VALUES ('demo', 'of the old client')")
	if r := take(t, s); r.Logs != 1 {
		t.Errorf("carried over %+v", r)
	}
	run(t, db, "DROP TABLE user_logs")
	ok(t, st.Log(t.Context(), audit.Entry{Operator: "demo", Event: "login"})) // not missed
}

// TestOldLogIsOneStep: a row of user_logs that cannot be written takes the entry of the operation log with it.
func TestOldLogIsOneStep(t *testing.T) {
	s := mariaServer(t)
	db := oldDatabase(t, s)
	take(t, s)
	st := open(t, s.Socket, false)
	before := dump(t, db, "SELECT count(*) FROM om_audit")
	run(t, db, "CREATE TRIGGER refuse BEFORE INSERT ON user_logs FOR EACH ROW SIGNAL SQLSTATE '45000'")
	if err := st.Log(t.Context(), audit.Entry{Operator: "demo", Event: "login"}); err == nil {
		t.Error("a login was logged in one of the two only")
	}
	if after := dump(t, db, "SELECT count(*) FROM om_audit"); after != before {
		t.Errorf("%s entries, were %s", after, before)
	}
	ok(t, st.Log(t.Context(), audit.Entry{Operator: "demo", Event: "plan"})) // of no interest to the old log
}

func dump(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	out, err := mariadb.Dump(t.Context(), db, query)
	ok(t, err)
	return out
}

func TestRefusesAndSkips(t *testing.T) {
	s := mariaServer(t)
	for name, c := range map[string]struct {
		change []string
		code   string
		texts  []string
		left   int // with --skip-bad; -1: refused all the same
	}{
		"a name":     {[]string{`UPDATE users SET admin = '张三' WHERE admin = 'duty'`}, "migrate_rows", []string{"张三", "--skip-bad"}, 1},
		"privileges": {[]string{`UPDATE users SET privileges = '1;2' WHERE admin = 'duty'`}, "migrate_rows", []string{"duty", "1;2"}, 1},
		"no MD5": {[]string{`UPDATE users SET passwd = 'open' WHERE admin = 'duty'`, `UPDATE users SET Privatekey = NULL WHERE admin = 'demo'`},
			"migrate_rows", []string{"duty", "passwd", "Privatekey", "2 rows"}, 2},
		"MyISAM":        {[]string{"ALTER TABLE user_logs DROP FOREIGN KEY user_logs_ibfk_1", "ALTER TABLE user_logs ENGINE=MyISAM"}, "migrate_table", []string{"user_logs", "MyISAM", "ENGINE=InnoDB"}, -1},
		"other columns": {[]string{"ALTER TABLE users DROP COLUMN Privatekey"}, "migrate_table", []string{"users", "privatekey"}, -1},
		"latin1": {[]string{"SET FOREIGN_KEY_CHECKS = 0", "ALTER TABLE user_logs MODIFY event CHAR(255) CHARACTER SET latin1",
			"UPDATE user_logs SET event = CONVERT(X'E799BB' USING latin1) WHERE id = 1", "UPDATE user_logs SET event = 'ascii' WHERE id = 2"},
			"migrate_rows", []string{"user_logs 1", "latin1"}, 1},
		"nothing": {[]string{"DROP TABLE user_logs", "DROP TABLE users"}, "migrate_no_tables", []string{"OManager"}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			db := oldDatabase(t, s)
			db.SetMaxOpenConns(1)
			if name == "latin1" {
				run(t, db, "UPDATE user_logs SET event = ''")
			}
			run(t, db, c.change...)
			st := open(t, s.Socket, true)
			_, err := legacy.TakeOver(t.Context(), st, quick)
			wantCode(t, err, c.code, c.texts...)
			if all, err := st.Operators(t.Context()); err != nil || len(all) != 0 {
				t.Errorf("it refused, and made %v, %v", all, err)
			}
			o := quick
			o.SkipBad = true
			r, err := legacy.TakeOver(t.Context(), st, o)
			if c.left < 0 {
				wantCode(t, err, c.code)
				return
			}
			ok(t, err)
			if len(r.Left) != c.left || !r.Mended {
				t.Errorf("%+v", r)
			}
		})
	}
	t.Run("an operator of the same name", func(t *testing.T) {
		oldDatabase(t, s)
		st := open(t, s.Socket, true)
		ok(t, st.PutOperator(t.Context(), account.Operator{Name: "demo", Password: "own"}))
		_, err := legacy.TakeOver(t.Context(), st, quick)
		wantCode(t, err, "migrate_rows", "demo", "made here before")
	})
	t.Run("SQLite", func(t *testing.T) {
		st, err := store.OpenSQLite(t.Context(), t.TempDir()+"/om.db")
		ok(t, err)
		defer st.Close()
		_, err = legacy.TakeOver(t.Context(), st, quick)
		wantCode(t, err, "migrate_no_mysql")
	})
}

func TestFinish(t *testing.T) {
	s := mariaServer(t)
	db := oldDatabase(t, s)
	st := open(t, s.Socket, true)
	_, err := legacy.Finish(t.Context(), st, quick, false)
	wantCode(t, err, "migrate_confirm", "users (3 rows)", "user_logs (2 rows)", "--yes")
	dump(t, db, "SELECT admin FROM users") // it is still there
	r, err := legacy.Finish(t.Context(), st, quick, true)
	if err != nil || len(r.Dropped) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := legacy.Finish(t.Context(), st, quick, true); err != nil || len(r.Dropped) != 0 {
		t.Fatalf("again: %+v, %v", r, err)
	}
	if tables := dump(t, db, "SHOW TABLES WHERE tables_in_OManager NOT LIKE 'om\\_%'"); tables != "upgrade\n" {
		t.Errorf("left are %q", tables)
	}
	if all, err := st.Operators(t.Context()); err != nil || len(all) != 3 || all[0].LegacyKey == "" {
		t.Errorf("operators are %+v, %v", all, err)
	}
}

// TestG06CutAtCommit loses each COMMIT or its answer once, in four ways: the end is that of an undisturbed run.
func TestG06CutAtCommit(t *testing.T) {
	s := mariaServer(t)
	db := oldDatabase(t, s)
	take(t, s)
	want := state(t, db)
	p, err := s.NewProxy()
	ok(t, err)
	t.Cleanup(func() { ok(t, p.Close()) })
	for name, c := range map[string]struct {
		cut mariadb.Cut
		nth []int // of the three operators and the log's batch; where a lock must be waited for, one of each
	}{
		"answer lost": {mariadb.DropAnswer, []int{0, 1, 2, 3}}, "commit lost": {mariadb.DropCommit, []int{0, 1, 2, 3}},
		"commit lost, half open": {mariadb.HoldCommit, []int{0, 3}}, "commit late": {mariadb.LateCommit, []int{1, 3}},
	} {
		for _, nth := range c.nth {
			t.Run(fmt.Sprintf("%s %d", name, nth), func(t *testing.T) {
				db := oldDatabase(t, s)
				st := open(t, p.Socket, true)
				cuts := p.Cuts()
				p.CutNext(c.cut, nth)
				_, err := legacy.TakeOver(t.Context(), st, quick)
				ok(t, err)
				if p.Cuts() != cuts+1 {
					t.Fatal("nothing was cut")
				}
				if got := state(t, db); got != want {
					t.Errorf("the end is\n%s\nwant\n%s", got, want)
				}
				ok(t, st.Close())
			})
		}
	}
}

func state(t *testing.T, db *sql.DB) string {
	t.Helper()
	out, err := mariadb.LegacyState(t.Context(), db)
	ok(t, err)
	return out
}
