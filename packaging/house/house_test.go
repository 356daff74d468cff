package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the folder of go.mod.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatalf("the tests do not stand in the tree: %v", err)
	}
	return dir
}

// packages asks go list about the tree, built as the programs are.
func packages(t *testing.T) []Package {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-tags", "gles,migrated_fynedo",
		"-json=Dir,ImportPath,GoFiles,CgoFiles,IgnoredGoFiles,Imports,Deps", "./...")
	cmd.Dir = root(t)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var all []Package
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p Package
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if !under(p.room(), []string{"build"}) {
			all = append(all, p)
		}
	}
	if len(all) < 5 {
		t.Fatalf("go list names only %d packages", len(all))
	}
	return all
}

func TestImportsPointTheRightWay(t *testing.T) {
	for _, line := range Broken(packages(t), Rules()) {
		t.Error(line)
	}
}

// The rules must be able to fail, and must let the right thing pass.
func TestRulesSeeViolations(t *testing.T) {
	for _, c := range []struct {
		p    Package
		want string
	}{
		{Package{ImportPath: "omanager/app/job", Deps: []string{"fyne.io/fyne/v2/widget"}}, "only ui"},
		{Package{ImportPath: "omanager/cmd/omctl", Deps: []string{"fyne.io/fyne/v2"}}, "only ui"},
		{Package{ImportPath: "omanager/app/control", Imports: []string{"database/sql"}}, "only data/store"},
		{Package{ImportPath: "omanager/data/storefront", Imports: []string{"database/sql"}}, "only data/store"},
		{Package{ImportPath: "omanager/rpc/client", Imports: []string{"golang.org/x/crypto/ssh/agent"}}, "speak SSH"},
		{Package{ImportPath: "omanager/modules", Imports: []string{"crypto/md5"}}, "weak hashes"},
		{Package{ImportPath: "omanager/app/control", Deps: []string{"connectrpc.com/connect"}}, "transport"},
		{Package{ImportPath: "omanager/app/console", Deps: []string{"omanager/app/control"}}, "carry"},
		{Package{ImportPath: "omanager/data/store", Deps: []string{"omanager/rpc/convert"}}, "who asks"},
		{Package{ImportPath: "omanager", Deps: []string{"omanager/app/engine/enginetest/openssh"}}, "tests' servers"},
	} {
		got := Broken([]Package{c.p}, Rules())
		if len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("%s: %q, want one line with %q", c.p.ImportPath, got, c.want)
		}
	}
	for _, p := range []Package{
		{ImportPath: "omanager", Deps: []string{"fyne.io/fyne/v2"}},
		{ImportPath: "omanager/ui/kit", Deps: []string{"fyne.io/fyne/v2"}},
		{ImportPath: "omanager/data/store", Imports: []string{"database/sql"}},
		{ImportPath: "omanager/app/engine/ssh", Imports: []string{"golang.org/x/crypto/ssh"}},
		{ImportPath: "omanager/app/console", Deps: []string{"omanager/rpc/client", "connectrpc.com/connect"}},
	} {
		if got := Broken([]Package{p}, Rules()); len(got) != 0 {
			t.Errorf("%s is right but %q", p.ImportPath, got)
		}
	}
}

// textFiles walks the files of the tree that people write: no build products, no pictures or fonts.
func textFiles(t *testing.T, visit func(path string, data []byte)) {
	t.Helper()
	dir := root(t)
	binary := []string{".png", ".ico", ".icns", ".otf", ".ttf", ".woff2", ".pem", ".zst", ".gz", ".sum"}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if n := e.Name(); n == ".git" || n == "failed" || path == filepath.Join(dir, "build") {
				return filepath.SkipDir
			}
			return nil
		}
		if !e.Type().IsRegular() || e.Name() == ".git" || slices.Contains(binary, filepath.Ext(path)) {
			return nil
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil // a test of another package removed it meanwhile
		}
		if err != nil {
			return err
		}
		if !bytes.Contains(data[:min(len(data), 512)], []byte{0}) {
			rel, _ := filepath.Rel(dir, path)
			visit(filepath.ToSlash(rel), data)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func generated(data []byte) bool {
	return bytes.HasPrefix(data, []byte("// Code generated ")) || bytes.Contains(data, []byte("\n// Code generated "))
}

func TestFilesAreShort(t *testing.T) {
	const most = 400
	textFiles(t, func(path string, data []byte) {
		if lines := bytes.Count(data, []byte("\n")); filepath.Ext(path) == ".go" && lines > most && !generated(data) {
			t.Errorf("%s has %d lines, at most %d: split it by noun", path, lines, most)
		}
	})
}

func TestNoPathsOfOneMachine(t *testing.T) {
	// Put together here so that this file does not hold them.
	for _, word := range []string{"/wo" + "rk/", "/ro" + "ot/go", "/tm" + "p/bash_jobs"} {
		textFiles(t, func(path string, data []byte) {
			if before, _, found := bytes.Cut(data, []byte(word)); found {
				t.Errorf("%s, line %d: %s is a path of one machine", path, bytes.Count(before, []byte("\n"))+1, word)
			}
		})
	}
}
