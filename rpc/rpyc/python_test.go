package rpyc_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// peer is one version of the real rpyc, on the Python it was written for.
type peer struct{ version, python string }

func (p peer) String() string { return p.version + "-" + p.python }

func peers() []peer {
	return []peer{
		{"3.2.3", "python2.7"}, {"3.4.4", "python2.7"}, {"4.0.2", "python3"},
		{"4.1.5", "python3"}, {"5.3.0", "python3"}, {"6.0.2", "python3"},
	}
}

// eachPeer runs the test against every version that can be installed here.
func eachPeer(t *testing.T, test func(t *testing.T, p peer)) {
	t.Helper()
	for _, p := range peers() {
		t.Run(p.String(), func(t *testing.T) { test(t, p) })
	}
}

// interpreter finds the Python, also where pyenv keeps its versions, or skips.
func (p peer) interpreter(t testing.TB) string {
	t.Helper()
	candidates := []string{p.python}
	home, _ := os.UserHomeDir()
	for _, root := range []string{os.Getenv("PYENV_ROOT"), filepath.Join(home, ".pyenv")} {
		found, _ := filepath.Glob(filepath.Join(root, "versions", "*", "bin", p.python))
		candidates = append(candidates, found...)
	}
	for _, c := range candidates {
		if exec.Command(c, "-c", "import zlib, hashlib").Run() == nil {
			return c
		}
	}
	t.Skipf("SKIP: no %s here to run rpyc %s", p.python, p.version)
	return ""
}

// installed returns the folder with this version, filling the cache by pip if need be, or skips.
func (p peer) installed(t testing.TB, python string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("SKIP: no cache folder: %v", err)
	}
	dir := filepath.Join(cache, "omanager-test", "rpyc", p.String())
	if _, err := os.Stat(filepath.Join(dir, "rpyc", "__init__.py")); err == nil {
		return dir
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Skipf("SKIP: %v", err)
	}
	tmp := fmt.Sprintf("%s.installing-%d", dir, os.Getpid()) // beside it, so that it can be renamed
	defer os.RemoveAll(tmp)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, python, "-m", "pip", "install", "-q", "--target", filepath.Join(tmp, "p"), "rpyc=="+p.version).CombinedOutput()
	if err != nil {
		t.Skipf("SKIP: rpyc %s cannot be installed with %s: %v: %.300s", p.version, python, err, out)
	}
	if err := os.Rename(filepath.Join(tmp, "p"), dir); err != nil {
		if _, again := os.Stat(dir); again != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (p peer) command(t testing.TB, script string, args ...string) *exec.Cmd {
	t.Helper()
	python := p.interpreter(t)
	cmd := exec.CommandContext(t.Context(), python, append([]string{filepath.Join("testdata", script)}, args...)...)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+p.installed(t, python), "PYTHONDONTWRITEBYTECODE=1", "PYTHONIOENCODING=utf-8", "PYTHONWARNINGS=ignore")
	return cmd
}

// serve starts the Python control server and returns its address.
func (p peer) serve(t testing.TB, args ...string) string {
	t.Helper()
	cmd := p.command(t, "server.py", args...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("python: %s", stderr.String())
		}
	})
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("python server did not start: %v: %s", err, stderr.String())
	}
	return "127.0.0.1:" + strings.TrimSpace(port)
}

// line is what client.py says about one step.
type line struct {
	OK        any    `json:"ok"`
	Exception string `json:"exception"`
	Text      string `json:"text"`
}

// client runs the Python client's steps against a port and returns one line for each.
func (p peer) client(t *testing.T, port string, steps ...string) []line {
	t.Helper()
	cmd := p.command(t, "client.py", append([]string{port}, steps...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python client: %v: %s", err, stderr.String())
	}
	var lines []line
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var l line
		if err := d.Decode(&l); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		lines = append(lines, l)
	}
	if len(lines) != len(steps) {
		t.Fatalf("%d lines for %d steps: %s %s", len(lines), len(steps), out, stderr.String())
	}
	return lines
}
