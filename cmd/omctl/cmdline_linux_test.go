package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shown lists which of the secrets stand in the arguments of any process of this machine.
func shown(t *testing.T, secrets ...string) (found []string) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	for _, path := range all {
		line, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		for _, s := range secrets {
			if bytes.Contains(line, []byte(s)) && !slices.Contains(found, s) {
				found = append(found, s)
			}
		}
	}
	return found
}

// held starts a program that waits for its standard input, which the second result gives it; the test ends it anyway.
func held(t *testing.T, cmd *exec.Cmd) io.WriteCloser {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()
	})
	return in
}

// TestA20NothingOnTheCommandLine looks at every process's arguments while the programs hold secrets.
func TestA20NothingOnTheCommandLine(t *testing.T) {
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", bin+"/", "omanager/cmd/omctl", "omanager/cmd/omserver").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	server := exec.Command(filepath.Join(bin, "omserver"), "demo", "--hosts", "1", "--data", filepath.Join(bin, "data"))
	ready, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	held(t, server)
	line, err := bufio.NewReader(ready).ReadBytes('\n')
	made := map[string]string{}
	if err != nil || json.Unmarshal(line, &made) != nil {
		t.Fatalf("omserver did not get ready: %q, %v", line, err)
	}
	env := append(os.Environ(), "OMCTL_CONFIG_DIR="+filepath.Join(bin, "profiles"), "OMCTL_PASSWORD="+made["password"], "LC_ALL=C.UTF-8")
	omctl := func(args ...string) *exec.Cmd {
		c := exec.Command(filepath.Join(bin, "omctl"), args...)
		c.Env = env
		return c
	}
	login := omctl("login", "--server", made["address"], "--fingerprint", made["fingerprint"], "--operator", made["operator"], "--keyfile", made["keyfile"])
	if out, err := login.CombinedOutput(); err != nil {
		t.Fatalf("login: %v\n%s", err, out)
	}
	profile, err := os.ReadFile(filepath.Join(bin, "profiles", "default.json"))
	if err != nil {
		t.Fatal(err)
	}
	var saved connection
	if err := json.Unmarshal(profile, &saved); err != nil || saved.Session.Token == "" {
		t.Fatalf("no session is saved: %v", err)
	}
	file, err := os.ReadFile(made["keyfile"])
	if err != nil {
		t.Fatal(err)
	}
	const chosen = "chosen-by-this-test-alone"
	secrets := []string{made["password"], chosen, saved.Session.Token, strings.Split(string(file), "\n")[1]}

	passwd := omctl("passwd", "--old-file", "-", "--new-file", "-")
	in := held(t, passwd)
	if _, err := io.WriteString(in, made["password"]+"\n"); err != nil {
		t.Fatal(err)
	}
	if found := shown(t, secrets...); len(found) != 0 { // it waits for the second line
		t.Errorf("while a password is changed the arguments of a process show %q", found)
	}
	if _, err := io.WriteString(in, chosen+"\n"); err != nil {
		t.Fatal(err)
	}
	if err := passwd.Wait(); err != nil {
		t.Errorf("passwd: %v", err)
	}
	if found := shown(t, secrets...); len(found) != 0 {
		t.Errorf("the arguments of a process show %q", found)
	}
	held(t, exec.Command("sh", "-c", "read line", "a name", chosen)) // the control
	if found := shown(t, secrets...); !slices.Equal(found, []string{chosen}) {
		t.Errorf("a password that is an argument is not seen: %q", found)
	}
}
