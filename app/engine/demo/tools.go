package demo

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/interp"
)

// tools are the pretend programs by name. Names with "om-" stand for shell builtins.
func tools() map[string]tool {
	t := map[string]tool{
		"om-kill": kill, "kill": kill, "om-umask": quietly, "om-ulimit": func(c *call) int { c.printf("unlimited\n"); return 0 },
		"om-hash": quietly, "om-type": which, "om-which": which, "which": which,
		"sh": childShell, "bash": childShell, "dash": childShell, "env": env, "printenv": env, "sleep": sleepTool,
		"nohup": wrapped(0), "sudo": wrapped(0), "nice": wrapped(0), "timeout": wrapped(1), "stdbuf": wrapped(1), "setsid": wrapped(0),
		"sync": quietly, "logger": quietly, "sysctl": sysctlTool,
	}
	for _, more := range []map[string]tool{textTools(), fileTools(), systemTools(), moduleTools()} {
		maps.Copy(t, more)
	}
	return t
}

func quietly(*call) int { return 0 }

// wrapped runs the rest of the line after so many own arguments.
func wrapped(own int) tool {
	return func(c *call) int {
		rest := c.args
		for len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
			skip := 1
			if rest[0] == "-u" {
				skip = 2
			}
			rest = rest[min(skip, len(rest)):]
		}
		if len(rest) <= own {
			return c.fail("%s: missing operand", c.name)
		}
		return c.command(rest[own:])
	}
}

