package modules

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"omanager/app/engine/enginetest"
	"omanager/modules/value"
)

// hostile are values that would make the marker if any part of them were run.
func hostile(marker string) []string { return enginetest.Payloads(marker) }

// samples are values for the parameters that have no default.
func samples() map[string]string {
	return map[string]string{
		"package": "om-none", "service": "om-none", "text": "om-none", "host": "", "url": "http://127.0.0.1:1/", "process": "om-none", "user": "om-none",
		"folder": "/om-none", "script": "exit 1", "app": "nginx", "command": "exit 1", "source": "om-none", "destination": "/om-none/x", "base": "/om-none",
		"archive": "om-none", "version": "1", "reference": "om-none", "file": "/etc/om-none/x",
	}
}

// others are values for all parameters but one, so that this one is asked for.
func others(m *Module, p *Param) map[string]string {
	in := map[string]string{}
	for _, o := range m.Params {
		if in[o.Name] = o.Default; o.Default == "" && (o.Required || o.Name != "file") {
			in[o.Name] = samples()[o.Name]
		}
		if o.Type == Enum && o.Default == "" {
			in[o.Name] = o.Values[0]
		}
		if o.Name == "host" && o.Required {
			in[o.Name] = "h"
		}
	}
	if p.When != nil {
		in[p.When.Param] = p.When.Values[len(p.When.Values)-1]
	}
	delete(in, p.Name)
	return in
}

// dangerous are the programs that a hostile value must never reach; each writes what it was given to the log.
func dangerous(t *testing.T, log string) string {
	t.Helper()
	stub := map[string]string{}
	for name := range strings.FieldsSeq("systemctl service usermod apt-get apt-cache dnf yum zypper apk mysql mariadb mysqladmin mariadb-admin ping openssl curl getent timeout redis-cli rabbitmq-diagnostics find sha256sum") {
		stub[name] = `echo "$0 $*" >>"` + log + `"; exit 1`
	}
	for name := range strings.FieldsSeq("tail journalctl last cat ls ps df sysctl id who") {
		stub[name] = "exit 1"
	}
	return stubs(t, stub) + ":/usr/bin:/bin"
}

// free says which parameters take any text: they are data for a fixed-string search, or the script that is to run.
func free(m *Module, p *Param) bool { return p.Type == Text && p.Pattern == "" || m.ID == "1000" }

// every is how many of the payloads a shell gets: 1 is all of them, as make inject-proof asks for.
func every(shell string) int {
	switch {
	case os.Getenv("OMANAGER_INJECT") != "":
		return 1
	case shell == "sh":
		return 3
	}
	return 24
}

// TestJ02HostileValuesRunNothing: whatever a variable holds, checked or not, no script runs any of it or hands it to a
// program that acts. The negative control at its end: a script that evaluates a value makes the marker.
func TestJ02HostileValuesRunNothing(t *testing.T) {
	dir := t.TempDir()
	marker, log := filepath.Join(dir, "marker"), filepath.Join(dir, "log")
	payloads := hostile(marker)
	if len(payloads) < 300 {
		t.Fatalf("%d payloads", len(payloads))
	}
	path, runs := dangerous(t, log), 0
	for shell, run := range shells(t) {
		if shell == "dash" || shell == "interp" || testing.Short() && shell != "sh" {
			continue
		}
		for _, m := range shipped(t).All() {
			for i := range m.Params {
				p := &m.Params[i]
				if p.Type == Bool || m.ID == "1000" || m.ID == "3614" && p.Name == "script" || m.ID < "2000" && shell == "busybox" {
					continue
				}
				env := []string{path, "LC_ALL=C"}
				for name, v := range others(m, p) {
					env = append(env, "OM_"+name+"="+v, "OM_"+name+"_sha256="+strings.Repeat("0", 64))
				}
				env = append(env, "OM_"+p.Name+"_sha256=")
				for n, payload := range payloads {
					if n%every(shell) != 0 {
						continue
					}
					runs++
					got := run(string(m.Tasks["ssh"].Body), append(env, "OM_"+p.Name+"="+payload))
					if _, err := os.Stat(marker); err == nil {
						t.Fatalf("%s in %s ran %s=%q", m.Folder, shell, p.Name, payload)
					}
					if got.exit == 0 && !free(m, p) {
						t.Errorf("%s in %s took %s=%q: %+v", m.Folder, shell, p.Name, payload, got)
					}
					if b, err := os.ReadFile(log); err == nil && !free(m, p) && !harmless(m.ID, string(b)) {
						t.Fatalf("%s in %s gave %s=%q to a program: %s", m.Folder, shell, p.Name, payload, b)
					}
					_ = os.Remove(log)
				}
			}
		}
	}
	t.Logf("%d payloads, %d runs", len(payloads), runs)
	shells(t)["sh"](`eval "$OM_x"`, []string{path, "OM_x=touch " + marker})
	if _, err := os.Stat(marker); err != nil {
		t.Error("this test could not have failed: ", err)
	}
}

