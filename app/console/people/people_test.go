package people_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"omanager/app/account"
	"omanager/app/console"
	"omanager/app/console/people"
	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/app/rights"
	"omanager/modules"
	"omanager/rpc/client"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// office keeps operators and roles in memory, as a control server would. Only its own goroutines at a time use it: the
// console runs one change after the other.
type office struct {
	console.Server

	operators []account.Listed
	roles     []rights.Role
}

func (o *office) Login(context.Context, string, string, []byte) error { return nil }
func (o *office) Logout(context.Context) error                        { return nil }
func (o *office) Close()                                              {}
func (o *office) Session() client.Session                             { return client.Session{Privileges: "root"} }
func (o *office) Inventory(context.Context) (*inventory.Inventory, error) {
	return inventory.New(nil, nil), nil
}
func (o *office) Modules(context.Context) ([]*modules.Module, []string, error) { return nil, nil, nil }
func (o *office) Approvals(context.Context, bool, int) ([]job.Approval, error) { return nil, nil }
func (o *office) Jobs(context.Context, int) ([]job.Job, error)                 { return nil, nil }

type staffed struct {
	*office
	mu chan struct{} // holds one token: lists are read while changes are made
}

func (s staffed) with(f func()) { s.mu <- struct{}{}; defer func() { <-s.mu }(); f() }

func (s staffed) Operators(context.Context) (out []account.Listed, err error) {
	s.with(func() { out = slices.Clone(s.operators) })
	return out, nil
}

func (s staffed) Roles(context.Context) (out []rights.Role, err error) {
	s.with(func() { out = slices.Clone(s.roles) })
	return out, nil
}

func (s staffed) AddOperator(_ context.Context, name, privileges string, roles []string) (client.Made, error) {
	s.with(func() {
		s.operators = append(s.operators, account.Listed{Name: name, Privileges: privileges, Roles: roles, OneTime: true})
	})
	return client.Made{Password: "once", KeyFile: []byte("key of " + name)}, nil
}

func (s staffed) SetDisabled(context.Context, string, bool) error {
	return problem.New("operator_last")
}
func (s staffed) SetRights(context.Context, string, string, []string) error {
	return nil
}

func (s staffed) NewPassword(context.Context, string) (client.Made, error) {
	return client.Made{Password: "twice"}, nil
}

func (s staffed) NewKey(context.Context, string) (client.Made, error) {
	return client.Made{KeyFile: []byte("another")}, nil
}

func (s staffed) PutRole(_ context.Context, r rights.Role) error {
	s.with(func() { s.roles = append(s.roles, r) })
	return nil
}

func (s staffed) DeleteRole(context.Context, string) error { return nil }

type desk struct {
	*console.Console
	*people.People
	t       *testing.T
	changed chan struct{}
}

func open(t *testing.T) *desk {
	t.Helper()
	srv := staffed{&office{operators: []account.Listed{{Name: "zoe"}, {Name: "ann", Roles: []string{"duty"}}}}, make(chan struct{}, 1)}
	c := console.New(console.Config{
		Dial: func(string, string) console.Server { return srv },
		Demo: func(context.Context) (console.Embedded, error) {
			return console.Embedded{KeyFile: os.DevNull, Close: func() error { return nil }}, nil
		},
	})
	d := &desk{c, people.New(c), t, make(chan struct{}, 1)}
	c.OnChange(func(console.Topic) {
		select {
		case d.changed <- struct{}{}:
		default:
		}
	})
	t.Cleanup(c.Close)
	c.TryIt()
	d.until("in", func() bool { return c.Who().In })
	d.Load()
	d.until("lists", func() bool { return len(d.Operators()) == 2 })
	return d
}

func (d *desk) until(what string, done func() bool) {
	d.t.Helper()
	limit := time.After(60 * time.Second)
	for !done() {
		select {
		case <-d.changed:
		case <-limit:
			d.t.Fatalf("%s: not reached; load %v, change %v, role %v, key %v", what, d.Err(people.OpLoad), d.Err(people.OpChange), d.Err(people.OpRole), d.Err(people.OpKey))
		}
	}
}

