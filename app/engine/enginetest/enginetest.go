// Package enginetest is the suite every engine passes: Run puts an engine and hosts it can really reach through
// the contract of package engine.
package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"omanager/app/engine"
	"omanager/app/job"
	"omanager/app/problem"
)

// Setup is what Run works with.
type Setup struct {
	Engine engine.Engine
	Hosts  []engine.Host // at least two that work and answer at once
	Dead   engine.Host   // one that cannot be reached
}

// Run runs the suite as subtests.
func Run(t *testing.T, s Setup) {
	t.Helper()
	if len(s.Hosts) < 2 {
		t.Fatal("enginetest needs two hosts")
	}
	t.Run("outcomes", s.outcomes)
	t.Run("output", s.output)
	t.Run("big output", s.big)
	t.Run("parameters", s.parameters)
	t.Run("bad parameters", s.badParameters)
	t.Run("files", s.files)
	t.Run("unreachable", s.unreachable)
	t.Run("timeout", s.timeout)
	t.Run("cancel", s.cancel)
	t.Run("not started", s.notStarted)
	t.Run("intent not stored", s.notStored)
	t.Run("many", s.many)
}

// run runs a task and checks that every host was done exactly once.
func (s Setup) run(ctx context.Context, t *testing.T, task engine.Task, hosts []engine.Host, forks int, r *Recorder) {
	t.Helper()
	if task.JobID == "" {
		task.JobID = "test-job"
	}
	if task.Timeout == 0 {
		task.Timeout = time.Minute
	}
	if err := s.Engine.Run(ctx, task, hosts, forks, r); err != nil {
		t.Fatalf("run: %v", err)
	}
	for _, b := range r.Broken() {
		t.Errorf("contract: %s", b)
	}
	for _, h := range hosts {
		if !r.Host(h.ID).Done {
			t.Errorf("%s has no Done", h.ID)
		}
	}
}

func (s Setup) one(t *testing.T, task engine.Task) Record {
	t.Helper()
	r := NewRecorder()
	s.run(t.Context(), t, task, s.Hosts[:1], 1, r)
	return r.Host(s.Hosts[0].ID)
}

// ends checks outcome and problem, and that the problem is one people can read.
func ends(t *testing.T, got Record, want job.Outcome, code string) {
	t.Helper()
	if got.Result.Outcome != want || got.Result.Problem != code {
		t.Fatalf("ended %s %q %v, want %s %q; output %q", got.Result.Outcome, got.Result.Problem, got.Result.Args, want, code, got.Out)
	}
	if code == "" {
		return
	}
	for _, lang := range []string{"en", "zh"} {
		if text := problem.Text(lang, code, got.Result.Args); strings.ContainsAny(text, "{}") {
			t.Errorf("%s sentence has a hole: %s", lang, text)
		}
	}
}

func (s Setup) outcomes(t *testing.T) {
	got := s.one(t, engine.Task{Script: []byte("#!/bin/sh\nexit 0\n")})
	ends(t, got, job.OK, "")
	if !got.Started || !got.Result.HasExit || got.Result.Exit != 0 {
		t.Errorf("ok: %+v", got)
	}
	got = s.one(t, engine.Task{Script: []byte("#!/bin/sh\necho no space >&2\nexit 7\n")})
	ends(t, got, job.Failed, "host_exit")
	if got.Result.Exit != 7 || string(got.Out[job.Stderr]) != "no space\n" {
		t.Errorf("failed: %+v", got)
	}
	task := engine.Task{Script: []byte("exit 3\n"), Changed: []int{3}}
	ends(t, s.one(t, task), job.Changed, "")
	task = engine.Task{Script: []byte("exit 4\n"), OK: []int{0, 4}}
	ends(t, s.one(t, task), job.OK, "")
	ends(t, s.one(t, engine.Task{Script: []byte("#!/bin/sh -eu\nfalse\nexit 0\n")}), job.Failed, "host_exit")
	ends(t, s.one(t, engine.Task{Script: []byte("true\nfalse")}), job.Failed, "host_exit")
}

func (s Setup) output(t *testing.T) {
	script := "#!/bin/sh\nfor i in 1 2 3 4 5 6 7 8 9; do echo \"出 $i\"; echo \"错 $i\" >&2; done\nprintf 'no newline 完'\n"
	got := s.one(t, engine.Task{Script: []byte(script)})
	ends(t, got, job.OK, "")
	var out, err strings.Builder
	for i := 1; i <= 9; i++ {
		fmt.Fprintf(&out, "出 %d\n", i)
		fmt.Fprintf(&err, "错 %d\n", i)
	}
	out.WriteString("no newline 完")
	if d := cmp.Diff(out.String(), string(got.Out[job.Stdout])); d != "" {
		t.Errorf("stdout (-want +got):\n%s", d)
	}
	if d := cmp.Diff(err.String(), string(got.Out[job.Stderr])); d != "" {
		t.Errorf("stderr (-want +got):\n%s", d)
	}
}

func (s Setup) big(t *testing.T) {
	line := strings.Repeat("0123456789abcdef", 64) // 1 KiB
	script := "#!/bin/sh\ni=0\nwhile [ $i -lt 1024 ]; do printf '%s' \"$OM_line\"; i=$((i+1)); done\n"
	got := s.one(t, engine.Task{Script: []byte(script), Params: map[string]string{"line": line}})
	ends(t, got, job.OK, "")
	if string(got.Out[job.Stdout]) != strings.Repeat(line, 1024) {
		t.Errorf("got %d bytes, want the 1 MiB that was printed", len(got.Out[job.Stdout]))
	}
}

