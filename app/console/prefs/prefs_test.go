package prefs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"omanager/app/console"
	"omanager/app/console/prefs"
	"omanager/data/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type desk struct {
	*prefs.Prefs
	c       *console.Console
	t       *testing.T
	changed chan struct{}
}

func open(t *testing.T, path string) *desk {
	t.Helper()
	c := console.New(console.Config{})
	d := &desk{prefs.New(c, config.At(path)), c, t, make(chan struct{}, 1)}
	c.OnChange(func(console.Topic) {
		select {
		case d.changed <- struct{}{}:
		default:
		}
	})
	t.Cleanup(c.Close)
	d.Load()
	return d
}

func (d *desk) until(what string, done func() bool) {
	d.t.Helper()
	limit := time.After(60 * time.Second)
	for !done() {
		select {
		case <-d.changed:
		case <-limit:
			d.t.Fatalf("%s: not reached; load %v, save %v", what, d.c.Err(prefs.OpLoad), d.c.Err(prefs.OpSave))
		}
	}
}

const file = "# mine\n[system]\nheight = 800\nsecret_key = s#m;p=le(k^y\nown = kept\n[db]\ndb_pass = a;b#c\n"

func TestSaveWritesWhatWasChangedOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.ini")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	d := open(t, path)
	d.until("loaded", func() bool { return d.Form().Loaded })
	f := d.Form()
	if f.Values["height"] != "800" || f.Values["secret_key"] != "s#m;p=le(k^y" || f.Values["port"] != "11511" || f.Dirty {
		t.Fatalf("form %+v", f)
	}
	d.Set("port", "70000")
	if f := d.Form(); f.Errors["port"] == nil || !f.Dirty || f.Values["port"] != "70000" {
		t.Fatalf("port 70000: %+v", f)
	}
	d.Save() // nothing happens while something is wrong
	d.Set("port", "2222")
	d.Set("db_pass", "new;#=pass")
	d.Set("height", "900")
	d.Set("height", "800") // as it was
	if f := d.Form(); len(f.Errors) != 0 {
		t.Fatalf("errors %v after mending", f.Errors)
	}
	d.Save()
	d.until("saved", func() bool { return d.Form().Saved })
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(strings.Replace(file, "own = kept\n", "own = kept\nport = 2222\n", 1), "a;b#c", "new;#=pass", 1)
	if string(got) != want {
		t.Errorf("the file holds\n%s\nwant\n%s", got, want)
	}
	d.Set("port", "2223")
	if f := d.Form(); f.Saved || !f.Dirty {
		t.Errorf("after another change: %+v", f)
	}
	d.Undo()
	if f := d.Form(); f.Dirty || f.Values["port"] != "2222" {
		t.Errorf("after undo: %+v", f)
	}
}

// A choice made elsewhere in the window is written at once and takes nothing along that is only typed.
func TestKeep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "config.ini")
	d := open(t, path)
	d.until("loaded", func() bool { return d.Form().Loaded })
	d.Set("ip", "10.0.0.9")
	d.Keep("language", "zh")
	d.until("kept", func() bool { return d.Form().Values["language"] == "zh" || d.c.Err("keep_language") != nil })
	if err := d.c.Err("keep_language"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(got), "language = zh") || strings.Contains(string(got), "10.0.0.9") {
		t.Errorf("the file holds %q, %v", got, err)
	}
	if f := d.Form(); f.Values["ip"] != "10.0.0.9" || !f.Dirty {
		t.Errorf("what was typed is lost: %+v", f)
	}
}

func TestABrokenFileIsSaidAndLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.ini")
	const broken = "[system]\nport = many\n"
	if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	d := open(t, path)
	d.until("said", func() bool { return d.c.Err(prefs.OpLoad) != nil })
	d.Set("port", "1")
	d.Save()
	d.Keep("theme", "dark")
	d.until("refused", func() bool { return d.c.Err("keep_theme") != nil })
	if got, err := os.ReadFile(path); err != nil || string(got) != broken {
		t.Errorf("the file holds %q, %v", got, err)
	}
}

func TestNoFile(t *testing.T) {
	c := console.New(console.Config{})
	p := prefs.New(c, nil)
	p.Keep("theme", "dark")
	p.Load()
	p.Set("port", "1")
	c.Close()
	if f := p.Form(); f.Loaded || f.Dirty {
		t.Errorf("form %+v", f)
	}
}
