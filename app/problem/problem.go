// Package problem is the one table of what can go wrong: each code has its kind (which decides the exit code and
// the Connect code) and its sentence in English and Chinese, naming the thing, the cause and the next step.
// Codes and arguments cross the wire; sentences are made where a person reads them.
package problem

import (
	"errors"
	"fmt"
	"strings"
)

// Kind groups codes by what the caller can do.
type Kind int

// The kinds.
const (
	Internal    Kind = iota // a fault of ours
	Usage                   // the request is wrong: mend it
	NoAccess                // not logged in, or not allowed
	NotFound                // the thing named does not exist
	Conflict                // the world changed since the plan
	Unavailable             // try again later, or mend the path
	HostFault               // one server's own trouble; never ends a program
)

// Error is a problem with its arguments and, for logs only, its cause.
type Error struct {
	Code string
	Args map[string]string
	Err  error
}

// New makes an Error; args are key, value pairs.
func New(code string, args ...string) *Error { return Wrap(nil, code, args...) }

// Wrap makes an Error around a cause.
func Wrap(err error, code string, args ...string) *Error {
	e := &Error{Code: code, Err: err, Args: make(map[string]string, len(args)/2)}
	for i := 0; i+1 < len(args); i += 2 {
		e.Args[args[i]] = args[i+1]
	}
	return e
}

// Error is the English sentence.
func (e *Error) Error() string { return Text("en", e.Code, e.Args) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Kind looks the code's kind up; an unlisted code is Internal.
func (e *Error) Kind() Kind { return table()[e.Code].kind }

// Text is the sentence for a code in "en" or "zh". Arguments fill {name} places.
func Text(lang, code string, args map[string]string) string {
	s, ok := table()[code]
	if !ok {
		return fmt.Sprintf("%s %v", code, args)
	}
	t := s.en
	if lang == "zh" {
		t = s.zh
	}
	pairs := make([]string, 0, 2*len(args))
	for k, v := range args {
		if k == "action" || k == "thing" {
			v = word(lang, v)
		}
		pairs = append(pairs, "{"+k+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(t)
}

// word gives what is refused in the language; names stay as they are.
func word(lang, v string) string {
	en, zh := v, v
	switch v {
	case "run":
		en, zh = "run on", "运行于"
	case "watch":
		zh = "查看"
	case "manage":
		zh = "管理"
	case "read":
		zh = "查阅"
	case "operators":
		en, zh = "operators and roles", "操作员和角色"
	case "audit", "operation log":
		en, zh = "the operation log", "操作日志"
	}
	if lang == "zh" {
		return zh
	}
	return en
}

// Describe gives a person's sentence for any error, in the language.
func Describe(lang string, err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return Text(lang, e.Code, e.Args)
	}
	return err.Error()
}

// ExitCode maps an error to the exit code of omctl and omserver.
func ExitCode(err error) int {
	var e *Error
	if err == nil {
		return 0
	}
	if !errors.As(err, &e) {
		return 1
	}
	switch e.Kind() {
	case Usage, NotFound:
		return 2
	case NoAccess, Unavailable:
		return 3
	default:
		return 1
	}
}

// Codes lists every code of the table; tests use it.
func Codes() []string {
	out := make([]string, 0, len(table()))
	for c := range table() {
		out = append(out, c)
	}
	return out
}
