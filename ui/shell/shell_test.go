package shell_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"omanager/app/console"
	"omanager/app/job"
	"omanager/data/config"
	"omanager/rpc/client"
	"omanager/rpc/serve"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
	"omanager/ui/shell"
)

// desk is the window on a real control server with simulated servers. The test's goroutine owns the widgets: what is
// posted runs only in until.
type desk struct {
	t      *testing.T
	c      *console.Console
	s      *shell.Shell
	w      fyne.Window
	posted chan func()
	demo   atomic.Pointer[serve.Running]
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, posted: make(chan func(), 4096)}
	a, dir := test.NewTempApp(t), t.TempDir() // the folder goes last: its clean-up runs after that of the console
	d.c = console.New(console.Config{
		Fingerprint: client.Fingerprint,
		Dial:        func(addr, fp string) console.Server { return client.Dial(addr, fp) },
		NewJobID:    client.NewJobID,
		Poll:        20 * time.Millisecond,
		Demo: func(ctx context.Context) (console.Embedded, error) {
			r, err := serve.Demo(ctx, serve.DemoOptions{Dir: dir})
			if err != nil {
				return console.Embedded{}, err
			}
			d.demo.Store(r)
			return console.Embedded{Addr: r.Addr, Fingerprint: r.Fingerprint, Operator: r.Operator, Password: r.Password, KeyFile: r.KeyFile, Close: r.Close}, nil
		},
	})
	d.show(a, dir)
	return d
}

// beside is another window on another console.
func beside(t *testing.T, c *console.Console) *desk {
	t.Helper()
	d := &desk{t: t, c: c, posted: make(chan func(), 4096)}
	d.show(fyne.CurrentApp(), t.TempDir())
	return d
}

// show makes the window; the console is closed with it.
func (d *desk) show(a fyne.App, dir string) {
	d.s = shell.New(shell.Options{App: a, Console: d.c, Words: look.NewWords("en"), Theme: look.Light, Version: "test", Prefs: config.At(filepath.Join(dir, "console", "config.ini")), Post: func(f func()) { d.posted <- f }})
	d.w = test.NewTempWindow(d.t, d.s.Root())
	d.w.SetPadded(false)
	d.w.Resize(fyne.NewSize(1280, 800))
	d.s.SetCanvas(d.w.Canvas())
	d.t.Cleanup(func() {
		d.s.Close()
		d.c.Close()
	})
}

// until runs what is posted until the state is reached; the limit only keeps a fault from hanging the test.
func (d *desk) until(what string, done func() bool) {
	d.t.Helper()
	limit := time.After(60 * time.Second)
	for !done() {
		select {
		case f := <-d.posted:
			f()
		case <-limit:
			d.t.Fatalf("%s: not reached; login %v, load %v, plan %v, start %v", what, d.c.Err(console.OpLogin), d.c.Err(console.OpLoad), d.c.Err(console.OpPlan), d.c.Err(console.OpStart))
		}
	}
}

// each visits every visible object.
func each(o fyne.CanvasObject, visit func(fyne.CanvasObject)) {
	if !o.Visible() {
		return
	}
	visit(o)
	switch x := o.(type) {
	case *fyne.Container:
		for _, c := range x.Objects {
			each(c, visit)
		}
	case *container.Scroll:
		each(x.Content, visit)
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(x).Objects() {
			each(c, visit)
		}
	}
}

// press taps the button with the text and reports whether it is there and can be pressed.
func (d *desk) press(text string) bool {
	d.t.Helper()
	pressed := false
	each(d.s.Root(), func(o fyne.CanvasObject) {
		if pressed {
			return
		}
		switch b := o.(type) {
		case *widget.Button:
			if b.Text == text && !b.Disabled() {
				pressed = true
				test.Tap(b)
			}
		case *kit.ToolButton:
			if b.Text() == text && !b.Disabled() {
				pressed = true
				test.Tap(b)
			}
		}
	})
	return pressed
}

func (d *desk) mustPress(text string) {
	d.t.Helper()
	d.until("button "+text, func() bool { return d.press(text) })
}

// enter is the first press; the servers come a moment later.
func (d *desk) enter() {
	d.t.Helper()
	d.mustPress("Try it")
	d.until("servers", func() bool { return strings.Contains(d.notes(), "0/50") })
}

// notes are the texts beside titles and in the tree.
func (d *desk) notes() string {
	var b strings.Builder
	each(d.s.Root(), func(o fyne.CanvasObject) {
		if t, ok := o.(*kit.Text); ok {
			b.WriteString(t.Text() + "\n")
		}
	})
	return b.String()
}

