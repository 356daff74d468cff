package rpyc

import (
	"fmt"
	"math/big"
	"strings"
)

// RemoteError is an exception of the Python side. It is only ever text: no class is looked up by name.
type RemoteError struct {
	Class     string // with its module unless built in
	Text      string
	Traceback string
}

func (e *RemoteError) Error() string {
	if e.Text == "" {
		return e.Class
	}
	return e.Class + ": " + e.Text
}

// loadException reads ((module, class), arguments, attributes, traceback), or one of the two short forms.
func loadException(v any) (*RemoteError, error) {
	if v == stopIteration {
		return &RemoteError{Class: "StopIteration"}, nil
	}
	if s, _, ok := text(v); ok {
		return &RemoteError{Class: clean(s)}, nil
	}
	t, _ := v.(tuple)
	if len(t) != 4 {
		return nil, fmt.Errorf("%w: exception is %T of %d", ErrMessage, v, len(t))
	}
	names, _ := t[0].(tuple)
	args, isArgs := t[1].(tuple)
	if len(names) != 2 || !isArgs {
		return nil, fmt.Errorf("%w: exception without name or arguments", ErrMessage)
	}
	module, _, ok1 := text(names[0])
	class, _, ok2 := text(names[1])
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("%w: exception named %T.%T", ErrMessage, names[0], names[1])
	}
	if module != "builtins" && module != "exceptions" {
		class = module + "." + class
	}
	e := &RemoteError{Class: clean(class), Text: clean(argsText(args))}
	if tb, _, ok := text(t[3]); ok {
		e.Traceback = clean(tb)
	}
	return e, nil
}

// argsText is what Python's str of an exception says, for the plain values that can occur.
func argsText(args tuple) string {
	parts := make([]string, 0, len(args))
	for _, a := range args {
		switch v := a.(type) {
		case string:
			parts = append(parts, v)
		case []byte:
			parts = append(parts, string(v))
		case int64, float64, bool, *big.Int:
			parts = append(parts, fmt.Sprint(v))
		}
	}
	return strings.Join(parts, ", ")
}

// maxExceptionText bounds each part of an exception, so that a log or a dialog can show it.
const maxExceptionText = 16 << 10

func clean(s string) string {
	if len(s) > maxExceptionText {
		s = s[:maxExceptionText]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// dumpException makes the body that every version turns into a built-in exception with the text.
func dumpException(class, msg string, isBytes bool) tuple {
	module := "builtins"
	if isBytes {
		module = "exceptions" // Python 2's name for it
	}
	like := func(s string) any { return textLike(s, isBytes) }
	return tuple{
		tuple{like(module), like(class)},
		tuple{like(msg)},
		tuple{},
		like("<traceback denied>"),
	}
}
