package ssh

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"omanager/app/engine"
	"omanager/app/problem"
)

// Bootstrap is the one command the engine runs for a task. It is constant, so that no login shell (sh, csh, fish)
// ever sees data. It says "OM1 <pid>" first, reads the Header from standard input, and leaves the parameters'
// JSON there for the script. It has no single quote, backslash, exclamation mark or newline inside.
const Bootstrap = `exec /bin/sh -c '` + bootstrapBody + `'`

const bootstrapBody = `echo "OM1 $$"; ` +
	`PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH; LC_ALL=C; export PATH LC_ALL; ` +
	`om_nl=${IFS#??}; ` +
	`om_read() { IFS= read -r om_n || exit 127; om_v=; om_s=; while [ "$om_n" -gt 0 ]; do ` +
	`IFS= read -r om_l || exit 127; om_v=$om_v$om_s$om_l; om_s=$om_nl; om_n=$((om_n-1)); done; }; ` +
	`IFS= read -r om_c || exit 127; while [ "$om_c" -gt 0 ]; do IFS= read -r om_k || exit 127; ` +
	`om_read; export "OM_$om_k=$om_v"; om_c=$((om_c-1)); done; ` +
	`IFS= read -r om_o || exit 127; IFS= read -r om_a || exit 127; om_read; ` +
	`case $om_o in ` +
	`/*) umask 077; om_d=$(mktemp -d) || exit 126; om_x() { rm -rf "$om_d"; }; trap om_x EXIT; ` +
	`trap "exit 143" TERM HUP INT; printf "%s" "$om_v" >"$om_d/task" || exit 126; chmod 700 "$om_d/task"; umask 022; ` +
	`"$om_o" ${om_a:+"$om_a"} "$om_d/task"; exit $? ;; ` +
	`esac; case $om_o in -?*) set "$om_o" ;; esac; eval "$om_v"`

// Killer is the constant command that ends a running task. It reads the pid and the run's mark from standard
// input, sends TERM, then KILL, to the group, the session and every process that carries the mark, looks again,
// and says "OM1 gone" or "OM1 alive <pids>".
const Killer = `exec /bin/sh -c '` + killerBody + `'`

const killerBody = `IFS= read -r p || exit 127; IFS= read -r j || exit 127; ` +
	`s() { q=; if [ -e /proc/self/stat ]; then ` +
	`for f in /proc/[0-9]*/stat; do l=; { IFS= read -r l <"$f"; } 2>/dev/null; i=${l%% *}; set -- ${l##*) }; ` +
	`case "$1" in ""|Z|X) continue ;; esac; ` +
	`if [ "$i" = "$p" ] || [ "$3" = "$p" ] || [ "$4" = "$p" ]; then q="$q $i"; fi; done; ` +
	`for f in $(grep -l "OM_RUN=$j" /proc/[0-9]*/environ 2>/dev/null); do f=${f#/proc/}; q="$q ${f%/environ}"; done; ` +
	`elif kill -0 "-$p" 2>/dev/null; then q=" $p"; fi; }; ` +
	`k() { kill "-$1" "-$p" 2>/dev/null; for x in $q; do kill "-$1" "$x" 2>/dev/null; done; }; ` +
	`w() { n=$1; for c in $2; do s; [ -z "$q" ] && return 0; [ -n "$n" ] && k "$n"; [ "$n" = TERM ] && n=; ` +
	`sleep "$c" 2>/dev/null || sleep 1; done; s; [ -z "$q" ]; }; ` +
	`w TERM "0.1 0.3 0.6 1" || w KILL "0.1 0.4 1 2 3"; ` +
	`if [ -z "$q" ]; then echo "OM1 gone"; else echo "OM1 alive$q"; fi`

// Header is what Bootstrap reads before the parameters' JSON.
type Header struct {
	Names  []string // in order, without "OM_"
	Values []string
	How    string // "-", shell options such as "-eu", or the absolute path of an interpreter
	Arg    string // one argument for the interpreter
	Script string
}

var (
	paramName  = regexp.MustCompile(`\A[A-Za-z_][A-Za-z0-9_]*\z`)
	shellFlags = regexp.MustCompile(`\A-[aefux]+\z`)
)

