package shell_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"omanager/rpc/client"
	"omanager/ui/shell"
)

// entry is the first entry on view whose placeholder or text begins so.
func (d *desk) entry(begins string) (found *widget.Entry) {
	d.t.Helper()
	d.until("entry "+begins, func() bool {
		each(d.s.Root(), func(o fyne.CanvasObject) {
			if e, ok := o.(*widget.Entry); ok && found == nil && (strings.HasPrefix(e.PlaceHolder, begins) || begins != "" && strings.HasPrefix(e.Text, begins)) {
				found = e
			}
		})
		return found != nil
	})
	return found
}

// tick taps the check with the text.
func (d *desk) tick(text string) {
	d.t.Helper()
	d.until("check "+text, func() bool {
		var found *widget.Check
		each(d.s.Root(), func(o fyne.CanvasObject) {
			if c, ok := o.(*widget.Check); ok && found == nil && c.Text == text {
				found = c
			}
		})
		if found != nil {
			test.Tap(found)
		}
		return found != nil
	})
}

// A role and an operator who holds it are made in the window; password and key file work, and are not shown again.
func TestOperatorsAndRolesPages(t *testing.T) {
	d := open(t)
	d.enter()
	d.s.ShowPage(shell.Roles)
	d.mustPress("New role")
	d.entry("Name of the role").SetText("duty")
	d.tick("Look")
	d.mustPress("Save role")
	d.until("refused", func() bool { return strings.Contains(d.said(), "Grant 1 names no servers") })
	d.entry("category:2").SetText("category:1，server:db01")
	d.mustPress("Save role")
	d.until("role", func() bool { return strings.Contains(d.tables(), "duty\tLook @ category:1, server:db01") })

	d.s.ShowPage(shell.Operators)
	d.until("operators", func() bool { return strings.Contains(d.tables(), "demo\tActive\tAll rights") })
	if d.press("Lock out") {
		t.Error("one can lock oneself out")
	}
	d.mustPress("New operator")
	d.entry("1 to 20").SetText("audit1")
	d.tick("duty")
	d.mustPress("Create operator")
	file := filepath.Join(t.TempDir(), "wang.key")
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	d.until("made", func() bool { return strings.Contains(d.notes(), "For audit1") })
	d.entry(filepath.Join(home, "audit1.key")).SetText(file)
	d.mustPress("Save key file")
	d.until("saved", func() bool { return strings.Contains(d.said(), "Saved in "+file) })
	password := d.s.People().Handover().Password
	d.mustPress("Done")
	d.until("listed", func() bool {
		return strings.Contains(d.tables(), "audit1\tOne-time\tLook, not run\tduty\t") && !strings.Contains(d.notes(), "For audit1")
	})
	key, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := d.demo.Load()
	c := client.Dial(r.Addr, r.Fingerprint)
	t.Cleanup(c.Close)
	if err := c.Login(t.Context(), "audit1", password, key); err != nil {
		t.Fatalf("what was handed over does not log in: %v", err)
	}

	d.mustPress("Lock out")
	d.confirm("Lock out")
	d.until("locked out", func() bool { return strings.Contains(d.tables(), "audit1\tLocked out") })
	if err := c.ChangePassword(t.Context(), password, "a password of this test"); err == nil {
		t.Error("somebody locked out goes on in a session")
	}
	d.mustPress("Let in again")
	d.until("let in", func() bool { return strings.Contains(d.tables(), "audit1\tOne-time") })
}

// confirm presses the button of the question on top.
func (d *desk) confirm(text string) {
	d.t.Helper()
	top := d.w.Canvas().Overlays().Top()
	if top == nil {
		d.t.Fatal("nothing is asked")
	}
	pressed := false
	each(top, func(o fyne.CanvasObject) {
		if b, ok := o.(*widget.Button); ok && b.Text == text && !pressed {
			pressed = true
			test.Tap(b)
		}
	})
	if !pressed {
		d.t.Fatalf("the question has no button %q", text)
	}
}
