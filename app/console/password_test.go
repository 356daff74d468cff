package console_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"omanager/app/account"
	"omanager/app/console"
	"omanager/data/store"
	"omanager/rpc/client"
	"omanager/rpc/serve"
)

// A password that somebody else made opens nothing but its own change; afterwards everything is there.
func TestAOneTimePasswordIsChangedFirst(t *testing.T) {
	r, err := serve.Demo(t.Context(), serve.DemoOptions{Hosts: 3, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	st, err := store.OpenSQLite(t.Context(), filepath.Join(r.Dir, "omanager.db"))
	if err != nil {
		t.Fatal(err)
	}
	password, key, err := account.Admin{Store: st, Params: account.FloorParams(), Now: time.Now}.Add(t.Context(), "fresh", "root")
	if err == nil {
		err = st.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "fresh.key")
	write(t, file, key)
	d := newDeskOf(t, console.Config{
		Fingerprint: client.Fingerprint, NewJobID: client.NewJobID,
		Dial: func(addr, fp string) console.Server { return client.Dial(addr, fp) },
		Demo: func(context.Context) (console.Embedded, error) { return console.Embedded{}, nil },
	})
	d.Login(console.Credentials{Address: r.Addr, Operator: "fresh", Password: password, KeyFile: file})
	d.until("question", func() bool { return d.Question() != nil })
	d.idle(console.OpLogin)
	d.Trust(true)
	d.until("in", func() bool { return d.Who().In && d.Who().MustChange })
	if mods, _ := d.Modules(); d.IsBusy(console.OpLoad) || len(mods) > 0 {
		t.Error("it asks for servers and modules before the password is changed")
	}
	for _, c := range []struct{ old, replacement, again, want string }{
		{password, "", "", "password_missing"},
		{password, "a password of this test", "a password of that test", "password_differs"},
		{"not it", "a password of this test", "a password of this test", "password_wrong"},
		{password, "short", "short", "password_weak"},
	} {
		d.ChangePassword(c.old, c.replacement, c.again)
		d.idle(console.OpPassword)
		if got := code(d.Err(console.OpPassword)); got != c.want || !d.Who().MustChange || d.Who().Changed {
			t.Errorf("%+v: %q", c, got)
		}
	}
	d.ChangePassword(password, "a password of this test", "a password of this test")
	d.until("modules", func() bool { m, _ := d.Modules(); return len(m) > 0 && !d.IsBusy(console.OpLoad) })
	if w := d.Who(); w.MustChange || !w.Changed || !w.Operators || !w.Log {
		t.Errorf("who = %+v", w)
	}
	d.ReadPassword()
	if d.Who().Changed {
		t.Error("what was read is told again")
	}
}
