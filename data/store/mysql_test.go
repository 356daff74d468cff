package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/job"
	"omanager/data/store"
	"omanager/data/store/mariadb"
	"omanager/data/store/storetest"
)

// One server serves the tests of this package, one after the other; TestMain closes it.
var maria struct {
	sync.Mutex

	server *mariadb.Server
	err    error
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

func closeMaria() error {
	if maria.server == nil {
		return nil
	}
	return maria.server.Close()
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mysqlConfig(s *mariadb.Server) store.MySQLConfig {
	return store.MySQLConfig{Socket: s.Socket, User: mariadb.User, Pass: mariadb.Pass, Name: "OManager"}
}

// openMySQL opens a store in a new database; socket is the server's or a proxy's.
func openMySQL(t testing.TB, s *mariadb.Server, socket string) store.Store {
	t.Helper()
	ok(t, s.Create(t.Context(), "OManager"))
	c := mysqlConfig(s)
	c.Socket = socket
	return openWith(t, c)
}

func openWith(t testing.TB, c store.MySQLConfig) store.Store {
	t.Helper()
	st, err := store.OpenMySQL(t.Context(), c)
	ok(t, err)
	t.Cleanup(func() { st.Close() })
	return st
}

func root(t *testing.T, s *mariadb.Server) *sql.DB {
	t.Helper()
	db, err := s.Root("OManager")
	ok(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

func TestMySQL(t *testing.T) {
	s := mariaServer(t)
	storetest.Run(t, func(t *testing.T) store.Store { return openMySQL(t, s, s.Socket) })
}

func TestMySQLReopenKeepsEverythingAndGoesOn(t *testing.T) {
	s := mariaServer(t)
	st := openMySQL(t, s, s.Socket)
	ok(t, st.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{Event: "x"}))
	for i := range 3 {
		got, err := st.AppendEvents(t.Context(), "j", []job.Event{{Kind: job.Output}, {Kind: job.Output}})
		if err != nil || got[1].Seq != int64(2*i+2) {
			t.Fatalf("%+v, %v", got, err)
		}
		ok(t, st.Close())
		ok(t, st.Close())
		st = openWith(t, mysqlConfig(s))
	}
}

// TestMySQLTwoStores: another process may append to the same job; the cached place is then stale.
func TestMySQLTwoStores(t *testing.T) {
	s := mariaServer(t)
	a := openMySQL(t, s, s.Socket)
	b := openWith(t, mysqlConfig(s))
	ok(t, a.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{}))
	for i := range 6 {
		st := []store.Store{a, b}[i%2]
		got, err := st.AppendEvents(t.Context(), "j", []job.Event{{Kind: job.Output}})
		if err != nil || got[0].Seq != int64(i+1) {
			t.Fatalf("append %d: %+v, %v", i, got, err)
		}
	}
}

// TestMySQLOpenTogether: of two programs that start at once on an empty database, one makes the tables.
func TestMySQLOpenTogether(t *testing.T) {
	s := mariaServer(t)
	ok(t, s.Create(t.Context(), "OManager"))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			st, err := store.OpenMySQL(context.Background(), mysqlConfig(s))
			if err != nil {
				t.Error(err)
				return
			}
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestMySQLCutShortSchema: a program that was killed while it made the tables is followed by one that completes them.
func TestMySQLCutShortSchema(t *testing.T) {
	s := mariaServer(t)
	for name, cut := range map[string][]string{
		"after some tables":           {"DROP TABLE OManager.om_writes", "DROP TABLE IF EXISTS OManager.om_log", "DELETE FROM OManager.om_schema WHERE version_id > 0"},
		"before the first version":    {"DROP DATABASE OManager", "CREATE DATABASE OManager", "CREATE TABLE OManager.om_schema LIKE keep.om_schema"},
		"before the newest was noted": {"DELETE FROM OManager.om_schema ORDER BY version_id DESC LIMIT 1"},
	} {
		t.Run(name, func(t *testing.T) {
			ok(t, openMySQL(t, s, s.Socket).Close())
			ok(t, s.Exec(t.Context(), "DROP DATABASE IF EXISTS keep", "CREATE DATABASE keep", "CREATE TABLE keep.om_schema LIKE OManager.om_schema"))
			ok(t, s.Exec(t.Context(), cut...))
			st := openWith(t, mysqlConfig(s))
			ok(t, st.Log(t.Context(), audit.Entry{Event: "x"}))
		})
	}
}

// legacySchema is what the program of 2014 made, with an operator, the newest version, and a line of the log.
var legacySchema = []string{
	`CREATE TABLE users (admin CHAR(20) PRIMARY KEY, passwd CHAR(32), Privatekey CHAR(32), privileges CHAR(62)) ENGINE=InnoDB DEFAULT CHARSET=utf8`,
	`CREATE TABLE user_logs (id INT AUTO_INCREMENT PRIMARY KEY, user CHAR(10), event CHAR(255), Datatime TIMESTAMP,
		FOREIGN KEY (user) REFERENCES users (admin)) ENGINE=InnoDB DEFAULT CHARSET=utf8`,
	"CREATE TABLE `upgrade` (version CHAR(5)) ENGINE=InnoDB DEFAULT CHARSET=utf8",
	`INSERT INTO users VALUES ('demo', 'e10adc3949ba59abbe56e057f20f883e', 'dced4ca98819e25a3ebcc939d5c21378', '1,2,3,5,6')`,
	`INSERT INTO user_logs (user, event) VALUES ('demo', '登录')`,
	"INSERT INTO `upgrade` VALUES ('1001')",
}

func TestMySQLBesideLegacyTables(t *testing.T) {
	s := mariaServer(t)
	ok(t, s.Create(t.Context(), "OManager"))
	db := root(t, s)
	for _, st := range legacySchema {
		_, err := db.Exec(st)
		ok(t, err)
	}
	before := legacyState(t, db)
	st := openWith(t, mysqlConfig(s))
	ok(t, st.PutOperator(t.Context(), account.Operator{Name: "demo", Password: "$argon2id$"}))
	ok(t, st.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{Event: "job_start", Detail: "四字节 😀"}))
	_, err := st.AppendEvents(t.Context(), "j", []job.Event{{Kind: job.Output, Host: "主机 😀", Data: []byte("😀")}})
	ok(t, err)
	ok(t, st.Close())
	st = openWith(t, mysqlConfig(s))
	log, err := st.AuditRecords(t.Context(), audit.Query{Limit: 1})
	if err != nil || log[0].Detail != "四字节 😀" {
		t.Errorf("%+v, %v", log, err)
	}
	ev, err := st.Events(t.Context(), "j", 0, 1)
	if err != nil || ev[0].Host != "主机 😀" || string(ev[0].Data) != "😀" {
		t.Errorf("%+v, %v", ev, err)
	}
	if after := legacyState(t, db); after != before {
		t.Errorf("the legacy tables were\n%s\nand are\n%s", before, after)
	}
	var foreign int
	ok(t, db.QueryRow(`SELECT count(*) FROM information_schema.tables WHERE table_schema = 'OManager'
		AND table_name NOT LIKE 'om\\_%' AND table_name NOT IN ('users', 'user_logs', 'upgrade')`).Scan(&foreign))
	if foreign != 0 {
		t.Errorf("%d tables without the prefix", foreign)
	}
}

func legacyState(t *testing.T, db *sql.DB) string {
	t.Helper()
	var all strings.Builder
	for _, table := range []string{"users", "user_logs", "`upgrade`"} {
		var name, made string
		ok(t, db.QueryRow("SHOW CREATE TABLE "+table).Scan(&name, &made))
		var sum sql.NullInt64
		ok(t, db.QueryRow("CHECKSUM TABLE "+table).Scan(&name, &sum))
		fmt.Fprintln(&all, made, sum.Int64)
	}
	return all.String()
}

func TestMySQLOpenRefuses(t *testing.T) {
	s := mariaServer(t)
	ok(t, openMySQL(t, s, s.Socket).Close())
	good := mysqlConfig(s)
	bad := func(change func(*store.MySQLConfig)) store.MySQLConfig {
		c := good
		change(&c)
		return c
	}
	global := func(set string) { ok(t, s.Exec(context.Background(), "SET GLOBAL "+set)) }
	for _, c := range []struct {
		text          string
		config        store.MySQLConfig
		before, after string
	}{
		{text: "Access denied", config: bad(func(c *store.MySQLConfig) { c.Pass = "wrong" })},
		{text: "Access denied", config: bad(func(c *store.MySQLConfig) { c.Name = "other" })},
		{text: "no database is named", config: bad(func(c *store.MySQLConfig) { c.Name = "" })},
		{text: "no such file", config: bad(func(c *store.MySQLConfig) { c.Socket += "-none" })},
		{text: "refused", config: store.MySQLConfig{Addr: "127.0.0.1:1", User: "om", Name: "OManager"}},
		{text: "flush_log_at_trx_commit is 2", config: good, before: "innodb_flush_log_at_trx_commit = 2", after: "innodb_flush_log_at_trx_commit = 1"},
		{text: "newer program", config: good, before: "", after: ""},
	} {
		if c.before != "" {
			global(c.before)
		}
		if c.text == "newer program" {
			ok(t, s.Exec(t.Context(), "INSERT INTO OManager.om_schema (version_id, is_applied) VALUES (99999, 1)"))
		}
		st, err := store.OpenMySQL(t.Context(), c.config)
		if err == nil {
			ok(t, st.Close())
			t.Errorf("opened, want %q", c.text)
		} else if !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), mariadb.Pass) {
			t.Errorf("%v, want %q", err, c.text)
		}
		if c.after != "" {
			global(c.after)
		}
	}
}

func BenchmarkMySQLAppend(b *testing.B) {
	srv := mariaServer(b)
	for _, batch := range []int{1, 50, 500} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) { benchmarkAppend(b, openMySQL(b, srv, srv.Socket), batch) })
	}
}
