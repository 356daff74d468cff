package demo

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

func fileTools() map[string]tool {
	return map[string]tool{
		"ls": ls, "stat": statTool, "touch": touch, "mkdir": mkdir, "rm": rm, "rmdir": rm, "cp": cp, "mv": cp, "install": cp, "chmod": chmod,
		"chown": quietly, "mktemp": mktemp, "basename": basename, "dirname": basename, "readlink": readlink, "realpath": readlink,
		"md5sum": sum, "sha256sum": sum, "base64": base64Tool, "diff": diff, "cmp": diff, "find": find, "du": du,
	}
}

func ls(c *call) int {
	opts, names := options(c.args, "")
	if len(names) == 0 {
		names = []string{"."}
	}
	code := 0
	for _, n := range names {
		full := resolve(c.dir, n)
		fi, err := c.d.h.files.stat(full)
		if err != nil {
			c.fail("ls: cannot access '%s': %s", n, reason(err))
			code = 2
			continue
		}
		if !fi.IsDir() || has(opts, "d") {
			c.entry(opts, n, fi)
			continue
		}
		entries, _ := c.d.h.files.readDir(full)
		if len(names) > 1 {
			c.printf("%s:\n", n)
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") && !has(opts, "a", "A") {
				continue
			}
			if fi, err := e.Info(); err == nil {
				c.entry(opts, e.Name(), fi)
			}
		}
	}
	return code
}

func (c *call) entry(opts map[string]string, name string, fi fs.FileInfo) {
	if !has(opts, "l") {
		c.printf("%s\n", name)
		return
	}
	c.printf("%s 1 root %6d %s %s\n", fi.Mode(), fi.Size(), fi.ModTime().Format("Jan _2 15:04"), name)
}

func statTool(c *call) int {
	opts, names := options(c.args, "c")
	code := 0
	for _, n := range names {
		fi, err := c.d.h.files.stat(resolve(c.dir, n))
		if err != nil {
			code = c.fail("stat: cannot statx '%s': %s", n, reason(err))
			continue
		}
		format := opts["c"]
		if format == "" {
			format = "  File: %n\n  Size: %s\nAccess: (%a)  Uid: (0/%U)\nModify: %y"
		}
		c.printf("%s\n", strings.NewReplacer("%n", n, "%s", strconv.FormatInt(fi.Size(), 10), "%a", strconv.FormatUint(uint64(fi.Mode().Perm()), 8),
			"%U", "root", "%G", "root", "%y", fi.ModTime().Format("2006-01-02 15:04:05"), "%Y", strconv.FormatInt(fi.ModTime().Unix(), 10)).Replace(format))
	}
	return code
}

// each runs do for every name and reports what went wrong.
func (c *call) each(names []string, do func(full string) error) int {
	code := 0
	for _, n := range names {
		if err := do(resolve(c.dir, n)); err != nil {
			code = c.fail("%s: %s: %s", c.name, n, reason(err))
		}
	}
	return code
}

func touch(c *call) int {
	_, names := options(c.args, "d")
	return c.each(names, func(full string) error {
		data, err := c.d.h.files.read(full)
		if err != nil {
			data = nil
		}
		return c.d.h.files.write(full, data, 0o644)
	})
}

func mkdir(c *call) int {
	opts, names := options(c.args, "m")
	return c.each(names, func(full string) error {
		if fi, err := c.d.h.files.stat(full); err == nil && fi.IsDir() && has(opts, "p") {
			return nil
		}
		return c.d.h.files.mkdir(full)
	})
}

func rm(c *call) int {
	opts, names := options(c.args, "")
	return c.each(names, func(full string) error {
		fi, err := c.d.h.files.stat(full)
		switch {
		case err != nil && has(opts, "f"):
			return nil
		case err != nil:
			return err
		case full == "/":
			return fs.ErrPermission
		case fi.IsDir() && !has(opts, "r", "R") && c.name != "rmdir":
			return fmt.Errorf("Is a directory") //nolint:staticcheck // what rm says
		}
		return c.d.h.files.remove(full)
	})
}

func cp(c *call) int {
	opts, names := options(c.args, "mog")
	if len(names) < 2 {
		return c.fail("%s: missing file operand", c.name)
	}
	to := resolve(c.dir, names[len(names)-1])
	return c.each(names[:len(names)-1], func(full string) error {
		data, err := c.d.h.files.read(full)
		if err != nil {
			return err
		}
		target := to
		if fi, err := c.d.h.files.stat(to); err == nil && fi.IsDir() {
			target = path.Join(to, path.Base(full))
		}
		mode := fs.FileMode(0o644)
		if m, err := strconv.ParseUint(opts["m"], 8, 9); err == nil {
			mode = fs.FileMode(m)
		}
		if err := c.d.h.files.write(target, data, mode); err != nil || c.name != "mv" {
			return err
		}
		return c.d.h.files.remove(full)
	})
}

func chmod(c *call) int {
	_, names := options(c.args, "")
	if len(names) < 2 {
		return c.fail("chmod: missing operand")
	}
	return c.each(names[1:], func(full string) error {
		fi, err := c.d.h.files.stat(full)
		if err != nil {
			return err
		}
		mode := fi.Mode().Perm()
		if m, err := strconv.ParseUint(names[0], 8, 12); err == nil {
			mode = fs.FileMode(m).Perm()
		} else if strings.Contains(names[0], "x") {
			mode |= 0o111
		}
		return c.d.h.files.chmod(full, mode)
	})
}