// Hostile gives values that break out of any quoting that is not airtight.
func Hostile() map[string]string {
	return map[string]string{
		"plain":    "30",
		"empty":    "",
		"space":    "  a  b\t",
		"quotes":   `it's "quoted" \ \\ \n %s`,
		"subst":    "$(touch /tmp/om-marker) `touch /tmp/om-marker` ${HOME} $HOME $$ $((1+1))",
		"meta":     "; & | && || > /tmp/om-marker < x # ! * ? [a-z] ~root {a,b} !! !$",
		"lines":    "first\nsecond; exit 9\n\n  fourth\n",
		"newlines": "\n\n",
		"option":   "-rf",
		"template": "{{ 7*7 }} {% raw %}",
		"chinese":  "系统日志 “引号”",
		"control":  "\x01\x1b[31mred\x1b[0m\r\x7f",
		"heredoc":  "EOF\nEOF\nOM1 1\n",
		"Name_9":   "x",
	}
}

func (s Setup) parameters(t *testing.T) {
	params := Hostile()
	var script strings.Builder
	script.WriteString("#!/bin/sh\n")
	var want strings.Builder
	for k, v := range params {
		fmt.Fprintf(&script, "printf '%%s|' \"$OM_%s\"\n", k)
		want.WriteString(v + "|")
	}
	script.WriteString("printf '\\n@@@'\ncat\n")
	got := s.one(t, engine.Task{Script: []byte(script.String()), Params: params})
	ends(t, got, job.OK, "")
	vars, rest, _ := strings.Cut(string(got.Out[job.Stdout]), "\n@@@")
	if d := cmp.Diff(want.String(), vars); d != "" {
		t.Errorf("variables (-want +got):\n%s", d)
	}
	var decoded map[string]string
	if err := json.Unmarshal([]byte(rest), &decoded); err != nil {
		t.Fatalf("standard input is %q: %v", rest, err)
	}
	if d := cmp.Diff(params, decoded); d != "" {
		t.Errorf("JSON (-want +got):\n%s", d)
	}
}

func (s Setup) badParameters(t *testing.T) {
	for _, p := range []map[string]string{{"a b": "x"}, {"a;b": "x"}, {"": "x"}, {"1a": "x"}, {"é": "x"}, {"a": "x\x00y"}, {"a\n": "x"}} {
		r := NewRecorder()
		err := s.Engine.Run(t.Context(), engine.Task{JobID: "j", Script: []byte("true\n"), Params: p}, s.Hosts[:1], 1, r)
		if err == nil || r.Host(s.Hosts[0].ID).Done {
			t.Errorf("parameters %q were taken", p)
		}
	}
}

func (s Setup) unreachable(t *testing.T) {
	r := NewRecorder()
	s.run(t.Context(), t, engine.Task{Script: []byte("true\n")}, []engine.Host{s.Dead, s.Hosts[0]}, 2, r)
	dead := r.Host(s.Dead.ID)
	ends(t, dead, job.Unreachable, "host_unreachable")
	if dead.Started || dead.Result.HasExit {
		t.Errorf("dead host: %+v", dead)
	}
	ends(t, r.Host(s.Hosts[0].ID), job.OK, "")
}

func (s Setup) timeout(t *testing.T) {
	got := s.one(t, engine.Task{Script: []byte("#!/bin/sh\necho begun\nsleep 600\n"), Timeout: time.Second})
	ends(t, got, job.TimedOut, "host_timeout")
	if string(got.Out[job.Stdout]) != "begun\n" {
		t.Errorf("output before the limit: %q", got.Out)
	}
}

func (s Setup) cancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := NewRecorder()
	r.onOutput = func(string) { cancel() }
	s.run(ctx, t, engine.Task{Script: []byte("#!/bin/sh\ntrap '' TERM\necho $$\nsleep 600\n")}, s.Hosts[:1], 1, r)
	got := r.Host(s.Hosts[0].ID)
	ends(t, got, job.Cancelled, "host_cancelled")
	pid := strings.TrimSpace(string(got.Out[job.Stdout]))
	check := engine.Task{Script: []byte("if kill -0 \"$OM_pid\" 2>/dev/null; then echo alive; fi\n"), Params: map[string]string{"pid": pid}}
	if left := s.one(t, check); len(left.Out[job.Stdout]) > 0 {
		t.Errorf("process %s is still there after its cancellation was called proved", pid)
	}
}

func (s Setup) notStarted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := NewRecorder()
	r.onStart = func(string) error { cancel(); return nil }
	s.run(ctx, t, engine.Task{Script: []byte("sleep 600\n")}, s.Hosts[:2], 1, r)
	ends(t, r.Host(s.Hosts[0].ID), job.Cancelled, "host_cancelled")
	second := r.Host(s.Hosts[1].ID)
	ends(t, second, job.NotStarted, "host_not_started")
	if second.Started {
		t.Error("the second host was started")
	}
}

func (s Setup) notStored(t *testing.T) {
	r := NewRecorder()
	r.onStart = func(string) error { return errors.New("disk is full") }
	s.run(t.Context(), t, engine.Task{Script: []byte("echo ran\n")}, s.Hosts[:1], 1, r)
	got := r.Host(s.Hosts[0].ID)
	ends(t, got, job.NotStarted, "store_failed")
	if len(got.Out) > 0 {
		t.Errorf("the task was sent: %q", got.Out)
	}
}

func (s Setup) many(t *testing.T) {
	r := NewRecorder()
	s.run(t.Context(), t, engine.Task{Script: []byte("echo same\n")}, s.Hosts, 0, r)
	for _, h := range s.Hosts {
		got := r.Host(h.ID)
		ends(t, got, job.OK, "")
		if string(got.Out[job.Stdout]) != "same\n" {
			t.Errorf("%s said %q", h.ID, got.Out)
		}
	}
}
