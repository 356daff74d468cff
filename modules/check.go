package modules

import (
	"errors"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"omanager/app/problem"
)

// ParamErrors is everything that is wrong with the values of a module's parameters, in the order of declaration.
type ParamErrors []ParamError

// ParamError is what is wrong with one value.
type ParamError struct {
	Param   string
	Problem *problem.Error
}

// Error joins the sentences.
func (e ParamErrors) Error() string {
	out := make([]string, len(e))
	for i, p := range e {
		out[i] = p.Problem.Error()
	}
	return strings.Join(out, " ")
}

// Unwrap gives the problems, so that errors.As finds the first.
func (e ParamErrors) Unwrap() []error {
	out := make([]error, len(e))
	for i, p := range e {
		out[i] = p.Problem
	}
	return out
}

// Lookup answers what only the control server knows. A nil function means that it cannot be asked here, as in the
// console: such a value is then checked for its form only.
type Lookup struct {
	List   func(name string) ([]string, error)      // the values of a list
	Hosts  func(expr string) ([]HostName, error)    // the servers an expression chooses, under the operator's privileges
	Source func(path string) (data []byte, _ error) // a file of the folder files/
}

// HostName is a server as a parameter of type hosts names it.
type HostName struct{ ID, Addr string }

// Check validates values by parameter name and returns one for each declared parameter, defaults filled in and
// numbers in their plain form; a parameter left empty is "". Its error is a ParamErrors.
func (m *Module) Check(in map[string]string) (map[string]string, error) {
	return m.CheckWith(in, Lookup{})
}

// CheckWith is Check with the knowledge of the control server.
func (m *Module) CheckWith(in map[string]string, know Lookup) (map[string]string, error) {
	out := make(map[string]string, len(m.Params))
	var errs ParamErrors
	for i := range m.Params {
		p := &m.Params[i]
		if !p.asked(out) {
			out[p.Name] = p.empty()
			continue
		}
		v, given := in[p.Name]
		if !given || (v == "" && p.Type != Text) {
			v = p.Default
		}
		got, err := p.check(v, know)
		if err != nil {
			errs = append(errs, ParamError{p.Name, err})
			continue
		}
		out[p.Name] = got
	}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if !slices.ContainsFunc(m.Params, func(p Param) bool { return p.Name == name }) {
			errs = append(errs, ParamError{name, problem.New("param_unknown", "module", m.ID, "param", shown(name), "declared", m.declared())})
		}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return out, nil
}

// Asked reports whether the parameter matters with the values of the others, by name.
func (m *Module) Asked(name string, values map[string]string) bool {
	i := slices.IndexFunc(m.Params, func(p Param) bool { return p.Name == name })
	return i >= 0 && m.Params[i].asked(values)
}

func (p *Param) asked(values map[string]string) bool {
	if p.When == nil {
		return true
	}
	return slices.ContainsFunc(strings.Split(values[p.When.Param], ","), func(v string) bool { return slices.Contains(p.When.Values, v) })
}

// empty is the plain form of a parameter without a value.
func (p *Param) empty() string {
	if p.Type == Bool {
		return "false"
	}
	return ""
}

func (m *Module) declared() string {
	names := make([]string, len(m.Params))
	for i, p := range m.Params {
		names[i] = p.Name
	}
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, ", ")
}

// check validates one value and returns its plain form.
func (p *Param) check(v string, know Lookup) (string, *problem.Error) {
	if p.Required && strings.TrimSpace(v) == "" {
		return "", problem.New("param_required", "param", p.Name)
	}
	if v == "" {
		return p.empty(), nil
	}
	switch p.Type {
	case Int, Float:
		return p.checkNumber(v)
	case Bool:
		if v != "true" && v != "false" {
			return "", p.wrongType(v)
		}
		return v, nil
	case Enum:
		return v, p.oneOf(v, p.Values)
	case Text:
		return p.checkText(v)
	case Secret:
		return p.checkSecret(v)
	case Multi:
		return p.checkMulti(v)
	case Date, Clock, Duration, Path:
		return p.checkForm(v)
	case File:
		return p.checkFile(v)
	}
	return p.checkKnown(v, know)
}

