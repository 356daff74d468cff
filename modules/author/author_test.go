package author

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"omanager/modules"
)

// made is a fresh module folder with one text in one file replaced.
func made(t *testing.T, file, old, repl string) string {
	t.Helper()
	dir, err := New(t.TempDir(), "bas", "4711", "Disk usage")
	if err != nil {
		t.Fatal(err)
	}
	if file == "" {
		return dir
	}
	path := filepath.Join(dir, file)
	body, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(body), old) {
		t.Fatalf("%s has no %q: %v", file, old, err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(body), old, repl, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestNewModuleHasNothingToMend(t *testing.T) {
	dir := made(t, "", "", "")
	got, err := Lint(dir)
	if err != nil || len(got) != 1 || !got[0].OK() || len(got[0].Findings) != 0 || got[0].Counts != (Counts{4, 3, 3, 0}) {
		t.Fatalf("%+v %v", got, err)
	}
	if _, err := New(filepath.Dir(dir), "bas", "4711", "Disk usage"); !errors.Is(err, os.ErrExist) {
		t.Errorf("made twice: %v", err)
	}
	for _, c := range [][3]string{{"foo", "1", "x"}, {"bas", "x", "x"}, {"bas", "1", "../.."}, {"bas", "0", "x"}} {
		if path, err := New(t.TempDir(), c[0], c[1], c[2]); err == nil {
			t.Errorf("%v made %s", c, path)
		}
	}
	odd, err := New(t.TempDir(), "mid", "1", `磁盘: "使用" & more`)
	if err != nil || filepath.Base(odd) != "mid_1_磁盘_使用_more" {
		t.Errorf("%s %v", odd, err)
	}
}

// Each finding names the file, the line and what to do.
func TestFindings(t *testing.T) {
	for _, c := range []struct {
		file, old, repl string
		bad             bool
		line, fix       string
	}{
		{"module.yaml", "danger: low", "danger: none", true, "module.yaml:5: error: danger is \"none\"", "Write danger: low, medium or high."},
		{"module.yaml", "max: 100", "max: 0", true, "module.yaml:22: error: ", "a bound"},
		{"module.yaml", "type: int", "type: integer", true, "module.yaml:18: error: parameter \"percent\": type \"integer\"", "Write one of these types."},
		{"module.yaml", "Parameter1_object_id #", "Parameter9_object_id #", true, "module.yaml:17: error: parameter \"percent\": control \"Parameter9_object_id\" is not in the form", "add the control"},
		{"module.yaml", "default: 80", "default: 800", true, "module.yaml:21: error: parameter \"percent\": default", "bounds"},
		{"module.yaml", "timeout: 30s", "timeout: soon", true, "module.yaml:7: error: timeout", "30s or 5m"},
		{"module.yaml", "idempotent: true", "idempotent: [", true, "module.yaml:", ""},
		{"module.yaml", "idempotent:", "idempotend:", true, "module.yaml:6: error: yaml", "spelling"},
		{"module.yaml", "type: percent,", "type: money,", true, "module.yaml:8: error: results: table: column \"used\"", "results"},
		{"form.xrc", "</resource>", "", true, "form.xrc", "wxFormBuilder"},
		{"form.xrc", "<resource", "<!DOCTYPE x>\n<resource", true, "form.xrc:2: error: ", "DOCTYPE"},
		{"ssh.sh", "#!/bin/sh", "", true, "ssh.sh: error: ssh.sh does not start with", "#!/bin/sh"},
		{"ssh.sh", "set -u\n", "set -u\r\n", true, "ssh.sh: error: ssh.sh has Windows line ends", "LF"},
		{"module.yaml", "zh: 显示使用率超过阈值的文件系统。", "fr: x", false, "module.yaml:1: warning: no title or help in zh.", "both languages"},
		{"module.yaml", ", zh: 阈值（%）", "", false, "module.yaml:16: warning: parameter \"percent\" has no label in zh.", "labels"},
		{"ssh.sh", `"$OM_percent"`, `$OM_percent`, false, "ssh.sh:6: warning: $OM_percent stands without quotes", `Write "$OM_percent".`},
		{"ssh.sh", `"$OM_percent"`, `"$OM_percemt"`, false, "ssh.sh:6: warning: $OM_percemt is not a parameter", "module.yaml"},
		{"ssh.sh", "exit 0", `eval "$OM_percent"`, false, "ssh.sh:9: warning: eval", "without eval"},
		{"ssh.sh", "done\n", "\n", false, "ssh.sh:", "sh -n"},
	} {
		got, err := Lint(made(t, c.file, c.old, c.repl))
		if err != nil || len(got) != 1 || got[0].OK() == c.bad {
			t.Errorf("%s %q: %+v %v", c.file, c.repl, got, err)
			continue
		}
		found := ""
		for _, f := range got[0].Findings {
			line := f.In("en")
			found += line + "\n"
			if zh := f.In("zh"); strings.Contains(zh, "map[") || !strings.Contains(zh, map[bool]string{true: "错误", false: "警告"}[f.Error]) {
				t.Errorf("in Chinese: %s", zh)
			}
		}
		if !strings.Contains(found, c.line) || !strings.Contains(found, c.fix) {
			t.Errorf("%s %q:\n%s\nwant %q and %q", c.file, c.repl, found, c.line, c.fix)
		}
	}
}

// A module with an error stays out of the menu; one with warnings is in it.
func TestLintDecidesAboutTheMenu(t *testing.T) {
	for _, c := range []struct {
		old, repl string
		in        bool
	}{{"danger: low", "danger: none", false}, {", zh: 阈值（%）", "", true}} {
		dir := made(t, "module.yaml", c.old, c.repl)
		cat, err := modules.Open(nil, filepath.Dir(dir))
		if err != nil {
			t.Fatal(err)
		}
		_, in := cat.Get("4711")
		if in != c.in || in == (len(cat.Rejected()) == 1) {
			t.Errorf("%q: in the menu %v, left out %v", c.repl, in, cat.Rejected())
		}
	}
}

func TestLintTakesFoldersAndBareForms(t *testing.T) {
	dir := t.TempDir()
	for _, id := range []string{"4711", "4712"} {
		if _, err := New(dir, "bas", id, "x"); err != nil {
			t.Fatal(err)
		}
	}
	for name, body := range map[string]string{
		"sub/any name.xrc": `<resource><object class="wxPanel"><object class="wxBoxSizer"><object class="sizeritem"><object class="wxMystery" name="m"/></object></object></object></resource>`,
		"broken.xrc":       `<resource><object`,
		"readme.txt":       "no module",
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(body), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Lint(dir)
	if err != nil || len(got) != 4 {
		t.Fatalf("%+v %v", got, err)
	}
	for _, r := range got {
		base := filepath.Base(r.File)
		if r.OK() != (base != "broken.xrc") {
			t.Errorf("%s: %+v", base, r.Findings)
		}
		if base == "any name.xrc" && (r.Counts.Placeholders != 1 || r.Counts.Controls != 1 || len(r.Findings) == 0) {
			t.Errorf("%+v", r)
		}
	}
	if _, err := New(dir, "app", "4711", "y"); err != nil {
		t.Fatal(err)
	}
	if got, _ = Lint(dir); len(got) != 6 {
		t.Errorf("twins: %+v", got)
	}
	if _, err := Lint(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("a path that does not exist")
	}
}

func TestShippedModulesHaveNothingToMend(t *testing.T) {
	got, err := Lint(filepath.Join("..", "library"))
	if err != nil || len(got) < 35 {
		t.Fatalf("%d reports, %v", len(got), err)
	}
	for _, r := range got {
		for _, f := range r.Findings {
			if r.Module == nil || r.Module.ID != "1000" { // a command is what it is given
				t.Error(f.In("en"))
			}
		}
	}
}

func TestTakeOver(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	const form = `<resource><object class="wxPanel" name="p"><object class="wxSpinCtrl" name="Parameter1_object_id"><value>3</value><min>1</min><max>9</max></object></object></resource>`
	for name, body := range map[string]string{"bas_1001_x.xrc": form, "bas_9901_我的检查.xrc": form, "nonsense.xrc": form, "readme.txt": ""} {
		if err := os.WriteFile(filepath.Join(from, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	taken, err := TakeOver(from, to)
	if err != nil || len(taken) != 3 {
		t.Fatalf("%+v %v", taken, err)
	}
	for _, x := range taken {
		switch filepath.Base(x.File) {
		case "bas_1001_x.xrc":
			if x.Shipped != "bas_1001_system_log" || x.Folder != "" {
				t.Errorf("%+v", x)
			}
		case "nonsense.xrc":
			if x.Err == nil {
				t.Errorf("%+v", x)
			}
		default:
			got, err := Lint(x.Folder)
			if err != nil || len(got) != 1 || !got[0].OK() || got[0].Module.Params[0].Type != modules.Int || *got[0].Module.Params[0].Max != 9 || got[0].Module.Title("zh") != "我的检查" {
				t.Errorf("%+v: %+v %v", x, got, err)
			}
		}
	}
	again, err := TakeOver(from, to)
	if err != nil || !errors.Is(again[1].Err, os.ErrExist) {
		t.Errorf("%+v %v", again, err)
	}
	if _, err := TakeOver(t.TempDir(), to); err == nil {
		t.Error("an empty folder")
	}
}
