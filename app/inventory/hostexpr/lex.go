// Package hostexpr reads host expressions: their atoms, the ranges and the wildcards in them. What they choose is the
// inventory's to say.
package hostexpr

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"omanager/app/problem"
)

// Bounds of one expression: what it may cost a control server that many operators share.
const (
	MaxExpr     = 1 << 20 // bytes of text
	MaxAtom     = 1024    // bytes of one name or pattern
	maxBrackets = 4       // [..] in one atom
	MaxNames    = 100_000 // names made from ranges
)

// Kind says what an atom names.
type Kind int

// The kinds: a server, a category, an application.
const (
	ByName Kind = iota
	ByCategory
	ByApp
)

// Atom is one operand with the operator before it; the first has ','.
type Atom struct {
	Op      byte
	Kind    Kind
	Text    string // as written: the reason of what it chooses
	Value   string // without prefix and quotes
	Literal bool   // was quoted: no keyword, no wildcard, no range
}

// IsAll reports whether the atom is the keyword for every server.
func (a Atom) IsAll() bool { return a.Kind == ByName && !a.Literal && a.Value == "all" }

// lexer walks an expression: atoms joined by , ! & with white space around either.
type lexer struct {
	expr string
	pos  int
}

// Parse gives the atoms of an expression. What is wrong with it is expr_syntax or expr_size.
func Parse(expr string) ([]Atom, error) {
	if len(expr) > MaxExpr {
		return nil, TooLarge(expr, "length", "1 MiB")
	}
	l := &lexer{expr: expr}
	l.space()
	atoms := make([]Atom, 0, 1+strings.Count(expr, ","))
	op, opAt := byte(','), 0
	for {
		a, err := l.atom(opAt)
		if err != nil {
			return nil, err
		}
		a.Op = op
		atoms = append(atoms, a)
		if l.pos == len(expr) {
			return atoms, nil
		}
		op, opAt = expr[l.pos], l.pos
		l.pos++
		l.space()
	}
}

func (l *lexer) space() {
	for l.pos < len(l.expr) {
		r, n := utf8.DecodeRuneInString(l.expr[l.pos:])
		if !unicode.IsSpace(r) {
			return
		}
		l.pos += n
	}
}

// atom reads one operand and the space after it; then comes an operator or the end.
func (l *lexer) atom(opAt int) (Atom, error) {
	start := l.pos
	a := Atom{}
	switch rest := l.expr[start:]; {
	case strings.HasPrefix(rest, "category:"):
		a.Kind = ByCategory
		l.pos += len("category:")
	case strings.HasPrefix(rest, "app:"):
		a.Kind = ByApp
		l.pos += len("app:")
	}
	var err error
	if strings.HasPrefix(l.expr[l.pos:], `"`) {
		a.Literal = true
		a.Value, err = l.quoted()
		a.Text = l.expr[start:l.pos]
		l.space()
		if err == nil && l.pos < len(l.expr) && !isOperator(l.expr[l.pos]) {
			err = l.bad(l.pos)
		}
	} else {
		a.Value, err = l.bare(a.Kind == ByName)
		a.Text = strings.TrimSpace(l.expr[start:l.pos])
	}
	switch {
	case err != nil:
		return a, err
	case a.Value == "":
		return a, l.bad(opAt)
	case len(a.Value) > MaxAtom:
		return a, TooLarge(a.Value, "a name", "1024 bytes")
	}
	return a, nil
}

// bare reads up to the next operator outside brackets. A plain name holds no space.
func (l *lexer) bare(plain bool) (string, error) {
	start, bracket := l.pos, -1
scan:
	for l.pos < len(l.expr) {
		switch c := l.expr[l.pos]; {
		case c == '"' || c == '[' && bracket >= 0 || c == ']' && bracket < 0:
			return "", l.bad(l.pos)
		case c == '[':
			bracket = l.pos
		case c == ']':
			bracket = -1
		case bracket < 0 && isOperator(c):
			break scan
		}
		if plain && bracket < 0 && l.gap() {
			break
		}
		l.pos++
	}
	if bracket >= 0 {
		return "", l.bad(bracket)
	}
	if plain && l.pos < len(l.expr) && !isOperator(l.expr[l.pos]) {
		return "", l.bad(l.pos)
	}
	return strings.TrimSpace(l.expr[start:l.pos]), nil
}

// gap passes over white space and tells whether there was any.
func (l *lexer) gap() bool {
	at := l.pos
	l.space()
	return l.pos > at
}

// quoted reads "..." in which \" and \\ stand for the characters " and \.
func (l *lexer) quoted() (string, error) {
	var b strings.Builder
	start := l.pos
	for l.pos++; l.pos < len(l.expr); l.pos++ {
		switch c := l.expr[l.pos]; {
		case c == '"':
			l.pos++
			return b.String(), nil
		case c == '\\' && l.pos+1 < len(l.expr) && strings.IndexByte(`"\`, l.expr[l.pos+1]) >= 0:
			l.pos++
			b.WriteByte(l.expr[l.pos])
		default:
			b.WriteByte(c)
		}
	}
	return "", l.bad(start)
}

func isOperator(c byte) bool { return c == ',' || c == '!' || c == '&' }

func (l *lexer) bad(at int) error { return badSyntax(l.expr, strings.TrimSpace(l.expr[at:])) }

func badSyntax(expr, at string) error {
	return problem.New("expr_syntax", "expr", Clip(expr, 200), "at", Clip(at, 40))
}

// TooLarge is the problem of an expression that costs too much (expr_size).
func TooLarge(what, unit, limit string) error {
	return problem.New("expr_size", "expr", Clip(what, 200), "what", unit, "limit", limit)
}

// Clip shortens a text to at most n characters, marking the cut.
func Clip(s string, n int) string {
	r := []rune(s[:min(len(s), 4*n+4)])
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "..."
}