// command runs another program as a child.
func (c *call) command(args []string) int {
	child := *c
	child.name, child.args = args[0], args[1:]
	if i := strings.LastIndexByte(child.name, '/'); i >= 0 {
		child.name = child.name[i+1:]
	}
	code, ok := c.d.program(&child, args[0])
	if !ok && interp.IsBuiltin(args[0]) {
		quoted := make([]string, len(args))
		for i, a := range args {
			quoted[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		return c.shell(task{text: strings.Join(quoted, " ")})
	}
	if !ok {
		c.fail("%s: %s: No such file or directory", c.name, args[0])
		return 127
	}
	return code
}

func kill(c *call) int {
	signal, pids := "TERM", c.args
	if len(pids) > 0 && strings.HasPrefix(pids[0], "-") && len(pids) > 1 {
		signal, pids = strings.TrimPrefix(pids[0], "-"), pids[1:]
	}
	if len(pids) > 1 && signal == "s" {
		signal, pids = pids[0], pids[1:]
	}
	code := 0
	for _, a := range pids {
		pid, err := strconv.Atoi(strings.TrimPrefix(a, "-"))
		p := c.d.h.procs.find(pid)
		switch {
		case err != nil || p == nil:
			code = c.fail("kill: (%s) - No such process", a)
		case signal == "0":
		case p == c.d.p:
			p.stop()
		default:
			if p.kill(c.ctx, strings.TrimPrefix(signal, "SIG")) != nil {
				code = 1
			}
		}
	}
	return code
}

func which(c *call) int {
	code := 0
	for _, a := range c.args {
		if interp.IsBuiltin(a) {
			c.printf("%s\n", a)
			continue
		}
		found := ""
		for _, dir := range binFolders() {
			if _, err := c.d.h.files.stat(resolve(dir, a)); err == nil {
				found = resolve(dir, a)
				break
			}
		}
		if found == "" {
			code = 1
			continue
		}
		c.printf("%s\n", found)
	}
	return code
}

func childShell(c *call) int {
	var flags []string
	for i, a := range c.args {
		if !strings.HasPrefix(a, "-") || a == "-" {
			data, err := c.d.h.files.read(resolve(c.dir, a))
			if err != nil {
				c.fail("%s: %s: %s", c.name, a, reason(err))
				return 127
			}
			return c.shell(task{text: string(data), flags: strings.Join(flags, " "), args: c.args[i+1:]})
		}
		if rest, ok := strings.CutSuffix(a, "c"); ok && i+1 < len(c.args) {
			if rest != "-" {
				flags = append(flags, rest)
			}
			return c.shell(task{text: c.args[i+1], flags: strings.Join(flags, " "), args: c.args[min(i+3, len(c.args)):]})
		}
		if a != "-s" {
			flags = append(flags, a)
		}
	}
	code := 0
	c.inputs(nil, func(_ string, data []byte) { code = c.shell(task{text: string(data), flags: strings.Join(flags, " ")}) })
	return code
}

func env(c *call) int {
	var out []string
	for name, v := range c.env.Each {
		if v.Exported {
			out = append(out, name+"="+v.String())
		}
	}
	if c.name == "printenv" && len(c.args) > 0 {
		v := c.env.Get(c.args[0])
		if !v.IsSet() {
			return 1
		}
		c.printf("%s\n", v.String())
		return 0
	}
	rest := c.args
	for len(rest) > 0 && (strings.HasPrefix(rest[0], "-") || strings.Contains(rest[0], "=")) {
		rest = rest[1:]
	}
	if len(rest) > 0 {
		return c.command(rest)
	}
	slices.Sort(out)
	c.printf("%s\n", strings.Join(slices.Compact(out), "\n"))
	return 0
}

func sleepTool(c *call) int {
	var d time.Duration
	for _, a := range c.args {
		unit := time.Second
		for suffix, u := range map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour} {
			if n, ok := strings.CutSuffix(a, suffix); ok {
				a, unit = n, u
				break
			}
		}
		n, err := strconv.ParseFloat(a, 64)
		if err != nil || n < 0 {
			return c.fail("sleep: invalid time interval '%s'", a)
		}
		d += time.Duration(n * float64(unit))
	}
	if !wait(c.ctx, d) {
		return 143
	}
	return 0
}

func sysctlTool(c *call) int {
	data, err := c.d.h.files.read("/etc/sysctl.conf")
	if err != nil {
		return c.fail("sysctl: %s", reason(err))
	}
	_, names := options(c.args, "")
	value := slices.Contains(c.args, "-n")
	found := 0
	for _, l := range lines(data) {
		k, v, ok := strings.Cut(l, " = ")
		if !ok || len(names) > 0 && !slices.Contains(names, k) && !strings.HasPrefix(names[0], "/") {
			continue
		}
		found++
		if value {
			l = v
		}
		c.printf("%s\n", l)
	}
	if found == 0 {
		return c.fail("sysctl: cannot stat /proc/sys/%s: No such file or directory", strings.ReplaceAll(strings.Join(names, " "), ".", "/"))
	}
	return 0
}

// options splits short options from operands. Letters in withValue take a value, from the same or the next word.
func options(args []string, withValue string) (map[string]string, []string) {
	opts := map[string]string{}
	var rest []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			return opts, append(rest, args[i+1:]...)
		case strings.HasPrefix(a, "--"):
			k, v, _ := strings.Cut(a[2:], "=")
			opts[k] = v
		case len(a) < 2 || a[0] != '-':
			rest = append(rest, a)
		default:
			for j := 1; j < len(a); j++ {
				k := a[j : j+1]
				if !strings.Contains(withValue, k) {
					opts[k] = ""
					continue
				}
				v := a[j+1:]
				if v == "" && i+1 < len(args) {
					i++
					v = args[i]
				}
				if old, ok := opts[k]; ok {
					v = old + "\n" + v
				}
				opts[k] = v
				break
			}
		}
	}
	return opts, rest
}

func has(opts map[string]string, names ...string) bool {
	for _, n := range names {
		if _, ok := opts[n]; ok {
			return true
		}
	}
	return false
}

// count reads a number such as "30", "-30" or "+2".
func count(s string) (n int, plus bool, err error) {
	plus = strings.HasPrefix(s, "+")
	n, err = strconv.Atoi(strings.TrimLeft(s, "+-"))
	if err != nil {
		err = fmt.Errorf("invalid number of lines: '%s'", s)
	}
	return n, plus, err
}
