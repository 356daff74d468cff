package shell_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"omanager/app/account"
	"omanager/app/console"
	"omanager/app/job"
	"omanager/data/store"
	"omanager/rpc/client"
	"omanager/ui/look"
	"omanager/ui/shell"
)

// colleague is a second operator with all rights, logged in to the desk's control server from elsewhere.
func (d *desk) colleague(name string) *client.Client {
	d.t.Helper()
	password, key := d.made(name)
	r := d.demo.Load()
	c := client.Dial(r.Addr, r.Fingerprint)
	d.t.Cleanup(c.Close)
	if err := c.Login(d.t.Context(), name, password, key); err != nil {
		d.t.Fatal(err)
	}
	if c.Session().OneTime {
		if err := c.ChangePassword(d.t.Context(), password, "a password of this test"); err != nil {
			d.t.Fatal(err)
		}
	}
	return c
}

// made adds an operator with all rights beside the control server.
func (d *desk) made(name string) (password string, key []byte) {
	d.t.Helper()
	st, err := store.OpenSQLite(d.t.Context(), filepath.Join(d.demo.Load().Dir, "omanager.db"))
	if err != nil {
		d.t.Fatal(err)
	}
	password, key, err = account.Admin{Store: st, Params: account.FloorParams(), Now: time.Now}.Add(d.t.Context(), name, "root")
	if err == nil {
		err = st.Close()
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return password, key
}

// fill types into the entries for passwords, from the top.
func (d *desk) fill(texts ...string) {
	i := 0
	each(d.s.Root(), func(o fyne.CanvasObject) {
		if e, ok := o.(*widget.Entry); ok && i < len(texts) && e.ActionItem != nil { // the eye
			e.SetText(texts[i])
			i++
		}
	})
}

func TestApprovalsPage(t *testing.T) {
	d := open(t)
	d.enter()
	other := d.colleague("second")
	q := job.Request{Module: "3302", On: "db01"}
	p, err := other.Plan(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := other.RequestApproval(t.Context(), client.NewJobID(), q, p.Hash, "memory leak")
	if err != nil {
		t.Fatal(err)
	}
	d.c.LoadApprovals()
	d.mustPress("1") // the number of what waits is on the tool bar
	d.until("request", func() bool { return strings.Contains(d.tables(), "memory leak") })
	if s := d.tables(); !strings.Contains(s, "Waiting\t") || !strings.Contains(s, "\tsecond\t") || !strings.Contains(s, "db01\t") {
		t.Errorf("the request is not told whole:\n%s", s)
	}
	if d.press("Refuse") {
		t.Error("it can be refused without a word of why")
	}
	d.s.SetLanguage("zh")
	d.until("request in Chinese", func() bool {
		return strings.Contains(d.tables(), "等待中\t重启 MySQL") || strings.Contains(d.tables(), "等待中\t")
	})
	d.s.SetLanguage("en")
	d.mustPress("Approve")
	d.until("decided", func() bool { return d.c.Waiting() == 0 })
	d.mustPress("All")
	d.until("on view", func() bool { return strings.Contains(d.tables(), "Approved\t") })
	list, err := other.Approvals(t.Context(), false, 10)
	if err != nil || len(list) != 1 || list[0].ID != asked.ID || list[0].State != job.ApprovalApproved {
		t.Errorf("the control server has %+v, %v", list, err)
	}
	d.s.ShowPage(shell.Work)
	d.until("work", func() bool { return strings.Contains(d.notes(), "0/50") })
}

func TestLogPage(t *testing.T) {
	d := open(t)
	d.enter()
	d.s.ShowPage(shell.OpLog)
	d.until("records", func() bool {
		return strings.Contains(d.tables(), "\tLogin\t") && strings.Contains(d.tables(), "Log read")
	})
	each(d.s.Root(), func(o fyne.CanvasObject) {
		if e, ok := o.(*widget.Entry); ok && e.PlaceHolder == "2026-03-31" {
			test.Type(e, "yesterday")
		}
	})
	d.until("said", func() bool { return strings.Contains(d.said(), `"yesterday" is no time`) })
	if d.press("Search") {
		t.Error("a time that is none can be searched for")
	}
	d.s.SetLanguage("zh")
	d.until("in Chinese", func() bool {
		return strings.Contains(d.tables(), "\t登录\t") && strings.Contains(d.said(), "“yesterday”不是时间")
	})
}

func TestSettingsPage(t *testing.T) {
	d := open(t)
	d.enter()
	d.s.ShowPage(shell.Settings)
	entry := func() (port *widget.Entry) {
		each(d.s.Root(), func(o fyne.CanvasObject) {
			if e, ok := o.(*widget.Entry); ok && strings.HasPrefix(e.Text, "1151") {
				port = e
			}
		})
		return port
	}
	d.until("port", func() bool { return entry() != nil })
	test.Type(entry(), "9") // in front: 911511
	d.until("said", func() bool { return strings.Contains(d.said(), "number from 0 to 65535") })
	if d.press("Save") {
		t.Error("a port that is none can be saved")
	}
	d.mustPress("Undo")
	d.until("as before", func() bool { return entry() != nil && entry().Text == "11511" })
	entry().SetText("11512")
	d.mustPress("Save")
	d.until("saved", func() bool { return strings.Contains(d.said(), "Saved.") })
	d.s.SetTheme(look.Dark) // is kept at once
	path := filepath.Join(d.demo.Load().Dir, "console", "config.ini")
	d.until("kept", func() bool {
		b, err := os.ReadFile(path)
		return err == nil && strings.Contains(string(b), "port = 11512\n") && strings.Contains(string(b), "theme = dark\n")
	})
}

func TestOwnPasswordPage(t *testing.T) {
	d := open(t)
	d.enter()
	d.s.ShowPage(shell.Password)
	d.fill(d.demo.Load().Password, "a new password of this test", "another")
	d.pressLast("Change password")
	d.until("said", func() bool { return strings.Contains(d.said(), "differ") })
	d.until("idle", func() bool { return !d.c.IsBusy(console.OpPassword) })
}

// pressLast taps the last button with the text: the page's own, not the tool bar's.
func (d *desk) pressLast(text string) {
	d.t.Helper()
	d.until("button "+text, func() bool {
		var last *widget.Button
		each(d.s.Root(), func(o fyne.CanvasObject) {
			if b, ok := o.(*widget.Button); ok && b.Text == text && !b.Disabled() {
				last = b
			}
		})
		if last != nil {
			test.Tap(last)
		}
		return last != nil
	})
}

// Somebody whose password another one made sees the page for a new one, and nothing else, until it is changed.
func TestTheFirstPageAsksForAPassword(t *testing.T) {
	d := open(t)
	d.enter()
	password, key := d.made("fresh")
	file := filepath.Join(t.TempDir(), "fresh.key")
	if err := os.WriteFile(file, key, 0o600); err != nil {
		t.Fatal(err)
	}
	other := console.New(console.Config{
		Fingerprint: client.Fingerprint, NewJobID: client.NewJobID,
		Dial: func(addr, fp string) console.Server { return client.Dial(addr, fp) },
	})
	t.Cleanup(other.Close)
	f := beside(t, other)
	r := d.demo.Load()
	other.Login(console.Credentials{Address: r.Addr, Operator: "fresh", Password: password, KeyFile: file})
	f.mustPress("I checked it: the same")
	f.until("page", func() bool { return strings.Contains(f.said(), "The password of fresh was made by somebody else") })
	f.s.ShowPage(shell.Operators)
	if strings.Contains(f.tables(), "\t") {
		t.Error("another page is on view before the password is changed")
	}
	f.fill(password, "a password of this test", "a password of this test")
	f.mustPress("Change password")
	f.until("servers", func() bool { return strings.Contains(f.notes(), "0/50") })
}
