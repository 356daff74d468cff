package modules

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"omanager/app/problem"
	"omanager/modules/value"
)

// Mask stands for a secret wherever something is shown or stored. It is no value of a secret.
const Mask = "***"

func (p *Param) oneOf(v string, values []string) *problem.Error {
	if slices.Contains(values, v) {
		return nil
	}
	listed := values
	if len(listed) > 50 {
		listed = append(slices.Clone(listed[:50]), "...")
	}
	return problem.New("param_enum", "param", p.Name, "value", shown(v), "values", strings.Join(listed, ", "))
}

// checkMulti puts the values in the order of declaration, each once.
func (p *Param) checkMulti(v string) (string, *problem.Error) {
	given := strings.Split(v, ",")
	for _, g := range given {
		if err := p.oneOf(g, p.Values); err != nil {
			return "", err
		}
	}
	var out []string
	for _, known := range p.Values {
		if slices.Contains(given, known) {
			out = append(out, known)
		}
	}
	return strings.Join(out, ","), nil
}

// checkSecret is checkText whose sentences do not repeat the value.
func (p *Param) checkSecret(v string) (string, *problem.Error) {
	if v == Mask {
		return "", problem.New("param_secret_again", "param", p.Name)
	}
	got, err := p.checkText(v)
	if err != nil && err.Args["value"] != "" {
		return "", problem.New(err.Code, "param", p.Name, "value", Mask, "pattern", p.Pattern)
	}
	return got, err
}

func (p *Param) checkForm(v string) (string, *problem.Error) {
	got, ok := "", false
	switch p.Type {
	case Date:
		got, ok = value.Date(v)
	case Clock:
		got, ok = value.Clock(v)
	case Duration:
		return p.checkDuration(v)
	case Path:
		if v, err := p.checkText(v); err != nil {
			return v, err
		}
		if got, ok = value.Path(v, p.Under); !ok {
			under := strings.Join(p.Under, ", ")
			if under == "" {
				under = "/"
			}
			return "", problem.New("param_path", "param", p.Name, "value", shown(v), "under", under)
		}
	}
	if !ok {
		return "", p.wrongType(v)
	}
	return got, nil
}

func (p *Param) checkDuration(v string) (string, *problem.Error) {
	sec, ok := value.Seconds(v)
	if !ok {
		return "", p.wrongType(v)
	}
	lo, hi := 0.0, 366*86400.0
	if p.Min != nil {
		lo = *p.Min
	}
	if p.Max != nil {
		hi = *p.Max
	}
	if f := float64(sec); f < lo || f > hi {
		return "", problem.New("param_range", "param", p.Name, "value", shown(v), "min", number(lo)+"s", "max", number(hi)+"s")
	}
	return strconv.FormatInt(sec, 10), nil
}

func (p *Param) checkFile(v string) (string, *problem.Error) {
	f, ok := value.ParseFile(v)
	if !ok || badRune(f.Name, false) >= 0 {
		return "", problem.New("param_file", "param", p.Name, "max", strconv.Itoa(value.LargestFile))
	}
	return f.String(), nil
}

// checkKnown checks what only the control server knows, as far as it can be asked.
func (p *Param) checkKnown(v string, know Lookup) (string, *problem.Error) {
	if v, err := p.checkText(v); err != nil {
		return v, err
	}
	switch {
	case p.Type == Source:
		return p.checkSource(v, know.Source)
	case p.Type == List && know.List != nil:
		values, err := know.List(p.List)
		if err != nil {
			return "", asProblem(err, p.Name)
		}
		return v, p.oneOf(v, values)
	case p.Type == Hosts && know.Hosts != nil:
		hosts, err := know.Hosts(v)
		if err != nil {
			return "", asProblem(err, p.Name)
		}
		names := make([]string, len(hosts))
		for i, h := range hosts {
			names[i] = h.ID
		}
		return strings.Join(names, ","), nil
	}
	return v, nil
}

func (p *Param) checkSource(v string, read func(string) ([]byte, error)) (string, *problem.Error) {
	path, sum := value.Unpin(v)
	clean, ok := value.Relative(path)
	if ok && len(p.Under) > 0 {
		_, ok = value.Path("/"+clean, p.Under)
	}
	if !ok {
		return "", problem.New("param_source", "param", p.Name, "value", shown(v))
	}
	if read == nil {
		return v, nil
	}
	data, err := read(clean)
	if err != nil {
		return "", asProblem(err, p.Name)
	}
	if sum != "" && sum != value.Sum(data) {
		return "", problem.New("param_source_changed", "param", p.Name, "value", shown(clean))
	}
	return value.Pin(clean, data), nil
}

// asProblem keeps a sentence and words any other error.
func asProblem(err error, param string) *problem.Error {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p
	}
	return problem.Wrap(err, "param_text", "param", param, "cause", err.Error())
}
