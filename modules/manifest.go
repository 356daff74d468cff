package modules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"time"

	"gopkg.in/yaml.v3"
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
	Params     []manifestParam   `yaml:"params"`
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
	return f.applyParams(m)
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
		p := Param{
			Name: fp.Name, Control: fp.Control, Type: fp.Type, Labels: fp.Labels, Helps: fp.Help,
			Required: fp.Required, Min: fp.Min, Max: fp.Max, Values: fp.Values,
			MaxLen: fp.MaxLen, Pattern: fp.Pattern, Lines: fp.Lines,
		}
		if fp.Default != nil {
			p.Default = *fp.Default
		}
		n := m.Form.Root.Find(fp.Control)
		if n == nil {
			return fmt.Errorf("module.yaml: parameter %q: control %q is not in the form", fp.Name, fp.Control)
		}
		if err := p.adopt(n, fp.Default == nil); err != nil {
			return fmt.Errorf("module.yaml: parameter %q: %w", fp.Name, err)
		}
		if err := p.sound(); err != nil {
			return fmt.Errorf("module.yaml: parameter %q: %w", fp.Name, err)
		}
		m.Params = append(m.Params, p)
	}
	return nil
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
	if p.Type == Enum && len(p.Values) == 0 {
		return errors.New("an enum needs values, here or as items of its control")
	}
	for i, v := range p.Values {
		if v == "" || slices.Contains(p.Values[:i], v) || badRune(v, false) >= 0 {
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
	if p.Default == "" {
		return nil
	}
	got, bad := p.check(p.Default)
	if bad != nil {
		return fmt.Errorf("default: %w", bad)
	}
	p.Default = got
	return nil
}