// harmless calls are asked before the value is looked at, or are given a path that begins with / and nothing else.
func harmless(id, log string) bool {
	for line := range strings.Lines(log) {
		switch name := filepath.Base(strings.Fields(line)[0]); {
		case id == "3608" && name == "openssl" && strings.HasSuffix(line, " x509 -noout -enddate -issuer\n"):
		case id == "3604" && strings.HasSuffix(line, " -W 2 -- om-none\n"):
		default:
			return false
		}
	}
	return true
}

// Check refuses a hostile value or hands it on as it is.
func TestCheckRefusesOrCarriesIntact(t *testing.T) {
	for _, m := range shipped(t).All() {
		for _, p := range m.Params {
			for _, payload := range hostile("/tmp/m") {
				in := others(m, &p)
				in[p.Name] = payload
				got, err := m.Check(in)
				var bad ParamErrors
				if err != nil && (!errors.As(err, &bad) || bad[0].Param != p.Name) {
					t.Fatalf("%s %s=%q: %v", m.Folder, p.Name, payload, err)
				}
				want := payload
				switch {
				case p.Lines:
					want = strings.ReplaceAll(want, "\r\n", "\n")
				case p.Type == Path:
					want, _ = value.Path(want, p.Under)
				}
				if err == nil && got[p.Name] != want && payload != "" {
					t.Errorf("%s %s=%q became %q", m.Folder, p.Name, payload, got[p.Name])
				}
				optional := payload == "" && (!p.Required || p.Default != "")
				loose := free(m, &p) || p.Type == Path || p.Type == Source || p.Name == "folder" || p.Name == "file"
				if err == nil && !optional && !loose {
					t.Errorf("%s took %s=%q", m.Folder, p.Name, payload)
				}
			}
		}
	}
}

// A text to look for is taken as it is, whatever it looks like.
func TestSearchesTakeTextAsItIs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	path := stubs(t, map[string]string{"journalctl": `cat "$OM_TEST_FILE"`, "sysctl": `cat "$OM_TEST_FILE"`}) + ":/usr/bin:/bin"
	for n, payload := range hostile("/tmp/m") {
		if payload == "" || strings.ContainsAny(payload, "\n\r") || n%every("sh") != 0 {
			continue
		}
		if err := os.WriteFile(file, []byte("before "+payload+" after\nother line\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for id, name := range map[string]string{"3603": "text", "3612": "filter"} {
			got := shells(t)["sh"](script(t, id), []string{path, "LC_ALL=C", "OM_TEST_FILE=" + file, "OM_hours=1", "OM_lines=9", "OM_" + name + "=" + payload})
			if got.exit != 0 || !strings.Contains(got.out, "before "+payload+" after\n") {
				t.Errorf("%s %q: %+v", id, payload, got)
			}
		}
	}
}

// SC2154: the variables come from the engine. SC2016: the single quotes are meant.
func TestScriptsPassShellcheck(t *testing.T) {
	tool, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Skip("SKIPPED: shellcheck is not installed")
	}
	for _, m := range shipped(t).All() {
		cmd := exec.CommandContext(t.Context(), tool, "-s", "sh", "-e", "SC2154,SC2016", "-")
		cmd.Stdin = strings.NewReader(string(m.Tasks["ssh"].Body))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", m.Folder, err, out)
		}
	}
}

func BenchmarkOpenLibrary(b *testing.B) {
	for b.Loop() {
		if _, err := Open(Library()); err != nil {
			b.Fatal(err)
		}
	}
}
