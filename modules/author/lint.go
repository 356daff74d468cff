// Package author helps people who write modules: it checks their files and says where and how to mend them, makes a
// first folder that works, and takes over the forms of a legacy installation.
package author

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"omanager/app/problem"
	"omanager/modules"
	"omanager/modules/xrc"
)

// Report is what was found in one module folder or form.
type Report struct {
	File     string
	Module   *modules.Module // nil for a bare form, and if it does not load
	Findings []Finding
	Counts   Counts
}

// OK reports whether the module may stand in the menu: it has no error.
func (r Report) OK() bool {
	return !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Error })
}

// Finding is one thing to mend. An error keeps the module out of the menu.
type Finding struct {
	File  string
	Line  int // 0: the whole file
	Error bool
	Text  map[string]string // by language: what is wrong
	Fix   map[string]string // by language: what to do
}

// In is the finding as one line: file, line, what, fix.
func (f Finding) In(lang string) string {
	if lang != "zh" {
		lang = "en"
	}
	place := f.File
	if f.Line > 0 {
		place += ":" + strconv.Itoa(f.Line)
	}
	level := map[bool]map[string]string{true: {"en": "error", "zh": "错误"}, false: {"en": "warning", "zh": "警告"}}[f.Error][lang]
	return strings.TrimSpace(fmt.Sprintf("%s: %s: %s %s", place, level, f.Text[lang], f.Fix[lang]))
}

// Counts says what a form is made of.
type Counts struct{ Objects, Controls, Live, Placeholders int }

