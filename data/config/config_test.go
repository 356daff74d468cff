package config_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"omanager/app/problem"
	"omanager/data/config"
)

func code(err error) string {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p.Code
	}
	return fmt.Sprint(err)
}

func place(t testing.TB, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "config.ini")
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

func load(t testing.TB, path string) *config.Config {
	t.Helper()
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sample(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "sample.ini"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLoadSample(t *testing.T) {
	want := config.Default()
	want.System.Height, want.System.Width, want.System.UpVersion, want.System.IP = 800, 1280, 10030, "10.20.0.1"
	want.System.SecretKey = `s#m;p&amp;le=(k^y)%(ip)s $x\`
	want.DB = config.DB{IP: "10.20.0.2", Pass: "p#ss;word"}
	if d := cmp.Diff(want, *load(t, place(t, sample(t)))); d != "" {
		t.Error(d)
	}
}

func TestX16LegacyFile(t *testing.T) {
	c := load(t, legacyFile(t, "config.ini"))
	want := config.Config{
		System: config.System{Height: 765, Width: 1024, Version: "v2014", UpVersion: 10026, IP: "192.168.1.20", Port: 11511, Timeout: 10, MaxServers: 10,
			SecretKey: "ctmj#&amp;8hrgow_^sj$ejt@9fzsmh_o)-=(byt5jmg=e3#foya6u", UpgradeURL: "http://update.domain.com/upgrade", Envelope: config.EnvelopeDefault},
		DB: config.DB{IP: "192.168.1.10", User: "servmanageruser", Pass: "123456#abc", Name: "OManager"},
	}
	if d := cmp.Diff(want, *c); d != "" {
		t.Error(d)
	}
}

func legacyFile(t *testing.T, name string) string {
	t.Helper()
	if dir := os.Getenv("OMANAGER_LEGACY"); dir != "" {
		return filepath.Join(dir, name)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		p := filepath.Join(dir, "..", "shared", "legacy", "data", name)
		if _, err := os.Stat(p); err == nil {
			return p
		}
		if dir == filepath.Dir(dir) {
			t.Skipf("SKIP: no %s of a legacy installation here; set OMANAGER_LEGACY to its folder", name)
		}
	}
}

func TestSaveTouchesOnlyWhatChanged(t *testing.T) {
	path := place(t, sample(t))
	c := load(t, path)
	if err := config.Save(path, c); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != sample(t) {
		t.Fatalf("saving nothing changed the file:\n%q", got)
	}
	c.System.Width, c.System.Port, c.DB.Pass, c.System.Language, c.DB.Name = 1, 22, "n#w;=&^(", "zh", "OM"
	if err := config.Save(path, c); err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer(
		"width=1280", "width=1", "port = 11511", "port = 22", "db_pass = p#ss;word\r\n", "db_pass = n#w;=&^(\r\ndb_name = OM\r\n",
		"own_key = kept # as it is\r\n", "own_key = kept # as it is\r\nlanguage = zh\r\n",
	).Replace(sample(t))
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
	fi, err := os.Stat(path)
	if err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", fi.Mode(), err)
	}
	if d := cmp.Diff(*c, *load(t, path)); d != "" {
		t.Error(d)
	}
}

func TestSaveOddFiles(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "no end of line": "[system]\nport = 1", "only comment": "# x", "section twice": "[system]\nport = 1\n[db]\n[system]\nport = 2\n",
		"key twice": "[system]\nport = 1\nport = 3\n", "empty values": "[system]\nport =\nlanguage=\n", "indented": "  [system]\n\t port\t=\t5\n",
		"other first": "[x]\nport = 1\n", "default section": "port = 1\n",
	} {
		path := place(t, text)
		c := load(t, path)
		c.System.Port, c.System.Theme, c.DB.User = 4242, "dark", "u"
		if err := config.Save(path, c); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(*c, *load(t, path)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestSaveMakesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.ini")
	if _, err := config.Load(path); code(err) != "config_read" || !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	c := config.Default()
	c.System.SecretKey = "k#1"
	if err := config.Save(path, &c); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "[system]\nsecret_key = k#1\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestSaveFollowsASymlink(t *testing.T) {
	path := place(t, "[system]\nport = 1\n")
	link := filepath.Join(t.TempDir(), "link.ini")
	if err := os.Symlink(path, link); err != nil {
		t.Skipf("SKIP: no symbolic links here: %v", err)
	}
	c := load(t, link)
	c.System.Port = 2
	if err := config.Save(link, c); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Lstat(link); err != nil || fi.Mode()&fs.ModeSymlink == 0 || load(t, path).System.Port != 2 {
		t.Errorf("the link is %v, %v; the file has %+v", fi.Mode(), err, load(t, path))
	}
}

// TestX15ValuesSurvive saves and loads values that ini readers are known to spoil, and random ones.
func TestX15ValuesSurvive(t *testing.T) {
	path := place(t, sample(t))
	values := []string{
		"a#b", "a;b", "a=b", "=", "#", ";", "a # b", "a ; b", "&amp;", "^", "(", "%(db_pass)s", "%", "%%", "$x", "${x}", `C:\keys\`, `\`, `\n`,
		"[x]", "]", `a"b`, `a'b`, "a`b", "密钥", "é", "\u00a0x", "a\tb", "\\\\", "@@", "*,", "a  b", "!", ":", "a:b", "'", "\"", "x'", "=x", "0", "true", "",
	}
	const alphabet = "ab #;=&^()[]%$\\'\"`:!,.*@~é密\t"
	runes := []rune(alphabet)
	for range 300 {
		var b strings.Builder
		for range rand.IntN(9) {
			b.WriteRune(runes[rand.IntN(len(runes))])
		}
		values = append(values, b.String())
	}
	refused := 0
	for _, v := range values {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c := load(t, path)
		c.DB.Pass, c.System.SecretKey = v, v
		if err := config.Save(path, c); err != nil {
			refused++
			after, rerr := os.ReadFile(path)
			if code(err) != "config_value" || !bytes.Equal(before, after) || rerr != nil || strings.Trim(v, " \t\u00a0'\"`") == v {
				t.Fatalf("%q: %v; unchanged %v", v, err, bytes.Equal(before, after))
			}
			continue
		}
		if got := load(t, path); got.DB.Pass != v || got.System.SecretKey != v {
			t.Fatalf("%q came back as %q and %q", v, got.DB.Pass, got.System.SecretKey)
		}
	}
	t.Logf("%d values, %d refused", len(values), refused)
}

func TestSaveRefusesValues(t *testing.T) {
	for _, v := range []string{" a", "a ", "a\nb", "a\rb", "a\x00", `"quoted"`, "'quoted'", "`x", `"""x`, "\t"} {
		path := place(t, "[db]\ndb_pass = old\n")
		c := load(t, path)
		c.DB.Pass = v
		if err := config.Save(path, c); code(err) != "config_value" {
			t.Errorf("%q: %v", v, err)
		}
		if load(t, path).DB.Pass != "old" {
			t.Errorf("%q: the file changed", v)
		}
	}
	for name, change := range map[string]func(*config.Config){
		"port": func(c *config.Config) { c.System.Port = 65536 }, "height": func(c *config.Config) { c.System.Height = -1 },
		"envelope": func(c *config.Config) { c.System.Envelope = "none" }, "envelope empty": func(c *config.Config) { c.System.Envelope = "" },
		"theme": func(c *config.Config) { c.System.Theme = "pink" },
	} {
		c := config.Default()
		change(&c)
		if err := config.Save(filepath.Join(t.TempDir(), "x.ini"), &c); code(err) != "config_value" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no number": "[system]\nport = x\n", "too large": "[system]\nport = 70000\n", "negative": "[system]\nheight = -1\n",
		"no key": "[system]\njust text\n", "envelope": "[system]\nenvelope = rot13\n", "open section": "[system\nport = 1\n",
		"unclosed text": "[system]\nip = `x\n",
	} {
		if c, err := config.Load(place(t, text)); code(err) != "config_bad" {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	_, err := config.Load(place(t, "[db]\n# x\ndb_pass hunter2\n"))
	if code(err) != "config_bad" || !strings.Contains(err.Error(), "line 3") || strings.Contains(fmt.Sprint(err, errors.Unwrap(err)), "hunter2") {
		t.Errorf("a broken line with a secret: %v", err)
	}
	if _, err := config.Load(place(t, strings.Repeat("#", 1<<20+1))); code(err) != "config_read" {
		t.Error(err)
	}
	if _, err := config.Load(t.TempDir()); code(err) != "config_read" {
		t.Error(err)
	}
}

// TestHiddenSettingIsNotSpoiled: a value over several lines hides a key from an editor of lines.
func TestHiddenSettingIsNotSpoiled(t *testing.T) {
	text := "[system]\nport = 1\nnote = \"\"\"\nport = 2\n\"\"\"\n"
	path := place(t, text)
	c := load(t, path)
	c.System.Port = 3
	if err := config.Save(path, c); code(err) != "config_save" {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != text {
		t.Fatalf("%q, %v", got, err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".omanager*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestReadersNeverSeeATornFile reads while another goroutine saves.
func TestReadersNeverSeeATornFile(t *testing.T) {
	path := place(t, sample(t))
	c := *load(t, path)
	var wg sync.WaitGroup
	done := make(chan struct{})
	wg.Go(func() {
		defer close(done)
		for i := range 100 {
			c.System.Width, c.DB.Pass = i, strings.Repeat("x", i*20)
			if err := config.Save(path, &c); err != nil {
				t.Error(err)
			}
		}
	})
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		got := load(t, path)
		if got.System.Width != 1280 && len(got.DB.Pass) != got.System.Width*20 {
			t.Fatalf("width %d with a value of %d bytes", got.System.Width, len(got.DB.Pass))
		}
	}
	wg.Wait()
}

func FuzzSave(f *testing.F) {
	f.Add([]byte("[system]\nport = 1\n"), "v#")
	f.Add([]byte("\xef\xbb\xbf[db]\r\ndb_pass = 1"), "&")
	f.Fuzz(func(t *testing.T, text []byte, v string) {
		path := filepath.Join(t.TempDir(), "f.ini")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(path)
		if err != nil {
			return
		}
		c.DB.Pass, c.System.Port = v, 77
		if err := config.Save(path, c); err != nil {
			if got, _ := os.ReadFile(path); !bytes.Equal(got, text) {
				t.Fatalf("refused with %v, yet the file changed", err)
			}
			return
		}
		got, err := config.Load(path)
		if err != nil || *got != *c {
			t.Fatalf("%+v, want %+v, %v", got, c, err)
		}
	})
}
