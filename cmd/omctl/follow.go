package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"omanager/app/job"
	"omanager/app/problem"
	"omanager/app/safetext"
	"omanager/rpc/client"
)

// eventLine is the JSON form of an event: text where the bytes are UTF-8, else data in base64.
type eventLine struct {
	Job       string              `json:"job"`
	Host      string              `json:"host"`
	Seq       int64               `json:"seq"`
	Kind      job.Kind            `json:"kind"`
	Time      time.Time           `json:"time"`
	Stream    string              `json:"stream,omitempty"`
	Text      string              `json:"text,omitempty"`
	Data      []byte              `json:"data,omitempty"`
	Outcome   job.Outcome         `json:"outcome,omitempty"`
	Exit      *int                `json:"exit,omitempty"`
	ElapsedMS float64             `json:"elapsed_ms,omitempty"`
	Problem   string              `json:"problem,omitempty"`
	Message   string              `json:"message,omitempty"`
	Counts    map[job.Outcome]int `json:"counts,omitempty"`
	Groups    []groupLine         `json:"groups,omitempty"`
}

type groupLine struct {
	Hosts   []string    `json:"hosts"`
	Outcome job.Outcome `json:"outcome"`
	Exit    int         `json:"exit"`
	Output  string      `json:"output"`
	Message string      `json:"message,omitempty"`
}

// follow watches a job to its end and prints it; errSomeBad if a target did not end well.
func (a *app) follow(ctx context.Context, c *client.Client, id string, j *job.Job) error {
	if j == nil {
		got, err := c.Job(ctx, id)
		if err != nil {
			return err
		}
		j = &got
	}
	if err := a.results.ready(ctx, c, j.Module, a.asJSON); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan struct{})
	defer close(ended)
	go a.interrupts(ctx, c, id, stop, ended)
	v := job.NewView(*j)
	err := c.Watch(ctx, id, 0, func(ev []job.Event) error {
		v.Apply(ev)
		a.results.collect(ev)
		if a.asJSON {
			return a.printEvents(v, ev)
		}
		return nil
	}, func(up bool, err error) {
		if !up {
			_, _ = fmt.Fprintln(a.err, "omctl: connection lost, trying again: "+safetext.Line(problem.Describe(a.lang, err)))
		}
	})
	if err != nil {
		if v.LastSeq() > 0 && !a.asJSON {
			_ = a.printResult(v) // what has arrived is not lost; the watch's error is reported
		}
		return err
	}
	if !a.asJSON {
		if err := a.printResult(v); err != nil {
			return err
		}
	}
	for o, n := range v.Counts() {
		if n > 0 && !o.Good() {
			return errSomeBad
		}
	}
	return nil
}

// interrupts makes the first Ctrl-C cancel the job and the second one leave. It ends with follow.
func (a *app) interrupts(ctx context.Context, c *client.Client, id string, leave func(), ended <-chan struct{}) {
	for n := 0; ; n++ {
		select {
		case <-ended:
			return
		case <-a.signals:
		}
		if n > 0 {
			leave()
			return
		}
		_, _ = fmt.Fprintln(a.err, "omctl: cancelling; waiting for every server's outcome (Ctrl-C again leaves at once)")
		if err := c.Cancel(ctx, id); err != nil {
			_, _ = fmt.Fprintln(a.err, "omctl: "+safetext.Line(problem.Describe(a.lang, err)))
		}
	}
}

func (a *app) printEvents(v *job.View, events []job.Event) error {
	enc := json.NewEncoder(a.out)
	for _, e := range events {
		l := eventLine{
			Job: e.Job, Host: e.Host, Seq: e.Seq, Kind: e.Kind, Time: e.Time, Stream: e.Stream, Outcome: e.Outcome,
			ElapsedMS: float64(e.Elapsed.Microseconds()) / 1000, Problem: e.Problem,
		}
		if utf8.Valid(e.Data) {
			l.Text = string(e.Data)
		} else {
			l.Data = e.Data
		}
		if e.HasExit {
			l.Exit = &e.Exit
		}
		if e.Problem != "" {
			l.Message = problem.Text(a.lang, e.Problem, e.Args)
		}
		if e.Kind == job.JobDone {
			l.Counts = v.Counts()
			l.Groups = a.groups(v)
		}
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) groups(v *job.View) []groupLine {
	out := []groupLine{}
	for _, g := range v.Groups() {
		l := groupLine{Hosts: g.Hosts, Outcome: g.Outcome, Exit: g.Exit, Output: strings.ToValidUTF8(string(g.Output), "\uFFFD")}
		if g.Problem != "" {
			l.Message = problem.Text(a.lang, g.Problem, g.Args)
		}
		out = append(out, l)
	}
	return out
}

// printResult prints the groups of equal output, largest first, then the counts.
func (a *app) printResult(v *job.View) error {
	w := &sticky{w: a.out}
	if a.results.module != nil {
		return a.printTable(v)
	}
	for _, g := range v.Groups() {
		w.printf("── %s × %d", g.Outcome, len(g.Hosts))
		if g.Exit != 0 {
			w.printf(", exit %d", g.Exit)
		}
		w.printf(": %s\n", safetext.Line(strings.Join(g.Hosts, ",")))
		if g.Problem != "" {
			w.printf("%s\n", safetext.Line(problem.Text(a.lang, g.Problem, g.Args)))
		}
		text := safetext.Clean(g.Output)
		w.printf("%s", text)
		if text != "" && !strings.HasSuffix(text, "\n") {
			w.printf("\n")
		}
	}
	j := v.Job()
	w.printf("── job %s, module %s: %s of %d servers", j.ID, j.Module, first(countText(v.Counts()), "nothing ended"), len(j.Targets))
	if !j.Ended.IsZero() && !j.Started.IsZero() {
		w.printf(", %s", j.Ended.Sub(j.Started).Round(10*time.Millisecond))
	}
	if open := v.Running() + v.Waiting(); open > 0 {
		w.printf(", %s still open", strconv.Itoa(open))
	}
	w.printf("\n")
	return w.err
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// sticky keeps the first write error.
type sticky struct {
	w   io.Writer
	err error
}

func (s *sticky) printf(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format, args...)
	}
}
