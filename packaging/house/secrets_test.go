package house

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestA01StatementsAreConstant: nothing that anybody typed becomes a part of a statement.
func TestA01StatementsAreConstant(t *testing.T) {
	for _, p := range packages(t) {
		if !under(p.room(), []string{"data/store"}) || under(p.room(), []string{"data/store/mariadb", "data/store/storetest"}) {
			continue
		}
		fset := token.NewFileSet()
		var files []*ast.File
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		for _, line := range BuiltSQL(fset, files) {
			t.Error(line)
		}
	}
}

// The rule must be able to fail, and must let the right thing pass.
func TestA01BuiltStatementsAreSeen(t *testing.T) {
	head := "package p\nconst columns = \"a, b\"\nfunc f(ctx C, name string, q Q) {\n"
	for code, bad := range map[string]bool{
		`s.row(ctx, "SELECT "+columns+" FROM @t WHERE a = ?", name)`:                                                                        false,
		`s.exec(ctx, "store "+name, "DELETE FROM @t WHERE a = ?", name)`:                                                                    false,
		`tx.exec(ctx, "INSERT INTO @t"+values(1, 2)+s.upsert, name)`:                                                                        false,
		`where := "1=1"; if name != "" { where += " AND a = ?" }; s.rows(ctx, "SELECT "+where, name)`:                                       false,
		`var c []string; c = append(c, "a = ?"); s.rows(ctx, "SELECT "+strings.Join(c, " AND "))`:                                           false,
		`s.row(ctx, "SELECT a FROM @t WHERE a = '"+name+"'")`:                                                                               true,
		`s.row(ctx, fmt.Sprintf("SELECT a FROM @t WHERE a = '%s'", name))`:                                                                  true,
		`tx.exec(ctx, "DELETE FROM @t WHERE a = '"+name+"'")`:                                                                               true,
		`db.Exec("DELETE FROM t WHERE a = '" + q.Text + "'")`:                                                                               true,
		`where := "1=1"; where += " AND a = '" + name + "'"; s.rows(ctx, "SELECT "+where)`:                                                  true,
		`var c []string; c = append(c, "a = "+name); s.rows(ctx, "SELECT "+strings.Join(c, " AND "))`:                                       true,
		`add := func(c string) { w = append(w, c) }; w := []string{"1 = 1"}; add("a = ?"); s.rows(ctx, "SELECT "+strings.Join(w, " AND "))`: false,
		`add := func(c string) { w = append(w, c) }; w := []string{"1 = 1"}; add(name); s.rows(ctx, "SELECT "+strings.Join(w, " AND "))`:    true,
		`for c, v := range map[string]string{"a": name} { s.rows(ctx, "SELECT "+c, v) }`:                                                    false,
		`for c, v := range map[string]string{name: name} { s.rows(ctx, "SELECT "+c, v) }`:                                                   true,
		`for c, v := range map[string]string{"a": name} { s.rows(ctx, "SELECT "+v, c) }`:                                                    true,
		`st.ExecContext(ctx, args...); tx.StmtContext(ctx, st).ExecContext(ctx, name)`:                                                      false,
		`db.ExecContext(ctx, fmt.Sprintf("KILL %d", n)); tx.exec(ctx, "INSERT"+values(len(q), 7))`:                                          false,
		`db.ExecContext(ctx, fmt.Sprintf("KILL %d %s", n, name))`:                                                                           true,
		`text := other(name); db.QueryContext(ctx, text)`:                                                                                   true,
		`db.QueryContext(ctx, name)`: true,
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "p.go", head+code+"\n}\n", 0)
		if err != nil {
			t.Fatal(code, err)
		}
		if lines := BuiltSQL(fset, []*ast.File{f}); (len(lines) > 0) != bad {
			t.Errorf("%s: %v, want seen: %v", code, lines, bad)
		}
	}
}

// builtin are credentials of the earlier system and of others that were shipped with one for all. Put together here so
// that this file does not hold them.
func builtin() []string {
	return []string{"KJS23o4ij09gHF734" + "iuhsdfhkGYSihoiwhj38u4h", "ctmj#&amp;8hrgow_" + "^sj$ejt@9fzsmh_o", "BEGIN OPENSSH PRIVATE" + " KEY-----\nb3", "BEGIN RSA PRIVATE" + " KEY-----\nMI", "BEGIN PRIVATE" + " KEY-----\nMI", "BEGIN EC PRIVATE" + " KEY-----\nM"}
}

func holds(data []byte) string {
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	for _, word := range builtin() {
		if bytes.Contains(data, []byte(word)) {
			return word[:20]
		}
	}
	return ""
}

// TestA02NoBuiltInCredentials: neither the tree nor a program built from it holds a private key or one of the passwords
// that earlier systems had for all.
func TestA02NoBuiltInCredentials(t *testing.T) {
	textFiles(t, func(path string, data []byte) {
		if path == "data/config/config_test.go" { // what an old settings file holds is known by all
			return
		}
		if word := holds(data); word != "" {
			t.Errorf("%s holds %q...", path, word)
		}
	})
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", dir+string(filepath.Separator), "./cmd/...")
	cmd.Dir = root(t)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	programs, err := os.ReadDir(dir)
	if err != nil || len(programs) < 2 {
		t.Fatal(programs, err)
	}
	for _, p := range programs {
		data, err := os.ReadFile(filepath.Join(dir, p.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if word := holds(data); word != "" {
			t.Errorf("%s holds %q...", p.Name(), word)
		}
		if holds(append(data, builtin()[0]...)) == "" { // the control
			t.Error("a built-in password in a program is not seen")
		}
	}
}

// TestA21OnlyThePinReplacesTheChain: certificates are checked by their chain, or by the pinned fingerprint in one place.
func TestA21OnlyThePinReplacesTheChain(t *testing.T) {
	unchecked := "InsecureSkip" + "Verify"
	places := 0
	textFiles(t, func(path string, data []byte) {
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || !bytes.Contains(data, []byte(unchecked)) {
			return
		}
		places++
		if path != "rpc/client/client.go" || bytes.Count(data, []byte(unchecked)) != 1 || !bytes.Contains(data, []byte("VerifyConnection:")) {
			t.Errorf("%s leaves certificates unchecked", path)
		}
	})
	if places != 1 {
		t.Errorf("%d places, want the one: the test looks for the wrong word", places)
	}
}