// tables are the tables on view, as text.
func (d *desk) tables() string {
	var b strings.Builder
	each(d.s.Root(), func(o fyne.CanvasObject) {
		if r, ok := o.(*kit.Rows); ok {
			b.WriteString(r.Text() + "\n")
		}
	})
	return b.String()
}

// said is what the notes say.
func (d *desk) said() string {
	var b strings.Builder
	each(d.s.Root(), func(o fyne.CanvasObject) {
		if n, ok := o.(*panel.Note); ok {
			b.WriteString(n.Text() + "\n")
		}
	})
	return b.String()
}

// typeIn types into the last entry on view, which is the gate's.
func (d *desk) typeIn(text string) {
	d.t.Helper()
	var last *widget.Entry
	each(d.s.Root(), func(o fyne.CanvasObject) {
		if e, ok := o.(*widget.Entry); ok {
			last = e
		}
	})
	test.Type(last, text)
}

func (d *desk) choose(title string) {
	d.t.Helper()
	d.until("module "+title, func() bool {
		found := false
		each(d.s.Root(), func(o fyne.CanvasObject) {
			r, ok := o.(*kit.Rows)
			if !ok || found {
				return
			}
			for i, line := range strings.Split(r.Text(), "\n") {
				if strings.HasPrefix(line, title+"\t") {
					r.Select(i - 1)
					found = true
					return
				}
			}
		})
		return found
	})
}

func TestFourPressesToAGroupedResult(t *testing.T) {
	d := open(t)
	d.enter()
	d.mustPress("All")
	d.choose("OS version")
	d.mustPress("Run on 50 servers")
	d.until("groups", func() bool {
		return strings.Contains(d.tables(), "openEuler") && strings.Contains(d.tables(), "First line")
	})
	d.until("end", func() bool { return d.c.Run().Snapshot().Done })
	s := d.c.Run().Snapshot()
	if n := s.Counts[job.OK]; n == 0 || n == 50 {
		t.Errorf("%d of 50 are ok; the simulated fleet has some faults", n)
	}

	d.s.SetLanguage("zh")
	if !strings.Contains(d.tables(), "首行输出") || !d.press("按服务器") {
		t.Error("the result is not on view in Chinese after the switch")
	}
	if !strings.Contains(d.tables(), "无法连接") {
		t.Error("no row tells in Chinese that its server cannot be reached")
	}
	d.s.SetTheme(look.Dark)
	d.mustPress("历史作业")
	d.until("history", func() bool { return strings.Contains(d.tables(), "系统版本\t50") })
	d.mustPress("注销")
	d.until("login", func() bool { return d.press("试用") })
}

func TestAModuleThatChangesNeedsItsPlan(t *testing.T) {
	d := open(t)
	d.enter()
	d.mustPress("All")
	d.choose("Restart a service")
	d.until("form", func() bool { return d.c.Draft().Module != nil })
	d.c.SetValue("service", "nginx")
	d.until("plan asked for", func() bool { return d.press("Show plan") })
	if d.press("Run on 50 servers") {
		t.Fatal("it can be run before its plan was shown")
	}
	d.until("plan", func() bool { return strings.Contains(d.tables(), "Chosen by") && strings.Contains(d.tables(), "lb01") })
	// The database servers are guarded: their number is to be typed.
	d.until("the number is asked for", func() bool { return strings.Contains(d.said(), "Type the number of servers") })
	d.typeIn("5")
	if d.press("Run on 50 servers") {
		t.Fatal("it can be run with another number than that of its servers")
	}
	d.typeIn("0")
	d.mustPress("Run on 50 servers")
	d.until("end", func() bool { return d.c.Run() != nil && d.c.Run().Snapshot().Done })
}

func TestTicksFollowSearch(t *testing.T) {
	d := open(t)
	d.enter()
	var search *widget.Entry
	each(d.s.Root(), func(o fyne.CanvasObject) {
		if e, ok := o.(*widget.Entry); ok && search == nil {
			search = e
		}
	})
	test.Type(search, "lb")
	d.mustPress("All")
	ticked := d.c.Ticked()
	if len(ticked) == 0 || slices.ContainsFunc(ticked, func(h string) bool { return !strings.HasPrefix(h, "lb") }) {
		t.Errorf("ticked %v, want the lb servers only", ticked)
	}
}
