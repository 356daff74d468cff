package modules

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"omanager/app/problem"
	"omanager/modules/value"
)

func typed() *Module {
	return &Module{ID: "9000", Params: []Param{
		{Name: "step", Type: Float, Min: new(0.5), Max: new(2.0), Step: 0.25},
		{Name: "multi", Type: Multi, Values: []string{"a", "b", "c"}},
		{Name: "secret", Type: Secret, Pattern: `[a-z ]+`},
		{Name: "date", Type: Date},
		{Name: "time", Type: Clock},
		{Name: "dur", Type: Duration, Min: new(60.0), Max: new(7200.0)},
		{Name: "path", Type: Path, Under: []string{"/etc"}},
		{Name: "file", Type: File},
		{Name: "source", Type: Source, Under: []string{"/nginx"}},
		{Name: "hosts", Type: Hosts},
		{Name: "list", Type: List, List: "towns"},
		{Name: "mode", Type: Enum, Values: []string{"all", "some"}, Default: "all"},
		{Name: "which", Type: Int, Required: true, When: &When{"mode", []string{"some"}}},
	}}
}

// knowledge is a control server with one list, two servers and one file.
func knowledge() Lookup {
	return Lookup{
		List: func(string) ([]string, error) { return []string{"Paris", "北京"}, nil },
		Hosts: func(expr string) ([]HostName, error) {
			if strings.Contains(expr, "web1") {
				return []HostName{{"web1", "10.0.0.1"}, {"web2", "10.0.0.2"}}, nil
			}
			return nil, problem.New("expr_unknown", "name", expr)
		},
		Source: func(path string) ([]byte, error) {
			if path != "nginx/a.conf" {
				return nil, problem.New("source_read", "file", path, "cause", "it does not exist")
			}
			return []byte("listen 80;\n"), nil
		},
	}
}

func TestTypedValues(t *testing.T) {
	file := value.File{Name: "a.txt", Data: []byte("hello")}
	pin := value.Pin("nginx/a.conf", []byte("listen 80;\n"))
	for _, c := range []struct{ param, in, want, code string }{
		{"step", "1.25", "1.25", ""}, {"step", "1.3", "", "param_step"}, {"step", "2.25", "", "param_range"},
		{"multi", "c,a", "a,c", ""}, {"multi", "a,a", "a", ""}, {"multi", "a,d", "", "param_enum"}, {"multi", "a,", "", "param_enum"},
		{"secret", "open sesame", "open sesame", ""}, {"secret", "Xyzzy9", "", "param_pattern"}, {"secret", "a\nb", "", "param_lines"}, {"secret", Mask, "", "param_secret_again"},
		{"date", "2026-02-28", "2026-02-28", ""}, {"date", "2026-02-30", "", "param_type"}, {"date", "2026-02-28;id", "", "param_type"},
		{"time", "07:05", "07:05:00", ""}, {"time", "7:05", "", "param_type"},
		{"dur", "1h30m", "5400", ""}, {"dur", "59", "", "param_range"}, {"dur", "3h", "", "param_range"}, {"dur", "1 h", "", "param_type"},
		{"path", "/etc//nginx/", "/etc/nginx", ""}, {"path", "/etc/../root", "", "param_path"}, {"path", "/root", "", "param_path"}, {"path", "/etc/a\nb", "", "param_lines"},
		{"file", file.String(), file.String(), ""}, {"file", "/etc/passwd", "", "param_file"}, {"file", file.Describe(), "", "param_file"},
		{"source", "nginx/a.conf", pin, ""}, {"source", pin, pin, ""}, {"source", value.Pin("nginx/a.conf", []byte("other")), "", "param_source_changed"},
		{"source", "nginx/b.conf", "", "source_read"}, {"source", "../etc/shadow", "", "param_source"}, {"source", "/etc/shadow", "", "param_source"}, {"source", "mysql/my.cnf", "", "param_source"},
		{"hosts", "web1", "web1,web2", ""}, {"hosts", "db1", "", "expr_unknown"},
		{"list", "北京", "北京", ""}, {"list", "Rome", "", "param_enum"},
		{"which", "7", "", ""}, {"which", "x", "", ""},
	} {
		got, err := typed().CheckWith(map[string]string{c.param: c.in}, knowledge())
		var p *problem.Error
		if c.code == "" {
			if err != nil || got[c.param] != c.want {
				t.Errorf("%s=%.60q: %.60q, %v", c.param, c.in, got[c.param], err)
				continue
			}
			again, err := typed().CheckWith(got, knowledge())
			if err != nil || !maps.Equal(got, again) {
				t.Errorf("%s=%.60q: checked again: %v, %v", c.param, c.in, again, err)
			}
			continue
		}
		if !errors.As(err, &p) || p.Code != c.code {
			t.Errorf("%s=%.60q: %v, want %s", c.param, c.in, err, c.code)
			continue
		}
		for _, lang := range []string{"en", "zh"} {
			if s := problem.Describe(lang, err); strings.ContainsAny(s, "{}") || strings.Contains(s, "Xyzzy9") {
				t.Errorf("%s=%.60q: sentence %q", c.param, c.in, s)
			}
		}
	}
}

// The console checks with the same code and without the server's knowledge: what it lets through is checked there.
func TestConsoleChecksTheFormOnly(t *testing.T) {
	for param, v := range map[string]string{"source": "nginx/b.conf", "hosts": "db1", "list": "Rome"} {
		if got, err := typed().Check(map[string]string{param: v}); err != nil || got[param] != v {
			t.Errorf("%s: %v %v", param, got, err)
		}
	}
	if _, err := typed().Check(map[string]string{"source": "../x"}); err == nil {
		t.Error("a path out of the folder passed")
	}
}

