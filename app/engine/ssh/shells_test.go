package ssh

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"omanager/app/engine"
	"omanager/app/engine/enginetest"
)

// TestBootstrapUnderEveryLoginShell runs the constant command as sshd would, under each shell installed here.
func TestBootstrapUnderEveryLoginShell(t *testing.T) {
	params := enginetest.Hostile()
	task := engine.Task{Params: params, Script: []byte("#!/bin/sh\nprintf '%s|' \"$OM_JOB\" \"$OM_RUN\"\nprintf '\\n@@@'\ncat\nexit 42\n")}
	for _, shell := range [][]string{{"sh", "-c"}, {"bash", "-c"}, {"dash", "-c"}, {"busybox", "sh", "-c"}, {"tcsh", "-c"}, {"fish", "-c"}, {"zsh", "-c"}, {"ksh", "-c"}} {
		t.Run(shell[0], func(t *testing.T) {
			if _, err := exec.LookPath(shell[0]); err != nil {
				t.Skipf("%s is not installed", shell[0])
			}
			out, code := runLocally(t, append(shell, Bootstrap), task)
			if code != 42 {
				t.Errorf("exit code %d, output %q", code, out)
			}
			pid, rest, _ := strings.Cut(out, "\n")
			if _, ok := marker([]byte(pid)); !ok {
				t.Errorf("first line is %q", pid)
			}
			marks, body, _ := strings.Cut(rest, "\n@@@")
			var got map[string]string
			if err := json.Unmarshal([]byte(body), &got); err != nil || marks != "the job|the run|" {
				t.Fatalf("marks %q, body %q: %v", marks, body, err)
			}
			if d := cmp.Diff(params, got); d != "" {
				t.Errorf("parameters (-want +got):\n%s", d)
			}
		})
	}
}

// TestBootstrapBodyUnderEverySh runs the inner text with each shell that may be /bin/sh.
func TestBootstrapBodyUnderEverySh(t *testing.T) {
	params := enginetest.Hostile()
	var script, want strings.Builder
	for k, v := range params {
		script.WriteString("printf '%s|' \"$OM_" + k + "\"\n")
		want.WriteString(v + "|")
	}
	for _, head := range []string{"#!/bin/sh\n", "#!/bin/sh -eu\n", "#!/bin/bash\n", ""} {
		task := engine.Task{Params: params, Script: []byte(head + script.String())}
		for _, shell := range [][]string{{"bash"}, {"bash", "--posix"}, {"dash"}, {"busybox", "sh"}, {"zsh", "--emulate", "sh"}, {"ksh"}} {
			t.Run(strings.Join(shell, " ")+head, func(t *testing.T) {
				if _, err := exec.LookPath(shell[0]); err != nil {
					t.Skipf("%s is not installed", shell[0])
				}
				out, code := runLocally(t, append(shell, "-c", bootstrapBody), task)
				_, rest, _ := strings.Cut(out, "\n")
				if d := cmp.Diff(want.String(), rest); d != "" || code != 0 {
					t.Errorf("exit code %d, variables (-want +got):\n%s", code, d)
				}
			})
		}
	}
}

func runLocally(t *testing.T, argv []string, task engine.Task) (string, int) {
	t.Helper()
	h, err := header(task)
	if err != nil {
		t.Fatal(err)
	}
	rest, err := paramsJSON(task)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
	cmd.Stdin = bytes.NewReader(append(h.encode("the job", "the run"), rest...))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if stderr.Len() > 0 {
		t.Errorf("stderr: %s (%v)", stderr.String(), err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func TestConstantCommandsSurviveAnyLoginShell(t *testing.T) {
	for _, body := range []string{bootstrapBody, killerBody} {
		if i := strings.IndexAny(body, "'\\!\n"); i >= 0 {
			t.Errorf("%q must not stand in a constant command: ...%s", body[i], body[max(0, i-20):i])
		}
	}
}

func TestHeaderIsReadBack(t *testing.T) {
	task := engine.Task{Params: enginetest.Hostile(), Script: []byte("#!/bin/sh -eu\necho 1\n\n")}
	h, err := header(task)
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(strings.NewReader(string(h.encode("j", "r")) + "rest"))
	got, err := ReadHeader(r)
	if err != nil {
		t.Fatal(err)
	}
	h.Names, h.Values = append([]string{"JOB", "RUN"}, h.Names...), append([]string{"j", "r"}, h.Values...)
	if d := cmp.Diff(h, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if rest, _ := r.ReadString(0); rest != "rest" {
		t.Errorf("left over: %q", rest)
	}
}

func FuzzReadHeader(f *testing.F) {
	f.Add("1\nJOB\n1\nx\n-\n\n1\ntrue\n{}")
	f.Add("1048576\n")
	f.Fuzz(func(_ *testing.T, s string) {
		_, _ = ReadHeader(bufio.NewReader(strings.NewReader(s)))
	})
}
