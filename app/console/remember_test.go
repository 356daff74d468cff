package console_test

import (
	"os"
	"path/filepath"
	"testing"

	"omanager/app/console"
	"omanager/rpc/serve"
)

// enter logs a new console in, and answers the question about the fingerprint when there is one.
func enter(t *testing.T, settings string, r *serve.Running) *desk {
	t.Helper()
	d := newDesk(t, settings)
	d.Login(console.Credentials{Address: r.Addr, Operator: r.Operator, Password: r.Password, KeyFile: r.KeyFile})
	d.until("question or in", func() bool { return d.Question() != nil || d.Who().In })
	if d.Question() != nil {
		d.idle(console.OpLogin)
		d.Trust(true)
	}
	d.until("modules", func() bool { m, _ := d.Modules(); return len(m) > 0 && !d.IsBusy(console.OpLoad) })
	return d
}

func TestWhatARunWasGivenStandsInTheFormOfTheNextConsole(t *testing.T) {
	r, err := serve.Demo(t.Context(), serve.DemoOptions{Hosts: 3, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	dir := t.TempDir()
	settings, file := filepath.Join(dir, "console.json"), filepath.Join(dir, "last-values.json")

	d := enter(t, settings, r)
	d.SetTicked(d.Tree().Hosts)
	d.Choose("1001")
	before := d.Draft().Values["lines"]
	d.SetValue("lines", "77")
	if _, err := os.Stat(file); err == nil {
		t.Error("what was never run is kept")
	}
	d.Execute()
	d.until("run", func() bool { return d.Run() != nil })
	d.idle(console.OpStart)
	if err := d.Err(console.OpRemember); err != nil {
		t.Fatal(err)
	}
	d.Close()

	d = enter(t, settings, r)
	d.Choose("1001")
	if got := d.Draft().Values["lines"]; got != "77" || got == before {
		t.Errorf("lines begins as %q, want 77", got)
	}
	d.Close()

	write(t, file, []byte("{broken"))
	d = enter(t, settings, r)
	if c := code(d.Err(console.OpRemember)); c != "last_values_read" {
		t.Errorf("a broken file is told as %q", c)
	}
	d.Choose("1001")
	if got := d.Draft().Values["lines"]; got != before {
		t.Errorf("lines begins as %q after the file broke, want %q", got, before)
	}
}
