package modules

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"omanager/modules/xrc"
)

func shipped(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Open(Library())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range c.Rejected() {
		t.Fatalf("%s: %v", r.Folder, r.Problem)
	}
	return c
}

func script(t *testing.T, id string) string {
	t.Helper()
	m, ok := shipped(t).Get(id)
	if !ok {
		t.Fatalf("module %s is not shipped", id)
	}
	return string(m.Tasks["ssh"].Body)
}

func TestLibraryIsComplete(t *testing.T) {
	var ids []string
	for _, m := range shipped(t).All() {
		ids = append(ids, m.ID)
		for _, lang := range []string{"zh", "en"} {
			if m.Titles[lang] == "" || m.Helps[lang] == "" {
				t.Errorf("%s: no title or help in %s", m.Folder, lang)
			}
			for _, p := range m.Params {
				if p.Labels[lang] == "" || p.Helps[lang] == "" {
					t.Errorf("%s: parameter %s has no label or help in %s", m.Folder, p.Name, lang)
				}
				if got := m.FormIn(lang).Root.Find(p.Control + "_label"); got == nil || got.Label != p.Labels[lang] {
					t.Errorf("%s: the form does not name %s in %s", m.Folder, p.Name, lang)
				}
			}
			if got := m.FormIn(lang).Root.Find("help"); got == nil || got.Label != m.Helps[lang] {
				t.Errorf("%s: the form has no help in %s", m.Folder, lang)
			}
		}
		if len(m.Form.Warnings) > 0 || m.Timeout == 0 || len(m.Tasks["ssh"].Body) == 0 {
			t.Errorf("%s: %q %v", m.Folder, m.Form.Warnings, m.Timeout)
		}
		m.Form.Root.Walk(func(n *xrc.Node) {
			if !n.Known || (n != m.Form.Root && !n.HasPos) {
				t.Errorf("%s: control %+v", m.Folder, n)
			}
		})
	}
	if got := strings.Join(ids, " "); got != "1000 1001 1002 1003 1004 1007 3100 3105 3106 3107 3109 3110 "+
		"3600 3601 3602 3603 3604 3605 3606 3607 3608 3609 3610 3611 3612 3613 3614 3615 3616 3617 3618 1005 1006 3200 3201 3202 3300 3302 3303 3304 3305 3400 3500" {
		t.Errorf("shipped are %s", got)
	}
}

// A parameter stands in a script only as a double-quoted OM_ variable, and only module 1000 evaluates anything.
func TestScriptsQuoteTheirParameters(t *testing.T) {
	for _, m := range shipped(t).All() {
		body := m.Tasks["ssh"].Body
		if n := bytes.Count(body, []byte("\n")); n >= 95 {
			t.Errorf("%s: %d lines", m.Folder, n)
		}
		file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(bytes.NewReader(body), m.Folder)
		if err != nil {
			t.Errorf("%s: %v", m.Folder, err)
			continue
		}
		all, quoted := 0, 0
		count := func(n *int, under syntax.Node) {
			syntax.Walk(under, func(x syntax.Node) bool {
				if p, ok := x.(*syntax.ParamExp); ok && strings.HasPrefix(p.Param.Value, "OM_") {
					*n++
					name := strings.TrimPrefix(p.Param.Value, "OM_")
					if name = strings.TrimSuffix(name, "_sha256"); !strings.Contains(" "+m.declared()+",", " "+name+",") {
						t.Errorf("%s: %s is not a parameter", m.Folder, name)
					}
				}
				return true
			})
		}
		count(&all, file)
		syntax.Walk(file, func(x syntax.Node) bool {
			if q, ok := x.(*syntax.DblQuoted); ok {
				count(&quoted, q)
				return false
			}
			return true
		})
		if all != quoted || (len(m.Params) > 0) != (all > 0) {
			t.Errorf("%s: %d uses of parameters, %d of them quoted", m.Folder, all, quoted)
		}
		if bytes.Contains(body, []byte("eval")) != (m.ID == "1000") {
			t.Errorf("%s: eval", m.Folder)
		}
	}
}

// result is how a script ended.
type result struct {
	out, err string
	exit     int
}

// shells are the shells of this machine, and the interpreter of the demo fleet.
func shells(t *testing.T) map[string]func(script string, env []string) result {
	t.Helper()
	out := map[string]func(string, []string) result{"interp": func(s string, env []string) result { return interpret(t, s, env) }}
	for name, argv := range map[string][]string{
		"sh": {"/bin/sh"}, "dash": {"dash"}, "bash": {"bash", "--posix"}, "busybox": {"busybox", "sh"},
	} {
		path, err := exec.LookPath(argv[0])
		if err != nil {
			t.Logf("SKIPPED for %s, which is not installed", name)
			continue
		}
		argv[0] = path
		out[name] = func(s string, env []string) result { return execute(t, argv, s, env) }
	}
	return out
}

