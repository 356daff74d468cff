package serve_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"omanager/rpc/serve"
)

// words are the lines of a data folder's files, and what init printed, that are long enough to be a secret.
func words(t *testing.T, made serve.Created) map[string]string {
	t.Helper()
	out := map[string]string{}
	for what, v := range map[string]string{"password": made.Password, "fingerprint": made.Fingerprint, "ssh key": strings.Fields(made.SSHKey)[1]} {
		out[v] = what
	}
	check(t, filepath.WalkDir(made.Dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || strings.Contains(path, "omanager.db") || strings.Contains(path, "assets") || strings.Contains(e.Name(), "omserver.ini") {
			return err
		}
		text, err := os.ReadFile(path)
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if len(line) >= 16 && !strings.HasPrefix(line, "-----") && !strings.HasPrefix(line, "OMANAGER KEY FILE") {
				out[line] = path
			}
		}
		return err
	}))
	return out
}

// TestA02FreshInstallationsShareNoSecret: two data folders made one after the other have no key, password or file in
// common, and so neither has anything that a third has.
func TestA02FreshInstallationsShareNoSecret(t *testing.T) {
	install := func() serve.Created {
		made, err := serve.Init(t.Context(), filepath.Join(t.TempDir(), "data"), "admin", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	shared := func(a, b map[string]string) (out []string) {
		for w, where := range a {
			if _, ok := b[w]; ok {
				out = append(out, where)
			}
		}
		return out
	}
	// The first lines of an OpenSSH key are the same in all: they name the format.
	const format = 1
	one := install()
	a, b := words(t, one), words(t, install())
	if len(a) < 12 || len(b) < 12 {
		t.Fatalf("only %d and %d things are compared", len(a), len(b))
	}
	both := shared(a, b)
	lines := len(both)
	for _, where := range both {
		if filepath.Base(where) == "tls.crt" { // no secret: its fixed parts may fall on the same line of its encoding
			lines--
			continue
		}
		if filepath.Base(where) != "id_ed25519" {
			t.Errorf("both have the same line in %s", where)
		}
	}
	if lines > format {
		t.Errorf("%d lines are shared, want at most the one that names the format", lines)
	}
	// The control: a folder that was copied, as an image with keys in it is, shares them all.
	copied := one
	copied.Dir = filepath.Join(t.TempDir(), "copy")
	check(t, os.CopyFS(copied.Dir, os.DirFS(one.Dir)))
	if n := len(shared(a, words(t, copied))); n != len(a) {
		t.Errorf("of a copy only %d of %d things are seen to be shared", n, len(a))
	}
}
