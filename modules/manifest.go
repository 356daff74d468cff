package modules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"omanager/modules/table"
	"omanager/modules/value"
)

// manifest is module.yaml.
type manifest struct {
	Titles     map[string]string `yaml:"titles"`
	Help       map[string]string `yaml:"help"`
	Danger     Danger            `yaml:"danger"`
	Idempotent bool              `yaml:"idempotent"`
	Timeout    string            `yaml:"timeout"`
	OK         []int             `yaml:"ok"`
	Changed    []int             `yaml:"changed"`
	Results    struct {
		Changed string       `yaml:"changed"`
		Failed  string       `yaml:"failed"`
		Table   *table.Table `yaml:"table"`
	} `yaml:"results"`
	Params []manifestParam `yaml:"params"`
}

type manifestParam struct {
	Name     string            `yaml:"name"`
	Control  string            `yaml:"control"`
	Type     Type              `yaml:"type"`
	Labels   map[string]string `yaml:"labels"`
	Help     map[string]string `yaml:"help"`
	Default  *string           `yaml:"default"`
	Required bool              `yaml:"required"`
	Min      *float64          `yaml:"min"`
	Max      *float64          `yaml:"max"`
	Values   []string          `yaml:"values"`
	MaxLen   int               `yaml:"max_len"`
	Pattern  string            `yaml:"pattern"`
	Lines    bool              `yaml:"lines"`
	Step     float64           `yaml:"step"`
	Under    []string          `yaml:"under"`
	List     string            `yaml:"list"`
	When     string            `yaml:"when"`
}

const (
	maxManifest = 256 << 10
	maxParams   = 32
	maxPattern  = 1024
	longestText = 64 << 10 // runes of one text value
)

func readManifest(data []byte) (*manifest, error) {
	if len(data) > maxManifest {
		return nil, fmt.Errorf("module.yaml has %d bytes, at most %d", len(data), maxManifest)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	m := &manifest{}
	if err := dec.Decode(m); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("module.yaml is empty")
		}
		return nil, fmt.Errorf("module.yaml: %w", err)
	}
	if err := dec.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("module.yaml holds more than one document")
	}
	return m, nil
}

// apply puts the manifest into the module.
func (f *manifest) apply(m *Module) error {
	if pick(f.Titles, "en", "") == "" {
		return errors.New(`module.yaml: titles has neither "en" nor "zh"`)
	}
	switch f.Danger {
	case Low, Medium, High:
	default:
		return fmt.Errorf("module.yaml: danger is %q, must be low, medium or high", f.Danger)
	}
	if f.Timeout != "" {
		d, err := time.ParseDuration(f.Timeout)
		if err != nil || d <= 0 || d > 24*time.Hour {
			return fmt.Errorf("module.yaml: timeout %q is not a duration up to 24h, such as 30s", f.Timeout)
		}
		m.Timeout = d
	}
	for _, code := range append(slices.Clone(f.OK), f.Changed...) {
		if code < 0 || code > 255 {
			return fmt.Errorf("module.yaml: exit code %d is not between 0 and 255", code)
		}
		if slices.Contains(f.OK, code) && slices.Contains(f.Changed, code) {
			return fmt.Errorf("module.yaml: exit code %d is both ok and changed", code)
		}
	}
	m.Titles, m.Helps, m.Danger, m.Idempotent = f.Titles, f.Help, f.Danger, f.Idempotent
	m.OK, m.Changed = f.OK, f.Changed
	if err := f.applyResults(m); err != nil {
		return fmt.Errorf("module.yaml: results: %w", err)
	}
	return f.applyParams(m)
}

func (f *manifest) applyResults(m *Module) error {
	for _, r := range []struct {
		source string
		to     **regexp.Regexp
	}{{f.Results.Changed, &m.Rules.Changed}, {f.Results.Failed, &m.Rules.Failed}} {
		if r.source == "" {
			continue
		}
		if len(r.source) > maxPattern {
			return fmt.Errorf("a pattern has %d bytes, at most %d", len(r.source), maxPattern)
		}
		re, err := regexp.Compile(r.source)
		if err != nil {
			return err
		}
		*r.to = re
	}
	if f.Results.Table == nil {
		return nil
	}
	m.Table = f.Results.Table
	if err := m.Table.Ready(); err != nil {
		return fmt.Errorf("table: %w", err)
	}
	return nil
}

var paramName = regexp.MustCompile(`\A[a-z][a-z0-9_]{0,31}\z`)

func (f *manifest) applyParams(m *Module) error {
	if len(f.Params) > maxParams {
		return fmt.Errorf("module.yaml: %d parameters, at most %d", len(f.Params), maxParams)
	}
	names, controls := map[string]bool{}, map[string]bool{}
	for _, fp := range f.Params {
		if !paramName.MatchString(fp.Name) {
			return fmt.Errorf("module.yaml: parameter name %q must be lower-case letters, digits and _", fp.Name)
		}
		if names[fp.Name] || controls[fp.Control] {
			return fmt.Errorf("module.yaml: parameter %q or its control %q is there twice", fp.Name, fp.Control)
		}
		names[fp.Name], controls[fp.Control] = true, true
		p, err := fp.param(m)
		if err != nil {
			return fmt.Errorf("module.yaml: parameter %q: %w", fp.Name, err)
		}
		m.Params = append(m.Params, p)
	}
	for _, p := range m.Params {
		for _, made := range p.made() {
			if names[made] {
				return fmt.Errorf("module.yaml: parameter %q has the name that %q gives to its own variable", made, p.Name)
			}
		}
	}
	return nil
}

