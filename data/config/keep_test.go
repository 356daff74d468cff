package config_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"omanager/data/config"
)

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// update sets one number, which tells the saved texts apart.
func update(t *testing.T, path string, port int) {
	t.Helper()
	if err := config.Update(path, func(c *config.Config) error { c.System.Port = port; return nil }); err != nil {
		t.Fatal(err)
	}
}

// saved is a file that was saved twice and then damaged.
func saved(t *testing.T) (path string, good []byte) {
	t.Helper()
	path = place(t, sample(t))
	update(t, path, 1)
	update(t, path, 2)
	return path, contents(t, path)
}

func TestDamagedFileFallsBack(t *testing.T) {
	for name, damage := range map[string]func(good []byte) []byte{
		"empty": func([]byte) []byte { return nil }, "blank": func([]byte) []byte { return []byte("\n \r\n") },
		"zeros": func(g []byte) []byte { return make([]byte, len(g)) }, "a zero": func(g []byte) []byte { return append(g[:40:40], append([]byte{0}, g[41:]...)...) },
		"garbage": func([]byte) []byte { return []byte("\x7fELF\x02\x01\x01 garbage\nmore of it\n") },
		"half":    func(g []byte) []byte { return g[:len(g)/2] }, "a byte less": func(g []byte) []byte { return bytes.TrimRight(g, "\r\n") },
		"bad value": func(g []byte) []byte { return bytes.Replace(g, []byte("port = 2"), []byte("port = 2x"), 1) },
	} {
		path, good := saved(t)
		want := *load(t, path)
		bad := damage(bytes.Clone(good))
		write(t, path, bad)
		if _, err := config.Load(path); code(err) != "config_bad" {
			t.Errorf("%s: Load says %v", name, err)
		}
		got, notice, err := config.LoadGood(path)
		if err != nil || code(notice) != "config_older" || !strings.Contains(notice.Error(), path+".1") {
			t.Errorf("%s: notice %v, %v", name, notice, err)
			continue
		}
		if d := cmp.Diff(want, *got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		update(t, path, 3) // a save mends it
		want.System.Port = 3
		if d := cmp.Diff(want, *load(t, path)); d != "" {
			t.Errorf("%s, after the next save: %s", name, d)
		}
		if !bytes.Equal(contents(t, path+".bad"), bad) {
			t.Errorf("%s: what was damaged is gone", name)
		}
	}
}

// TestTornAnywhere cuts the file at every byte: within a line that is seen, and the settings are the last saved ones;
// at the end of a line it is what a person might have made of it.
func TestTornAnywhere(t *testing.T) {
	path, good := saved(t)
	want := *load(t, path)
	silent := 0
	for n := range good {
		write(t, path, good[:n])
		got, notice, err := config.LoadGood(path)
		switch {
		case err != nil:
			t.Fatalf("cut at %d: %v", n, err)
		case notice != nil && *got != want:
			t.Fatalf("cut at %d: %s", n, cmp.Diff(want, *got))
		case notice == nil && good[n-1] != '\n':
			t.Fatalf("cut at %d, %q, unnoticed", n, good[:n][bytes.LastIndexByte(good[:n], '\n')+1:])
		case notice == nil:
			silent++
		}
	}
	if silent == 0 {
		t.Error("taking whole lines out by hand is called damage")
	}
}

func TestNothingToFallBackTo(t *testing.T) {
	for name, text := range map[string]string{"garbage": "garbage", "bad value": "[system]\nport = x\n", "zeros": "\x00\x00"} {
		if c, notice, err := config.LoadGood(place(t, text)); code(err) != "config_bad" {
			t.Errorf("%s: %v, %v, %v", name, c, notice, err)
		}
	}
	path, good := saved(t)
	for _, n := range []string{".1", ".2"} { // the newest ones are damaged too
		write(t, path+n, []byte("garbage"))
	}
	write(t, path, []byte("garbage"))
	got, notice, err := config.LoadGood(path)
	if err != nil || !strings.Contains(fmt.Sprint(notice), path+".3") || got.System.Port != 11511 {
		t.Errorf("%+v, %v, %v", got, notice, err)
	}
	write(t, path, good)
	if _, notice, err := config.LoadGood(path); notice != nil || err != nil {
		t.Errorf("a good file beside damaged copies: %v, %v", notice, err)
	}
}

func TestGenerations(t *testing.T) {
	path := place(t, sample(t))
	texts := [][]byte{[]byte(sample(t))}
	for port := 1; port <= 5; port++ {
		update(t, path, port)
		texts = append(texts, contents(t, path))
	}
	for i, name := range []string{"", ".1", ".2", ".3"} {
		if want := texts[len(texts)-max(i, 1)]; !bytes.Equal(contents(t, path+name), want) {
			t.Errorf("config.ini%s is another text", name)
		}
	}
	list, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(list) != 5 { // and the lock
		t.Errorf("%v, %v", list, err)
	}
	for _, e := range list {
		if fi, err := e.Info(); err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", e.Name(), fi.Mode(), err)
		}
	}
}

// TestSaversDoNotLoseEachOthersKeys: many at once, each with a key of its own.
func TestSaversDoNotLoseEachOthersKeys(t *testing.T) {
	path := place(t, sample(t))
	change := []func(*config.Config, int){
		func(c *config.Config, i int) { c.System.Width = i }, func(c *config.Config, i int) { c.System.Height = i },
		func(c *config.Config, i int) { c.System.Port = i }, func(c *config.Config, i int) { c.DB.Pass = fmt.Sprintf("#%d;&=(^%%", i) },
	}
	const rounds = 8
	var wg sync.WaitGroup
	for _, f := range change {
		wg.Go(func() {
			for i := range rounds {
				if err := config.Update(path, func(c *config.Config) error { f(c, i+1); return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	want := *load(t, place(t, sample(t)))
	for _, f := range change {
		f(&want, rounds)
	}
	if d := cmp.Diff(want, *load(t, path)); d != "" {
		t.Error(d)
	}
	// The control: who saves all of what it loaded a while ago does lose them.
	stale := load(t, path)
	update(t, path, 4242)
	if err := config.Save(path, stale); err != nil {
		t.Fatal(err)
	}
	if load(t, path).System.Port == 4242 {
		t.Error("even saving stale settings lost nothing: this test proves nothing")
	}
}

func TestUpdateStopsWhereItIsTold(t *testing.T) {
	path := place(t, sample(t))
	if err := config.Update(path, func(*config.Config) error { return os.ErrPermission }); code(err) != os.ErrPermission.Error() {
		t.Error(err)
	}
	if got := contents(t, path); string(got) != sample(t) {
		t.Errorf("the file changed: %q", got)
	}
}

func TestCreateAndRemember(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.ini")
	first := []byte("# a comment\n[system]\nport = 1\n")
	for range 2 { // the second leaves what is there
		if err := config.Create(path, first); err != nil {
			t.Fatal(err)
		}
		first = append([]byte("# another\n"), first...)
	}
	if err := config.Create(path+"2", []byte("garbage")); code(err) != "config_bad" {
		t.Error(err)
	}
	edited := []byte("[system]\nport = 7\n")
	write(t, path, edited)
	if err := config.Remember(path); err != nil {
		t.Fatal(err)
	}
	write(t, path, []byte("garbage"))
	if err := config.Remember(path); err != nil { // is not kept
		t.Fatal(err)
	}
	if c, notice, err := config.LoadGood(path); err != nil || notice == nil || c.System.Port != 7 {
		t.Errorf("%+v, %v, %v", c, notice, err)
	}
}
