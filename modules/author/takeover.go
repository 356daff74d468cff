package author

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"omanager/modules"
)

// Taken is what became of one legacy form.
type Taken struct {
	File    string
	Folder  string // empty: not taken over
	Shipped string // the module with this id that ships, and has a task
	Err     error
}

// legacyManifest is the module.yaml of a form taken over.
type legacyManifest struct {
	Titles map[string]string `yaml:"titles"`
	Help   map[string]string `yaml:"help"`
	Danger modules.Danger    `yaml:"danger"`
	Params []legacyParam     `yaml:"params,omitempty"`
}

type legacyParam struct {
	Name     string            `yaml:"name"`
	Control  string            `yaml:"control"`
	Type     modules.Type      `yaml:"type"`
	Labels   map[string]string `yaml:"labels,flow"`
	Default  string            `yaml:"default,omitempty"`
	Required bool              `yaml:"required,omitempty"`
	Min      *float64          `yaml:"min,omitempty"`
	Max      *float64          `yaml:"max,omitempty"`
	Values   []string          `yaml:"values,flow,omitempty"`
	Lines    bool              `yaml:"lines,omitempty"`
	MaxLen   int               `yaml:"max_len,omitempty"`
}

// TakeOver makes module folders below to out of the bare forms of a legacy Module folder. Forms whose number ships
// already are left out: the shipped module has a task, theirs lived on the old control server.
func TakeOver(from, to string) ([]Taken, error) {
	entries, err := os.ReadDir(from)
	if err != nil {
		return nil, err
	}
	known, err := modules.Open(modules.Library())
	if err != nil {
		return nil, err
	}
	var out []Taken
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.EqualFold(filepath.Ext(e.Name()), ".xrc") {
			continue
		}
		t := Taken{File: filepath.Join(from, e.Name())}
		t.Folder, t.Shipped, t.Err = takeOver(t.File, to, known)
		out = append(out, t)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no .xrc file", from)
	}
	return out, nil
}

func takeOver(file, to string, known *modules.Catalogue) (folder, shipped string, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", "", err
	}
	m, err := modules.ParseBare(filepath.Base(file), data)
	if err != nil {
		return "", "", err
	}
	if has, is := known.Get(m.ID); is {
		return "", has.Folder, nil
	}
	f := legacyManifest{Titles: map[string]string{"zh": m.Slug, "en": m.Slug}, Danger: modules.Medium,
		Help: map[string]string{"zh": "由旧版界面导入；尚无任务。", "en": "Taken over from a legacy form; it has no task yet."}}
	for _, p := range m.Params {
		f.Params = append(f.Params, legacyParam{p.Name, p.Control, p.Type, p.Labels, p.Default, p.Required, p.Min, p.Max, slices.Clone(p.Values), p.Lines, p.MaxLen})
	}
	yml, err := yaml.Marshal(f)
	if err != nil {
		return "", "", err
	}
	name := m.Category + "_" + m.ID + "_" + m.Slug
	folder, err = write(to, name, map[string][]byte{"form.xrc": data, "module.yaml": yml})
	return folder, "", err
}