// param makes the parameter; those before it are in the module already.
func (fp manifestParam) param(m *Module) (Param, error) {
	p := Param{
		Name: fp.Name, Control: fp.Control, Type: fp.Type, Labels: fp.Labels, Helps: fp.Help,
		Required: fp.Required, Min: fp.Min, Max: fp.Max, Values: fp.Values, Step: fp.Step,
		MaxLen: fp.MaxLen, Pattern: fp.Pattern, Lines: fp.Lines, Under: fp.Under, List: fp.List,
	}
	if fp.Default != nil {
		p.Default = *fp.Default
	}
	var err error
	if p.When, err = readWhen(fp.When, m.Params); err != nil {
		return p, err
	}
	n := m.Form.Root.Find(fp.Control)
	if n == nil {
		return p, fmt.Errorf("control %q is not in the form", fp.Control)
	}
	if err := p.adopt(n, fp.Default == nil); err != nil {
		return p, err
	}
	return p, p.sound()
}

// made are the further variables that a task is given for the parameter.
func (p *Param) made() []string {
	switch p.Type {
	case File, Source:
		return []string{p.Name + "_sha256"}
	case Hosts:
		return []string{p.Name + "_addr"}
	}
	return nil
}

// readWhen reads "other=value" or "other=value|value".
func readWhen(s string, before []Param) (*When, error) {
	if s == "" {
		return nil, nil
	}
	name, values, ok := strings.Cut(s, "=")
	w := &When{Param: name, Values: strings.Split(values, "|")}
	i := slices.IndexFunc(before, func(p Param) bool { return p.Name == name })
	if !ok || i < 0 {
		return nil, fmt.Errorf("when %q must be other=value, with a parameter that is declared before it", s)
	}
	other := before[i]
	if other.Type == Secret || other.Type == File {
		return nil, fmt.Errorf("when %q: a %s decides nothing", s, other.Type)
	}
	for _, v := range w.Values {
		if got, bad := other.check(v, Lookup{}); bad != nil || v == "" || got != v {
			return nil, fmt.Errorf("when %q: %q is never the value of %q", s, v, name)
		}
	}
	return w, nil
}

// sound refuses a declaration that could never hold, and a default that breaks it.
func (p *Param) sound() error {
	for _, f := range []*float64{p.Min, p.Max} {
		if f != nil && (math.IsNaN(*f) || math.IsInf(*f, 0)) {
			return fmt.Errorf("bound %v is not a number", *f)
		}
	}
	if p.Min != nil && p.Max != nil && *p.Min > *p.Max {
		return fmt.Errorf("min %v is above max %v", *p.Min, *p.Max)
	}
	if (p.Type == Enum || p.Type == Multi) && len(p.Values) == 0 {
		return errors.New("an enum needs values, here or as items of its control")
	}
	for i, v := range p.Values {
		if v == "" || slices.Contains(p.Values[:i], v) || badRune(v, false) >= 0 || p.Type == Multi && strings.Contains(v, ",") {
			return fmt.Errorf("value %q is empty, there twice or not plain text", v)
		}
	}
	if p.MaxLen < 0 || p.MaxLen > longestText {
		return fmt.Errorf("max_len %d is not between 0 and %d", p.MaxLen, longestText)
	}
	if len(p.Pattern) > maxPattern {
		return fmt.Errorf("pattern has %d bytes, at most %d", len(p.Pattern), maxPattern)
	}
	if _, err := regexp.Compile(p.Pattern); err != nil {
		return fmt.Errorf("pattern: %w", err)
	}
	if err := p.fitting(); err != nil {
		return err
	}
	if p.Default == "" {
		return nil
	}
	got, bad := p.check(p.Default, Lookup{})
	if bad != nil {
		return fmt.Errorf("default: %w", bad)
	}
	p.Default = got
	return nil
}

var listName = regexp.MustCompile(`\A[a-z0-9][a-z0-9_-]{0,63}\z`)

// fitting refuses keys that the type has no use for: they would promise what nobody checks.
func (p *Param) fitting() error {
	is := func(types ...Type) bool { return slices.Contains(types, p.Type) }
	switch {
	case p.Step < 0 || math.IsNaN(p.Step) || math.IsInf(p.Step, 0) || p.Step != 0 && !is(Int, Float):
		return fmt.Errorf("step %v is not for type %s, or not above 0", p.Step, p.Type)
	case p.Lines && !is(Text):
		return fmt.Errorf("lines is for type text, not %s", p.Type)
	case p.Pattern != "" && !is(Text, Secret, List):
		return fmt.Errorf("pattern is for types text, secret and list, not %s", p.Type)
	case p.Type == List && !listName.MatchString(p.List), p.Type != List && p.List != "":
		return fmt.Errorf("list %q: type list needs the name of a list, of lower-case letters, digits, - and _; other types none", p.List)
	case len(p.Under) > 0 && !is(Path, Source):
		return fmt.Errorf("under is for types path and source, not %s", p.Type)
	case p.Default != "" && is(Secret, File):
		return fmt.Errorf("a %s has no default", p.Type)
	}
	for i, dir := range p.Under {
		clean, ok := value.Path(dir, nil)
		if !ok {
			return fmt.Errorf("under: %q is not a folder from /", dir)
		}
		p.Under[i] = clean
	}
	return nil
}
