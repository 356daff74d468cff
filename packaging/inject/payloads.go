package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"omanager/app/engine"
	"omanager/app/engine/enginetest"
	"omanager/modules"
	"omanager/packaging/proof"
)

// tally is what was counted.
type tally struct {
	shells                []string
	skipped               []string
	params, fewest        int // parameters, and the fewest payloads that one of them met
	refused, ran, markers atomic.Int64
	unmade                int // shells under which the negative control made no marker
	compared, differ      int64
	mu                    sync.Mutex
	first                 string // the first thing that went wrong
}

func (t *tally) wrongf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.first == "" {
		t.first = fmt.Sprintf(format, args...)
	}
}

func injection(ctx context.Context, o options, cat *modules.Catalogue) error {
	began, t := time.Now(), &tally{fewest: 1 << 30}
	for shell := range strings.SplitSeq(o.shells, ",") {
		r, err := newRig(ctx, shell)
		if errors.Is(err, errSkip) {
			fmt.Println(err)
			t.skipped = append(t.skipped, shell)
			continue
		}
		if err != nil {
			return err
		}
		t.shells = append(t.shells, shell)
		err = errors.Join(t.shell(ctx, r, o, cat), r.close())
		if err != nil {
			return fmt.Errorf("under %s: %w", shell, err)
		}
		fmt.Printf("%s: %d runs so far, %d refused, %d markers, %d strings, %d differences\n", shell, t.ran.Load(), t.refused.Load(), t.markers.Load(), t.compared, t.differ)
	}
	if t.first != "" {
		fmt.Println("first:", t.first)
	}
	return save(ctx, o, "inject.json", t.claims(o), began)
}

func (t *tally) claims(o options) []proof.Claim {
	under := strings.Join(t.shells, ", ")
	if len(t.skipped) > 0 {
		under += " (not installed: " + strings.Join(t.skipped, ", ") + ")"
	}
	n := len(t.shells)
	return []proof.Claim{
		{Claim: "payloads for each parameter of every module, at least, under " + under, Value: float64(t.fewest), Target: 150, Pass: t.fewest >= 150 && n > 0},
		{Claim: fmt.Sprintf("markers made by %d payloads that the types let through to a server (%d were refused before; %d parameters)", t.ran.Load(), t.refused.Load(), t.params),
			Value: float64(t.markers.Load()), Pass: t.markers.Load() == 0 && t.ran.Load() > 0},
		{Claim: "login shells under which the same payloads in a script that evaluates them make a marker (the negative control)", Value: float64(n - t.unmade), Target: float64(n), Pass: t.unmade == 0 && n > 0},
		{Claim: fmt.Sprintf("differences in %d random strings through variables and standard input, %d for each shell", t.compared, o.strings),
			Value: float64(t.differ), Pass: t.differ == 0 && t.compared == int64(n)*int64(o.strings) && n > 0},
	}
}

func (t *tally) shell(ctx context.Context, r *rig, o options, cat *modules.Catalogue) error {
	payloads := enginetest.Payloads(r.marker())
	jobs := make(chan engine.Task)
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	for range 4 {
		wg.Go(func() {
			for task := range jobs {
				if _, err := r.run(ctx, task); err != nil {
					failed.Store(&err)
				}
				t.ran.Add(1)
				if r.made() {
					t.markers.Add(1)
					t.wrongf("a marker under %s about when %q ran with %.300q", r.shell, firstLine(task.Script), task.Params)
				}
			}
		})
	}
	t.attacks(cat, payloads, r.dir, jobs)
	close(jobs)
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	if err := t.control(ctx, r, payloads); err != nil {
		return err
	}
	return t.strings(ctx, r, o)
}

// attacks sends on what the types let through.
func (t *tally) attacks(cat *modules.Catalogue, payloads []string, dir string, jobs chan<- engine.Task) {
	t.params = 0
	for _, m := range cat.All() {
		for i := range m.Params {
			if byDesign(m, &m.Params[i]) {
				continue
			}
			t.params++
			t.fewest = min(t.fewest, len(payloads))
			for _, payload := range payloads {
				if task, ok := attack(m, &m.Params[i], payload, dir); ok {
					jobs <- task
				} else {
					t.refused.Add(1)
				}
			}
		}
	}
}

// control runs payloads in a script that a careless author would write; it must be seen.
func (t *tally) control(ctx context.Context, r *rig, payloads []string) error {
	for _, p := range payloads {
		if _, err := r.run(ctx, engine.Task{Script: []byte("#!/bin/sh\neval \"echo $OM_x\"\n"), Params: map[string]string{"x": p}}); err != nil {
			return err
		}
		if r.made() {
			return nil
		}
	}
	t.unmade++
	return nil
}

// byDesign: a command and a script are what they are given.
func byDesign(m *modules.Module, p *modules.Param) bool {
	return p.Name == "command" && m.ID == "1000" || p.Name == "script" && m.ID == "3614"
}

// attack makes the task that a control server would make with the payload, or reports that it refuses.
func attack(m *modules.Module, p *modules.Param, payload, dir string) (engine.Task, bool) {
	know := modules.Lookup{
		Source: func(string) ([]byte, error) { return []byte("contents\n"), nil },
		Hosts:  func(string) ([]modules.HostName, error) { return nil, errors.New("no such server") },
		List:   func(string) ([]string, error) { return nil, errors.New("no such list") },
	}
	in := harmless(m, dir)
	if p.When != nil {
		in[p.When.Param] = p.When.Values[len(p.When.Values)-1]
	}
	if in[p.Name] = payload; p.Type == modules.Path { // so that it is not refused for where it begins
		under := dir
		if len(p.Under) > 0 {
			under = filepath.Join(p.Under[0], "om-none")
		}
		in[p.Name] = under + "/" + payload
	}
	checked, err := m.CheckWith(in, know)
	if err != nil {
		return engine.Task{}, false
	}
	vars, files, err := m.Input(checked, know)
	return engine.Task{Script: m.Tasks["ssh"].Body, Params: vars, Files: files, OK: m.OK, Changed: m.Changed}, err == nil
}

// harmless are values with which the module changes nothing on this machine.
func harmless(m *modules.Module, dir string) map[string]string {
	in := map[string]string{}
	none := map[string]string{
		"package": "om-none", "service": "om-none", "text": "om-none", "host": "127.0.0.1", "url": "http://127.0.0.1:1/", "process": "om-none", "user": "om-none",
		"folder": dir + "/none", "script": "exit 1", "command": "exit 1", "source": "om-none", "destination": dir + "/none/x", "base": dir + "/none", "archive": "om-none",
		"version": "1", "file": "/etc/om-none/x",
	}
	for _, p := range m.Params {
		in[p.Name] = p.Default
		if p.Default == "" && p.Required {
			in[p.Name] = none[p.Name]
		}
		if p.Type == modules.Enum && p.Required && in[p.Name] == "" {
			in[p.Name] = p.Values[0]
		}
	}
	maps.DeleteFunc(in, func(_, v string) bool { return v == "" })
	return in
}

func firstLine(script []byte) string {
	_, rest, _ := strings.Cut(string(script), "\n")
	line, _, _ := strings.Cut(strings.TrimPrefix(rest, "set -u\n"), "\n")
	return line
}