func execute(t *testing.T, argv []string, script string, env []string) result {
	t.Helper()
	var out, errOut bytes.Buffer
	cmd := exec.CommandContext(t.Context(), argv[0], append(slices.Clone(argv[1:]), "-c", script)...)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.Stdin = env, &out, &errOut, strings.NewReader(`{"standard":"input"}`)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{out.String(), errOut.String(), cmd.ProcessState.ExitCode()}
}

func interpret(t *testing.T, script string, env []string) result {
	t.Helper()
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(script), "task")
	if err != nil {
		t.Fatal(err)
	}
	var out, errOut shared
	r, err := interp.New(interp.Env(expand.ListEnviron(env...)), interp.StdIO(io.LimitReader(nil, 0), &out, &errOut))
	if err != nil {
		t.Fatal(err)
	}
	err = r.Run(context.WithoutCancel(t.Context()), file)
	var status interp.ExitStatus
	if err != nil && !errors.As(err, &status) {
		t.Fatal(err)
	}
	return result{out.b.String(), errOut.b.String(), int(status)}
}

// shared is a buffer that the parts of a pipeline write to at the same time.
type shared struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// stubs makes a folder of commands, each a line of shell, to be the only PATH.
func stubs(t *testing.T, commands map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, body := range commands {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return "PATH=" + dir
}

func TestScriptsDoTheirWork(t *testing.T) {
	const has = `test "$1" = cat && exit 0; echo "$@" >&2; `
	for _, c := range []struct {
		name, id, env string
		commands      map[string]string
		want          result // err: a part of it
	}{
		{"1001 messages", "1001", "OM_lines=7", map[string]string{"tail": `echo run "$@"`}, result{out: "run -n 7 /var/log/messages\n"}},
		{"1001 journal", "1001", "OM_lines=7", map[string]string{"tail": `exit 1`, "journalctl": `echo run "$@"`}, result{out: "run --no-pager -q -n 7\n"}},
		{"1001 nothing", "1001", "OM_lines=7", nil, result{"", "no system log", 1}},
		{"1002 auth.log", "1002", "OM_lines=3", map[string]string{"tail": `test "$3" = /var/log/auth.log && echo run "$@"`}, result{out: "run -n 3 /var/log/auth.log\n"}},
		{"1002 last", "1002", "OM_lines=3", map[string]string{"last": `echo run "$@"`}, result{out: "run -n 3\n"}},
		{"1002 nothing", "1002", "OM_lines=3", nil, result{"", "no login record", 1}},
		{"1003", "1003", "", map[string]string{"sed": `echo '"Demo Linux 1"'`, "uname": `echo 6.1`}, result{out: "Demo Linux 1\nkernel 6.1\n"}},
		{"1003 issue", "1003", "", map[string]string{"sed": `exit 1`, "head": `echo Old`, "uname": `echo 2.6`}, result{out: "Old\nkernel 2.6\n"}},
		{"1003 nothing", "1003", "", nil, result{"", "cannot be read", 1}},
		{"1004", "1004", "", map[string]string{"lsmod": `echo Module`}, result{out: "Module\n"}},
		{"1004 proc", "1004", "", map[string]string{"cat": `echo run "$@"`}, result{out: "run /proc/modules\n"}},
		{"1004 nothing", "1004", "", nil, result{"", "cannot be read", 1}},
		{"1006 second path", "1006", "OM_app=haproxy", map[string]string{"cat": `test "$1" = /usr/local/haproxy/haproxy.cfg && echo ok`}, result{out: "ok\n"}},
		{"1006 nothing", "1006", "OM_app=sysctl", nil, result{"", "no configuration of sysctl", 1}},
		{"1006 not listed", "1006", "OM_app=../../etc/shadow", map[string]string{"cat": `echo run "$@"`}, result{"", "not in the list", 2}},
		{"1007 systemd", "1007", "OM_service=nginx", map[string]string{"systemctl": has}, result{"nginx was restarted and is up\n", "restart nginx", 0}},
		{"1007 second name", "1007", "OM_service=mysql", map[string]string{"systemctl": `test "$2" = mariadb`}, result{out: "mariadb was restarted and is up\n"}},
		{"1007 fails", "1007", "OM_service=nginx", map[string]string{"systemctl": has + `exit 1`}, result{"", "did not restart", 1}},
		{"1007 not up", "1007", "OM_service=nginx", map[string]string{"systemctl": has + `test "$1" = restart`}, result{"", "is not up", 1}},
		{"1007 init", "1007", "OM_service=resin", map[string]string{"ls": `exit 0`, "service": `echo "$@" >&2`}, result{"resin was restarted and is up\n", "resin restart", 0}},
		{"1007 absent", "1007", "OM_service=apache", nil, result{"", "apache does not exist", 3}},
		{"1007 not listed", "1007", "OM_service=sshd", map[string]string{"systemctl": has}, result{"", "not in the list", 2}},
		{"1000", "1000", "OM_command=a='x  y'\necho \"$a\"; exit 7", nil, result{"x  y\n", "", 7}},
		{"1000 stdin", "1000", "OM_command=read -r x || echo empty", nil, result{out: "empty\n"}},
	} {
		body, path := script(t, c.id), stubs(t, c.commands)
		for shell, run := range shells(t) {
			if shell == "busybox" && c.id != "1000" {
				continue // its applets come before PATH; TestScriptsOnThisMachine has it
			}
			got := run(body, []string{path, c.env})
			if got.out != c.want.out || got.exit != c.want.exit || !strings.Contains(got.err, c.want.err) || (c.want.err == "" && got.err != "") {
				t.Errorf("%s in %s: %+v, want %+v", c.name, shell, got, c.want)
			}
			if c.want.exit != 0 && c.want.out == "" && c.name != "1007 fails" && c.name != "1007 not up" && strings.Count(got.err, "\n") != 1 {
				t.Errorf("%s in %s: more than one line of reason: %q", c.name, shell, got.err)
			}
		}
	}
}

func TestScriptsOnThisMachine(t *testing.T) {
	for shell, run := range shells(t) {
		path := "PATH=" + os.Getenv("PATH")
		for _, id := range []string{"1001", "1002", "1003", "1004", "1006"} {
			got := run(script(t, id), []string{path, "OM_lines=2", "OM_app=sysctl"})
			if (got.exit == 0) == (got.err != "") || got.exit > 1 || strings.Count(got.err, "\n") > 1 {
				t.Errorf("%s in %s: %+v", id, shell, got)
			}
			if id == "1003" && got.exit == 0 && (strings.Count(got.out, "\n") != 2 || strings.Contains(got.out, `"`)) {
				t.Errorf("%s in %s: %+v", id, shell, got)
			}
		}
	}
}

// Whatever a variable holds, a script runs none of it.
func TestScriptsRunNoParameter(t *testing.T) {
	dir := t.TempDir()
	marker := filepath.Join(dir, "marker")
	touch := "touch " + marker
	payloads := []string{
		"; " + touch, "| " + touch, "& " + touch, "&& " + touch, "|| " + touch, "$(" + touch + ")", "`" + touch + "`",
		"\n" + touch + "\n", "'; " + touch + "; '", `"; ` + touch + `; "`, `"$(` + touch + `)"`, "1) " + touch + " ;;",
		"*) " + touch, "-f; " + touch, "--follow=$(" + touch + ")", "nginx\n" + touch, "nginx;" + touch, "${IFS}$(" + touch + ")",
		"x[$(" + touch + ")]", "\\$(" + touch + ")", "> " + marker, "| tee " + marker, "../../../" + marker, "*", "?", "~", "!!", "-", "", " ",
	}
	path := stubs(t, map[string]string{
		"tail": "exit 1", "journalctl": "exit 1", "last": "exit 1", "cat": "exit 1", "ls": "exit 1", "systemctl": "exit 1",
	})
	path += ":/usr/bin:/bin"
	for shell, run := range shells(t) {
		for _, m := range shipped(t).All() {
			if m.ID == "1000" || m.ID > "2000" || m.ID == "1007" && shell == "busybox" {
				continue // the later ones: TestHostileValuesRunNothing
			}
			body := string(m.Tasks["ssh"].Body)
			for _, p := range m.Params {
				for _, payload := range payloads {
					got := run(body, []string{path, "OM_" + p.Name + "=" + payload})
					if _, err := os.Stat(marker); err == nil {
						t.Fatalf("%s in %s ran %q", m.Folder, shell, payload)
					}
					if got.exit == 0 {
						t.Errorf("%s in %s took %q: %+v", m.Folder, shell, payload, got)
					}
				}
			}
		}
	}
	if got := shells(t)["sh"]("$(printf '%s' \""+touch+"\")", []string{path}); got.exit != 0 {
		t.Fatalf("the marker cannot be made at all: %+v", got)
	}
	if _, err := os.Stat(marker); err != nil {
		t.Error("this test could not have failed: ", err)
	}
}