// Lint checks a bare XRC file, a module folder, or a folder that holds such things. The error is that nothing could be
// looked at.
func Lint(path string) ([]Report, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.IsDir() {
		return []Report{lintForm(path)}, nil
	}
	if isModule(path) {
		return []Report{lintFolder(path)}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var out []Report
	for _, e := range entries {
		inside := filepath.Join(path, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir() && isModule(inside):
			out = append(out, lintFolder(inside))
		case e.IsDir():
			more, err := Lint(inside)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		case strings.EqualFold(filepath.Ext(e.Name()), ".xrc"):
			out = append(out, lintForm(inside))
		}
	}
	return append(out, twins(out)...), nil
}

// isModule: a folder that looks as if it was meant to be a module.
func isModule(dir string) bool {
	for _, name := range []string{"module.yaml", "form.xrc", "ssh.sh"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// twins finds modules beside one another that use the same id.
func twins(reports []Report) []Report {
	seen, out := map[string]string{}, []Report(nil)
	for _, r := range reports {
		if r.Module == nil {
			continue
		}
		key := filepath.Dir(r.File) + "/" + r.Module.ID
		if other := seen[key]; other != "" {
			out = append(out, Report{File: r.File, Findings: []Finding{{File: r.File, Error: true, Text: map[string]string{
				"en": "its id " + r.Module.ID + " is already used by " + filepath.Base(other) + " beside it.", "zh": "编号 " + r.Module.ID + " 已被旁边的 " + filepath.Base(other) + " 使用。",
			}, Fix: map[string]string{"en": "Give the folder another number.", "zh": "请为该文件夹另选编号。"}}}})
		}
		seen[key] = r.File
	}
	return out
}

func lintForm(path string) Report {
	r := Report{File: path}
	data, err := os.ReadFile(path)
	if err == nil {
		var form *xrc.Form
		if form, err = xrc.Parse(data); err == nil {
			r.form(path, form)
			return r
		}
	}
	r.add(fault(path, err.Error(), nil))
	return r
}

func lintFolder(dir string) Report {
	r := Report{File: dir}
	files, err := read(dir)
	if err != nil {
		r.add(fault(dir, err.Error(), nil))
		return r
	}
	if form, err := xrc.Parse(files["form.xrc"]); err == nil {
		r.form(filepath.Join(dir, "form.xrc"), form)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		abs = dir
	}
	r.Module, err = modules.ParseFolder(filepath.Base(abs), files)
	if err != nil {
		text := err.Error()
		if p, ok := errors.AsType[*problem.Error](err); ok {
			text = p.Args["cause"]
		}
		r.add(fault(dir, text, files))
		return r
	}
	r.warnings(dir, files)
	return r
}

func read(dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), "~") {
			continue
		}
		if len(files) > 100 {
			return nil, errors.New("it has more than 100 files")
		}
		if files[e.Name()], err = fs.ReadFile(os.DirFS(dir), e.Name()); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (r *Report) add(f Finding) { r.Findings = append(r.Findings, f) }

// form counts, and tells what could not be read as it was meant.
func (r *Report) form(path string, form *xrc.Form) {
	form.Root.Walk(func(n *xrc.Node) {
		r.Counts.Objects++
		if container(n.Class) {
			return
		}
		r.Counts.Controls++
		if n.Known {
			r.Counts.Live++
		} else {
			r.Counts.Placeholders++
		}
	})
	for _, w := range form.Warnings {
		r.add(Finding{File: path, Line: lineIn(w), Text: map[string]string{"en": w + ".", "zh": w + "。"}, Fix: map[string]string{
			"en": "The form is shown without it.", "zh": "界面照常显示，但不含此项。"}})
	}
}

// container reports whether a class only holds or places others.
func container(class string) bool {
	switch class {
	case "wxPanel", "wxDialog", "wxFrame", "wxScrolledWindow", "wxNotebook", "wxCollapsiblePane", "wxSimplebook", "wxListbook", "wxChoicebook", "wxTreebook",
		"wxSplitterWindow", "sizeritem", "spacer", "notebookpage", "panewindow", "":
		return true
	}
	return strings.HasSuffix(class, "Sizer")
}

var (
	someLine  = regexp.MustCompile(`(?i)\bline (\d+)`)
	someParam = regexp.MustCompile(`parameter "([^"]+)"`)
)

func lineIn(text string) int {
	if m := someLine.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 0
}

// fault turns a loader's reason into a finding: which file of the folder, which line, and what to do.
func fault(path, text string, files map[string][]byte) Finding {
	f := Finding{File: path, Error: true, Line: lineIn(text)}
	for name := range files {
		if strings.HasPrefix(text, name+":") || strings.HasPrefix(text, name+" ") {
			f.File = filepath.Join(path, name)
		}
	}
	text = strings.TrimSpace(strings.TrimPrefix(text, filepath.Base(f.File)+":"))
	if f.Line == 0 && strings.HasSuffix(f.File, "module.yaml") {
		f.Line = yamlLine(files["module.yaml"], text)
	}
	f.Text = map[string]string{"en": strings.TrimRight(text, ".") + ".", "zh": strings.TrimRight(text, ".") + "。"}
	f.Fix = fix(text)
	return f
}

// yamlLine finds the place a reason speaks of: the parameter it names, else the key it begins with.
func yamlLine(data []byte, text string) int {
	var doc yaml.Node
	if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 {
		return 1
	}
	root := doc.Content[0]
	if m := someParam.FindStringSubmatch(text); m != nil {
		if line := paramLine(root, m[1], text); line > 0 {
			return line
		}
	}
	word, _, _ := strings.Cut(strings.TrimLeft(text, `"`), " ")
	word = strings.Trim(word, `":`)
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == word {
			return root.Content[i].Line
		}
	}
	return 1
}

// paramLine is the line of a parameter's key that the reason names, else of the parameter.
func paramLine(root *yaml.Node, name, text string) int {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value != "params" {
			continue
		}
		for _, p := range root.Content[i+1].Content {
			line, is := 0, false
			for j := 0; j+1 < len(p.Content); j += 2 {
				key, val := p.Content[j], p.Content[j+1]
				is = is || key.Value == "name" && val.Value == name
				if line == 0 && strings.Contains(text, "\": "+key.Value+" ") || line == 0 && strings.Contains(text, "\": "+key.Value+":") {
					line = key.Line
				}
			}
			if is && line > 0 {
				return line
			}
			if is {
				return p.Line
			}
		}
	}
	return 0
}
