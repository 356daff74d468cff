package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts drives the real binaries: they are built once, and each script starts its own control servers.
func TestScripts(t *testing.T) {
	bin := t.TempDir()
	for _, name := range []string{"omctl", "omserver"} {
		out, err := exec.Command("go", "build", "-o", filepath.Join(bin, name), "omanager/cmd/"+name).CombinedOutput()
		if err != nil {
			t.Fatalf("build %s: %v\n%s", name, err, out)
		}
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("OMCTL_CONFIG_DIR", filepath.Join(e.WorkDir, "profiles"))
			e.Setenv("LC_ALL", "C.UTF-8")
			f := &servers{running: map[string]*exec.Cmd{}}
			e.Values[serversKey{}] = f
			e.Defer(f.killAll)
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server": startServer, "killserver": killServer, "jsonenv": jsonEnv, "guide": guide,
		},
	})
}

type serversKey struct{}

// servers holds the control servers a script started.
type servers struct {
	mu      sync.Mutex
	running map[string]*exec.Cmd
}

func (s *servers) killAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.running {
		_ = c.Process.Kill() // it may have ended by itself
		_ = c.Wait()
	}
}

// startServer is "server NAME ARGS...": it runs omserver in the background, waits for its ready line, and puts the
// line's fields into the environment (ADDRESS, FINGERPRINT, OPERATOR, PASSWORD, KEYFILE).
func startServer(ts *testscript.TestScript, _ bool, args []string) {
	c := exec.Command("omserver", args[1:]...)
	c.Path = lookIn(ts.Getenv("PATH"), "omserver")
	c.Err = nil
	c.Dir = ts.Getenv("WORK")
	c.Env = append(os.Environ(), "TMPDIR="+ts.Getenv("WORK"))
	log, err := os.OpenFile(filepath.Join(c.Dir, args[0]+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	ts.Check(err)
	c.Stderr = log
	out, err := c.StdoutPipe()
	ts.Check(err)
	ts.Check(c.Start())
	f := ts.Value(serversKey{}).(*servers)
	f.mu.Lock()
	f.running[args[0]] = c
	f.mu.Unlock()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		text, _ := os.ReadFile(log.Name())
		ts.Fatalf("omserver %v did not get ready: %v\n%s", args[1:], err, text)
	}
	setFields(ts, line)
}

func lookIn(path, name string) string {
	for _, dir := range filepath.SplitList(path) {
		if p := filepath.Join(dir, name); isFile(p) {
			return p
		}
	}
	return name
}

func isFile(p string) bool {
	st, err := os.Stat(p)
	return err == nil && st.Mode().IsRegular()
}

func setFields(ts *testscript.TestScript, line []byte) {
	fields := map[string]any{}
	ts.Check(json.Unmarshal(line, &fields))
	for k, v := range fields {
		ts.Setenv(strings.ToUpper(k), fmt.Sprint(v))
	}
}

// killServer is "killserver NAME -KILL|-TERM": the signal, then the wait. TERM must end with exit code 0.
func killServer(ts *testscript.TestScript, _ bool, args []string) {
	f := ts.Value(serversKey{}).(*servers)
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.running[args[0]]
	delete(f.running, args[0])
	if args[1] == "-KILL" {
		ts.Check(c.Process.Kill())
		_ = c.Wait() // "signal: killed" is what was asked for
		return
	}
	ts.Check(c.Process.Signal(syscall.SIGTERM))
	ts.Check(c.Wait())
}

// jsonEnv is "jsonenv FILE": the fields of the last line of a JSON stream become environment variables.
func jsonEnv(ts *testscript.TestScript, _ bool, args []string) {
	lines := strings.Split(strings.TrimSpace(ts.ReadFile(args[0])), "\n")
	setFields(ts, []byte(lines[len(lines)-1]))
}

// guide is "guide N FILE": the commands of docs/modules.md, in its part 4 or in those before it.
func guide(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "modules.md"))
	ts.Check(err)
	before, after, found := strings.Cut(string(text), "\n## 4.")
	if !found {
		ts.Fatalf("docs/modules.md has no part 4")
	}
	part := before
	if args[0] == "4" {
		part = after
	}
	var out strings.Builder
	inside := false
	for line := range strings.Lines(part) {
		code, is := strings.CutPrefix(line, "    ")
		command, starts := strings.CutPrefix(code, "$ ")
		switch inside = is && (inside || starts); {
		case inside && starts:
			out.WriteString(command)
		case inside:
			out.WriteString(code)
		}
	}
	if strings.Count(out.String(), "omctl ") == 0 {
		ts.Fatalf("docs/modules.md has no commands there")
	}
	ts.Check(os.WriteFile(args[1], []byte(out.String()), 0o600))
}