// header makes the part of the header that is the same for every host of a task.
func header(t engine.Task) (Header, error) {
	h := Header{Script: string(t.Script)}
	for k := range t.Params {
		h.Names = append(h.Names, k)
	}
	slices.Sort(h.Names)
	for _, k := range h.Names {
		v := t.Params[k]
		switch {
		case !paramName.MatchString(k) || k == "JOB" || k == "RUN":
			return h, problem.New("param_text", "param", k, "cause", "its name cannot be a variable")
		case strings.ContainsRune(v, 0):
			return h, problem.New("param_text", "param", k, "cause", "it holds a zero byte")
		}
		h.Values = append(h.Values, v)
	}
	if strings.ContainsRune(h.Script, 0) {
		return h, problem.New("usage", "cause", "The module's script holds a zero byte. Use a text script.")
	}
	var err error
	h.How, h.Arg, err = shebang(h.Script)
	return h, err
}

// shebang tells how the script runs: in the bootstrap's own shell when it asks for plain sh, else by its
// interpreter from a file.
func shebang(script string) (how, arg string, err error) {
	line, _, _ := strings.Cut(script, "\n")
	if !strings.HasPrefix(line, "#!") {
		return "-", "", nil
	}
	how, arg, _ = strings.Cut(strings.TrimSpace(strings.TrimRight(line[2:], "\r")), " ")
	arg = strings.TrimSpace(arg)
	if path.Clean(how) == "/bin/sh" && arg == "" {
		return "-", "", nil
	}
	if path.Clean(how) == "/bin/sh" && shellFlags.MatchString(arg) {
		return arg, "", nil
	}
	if !strings.HasPrefix(how, "/") {
		return "", "", problem.New("usage", "cause", fmt.Sprintf("The module's script begins with %q, which names no absolute interpreter.", line))
	}
	return how, arg, nil
}

// encode writes the header for one host, with the marks that find its processes again.
func (h Header) encode(job, run string) []byte {
	var b bytes.Buffer
	block := func(s string) {
		fmt.Fprintf(&b, "%d\n%s\n", strings.Count(s, "\n")+1, s)
	}
	fmt.Fprintf(&b, "%d\n", len(h.Names)+2)
	for _, kv := range [][2]string{{"JOB", job}, {"RUN", run}} {
		b.WriteString(kv[0] + "\n")
		block(kv[1])
	}
	for i, k := range h.Names {
		b.WriteString(k + "\n")
		block(h.Values[i])
	}
	b.WriteString(h.How + "\n" + h.Arg + "\n")
	block(h.Script)
	return b.Bytes()
}

// paramsJSON is what the script finds on its standard input.
func paramsJSON(t engine.Task) ([]byte, error) {
	p := make(map[string]any, len(t.Params)+len(t.Files))
	for k, v := range t.Params {
		p[k] = v
	}
	for k, v := range t.Files {
		p[k] = append([]byte{}, v...) // never null
	}
	b, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode parameters: %w", err)
	}
	return append(b, '\n'), nil
}

// maxBlock bounds the lines of one value in ReadHeader.
const maxBlock = 1 << 20

// ReadHeader reads what Bootstrap reads, for servers that implement Bootstrap themselves. The JSON stays in r.
func ReadHeader(r *bufio.Reader) (Header, error) {
	var h Header
	n, err := readCount(r)
	for i := 0; err == nil && i < n; i++ {
		var k, v string
		if k, err = readLine(r); err != nil {
			break
		}
		v, err = readBlock(r)
		h.Names, h.Values = append(h.Names, k), append(h.Values, v)
	}
	if err == nil {
		h.How, err = readLine(r)
	}
	if err == nil {
		h.Arg, err = readLine(r)
	}
	if err == nil {
		h.Script, err = readBlock(r)
	}
	if err != nil {
		return h, fmt.Errorf("read task header: %w", err)
	}
	return h, nil
}

func readLine(r *bufio.Reader) (string, error) {
	s, err := r.ReadString('\n')
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return strings.TrimSuffix(s, "\n"), err
}

func readCount(r *bufio.Reader) (int, error) {
	s, err := readLine(r)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > maxBlock {
		return 0, fmt.Errorf("count %q", s)
	}
	return n, nil
}

func readBlock(r *bufio.Reader) (string, error) {
	n, err := readCount(r)
	lines := make([]string, 0, min(n, 64))
	for i := 0; err == nil && i < n; i++ {
		var l string
		l, err = readLine(r)
		lines = append(lines, l)
	}
	return strings.Join(lines, "\n"), err
}