func code(err error) string {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p.Code
	}
	return ""
}

// What is made for an operator is there once, is written once, to a file of its owner alone, and is gone when closed.
func TestHandover(t *testing.T) {
	d := open(t)
	if d.Operators()[0].Name != "ann" || !slices.Equal(d.Holders("duty"), []string{"ann"}) {
		t.Errorf("operators %+v", d.Operators())
	}
	d.Add(" bob ", "1,2", nil)
	d.until("made", func() bool { return d.Handover() != nil && len(d.Operators()) == 3 })
	h := d.Handover()
	if h.Name != "bob" || h.Password != "once" || h.KeyName() != "bob.key" {
		t.Fatalf("handover %+v", h)
	}
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	if err := os.WriteFile(taken, []byte("somebody's"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.SaveKey(taken)
	d.until("refused", func() bool { return d.Err(people.OpKey) != nil })
	if b, _ := os.ReadFile(taken); code(d.Err(people.OpKey)) != "file_write" || string(b) != "somebody's" || d.Handover().Saved != "" {
		t.Errorf("a file that was there holds %q; error %v", b, d.Err(people.OpKey))
	}
	d.until("idle", func() bool { return !d.IsBusy(people.OpKey) })
	path := filepath.Join(dir, "bob.key")
	d.SaveKey(path)
	d.until("saved", func() bool { return d.Handover().Saved == path })
	b, err := os.ReadFile(path)
	info, serr := os.Stat(path)
	if err != nil || serr != nil || !bytes.Equal(b, []byte("key of bob")) || info.Mode().Perm() != 0o600 {
		t.Errorf("key file %q, mode %v, %v %v", b, info.Mode(), err, serr)
	}
	d.EndHandover()
	if d.Handover() != nil {
		t.Error("the password is still known after it was closed")
	}
}

func TestHandoverEndsWithTheSession(t *testing.T) {
	d := open(t)
	d.NewPassword("ann")
	d.until("made", func() bool { return d.Handover() != nil })
	if h := d.Handover(); h.Password != "twice" || h.KeyFile != nil {
		t.Errorf("handover %+v", h)
	}
	d.Logout()
	if d.Handover() != nil || d.Operators() != nil {
		t.Error("after logout operators and the password made for one are still known")
	}
}

func TestWrongInputIsNotSent(t *testing.T) {
	d := open(t)
	d.SetDisabled("ann", true)
	d.until("told", func() bool { return code(d.Err(people.OpChange)) == "operator_last" })

	for _, c := range []struct {
		want string
		role rights.Role
	}{
		{"role_unnamed", rights.Role{Name: "  "}},
		{"grant_verbs", rights.Role{Name: "r", Grants: []rights.Grant{{Servers: []string{"*"}}}}},
		{"grant_servers", rights.Role{Name: "r", Grants: []rights.Grant{{}, {Verbs: []string{"run"}, Modules: []string{"*"}}}}},
		{"grant_modules", rights.Role{Name: "r", Grants: []rights.Grant{{Verbs: []string{"look", "run"}, Servers: []string{"*"}}}}},
	} {
		d.until("idle", func() bool { return !d.IsBusy(people.OpRole) })
		d.PutRole(c.role)
		d.until(c.want, func() bool { return code(d.Err(people.OpRole)) == c.want })
	}
	d.until("idle", func() bool { return !d.IsBusy(people.OpRole) })
	d.PutRole(rights.Role{Name: "duty", Grants: []rights.Grant{{Verbs: []string{"look"}, Servers: []string{"*"}}, {}}})
	d.until("stored", func() bool { return len(d.Roles()) == 1 })
	if n := len(d.Roles()[0].Grants); n != 1 {
		t.Errorf("%d grants stored, want the one that says something", n)
	}
}

func TestWords(t *testing.T) {
	got := people.Words(" 1007,category:bas，app:my shop；;1007、\n*")
	if want := []string{"1007", "category:bas", "app:my shop", "*"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
