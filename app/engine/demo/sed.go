package demo

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

func tr(c *call) int {
	opts, sets := options(c.args, "")
	if len(sets) == 0 {
		return c.fail("tr: missing operand")
	}
	from, to := set(sets[0]), ""
	if len(sets) > 1 {
		to = set(sets[1])
	}
	inside := func(r rune) int {
		i := strings.IndexRune(from, r)
		if has(opts, "c") == (i >= 0) {
			return -1
		}
		return max(i, 0)
	}
	return c.inputs(nil, func(_ string, data []byte) {
		var last rune = -1
		_, _ = c.out.Write([]byte(strings.Map(func(r rune) rune {
			i := inside(r)
			switch {
			case i < 0:
				last = -1
				return r
			case has(opts, "d"):
				return -1
			case to != "":
				r = []rune(to)[min(i, len([]rune(to))-1)]
			}
			if has(opts, "s") && r == last {
				return -1
			}
			last = r
			return r
		}, string(data))))
	})
}

// set spells a set of tr out.
func set(s string) string {
	s = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\0`, "\x00", `\\`, `\`, "[:lower:]", "a-z", "[:upper:]", "A-Z",
		"[:digit:]", "0-9", "[:space:]", " \t\n\r", "[:alnum:]", "a-zA-Z0-9", "[:alpha:]", "a-zA-Z").Replace(s)
	r := []rune(s)
	var b strings.Builder
	for i := 0; i < len(r); i++ {
		if i+2 < len(r) && r[i+1] == '-' && r[i+2] >= r[i] {
			for x := r[i]; x <= r[i+2]; x++ {
				b.WriteRune(x)
			}
			i += 2
			continue
		}
		b.WriteRune(r[i])
	}
	return b.String()
}

// edit is one command of a sed program: an address and what to do there.
type edit struct {
	first, last int // lines; 0 none, -1 the last line
	match       *regexp.Regexp
	do          byte // p, d, q or s
	find        *regexp.Regexp
	put         string
	all, show   bool
}

func sed(c *call) int {
	opts, rest := options(c.args, "e")
	text, ok := opts["e"]
	if !ok {
		if len(rest) == 0 {
			return c.fail("sed: no script specified")
		}
		text, rest = rest[0], rest[1:]
	}
	var prog []edit
	for _, t := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' }) {
		e, ok := parseEdit(strings.TrimSpace(t), has(opts, "E", "r"))
		if !ok {
			return c.fail("sed: -e expression #1: this demo server does not know '%s'", t)
		}
		prog = append(prog, e)
	}
	return c.inputs(rest, func(_ string, data []byte) {
		all := lines(data)
		var out []string
		for i, l := range all {
			more, stop := apply(prog, l, i+1, len(all), has(opts, "n"))
			out = append(out, more...)
			if stop {
				break
			}
		}
		c.lines(out)
	})
}

func apply(prog []edit, l string, n, last int, silent bool) (out []string, stop bool) {
	for _, e := range prog {
		if !e.at(l, n, last) {
			continue
		}
		switch e.do {
		case 'd':
			return out, false
		case 'p':
			out = append(out, l)
		case 'q':
			stop = true
		case 's':
			loc := e.find.FindStringIndex(l)
			if loc == nil {
				continue
			}
			if e.all {
				l = e.find.ReplaceAllString(l, e.put)
			} else {
				l = l[:loc[0]] + e.find.ReplaceAllString(l[loc[0]:loc[1]], e.put) + l[loc[1]:]
			}
			if e.show {
				out = append(out, l)
			}
		}
	}
	if !silent {
		out = append(out, l)
	}
	return out, stop
}

func (e edit) at(l string, n, last int) bool {
	if e.match != nil {
		return e.match.MatchString(l)
	}
	line := func(v int) int {
		if v < 0 {
			return last
		}
		return v
	}
	return e.first == 0 || n >= line(e.first) && n <= line(cmp.Or(e.last, e.first))
}

func parseEdit(s string, extended bool) (edit, bool) {
	var e edit
	var err error
	if strings.HasPrefix(s, "/") {
		end := strings.IndexByte(s[1:], '/')
		if end < 0 {
			return e, false
		}
		if e.match, err = pattern(s[1:1+end], extended, false, false); err != nil {
			return e, false
		}
		s = s[end+2:]
	}
	addr := s[:len(s)-len(strings.TrimLeft(s, "0123456789,$"))]
	s = strings.TrimSpace(s[len(addr):])
	if addr != "" {
		from, to, _ := strings.Cut(addr, ",")
		e.first, e.last = lineNumber(from), lineNumber(to)
	}
	if s == "p" || s == "d" || s == "q" {
		e.do = s[0]
		return e, true
	}
	if len(s) < 4 || s[0] != 's' {
		return e, false
	}
	parts := strings.Split(s[2:], s[1:2])
	if len(parts) != 3 {
		return e, false
	}
	e.do, e.all, e.show = 's', strings.Contains(parts[2], "g"), strings.Contains(parts[2], "p")
	e.find, err = pattern(parts[0], extended, false, strings.Contains(parts[2], "I"))
	e.put = regexp.MustCompile(`\\([0-9])|&`).ReplaceAllStringFunc(strings.ReplaceAll(parts[1], "$", "$$"), func(m string) string {
		return "${" + cmp.Or(strings.Trim(m, `\&`), "0") + "}"
	})
	return e, err == nil
}

func lineNumber(s string) int {
	if s == "$" {
		return -1
	}
	n, _ := strconv.Atoi(s)
	return n
}

// awk knows the form people use most: [condition] {print $1, $2 "text"}, with -F.
func awk(c *call) int {
	opts, rest := options(c.args, "Fv")
	if len(rest) == 0 {
		return c.fail("usage: awk [-F fs] 'prog' [file ...]")
	}
	form := regexp.MustCompile(`^\s*(?:/(.*)/|NR\s*(==|>|<|>=|<=)\s*(\d+)|\$(\d+)\s*==\s*"([^"]*)")?\s*(?:\{\s*print\s*([^{}]*?)\s*;?\s*\})?\s*$`)
	m := form.FindStringSubmatch(rest[0])
	if m == nil {
		c.fail("awk: this demo server knows only: [condition] {print ...}")
		return 2
	}
	re, err := pattern(m[1], true, false, false)
	if err != nil {
		c.fail("awk: %v", err)
		return 2
	}
	n := 0
	return c.inputs(rest[1:], func(_ string, data []byte) {
		for _, l := range lines(data) {
			n++
			f := strings.Fields(l)
			if opts["F"] != "" {
				f = strings.Split(l, opts["F"])
			}
			f = append([]string{l}, f...)
			if !re.MatchString(l) || m[2] != "" && !compare(n, m[2], m[3]) || m[4] != "" && field(f, m[4]) != m[5] {
				continue
			}
			c.printf("%s\n", printed(m[6], f, n))
		}
	})
}

func compare(n int, op, with string) bool {
	w, _ := strconv.Atoi(with)
	switch op {
	case "==":
		return n == w
	case ">":
		return n > w
	case "<":
		return n < w
	case ">=":
		return n >= w
	}
	return n <= w
}

func field(f []string, index string) string {
	i, err := strconv.Atoi(index)
	if err != nil || i >= len(f) {
		return ""
	}
	return f[i]
}

// printed is the argument list of awk's print.
func printed(list string, f []string, n int) string {
	if list == "" {
		return f[0]
	}
	var b strings.Builder
	for _, t := range regexp.MustCompile(`"[^"]*"|\$NF|\$\d+|NR|NF|,`).FindAllString(list, -1) {
		switch {
		case t == ",":
			b.WriteByte(' ')
		case t == "NR":
			b.WriteString(strconv.Itoa(n))
		case t == "NF":
			b.WriteString(strconv.Itoa(len(f) - 1))
		case t == "$NF":
			b.WriteString(f[len(f)-1])
		case t[0] == '$':
			b.WriteString(field(f, t[1:]))
		default:
			b.WriteString(strings.NewReplacer(`\t`, "\t", `\n`, "\n").Replace(strings.Trim(t, `"`)))
		}
	}
	return b.String()
}
