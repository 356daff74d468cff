package modules

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"omanager/app/problem"
)

const sampleForm = `<resource version="2.5.3.0"><object class="wxPanel" name="panel">
<object class="wxStaticText" name="help"><label>帮助</label></object>
<object class="wxStaticText" name="spin_label"><label>行数</label></object>
<object class="wxSpinCtrl" name="spin"><value>7</value><min>2</min><max>9</max></object>
<object class="wxListBox" name="list"><content><item>a</item><item>b</item></content><selection>1</selection></object>
<object class="wxTextCtrl" name="text"><value>hi</value><maxlength>12</maxlength></object>
<object class="wxCheckBox" name="check"><label>勾选</label><checked>1</checked></object></object></resource>`

const sampleManifest = `titles: {en: Sample, zh: 样例}
help: {en: Does nothing, zh: 无操作}
danger: high
idempotent: true
timeout: 90s
ok: [0, 3]
changed: [2]
params:
  - {name: n, control: spin, type: int, labels: {en: Lines, zh: 行数}, max: 8}
  - {name: e, control: list, type: enum}
  - {name: t, control: text, type: text}
  - {name: b, control: check, type: bool, default: false, labels: {en: Tick}}
`

func sampleFiles() map[string][]byte {
	return map[string][]byte{
		"form.xrc": []byte(sampleForm), "module.yaml": []byte(sampleManifest), "ssh.sh": []byte("#!/bin/sh\ntrue\n"),
		"README.md": []byte("hello"),
	}
}

func TestParseFolder(t *testing.T) {
	m, err := ParseFolder("mid_9001_sample", sampleFiles())
	if err != nil {
		t.Fatal(err)
	}
	if m.ID != "9001" || m.Category != "mid" || m.Slug != "sample" || m.Title("en") != "Sample" || m.Title("fr") != "Sample" ||
		m.Danger != High || !m.Idempotent || m.Timeout != 90*time.Second || !slices.Equal(m.OK, []int{0, 3}) ||
		!slices.Equal(m.Changed, []int{2}) || len(m.Hash) != 64 || string(m.Tasks["ssh"].Body) != "#!/bin/sh\ntrue\n" || len(m.Tasks) != 1 {
		t.Errorf("module %+v", m)
	}
	got, err := m.Check(nil)
	want := map[string]string{"n": "7", "e": "b", "t": "hi", "b": "false"}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("defaults from the form: %v %v", got, err)
	}
	for param, value := range map[string]string{"n": "9", "e": "c", "t": "1234567890123"} {
		if _, err := m.Check(map[string]string{param: value}); err == nil {
			t.Errorf("%s=%s was accepted", param, value)
		}
	}
	en := m.FormIn("en").Root
	if en.Find("help").Label != "Does nothing" || en.Find("spin_label").Label != "Lines" || en.Find("check").Label != "Tick" {
		t.Errorf("form in English: %+v", en)
	}
	if m.Form.Root.Find("help").Label != "帮助" {
		t.Error("the module's own form was changed")
	}
}

func TestHashCoversNamesAndContents(t *testing.T) {
	seen := map[string]string{}
	add := func(what string, files map[string][]byte) {
		h := hashFiles(files)
		if other, twice := seen[h]; twice {
			t.Errorf("%s and %s have the same hash", what, other)
		}
		seen[h] = what
	}
	add("whole", map[string][]byte{"a": []byte("xy"), "b": []byte("z")})
	add("moved byte", map[string][]byte{"a": []byte("x"), "b": []byte("yz")})
	add("renamed", map[string][]byte{"a": []byte("xy"), "c": []byte("z")})
	add("joined", map[string][]byte{"a": []byte("xybz")})
	add("empty", nil)
}

// changed is the sample with one text in one file replaced.
func changed(t *testing.T, file, old, repl string) map[string][]byte {
	t.Helper()
	f := sampleFiles()
	if !strings.Contains(string(f[file]), old) {
		t.Fatalf("%s has no %q", file, old)
	}
	f[file] = []byte(strings.Replace(string(f[file]), old, repl, 1))
	return f
}

