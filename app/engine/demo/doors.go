package demo

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
)

// doors are the interpreter's handlers: files, directories and programs of one pretend server.
type doors struct {
	f *Fleet
	h *host
	p *proc
}

func (d *doors) open(ctx context.Context, name string, flag int, perm os.FileMode) (io.ReadWriteCloser, error) {
	if strings.HasPrefix(name, "/dev/tcp/") && slices.Contains([]string{"22", "80", "443", "3306", "8080"}, path.Base(name)) {
		name = "/dev/null" // bash opens a connection; this one says nothing
	}
	return d.h.files.open(resolve(interp.HandlerCtx(ctx).Dir, name), flag, perm)
}

func (d *doors) stat(ctx context.Context, name string, _ bool) (fs.FileInfo, error) {
	return d.h.files.stat(resolve(interp.HandlerCtx(ctx).Dir, name))
}

func (d *doors) readDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	return d.h.files.readDir(resolve(interp.HandlerCtx(ctx).Dir, name))
}

func (d *doors) access(ctx context.Context, name string, mode interp.AccessMode) error {
	fi, err := d.h.files.stat(resolve(interp.HandlerCtx(ctx).Dir, name))
	if err == nil && mode&interp.AccessExec != 0 && fi.Mode()&0o111 == 0 {
		err = &fs.PathError{Op: "access", Path: name, Err: fs.ErrPermission}
	}
	return err
}

// call turns builtins that would look at the real machine, or that the interpreter lacks, into tools.
func (d *doors) call(_ context.Context, args []string) ([]string, error) {
	switch args[0] {
	case "kill", "umask", "ulimit", "hash", "type":
		return append([]string{"om-" + args[0]}, args[1:]...), nil
	case "command":
		if len(args) > 1 && (args[1] == "-v" || args[1] == "-V") {
			return append([]string{"om-which"}, args[2:]...), nil
		}
		if len(args) > 1 && args[1] == "kill" {
			return append([]string{"om-kill"}, args[2:]...), nil
		}
	case "trap":
		return traps(args), nil
	}
	return args, nil
}

// traps keeps what the interpreter knows of a trap; signals end a pretend process at once anyway.
func traps(args []string) []string {
	if len(args) < 3 {
		return args
	}
	out := []string{"trap", args[1]}
	for _, a := range args[2:] {
		if a == "EXIT" || a == "ERR" || a == "0" {
			out = append(out, strings.Replace(a, "0", "EXIT", 1))
		}
	}
	if len(out) == 2 {
		return []string{"true"}
	}
	return out
}

// exec runs a program: a tool, or a shell script among the files.
func (d *doors) exec(ctx context.Context, args []string) error {
	hc := interp.HandlerCtx(ctx)
	c := &call{
		ctx: ctx, d: d, name: path.Base(args[0]), args: args[1:], in: hc.Stdin, out: hc.Stdout, err: hc.Stderr,
		dir: resolve(hc.Dir, "."), env: hc.Env,
	}
	if c.in == nil {
		c.in = strings.NewReader("")
	}
	code, ok := d.program(c, args[0])
	if err := ctx.Err(); err != nil {
		return err
	}
	if !ok {
		c.fail("%s: command not found", args[0])
		code = 127
	}
	if code == 0 {
		return nil
	}
	return error(interp.ExitStatus(uint8(code)))
}

func (d *doors) program(c *call, asked string) (code int, ok bool) {
	if strings.Contains(asked, "/") {
		full := resolve(c.dir, asked)
		fi, err := d.h.files.stat(full)
		if err != nil {
			return 0, false
		}
		if fi.Mode()&0o111 == 0 || fi.IsDir() {
			c.fail("%s: Permission denied", asked)
			return 126, true
		}
		if !slices.Contains(binFolders(), path.Dir(full)) {
			text, err := d.h.files.read(full)
			if err != nil {
				return 0, false
			}
			return c.shell(task{text: string(text), args: c.args}), true
		}
	}
	if t := d.f.tools[c.name]; t != nil {
		return t(c), true
	}
	return 0, false
}

// call is one run of a tool.
type call struct {
	ctx      context.Context
	d        *doors
	name     string
	args     []string
	in       io.Reader
	out, err io.Writer
	dir      string
	env      expand.Environ
}

// tool is a pretend program; it returns its exit code.
type tool func(c *call) int

func (c *call) printf(format string, a ...any) { _, _ = fmt.Fprintf(c.out, format, a...) }

func (c *call) fail(format string, a ...any) int {
	_, _ = fmt.Fprintf(c.err, format+"\n", a...)
	return 1
}

// shell runs a text as a child shell.
func (c *call) shell(t task) int {
	t.stdin, t.out, t.err = c.in, c.out, c.err
	c.env.Each(func(name string, v expand.Variable) bool {
		if v.Exported {
			t.env = append(t.env, name+"="+v.String())
		}
		return true
	})
	return c.d.f.shell(c.ctx, c.d.h, c.d.p, t)
}

// inputs gives the contents of the named files, or of standard input without names or for "-".
func (c *call) inputs(names []string, each func(name string, data []byte)) (code int) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, n := range names {
		var data []byte
		var err error
		if n == "-" {
			data, err = io.ReadAll(c.in)
		} else {
			data, err = c.d.h.files.read(resolve(c.dir, n))
		}
		if err != nil {
			code = c.fail("%s: %s: %s", c.name, n, reason(err))
			continue
		}
		each(n, data)
	}
	return code
}

// lines splits text into lines without their ends.
func lines(data []byte) []string {
	s := strings.TrimSuffix(string(data), "\n")
	if s == "" && len(data) == 0 {
		return nil
	}
	return strings.Split(s, "\n")
}