func (p *Param) wrongType(v string) *problem.Error {
	return problem.New("param_type", "param", p.Name, "value", shown(v), "type", string(p.Type))
}

var decimal = regexp.MustCompile(`\A[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?\z`)

func (p *Param) checkNumber(v string) (string, *problem.Error) {
	if !decimal.MatchString(v) {
		return "", p.wrongType(v)
	}
	lo, hi := float64(math.MinInt32), float64(math.MaxInt32)
	if p.Type == Float {
		lo, hi = -math.MaxFloat64, math.MaxFloat64
	}
	if p.Min != nil {
		lo = *p.Min
	}
	if p.Max != nil {
		hi = *p.Max
	}
	outside := func() *problem.Error {
		return problem.New("param_range", "param", p.Name, "value", shown(v), "min", number(lo), "max", number(hi))
	}
	if p.Type == Int {
		n, err := strconv.ParseInt(v, 10, 64)
		if errors.Is(err, strconv.ErrRange) || (err == nil && (float64(n) < lo || float64(n) > hi)) {
			return "", outside()
		}
		if err != nil {
			return "", p.wrongType(v)
		}
		return strconv.FormatInt(n, 10), p.onStep(float64(n), v)
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || f < lo || f > hi {
		return "", outside()
	}
	return number(f), p.onStep(f, v)
}

// onStep refuses what lies between two steps.
func (p *Param) onStep(f float64, v string) *problem.Error {
	if p.Step == 0 {
		return nil
	}
	from := 0.0
	if p.Min != nil {
		from = *p.Min
	}
	if n := (f - from) / p.Step; math.Abs(n-math.Round(n)) > 1e-6 {
		return problem.New("param_step", "param", p.Name, "value", shown(v), "step", number(p.Step), "from", number(from))
	}
	return nil
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func (p *Param) checkText(v string) (string, *problem.Error) {
	limit := p.MaxLen
	if limit == 0 {
		limit = 1024
	}
	if len(v) > 4*longestText {
		return "", problem.New("param_long", "param", p.Name, "count", strconv.Itoa(len(v)), "max", strconv.Itoa(limit))
	}
	if !utf8.ValidString(v) {
		return "", problem.New("param_utf8", "param", p.Name)
	}
	if p.Lines {
		v = strings.ReplaceAll(v, "\r\n", "\n")
	}
	if i := badRune(v, p.Lines); i >= 0 {
		r, _ := utf8.DecodeRuneInString(v[i:])
		if r == '\n' {
			return "", problem.New("param_lines", "param", p.Name)
		}
		place := strconv.Itoa(utf8.RuneCountInString(v[:i]) + 1)
		return "", problem.New("param_char", "param", p.Name, "char", strings.Trim(strconv.QuoteRuneToASCII(r), "'"), "place", place)
	}
	if n := utf8.RuneCountInString(v); n > limit {
		return "", problem.New("param_long", "param", p.Name, "count", strconv.Itoa(n), "max", strconv.Itoa(limit))
	}
	if p.Pattern == "" {
		return v, nil
	}
	re, err := regexp.Compile(`\A(?:` + p.Pattern + `)\z`)
	if err != nil || !re.MatchString(v) {
		return "", problem.New("param_pattern", "param", p.Name, "value", shown(v), "pattern", p.Pattern)
	}
	return v, nil
}

// badRune is the index of the first character that no value may hold, or -1: control characters and the marks that
// turn the direction of text, which make a value look like another. Lines allows newline and tab.
func badRune(v string, lines bool) int {
	return strings.IndexFunc(v, func(r rune) bool {
		switch {
		case r == '\n' || r == '\t':
			return !lines
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029:
			return true
		}
		return unicode.IsControl(r)
	})
}

// shown is a value short and harmless enough for a sentence.
func shown(v string) string {
	s := strings.ToValidUTF8(v, "?")
	s = strings.Map(func(r rune) rune {
		if badRune(string(r), false) >= 0 {
			return '?'
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}