func TestWhen(t *testing.T) {
	m := typed()
	got, err := m.Check(map[string]string{"mode": "all", "which": "7"})
	if err != nil || got["which"] != "" {
		t.Errorf("not asked for: %v %v", got, err)
	}
	got, err = m.Check(map[string]string{"mode": "some", "which": "7"})
	if err != nil || got["which"] != "7" {
		t.Errorf("asked for: %v %v", got, err)
	}
	if _, err = m.Check(map[string]string{"mode": "some"}); err == nil {
		t.Error("a required value is missing")
	}
	if m.Asked("which", map[string]string{"mode": "all"}) || !m.Asked("which", map[string]string{"mode": "some"}) || !m.Asked("mode", nil) || m.Asked("nosuch", nil) {
		t.Error("Asked")
	}
}

func TestRedactAndInput(t *testing.T) {
	m := typed()
	file := value.File{Name: "a.txt", Data: []byte("hello")}
	params, err := m.CheckWith(map[string]string{"secret": "open sesame", "file": file.String(), "source": "nginx/a.conf", "hosts": "web1"}, knowledge())
	if err != nil {
		t.Fatal(err)
	}
	shownTo := m.Redact(params)
	if shownTo["secret"] != Mask || shownTo["file"] != "a.txt (5 bytes, sha256 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824)" || params["secret"] != "open sesame" {
		t.Errorf("%v", shownTo)
	}
	if got := m.Secrets(params); len(got) != 1 || got[0] != "open sesame" {
		t.Errorf("secrets %q", got)
	}
	vars, files, err := m.Input(params, knowledge())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"file": "a.txt", "file_sha256": value.Sum(file.Data), "source": "nginx/a.conf", "source_sha256": value.Sum([]byte("listen 80;\n")),
		"hosts": "web1,web2", "hosts_addr": "10.0.0.1,10.0.0.2", "secret": "open sesame",
	} {
		if vars[name] != want {
			t.Errorf("%s is %q, want %q", name, vars[name], want)
		}
	}
	if string(files["file"]) != "hello" || string(files["source"]) != "listen 80;\n" {
		t.Errorf("files %q", files)
	}
	vars, files, err = m.Input(map[string]string{"file": "", "source": ""}, knowledge())
	if err != nil || len(files["file"]) != 0 || vars["file_sha256"] != "" || vars["source_sha256"] != "" || vars["file"] != "" {
		t.Errorf("nothing chosen: %v %q %v", vars, files, err)
	}
}

const typedForm = `<resource><object class="wxPanel" name="panel">
<object class="wxChoice" name="mode"><content><item>all</item><item>some</item></content><selection>0</selection></object>
<object class="wxSpinCtrl" name="n"><value>5</value><min>0</min><max>9</max></object>
<object class="wxTextCtrl" name="t"><style>wxTE_PASSWORD</style></object>
<object class="wxTextCtrl" name="u"/></object></resource>`

func TestDeclarations(t *testing.T) {
	const head = "titles: {en: x}\ndanger: low\nparams:\n  - {name: mode, control: mode, type: enum, required: true}\n"
	for _, c := range []struct{ params, cause string }{
		{"  - {name: n, control: n, type: int, step: 5, when: mode=some}", ""},
		{"  - {name: s, control: t, type: secret, required: true}\n  - {name: l, control: u, type: list, list: towns}", ""},
		{"  - {name: p, control: u, type: path, under: [/etc/, /usr/local]}", ""},
		{"  - {name: n, control: n, type: int, step: -1}", "step"},
		{"  - {name: n, control: n, type: int, step: 2}", "default"}, // the form's 5 lies between two steps
		{"  - {name: n, control: n, type: int, when: mode=none}", "never the value"},
		{"  - {name: n, control: n, type: int, when: later=1}\n  - {name: later, control: u, type: text}", "declared before"},
		{"  - {name: s, control: t, type: secret, default: x}", "no default"},
		{"  - {name: s, control: t, type: secret}\n  - {name: n, control: n, type: int, when: s=x}", "decides nothing"},
		{"  - {name: s, control: t, type: list}", "name of a list"},
		{"  - {name: s, control: t, type: list, list: ../x}", "name of a list"},
		{"  - {name: s, control: t, type: text, list: towns}", "other types none"},
		{"  - {name: s, control: t, type: text, under: [/etc]}", "under is for"},
		{"  - {name: s, control: t, type: path, under: [etc]}", "not a folder"},
		{"  - {name: s, control: t, type: date, pattern: x}", "pattern is for"},
		{"  - {name: s, control: t, type: date, lines: true}", "lines is for"},
		{"  - {name: f, control: t, type: file}", "cannot fill"},
		{"  - {name: h, control: t, type: hosts}\n  - {name: h_addr, control: u, type: text}", "own variable"},
		{"  - {name: m, control: t, type: multi-enum}", "cannot fill"},
	} {
		_, err := ParseFolder("bas_1_x", map[string][]byte{"form.xrc": []byte(typedForm), "module.yaml": []byte(head + c.params + "\n")})
		if c.cause == "" && err != nil || c.cause != "" && (err == nil || !strings.Contains(err.Error(), c.cause)) {
			t.Errorf("%s: %v, want a cause with %q", c.params, err, c.cause)
		}
	}
}
