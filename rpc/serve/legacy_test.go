package serve_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"omanager/app/account"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/data/store/legacy"
	"omanager/data/store/mariadb"
	"omanager/rpc/client"
	v1 "omanager/rpc/omanager/v1"
	"omanager/rpc/omanager/v1/omanagerv1connect"
	"omanager/rpc/serve"
)

// TestDatabaseOfSettings: what [db] says decides, and a fault in it is told with the next step.
func TestDatabaseOfSettings(t *testing.T) {
	s := startMaria(t)
	dir, made := mariaFolder(t, s, s.Socket)
	one, err := serve.Open(t.Context(), serve.Options{Dir: dir, Engine: &scribe{}})
	if err != nil {
		t.Fatal(err)
	}
	loggedIn(t, one.Addr, one.Fingerprint, made)
	t.Run("a second server", func(t *testing.T) {
		other := t.TempDir()
		writeDB(t, other, s.Socket)
		if _, err := serve.Init(t.Context(), other, "second", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		_, err := serve.Open(t.Context(), serve.Options{Dir: other})
		wantCode(t, err, "db_in_use")
		if err == nil || !strings.Contains(err.Error(), "Stop that control server first") {
			t.Errorf("%v", err)
		}
		check(t, one.Close())
		two, err := serve.Open(t.Context(), serve.Options{Dir: other, Engine: &scribe{}})
		if err != nil {
			t.Fatal(err)
		}
		check(t, two.Close())
	})
	for name, c := range map[string]struct{ from, to, code, hint string }{
		"no name":        {"db_name = OManager", "db_name =", "db_settings", "db_name is empty"},
		"no user":        {"db_user = " + mariadb.User, "db_user =", "db_settings", "db_user is empty"},
		"odd address":    {"db_ip = " + s.Socket, "db_ip = a:b:c", "db_settings", "a:b:c"},
		"nobody listens": {"db_ip = " + s.Socket, "db_ip = 127.0.0.1:1", "db_unreachable", "Check db_ip"},
		"no such socket": {"db_ip = " + s.Socket, "db_ip = /nowhere/sock", "db_unreachable", "/nowhere/sock"},
		"wrong password": {"db_pass = ", "db_pass = x", "db_open", "rights"},
		"no database":    {"db_name = OManager", "db_name = Other", "db_open", "Other"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeDB(t, dir, s.Socket)
			edit(t, dir+"/omserver.ini", c.from, c.to)
			for use := range 3 {
				st, err := serve.OpenStore(t.Context(), dir, serve.Use(use))
				if wantCode(t, err, c.code); err == nil {
					check(t, st.Close())
				} else if !strings.Contains(err.Error(), c.hint) || strings.Contains(err.Error(), mariadb.Pass) {
					t.Errorf("%v, want %q", err, c.hint)
				}
			}
		})
	}
}

// TestLegacyAccount takes over the tables of 2014 and logs in through the real server with the old password and file.
func TestLegacyAccount(t *testing.T) {
	s := startMaria(t)
	dir, _ := mariaFolder(t, s, s.Socket)
	db, err := s.Root("OManager")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, db.Close()) })
	for _, st := range mariadb.LegacySchema() {
		_, err := db.Exec(st)
		check(t, err)
	}
	st, err := serve.OpenStore(t.Context(), dir, serve.Alone)
	if err != nil {
		t.Fatal(err)
	}
	_, err = legacy.TakeOver(t.Context(), st, legacy.Options{Params: account.FloorParams()})
	check(t, err)
	check(t, st.Close())
	hands := &scribe{ran: map[string]int{}, at: func(string) {}}
	server, err := serve.Open(t.Context(), serve.Options{Dir: dir, Engine: hands})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, server.Close()) })
	c := client.Dial(server.Addr, server.Fingerprint)
	t.Cleanup(c.Close)
	wantCode(t, rawLogin(t, server, "admin", "1234567"), "login_refused")
	wantCode(t, rawLogin(t, server, "admin", "123456"), "login_legacy") // only now does anybody learn what the account is
	other := []byte("another file of at least thirty-two bytes that differ")
	wantCode(t, c.Login(t.Context(), "admin", "123456", other), "login_refused")
	tiny := c.Login(t.Context(), "admin", "123456", []byte("tiny"))
	wantCode(t, tiny, "keyfile_weak")
	if !strings.Contains(fmt.Sprint(tiny), "omserver operator newkey") {
		t.Errorf("%v does not say what to do", tiny)
	}
	check(t, c.Login(t.Context(), "admin", "123456", []byte(mariadb.LegacyKeyFile)))
	if c.Newest() != "10027" {
		t.Errorf("the newest version is %q", c.Newest())
	}
	check(t, c.Logout(t.Context()))
	check(t, c.Login(t.Context(), "admin", "123456", []byte(mariadb.LegacyKeyFile)))
	wantCode(t, rawLogin(t, server, "admin", "123456"), "login_refused") // it is like every other account now
	v, err := runModule(t.Context(), c, job.Request{Module: "1003", On: "h1,h3"})
	if err != nil || v.Counts()[job.OK] != 2 {
		t.Errorf("%v, %v", v, err)
	}
	got, err := mariadb.Dump(t.Context(), db, "SELECT user, event FROM user_logs WHERE id > 2 ORDER BY id")
	want := "admin|登录 127.0.0.1\nadmin|注销 127.0.0.1\nadmin|登录 127.0.0.1\nadmin|运行 1003 10.0.0.1,10.0.0.3\n"
	if err != nil || got != want {
		t.Errorf("user_logs holds\n%s\nwant\n%s(%v)", got, want, err)
	}
}

// rawLogin sends a password and an empty signature, and gives the problem of the answer.
func rawLogin(t *testing.T, s *serve.Server, name, password string) error {
	t.Helper()
	h := client.HTTPClient(s.Addr, s.Fingerprint)
	defer h.CloseIdleConnections()
	c := omanagerv1connect.NewControlServiceClient(h, "https://"+s.Addr)
	ch, err := c.Challenge(t.Context(), &v1.ChallengeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Login(t.Context(), &v1.LoginRequest{Operator: name, Password: password, Nonce: ch.Nonce})
	ce, ok := errors.AsType[*connect.Error](err)
	if !ok || len(ce.Details()) != 1 {
		t.Fatalf("the answer is %v", err)
	}
	detail, err := ce.Details()[0].Value()
	if err != nil {
		t.Fatal(err)
	}
	return problem.New(detail.(*v1.ErrorDetail).Code)
}