func mktemp(c *call) int {
	opts, _ := options(c.args, "pt")
	for i := range maxFiles {
		name := fmt.Sprintf("/tmp/tmp.%08d", c.d.p.pid*1000+i)
		if _, err := c.d.h.files.stat(name); err == nil {
			continue
		}
		err := c.d.h.files.write(name, nil, 0o600)
		if has(opts, "d") {
			_ = c.d.h.files.remove(name)
			err = c.d.h.files.mkdir(name)
		}
		if err != nil {
			return c.fail("mktemp: %s", reason(err))
		}
		c.printf("%s\n", name)
		return 0
	}
	return c.fail("mktemp: No space left on device")
}

func basename(c *call) int {
	_, names := options(c.args, "")
	if len(names) == 0 {
		return c.fail("%s: missing operand", c.name)
	}
	if c.name == "dirname" {
		c.printf("%s\n", path.Dir(names[0]))
		return 0
	}
	out := path.Base(names[0])
	if len(names) > 1 {
		out = strings.TrimSuffix(out, names[1])
	}
	c.printf("%s\n", out)
	return 0
}

func readlink(c *call) int {
	_, names := options(c.args, "")
	for _, n := range names {
		c.printf("%s\n", resolve(c.dir, n))
	}
	return 0
}

func sum(c *call) int {
	return c.inputs(c.args, func(name string, data []byte) {
		if c.name == "md5sum" {
			c.printf("%x  %s\n", md5.Sum(data), name)
			return
		}
		c.printf("%x  %s\n", sha256.Sum256(data), name)
	})
}

func base64Tool(c *call) int {
	opts, names := options(c.args, "w")
	code := 0
	return max(c.inputs(names, func(_ string, data []byte) {
		if !has(opts, "d") {
			c.printf("%s\n", base64.StdEncoding.EncodeToString(data))
			return
		}
		out, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(data)), ""))
		if err != nil {
			code = c.fail("base64: invalid input")
		}
		_, _ = c.out.Write(out)
	}), code)
}

// diff only tells whether files differ.
func diff(c *call) int {
	opts, names := options(c.args, "")
	if len(names) != 2 {
		return c.fail("%s: two files are needed", c.name)
	}
	var data []string
	if c.inputs(names, func(_ string, b []byte) { data = append(data, string(b)) }) != 0 {
		return 2
	}
	if data[0] == data[1] {
		return 0
	}
	switch {
	case c.name == "diff" && has(opts, "u"):
		c.printf("--- %s\n+++ %s\n", names[0], names[1])
		c.unified(lines([]byte(data[0])), lines([]byte(data[1])))
	case !has(opts, "s") || c.name == "diff":
		c.printf("Files %s and %s differ\n", names[0], names[1])
	}
	return 1
}

// unified shows one change: all from the first to the last line that differs.
func (c *call) unified(from, to []string) {
	head := 0
	for head < min(len(from), len(to)) && from[head] == to[head] {
		head++
	}
	tail := 0
	for tail < min(len(from), len(to))-head && from[len(from)-1-tail] == to[len(to)-1-tail] {
		tail++
	}
	c.printf("@@ -%d,%d +%d,%d @@\n", head+1, len(from)-head-tail, head+1, len(to)-head-tail)
	for _, l := range from[head : len(from)-tail] {
		c.printf("-%s\n", l)
	}
	for _, l := range to[head : len(to)-tail] {
		c.printf("+%s\n", l)
	}
}

func find(c *call) int {
	start, rest := []string{}, c.args
	for len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		start, rest = append(start, rest[0]), rest[1:]
	}
	if len(start) == 0 {
		start = []string{"."}
	}
	want := map[string]string{}
	for i := 0; i+1 < len(rest); i++ {
		want[rest[i]] = rest[i+1]
	}
	var found []string
	code := c.each(start, func(full string) error {
		fi, err := c.d.h.files.stat(full)
		if err != nil {
			return err
		}
		c.walk(full, fi, want, 0, &found)
		return nil
	})
	if slices.Equal(start, []string{"."}) {
		for i := range found {
			found[i] = "." + strings.TrimPrefix(found[i], strings.TrimSuffix(c.dir, "/"))
		}
	}
	if want["-exec"] == "" {
		c.lines(found)
		return code
	}
	if len(found) == 0 {
		return code
	}
	return max(code, c.command(append([]string{want["-exec"]}, found...)))
}

func (c *call) walk(full string, fi fs.FileInfo, want map[string]string, depth int, found *[]string) {
	ok := true
	if n := want["-name"]; n != "" {
		ok, _ = path.Match(n, fi.Name())
	}
	if t := want["-type"]; t != "" {
		ok = ok && (t == "d") == fi.IsDir()
	}
	if minutes, err := strconv.Atoi(strings.TrimPrefix(want["-mmin"], "-")); err == nil {
		ok = ok && time.Since(fi.ModTime()) < time.Duration(minutes)*time.Minute
	}
	if want["-size"] == "+0" {
		ok = ok && fi.Size() > 0
	}
	if ok {
		*found = append(*found, full)
	}
	if most, err := strconv.Atoi(want["-maxdepth"]); err == nil && depth >= most || !fi.IsDir() {
		return
	}
	entries, _ := c.d.h.files.readDir(full)
	for _, e := range entries {
		if fi, err := e.Info(); err == nil {
			c.walk(path.Join(full, e.Name()), fi, want, depth+1, found)
		}
	}
}

func du(c *call) int {
	_, names := options(c.args, "d")
	for _, n := range names {
		c.printf("%dM\t%s\n", 12+len(n)*7, n)
	}
	return 0
}
