package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	enginessh "omanager/app/engine/ssh"
)

// command runs what a client asked for: the engine's two constant commands, or any shell text.
func (f *Fleet) command(ctx context.Context, h *host, ch ssh.Channel, text string) ending {
	in := bufio.NewReader(ch)
	switch text {
	case enginessh.Bootstrap:
		return f.bootstrap(ctx, h, ch, in)
	case enginessh.Killer:
		return h.killer(ctx, ch, in)
	}
	return f.process(ctx, h, nil, func(ctx context.Context, p *proc) int {
		return f.script(ctx, h, p, task{text: text, stdin: in, out: ch, err: ch.Stderr()})
	})
}

// process gives a piece of work a pid and turns being killed into a signal.
func (f *Fleet) process(ctx context.Context, h *host, begun func(*proc), work func(context.Context, *proc) int) ending {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := h.procs.add(cancel)
	if begun != nil {
		begun(p)
	}
	code := work(ctx, p)
	h.procs.remove(p)
	return ending{code: code, signal: p.killedBy()}
}

// bootstrap does what the engine's Bootstrap does.
func (f *Fleet) bootstrap(ctx context.Context, h *host, ch ssh.Channel, in *bufio.Reader) ending {
	hello := func(p *proc) { _, _ = fmt.Fprintf(ch, "OM1 %d\n", p.pid) }
	return f.process(ctx, h, hello, func(ctx context.Context, p *proc) int {
		head, err := enginessh.ReadHeader(in)
		if err != nil {
			return 127
		}
		var env []string
		for i, n := range head.Names {
			env = append(env, "OM_"+n+"="+head.Values[i])
			if n == "RUN" {
				p.mark = head.Values[i]
			}
		}
		if !wait(ctx, h.delay) {
			return 143
		}
		if h.says != "" {
			_, _ = io.WriteString(ch.Stderr(), h.says+"\n")
			return h.exit
		}
		t := task{text: head.Script, env: env, stdin: in, out: ch, err: ch.Stderr()}
		switch base := path.Base(head.How); {
		case base == "sh", base == "bash", base == "dash":
			t.flags = head.Arg
		case strings.HasPrefix(head.How, "/"):
			_, _ = fmt.Fprintf(ch.Stderr(), "%s: not found\n", head.How)
			return 127
		case head.How != "-":
			t.flags = head.How
		}
		return f.script(ctx, h, p, t)
	})
}

func wait(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// killer does what the engine's Killer does.
func (h *host) killer(ctx context.Context, out io.Writer, in *bufio.Reader) ending {
	line, err := in.ReadString('\n')
	pid, cerr := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || cerr != nil {
		return ending{code: 127}
	}
	if p := h.procs.find(pid); p != nil {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		if p.kill(ctx, "TERM") != nil {
			_, _ = fmt.Fprintf(out, "OM1 alive %d\n", pid)
			return ending{}
		}
	}
	_, _ = io.WriteString(out, "OM1 gone\n")
	return ending{}
}

// task is a shell text with its surroundings.
type task struct {
	text, flags string
	env         []string
	args        []string
	stdin       io.Reader
	out, err    io.Writer
}

// script runs a task with its standard input behind a real pipe, as the shell library wants it.
func (f *Fleet) script(ctx context.Context, h *host, p *proc, t task) int {
	r, w, err := os.Pipe()
	if err != nil {
		_, _ = fmt.Fprintln(t.err, "sh: no more pipes")
		return 126
	}
	src := t.stdin
	// The feeder ends when the client has no more, when r is closed, or with the client's channel.
	f.work.Go(func() {
		_, _ = io.Copy(w, src)
		_ = w.Close()
	})
	t.stdin = r
	lock := &sync.Mutex{}
	t.out, t.err = &locked{w: t.out, mu: lock}, &locked{w: t.err, mu: lock}
	code := f.shell(ctx, h, p, t)
	_ = r.Close()
	return code
}

// locked serialises writers: the parts of a pipeline write at the same time.
type locked struct {
	w  io.Writer
	mu *sync.Mutex
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// shell interprets a text. Every door of the interpreter leads to the pretend server.
func (f *Fleet) shell(ctx context.Context, h *host, p *proc, t task) int {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(t.text), "sh")
	if err != nil {
		_, _ = fmt.Fprintf(t.err, "sh: %v\n", err)
		return 2
	}
	if unsafe(file) {
		_, _ = fmt.Fprintln(t.err, "sh: process substitution and recursion are not available on demo servers")
		return 2
	}
	ctx, ok := deeper(ctx)
	if !ok {
		_, _ = fmt.Fprintln(t.err, "sh: too many nested shells")
		return 126
	}
	d := &doors{f: f, h: h, p: p}
	params := append([]string{}, strings.Fields(t.flags)...)
	params = append(append(params, "--"), t.args...)
	r, err := interp.New(
		interp.Env(expand.ListEnviron(append(h.environ(), t.env...)...)),
		interp.StdIO(t.stdin, t.out, t.err), interp.Params(params...), interp.Dir("/"),
		interp.OpenHandler(d.open), interp.StatHandler(d.stat), interp.ReadDirHandler2(d.readDir),
		interp.AccessHandler(d.access), interp.CallHandler(d.call),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return d.exec }),
	)
	if err != nil {
		_, _ = fmt.Fprintf(t.err, "sh: %v\n", err)
		return 2
	}
	err = r.Run(ctx, file)
	if status := interp.ExitStatus(0); errors.As(err, &status) {
		return int(status)
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, io.EOF) {
		_, _ = fmt.Fprintf(t.err, "sh: %v\n", err)
	}
	if err != nil {
		return 1
	}
	return 0
}

func (h *host) environ() []string {
	return []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/home/" + loginUser, "USER=" + loginUser,
		"LOGNAME=" + loginUser, "SHELL=/bin/bash", "LC_ALL=C", "HOSTNAME=" + h.name, "TMPDIR=/tmp",
	}
}

// unsafe reports whether a text uses what the interpreter does with real files, or functions that call themselves:
// the interpreter does not bound their depth.
func unsafe(file *syntax.File) bool {
	found := false
	calls := map[string][]string{}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ProcSubst:
			found = true
		case *syntax.FuncDecl:
			calls[n.Name.Value] = append(calls[n.Name.Value], called(n.Body)...)
		}
		return !found
	})
	for name := range calls {
		found = found || reaches(calls, name, name, map[string]bool{})
	}
	return found
}

func called(body *syntax.Stmt) []string {
	var out []string
	syntax.Walk(body, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.CallExpr); ok && len(c.Args) > 0 {
			out = append(out, c.Args[0].Lit())
		}
		return true
	})
	return out
}

func reaches(calls map[string][]string, from, to string, seen map[string]bool) bool {
	for _, next := range calls[from] {
		if next == to {
			return true
		}
		if !seen[next] {
			seen[next] = true
			if reaches(calls, next, to, seen) {
				return true
			}
		}
	}
	return false
}

// depthKey is the context key of how deep shells are nested.
type depthKey struct{}

const maxDepth = 30

// deeper counts one more nested shell, and reports whether there may be one.
func deeper(ctx context.Context) (context.Context, bool) {
	n, _ := ctx.Value(depthKey{}).(int)
	return context.WithValue(ctx, depthKey{}, n+1), n < maxDepth
}
