package demo

import (
	"bytes"
	"cmp"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func textTools() map[string]tool {
	return map[string]tool{
		"cat": cat, "tac": tac, "head": head, "tail": tail, "grep": grep, "egrep": grep, "fgrep": grep, "wc": wc, "sort": sortTool,
		"uniq": uniq, "cut": cut, "tr": tr, "seq": seq, "tee": tee, "nl": nl, "xargs": xargs, "sed": sed, "awk": awk,
	}
}

func cat(c *call) int {
	opts, names := options(c.args, "")
	n := 0
	return c.inputs(names, func(_ string, data []byte) {
		if !has(opts, "n") {
			_, _ = c.out.Write(data)
			return
		}
		for _, l := range lines(data) {
			n++
			c.printf("%6d\t%s\n", n, l)
		}
	})
}

func tac(c *call) int {
	return c.inputs(c.args, func(_ string, data []byte) {
		l := lines(data)
		slices.Reverse(l)
		c.lines(l)
	})
}

func (c *call) lines(l []string) {
	if len(l) > 0 {
		_, _ = io.WriteString(c.out, strings.Join(l, "\n")+"\n")
	}
}

func nl(c *call) int { c.args = append([]string{"-n"}, c.args...); return cat(c) }

// numbered turns the old form -30 into -n 30.
func numbered(args []string) []string {
	out := slices.Clone(args)
	if len(out) > 0 && len(out[0]) > 1 && out[0][0] == '-' {
		if _, err := strconv.Atoi(out[0][1:]); err == nil {
			out = append([]string{"-n", out[0][1:]}, out[1:]...)
		}
	}
	return out
}

func ends(c *call, part func(l []string, n int, plus bool) []string, bytesPart func(b []byte, n int) []byte) int {
	opts, names := options(numbered(c.args), "nc")
	asked, byBytes := cmp.Or(opts["n"], opts["lines"], "10"), has(opts, "c")
	if byBytes {
		asked = opts["c"]
	}
	n, plus, err := count(asked)
	if err != nil {
		return c.fail("%s: %v", c.name, err)
	}
	return c.inputs(names, func(name string, data []byte) {
		if len(names) > 1 && !has(opts, "q") {
			c.printf("==> %s <==\n", name)
		}
		if byBytes {
			_, _ = c.out.Write(bytesPart(data, n))
			return
		}
		c.lines(part(lines(data), n, plus))
	})
}

func head(c *call) int {
	return ends(c, func(l []string, n int, _ bool) []string { return l[:min(n, len(l))] },
		func(b []byte, n int) []byte { return b[:min(n, len(b))] })
}

func tail(c *call) int {
	return ends(c, func(l []string, n int, plus bool) []string {
		if plus {
			return l[min(max(n-1, 0), len(l)):]
		}
		return l[max(0, len(l)-n):]
	}, func(b []byte, n int) []byte { return b[max(0, len(b)-n):] })
}

// pattern compiles a POSIX pattern, basic or extended, as far as Go's syntax covers it.
func pattern(s string, extended, fixed, fold bool) (*regexp.Regexp, error) {
	if fixed {
		s = regexp.QuoteMeta(s)
	} else if !extended {
		s = basic(s)
	}
	if fold {
		s = "(?i)" + s
	}
	return regexp.Compile(s)
}

// basic exchanges the plain and the escaped form of ( ) { } | + ?.
func basic(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && strings.IndexByte("(){}|+?", s[i+1]) >= 0:
			i++
			b.WriteByte(s[i])
		case s[i] == '\\' && i+1 < len(s):
			b.WriteString(s[i : i+2])
			i++
		case strings.IndexByte("(){}|+?", s[i]) >= 0:
			b.WriteString("\\" + s[i:i+1])
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func grep(c *call) int { //nolint:gocognit,funlen // one flat switch over grep's options
	opts, rest := options(c.args, "emABC")
	pat, ok := opts["e"]
	if !ok {
		if len(rest) == 0 {
			c.fail("usage: grep [OPTION]... PATTERNS [FILE]...")
			return 2
		}
		pat, rest = rest[0], rest[1:]
	}
	pat = strings.ReplaceAll(pat, "\n", "|")
	re, err := pattern(pat, has(opts, "E", "P") || c.name == "egrep" || strings.Contains(opts["e"], "\n"), has(opts, "F") || c.name == "fgrep", has(opts, "i"))
	if err != nil {
		c.fail("grep: %v", err)
		return 2
	}
	most, _ := strconv.Atoi(opts["m"])
	total := 0
	code := c.inputs(rest, func(name string, data []byte) {
		prefix := ""
		if len(rest) > 1 && !has(opts, "h") || has(opts, "H") {
			prefix = name + ":"
		}
		found := 0
		for i, l := range lines(data) {
			hit := re.MatchString(l)
			if has(opts, "w") {
				hit = slices.ContainsFunc(re.FindAllString(l, -1), func(m string) bool { return slices.Contains(strings.FieldsFunc(l, notWord), m) })
			}
			if hit == has(opts, "v") || most > 0 && found >= most {
				continue
			}
			found++
			switch {
			case has(opts, "q", "c", "l"):
			case has(opts, "o"):
				for _, m := range re.FindAllString(l, -1) {
					c.printf("%s%s\n", prefix, m)
				}
			case has(opts, "n"):
				c.printf("%s%d:%s\n", prefix, i+1, l)
			default:
				c.printf("%s%s\n", prefix, l)
			}
		}
		total += found
		if has(opts, "c") {
			c.printf("%s%d\n", prefix, found)
		}
		if has(opts, "l") && found > 0 {
			c.printf("%s\n", name)
		}
	})
	switch {
	case code != 0:
		return 2
	case total == 0:
		return 1
	}
	return 0
}

func notWord(r rune) bool {
	return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

func wc(c *call) int {
	opts, names := options(c.args, "")
	all := !has(opts, "l", "w", "c", "m")
	return c.inputs(names, func(name string, data []byte) {
		var out []string
		if all || has(opts, "l") {
			out = append(out, strconv.Itoa(bytes.Count(data, []byte("\n"))))
		}
		if all || has(opts, "w") {
			out = append(out, strconv.Itoa(len(bytes.Fields(data))))
		}
		if all || has(opts, "c", "m") {
			out = append(out, strconv.Itoa(len(data)))
		}
		if name != "-" {
			out = append(out, name)
		}
		c.printf("%s\n", strings.Join(out, " "))
	})
}

func sortTool(c *call) int {
	opts, names := options(c.args, "kto")
	var all []string
	code := c.inputs(names, func(_ string, data []byte) { all = append(all, lines(data)...) })
	column, _ := strconv.Atoi(strings.TrimRight(strings.Split(cmp.Or(opts["k"], "0"), ",")[0], "nr"))
	numeric := has(opts, "n", "g", "h") || strings.Contains(opts["k"], "n")
	key := func(s string) string {
		if column < 1 {
			return s
		}
		f := strings.Fields(s)
		if opts["t"] != "" {
			f = strings.Split(s, opts["t"])
		}
		if column > len(f) {
			return ""
		}
		return f[column-1]
	}
	slices.SortStableFunc(all, func(a, b string) int {
		a, b = key(a), key(b)
		n := strings.Compare(a, b)
		if numeric {
			n = cmp.Compare(number(a), number(b))
		}
		if has(opts, "r") || strings.Contains(opts["k"], "r") {
			n = -n
		}
		return n
	})
	if has(opts, "u") {
		all = slices.Compact(all)
	}
	c.lines(all)
	return code
}

func number(s string) float64 {
	s = strings.TrimSpace(s)
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' || end == 0 && s[end] == '-') {
		end++
	}
	n, _ := strconv.ParseFloat(s[:end], 64)
	return n
}

func uniq(c *call) int {
	opts, names := options(c.args, "")
	return c.inputs(names, func(_ string, data []byte) {
		l := lines(data)
		for i := 0; i < len(l); {
			j := i
			for j < len(l) && l[j] == l[i] {
				j++
			}
			switch {
			case has(opts, "c"):
				c.printf("%7d %s\n", j-i, l[i])
			case has(opts, "d") && j-i < 2, has(opts, "u") && j-i > 1:
			default:
				c.printf("%s\n", l[i])
			}
			i = j
		}
	})
}

func cut(c *call) int {
	opts, names := options(c.args, "dfcb")
	list, by := opts["f"], cmp.Or(opts["d"], "\t")
	if has(opts, "c", "b") {
		list, by = cmp.Or(opts["c"], opts["b"]), ""
	}
	return c.inputs(names, func(_ string, data []byte) {
		for _, l := range lines(data) {
			if by != "" && !strings.Contains(l, by) {
				c.printf("%s\n", l)
				continue
			}
			var out []string
			for i, part := range strings.Split(l, by) {
				if within(list, i+1) {
					out = append(out, part)
				}
			}
			c.printf("%s\n", strings.Join(out, by))
		}
	})
}

// within reports whether n is in a list such as 1,3-5,7-.
func within(list string, n int) bool {
	for r := range strings.SplitSeq(list, ",") {
		from, to, ranged := strings.Cut(r, "-")
		low, high := 1, 1<<30
		if from != "" {
			low, _ = strconv.Atoi(from)
		}
		if to != "" {
			high, _ = strconv.Atoi(to)
		} else if !ranged {
			high = low
		}
		if n >= low && n <= high {
			return true
		}
	}
	return false
}

func seq(c *call) int {
	_, rest := options(c.args, "s")
	n := []int{}
	for _, a := range rest {
		v, err := strconv.Atoi(a)
		if err != nil {
			return c.fail("seq: invalid floating point argument: '%s'", a)
		}
		n = append(n, v)
	}
	first, step, last := 1, 1, 0
	switch len(n) {
	case 1:
		last = n[0]
	case 2:
		first, last = n[0], n[1]
	case 3:
		first, step, last = n[0], n[1], n[2]
	}
	for i := first; step > 0 && i <= last || step < 0 && i >= last; i += step {
		if c.ctx.Err() != nil {
			return 143
		}
		c.printf("%d\n", i)
	}
	return 0
}

func tee(c *call) int {
	opts, names := options(c.args, "")
	return c.inputs(nil, func(_ string, data []byte) {
		_, _ = c.out.Write(data)
		for _, n := range names {
			all := data
			if old, err := c.d.h.files.read(resolve(c.dir, n)); err == nil && has(opts, "a") {
				all = append(bytes.Clone(old), data...)
			}
			if err := c.d.h.files.write(resolve(c.dir, n), all, 0o644); err != nil {
				c.fail("tee: %s: %s", n, reason(err))
			}
		}
	})
}

func xargs(c *call) int {
	opts, rest := options(c.args, "nI")
	if len(rest) == 0 {
		rest = []string{"echo"}
	}
	code := 0
	c.inputs(nil, func(_ string, data []byte) {
		words := strings.Fields(string(data))
		if len(words) == 0 && has(opts, "r") {
			return
		}
		step := max(1, len(words))
		if n, err := strconv.Atoi(opts["n"]); err == nil && n > 0 {
			step = n
		}
		c.in = strings.NewReader("")
		for i := 0; i < max(1, len(words)); i += step {
			code = max(code, c.command(append(slices.Clone(rest), words[i:min(i+step, len(words))]...)))
		}
	})
	return code
}