func TestParseFolderRefuses(t *testing.T) {
	change := func(file, old, repl string) map[string][]byte { return changed(t, file, old, repl) }
	without := func(file string) map[string][]byte { f := sampleFiles(); delete(f, file); return f }
	const yml = "module.yaml"
	for name, c := range map[string]struct {
		folder string
		files  map[string][]byte
		cause  string
	}{
		"category":       {"foo_1_x", sampleFiles(), "name must be"},
		"id":             {"bas_01_x", sampleFiles(), "name must be"},
		"path":           {"bas_1_../x", sampleFiles(), "name must be"},
		"no name":        {"bas_1", sampleFiles(), "name must be"},
		"no form":        {"bas_1_x", without("form.xrc"), "form.xrc is missing"},
		"no manifest":    {"bas_1_x", without(yml), "module.yaml is missing"},
		"bad form":       {"bas_1_x", change("form.xrc", "</resource>", ""), "form.xrc"},
		"unknown field":  {"bas_1_x", change(yml, "danger", "colour"), "colour"},
		"danger":         {"bas_1_x", change(yml, "high", "none"), "danger"},
		"timeout":        {"bas_1_x", change(yml, "90s", "90"), "timeout"},
		"exit code":      {"bas_1_x", change(yml, "[2]", "[256]"), "256"},
		"exit twice":     {"bas_1_x", change(yml, "[2]", "[3]"), "both"},
		"titles":         {"bas_1_x", change(yml, "{en: Sample, zh: 样例}", "{}"), "titles"},
		"two documents":  {"bas_1_x", change(yml, "params:", "---\nparams:"), "more than one"},
		"control":        {"bas_1_x", change(yml, "control: spin", "control: spam"), `"spam" is not in the form`},
		"control type":   {"bas_1_x", change(yml, "control: text, type: text", "control: text, type: bool"), "cannot fill"},
		"type":           {"bas_1_x", change(yml, "type: int", "type: integer"), "integer"},
		"name":           {"bas_1_x", change(yml, "name: n", "name: N-1"), "N-1"},
		"name twice":     {"bas_1_x", change(yml, "name: e", "name: n"), "twice"},
		"default":        {"bas_1_x", change(yml, "max: 8", "max: 8, default: 9"), "default"},
		"form's default": {"bas_1_x", change(yml, "max: 8", "max: 6"), "default"},
		"range":          {"bas_1_x", change(yml, "max: 8", "max: 1"), "above"},
		"NaN":            {"bas_1_x", change(yml, "max: 8", "max: .nan"), "not a number"},
		"values":         {"bas_1_x", change(yml, "type: enum", "type: enum, values: [a]"), `offers "b"`},
		"pattern":        {"bas_1_x", change(yml, "type: text", `type: text, pattern: "a)|(b"`), "pattern"},
		"shebang":        {"bas_1_x", change("ssh.sh", "#!/bin/sh\n", ""), "#!"},
		"CRLF":           {"bas_1_x", change("ssh.sh", "\n", "\r\n"), "Windows"},
	} {
		m, err := ParseFolder(c.folder, c.files)
		var p *problem.Error
		if !errors.As(err, &p) || p.Code != "module_bad" || !strings.Contains(p.Args["cause"], c.cause) || m != nil {
			t.Errorf("%s: %v, want a cause with %q", name, err, c.cause)
		}
	}
}

func TestParseWire(t *testing.T) {
	files := sampleFiles()
	delete(files, "ssh.sh")
	m, err := ParseWire("mid_9001_sample", files, []string{"ssh", "ansible"}, "abc")
	if err != nil || m.Hash != "abc" || len(m.Tasks) != 2 || len(m.Params) != 4 || m.Folder != "mid_9001_sample" {
		t.Fatalf("%+v %v", m, err)
	}
	if _, err := ParseWire("mid_9001_sample", files, []string{"../x"}, ""); err == nil {
		t.Error("engine ../x accepted")
	}
	const bare = "bas_3_系统.xrc"
	m, err = ParseWire(bare, map[string][]byte{bare: []byte(sampleForm)}, nil, "h")
	if err != nil || m.Title("zh") != "系统" || len(m.Tasks) != 0 {
		t.Errorf("%+v %v", m, err)
	}
	if _, err := ParseWire(bare, map[string][]byte{"other": nil}, nil, ""); err == nil {
		t.Error("a bare module without its form was accepted")
	}
}

func TestLegacyModules(t *testing.T) {
	dir := legacyModules(t)
	want := map[string]Param{
		"1001": {Name: "parameter1", Control: "Parameter1_object_id", Type: Int, Default: "30", Min: new(1.0), Max: new(100.0)},
		"1007": {Type: Enum, Values: []string{"resin", "nginx", "haproxy", "apache", "mysql", "lighttpd"}, Required: true},
		"3500": {Type: Text, Lines: true},
		"3100": {},
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		m, err := ParseBare(e.Name(), data)
		if err != nil {
			t.Errorf("%s: %v", e.Name(), err)
			continue
		}
		w, known := want[m.ID]
		if !known || m.Danger != Medium || len(m.Tasks) != 0 || m.Title("zh")+".xrc" != strings.SplitN(e.Name(), "_", 3)[2] {
			t.Errorf("%s: %+v", e.Name(), m)
		}
		if w.Type == "" {
			if len(m.Params) != 0 {
				t.Errorf("%s: parameters %+v", e.Name(), m.Params)
			}
			continue
		}
		p := m.Params[0]
		if p.Type != w.Type || p.Lines != w.Lines || !slices.Equal(p.Values, w.Values) || p.Required != w.Required || p.Default != w.Default {
			t.Errorf("%s: parameter %+v", e.Name(), p)
		}
		if w.Min != nil && (*p.Min != *w.Min || *p.Max != *w.Max) {
			t.Errorf("%s: range %v to %v", e.Name(), *p.Min, *p.Max)
		}
	}
}

func FuzzParseFolder(f *testing.F) {
	f.Add(sampleManifest, sampleForm)
	f.Add("titles: {en: x}\ndanger: low\n", "<resource/>")
	f.Fuzz(func(_ *testing.T, manifest, form string) {
		m, err := ParseFolder("bas_1_x", map[string][]byte{"module.yaml": []byte(manifest), "form.xrc": []byte(form)})
		if err == nil {
			_, _ = m.Check(nil)
			m.FormIn("zh")
		}
	})
}
