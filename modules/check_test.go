package modules

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"omanager/app/problem"
)

func sample() *Module {
	return &Module{ID: "9000", Params: []Param{
		{Name: "n", Type: Int, Min: new(1.0), Max: new(100.0), Default: "30"},
		{Name: "f", Type: Float, Min: new(-1.5), Max: new(2.0)},
		{Name: "b", Type: Bool},
		{Name: "e", Type: Enum, Values: []string{"nginx", "mysql"}, Default: "nginx"},
		{Name: "t", Type: Text, MaxLen: 5},
		{Name: "p", Type: Text, Pattern: `[a-z]+|x\d`},
		{Name: "l", Type: Text, Lines: true},
		{Name: "free", Type: Int},
	}}
}

func TestCheckFillsDefaults(t *testing.T) {
	got, err := sample().Check(nil)
	want := map[string]string{"n": "30", "f": "", "b": "false", "e": "nginx", "t": "", "p": "", "l": "", "free": ""}
	if err != nil || !maps.Equal(got, want) {
		t.Fatalf("got %v, %v, want %v", got, err, want)
	}
}

func TestCheckOneValue(t *testing.T) {
	for _, c := range []struct{ param, in, want, code string }{
		{"n", "1", "1", ""}, {"n", "100", "100", ""}, {"n", "+007", "7", ""}, {"n", "", "30", ""},
		{"n", "0", "", "param_range"}, {"n", "101", "", "param_range"}, {"n", "99999999999999999999", "", "param_range"},
		{"n", "1.5", "", "param_type"}, {"n", " 5", "", "param_type"}, {"n", "0x10", "", "param_type"},
		{"n", "5;id", "", "param_type"}, {"n", "5\n", "", "param_type"}, {"n", "1_0", "", "param_type"},
		{"n", "٣", "", "param_type"}, {"n", "1e1", "", "param_type"},
		{"free", "2147483648", "", "param_range"}, {"free", "-2147483648", "-2147483648", ""},
		{"f", "1.50", "1.5", ""}, {"f", "-1.5", "-1.5", ""}, {"f", "2.01", "", "param_range"}, {"f", "1e999", "", "param_range"},
		{"f", "NaN", "", "param_type"}, {"f", "Inf", "", "param_type"}, {"f", "0x1p-2", "", "param_type"},
		{"b", "true", "true", ""}, {"b", "", "false", ""}, {"b", "1", "", "param_type"}, {"b", "TRUE", "", "param_type"},
		{"e", "mysql", "mysql", ""}, {"e", "mysql ", "", "param_enum"}, {"e", "ngin", "", "param_enum"},
		{"t", "系统日志 ", "系统日志 ", ""}, {"t", "123456", "", "param_long"}, {"t", "a\nb", "", "param_lines"},
		{"t", "a\x00b", "", "param_char"}, {"t", "\x1b[m", "", "param_char"}, {"t", "a\rb", "", "param_char"},
		{"t", "\u202eab", "", "param_char"}, {"t", "\u0085", "", "param_char"}, {"t", "\xff", "", "param_utf8"},
		{"t", "$(id)", "$(id)", ""},
		{"p", "abc", "abc", ""}, {"p", "x7", "x7", ""}, {"p", "abc7", "", "param_pattern"}, {"p", "x7y", "", "param_pattern"},
		{"p", "abc\n", "", "param_lines"},
		{"l", "a\r\nb\tc", "a\nb\tc", ""}, {"l", "a\x00", "", "param_char"}, {"l", "a\rb", "", "param_char"},
		{"l", strings.Repeat("字", 1024), strings.Repeat("字", 1024), ""}, {"l", strings.Repeat("x", 1025), "", "param_long"},
		{"l", strings.Repeat("x", 10<<20), "", "param_long"},
		{"nosuch", "x", "", "param_unknown"}, {"N", "x", "", "param_unknown"}, {"", "x", "", "param_unknown"},
	} {
		got, err := sample().Check(map[string]string{c.param: c.in})
		var p *problem.Error
		if c.code == "" {
			if err != nil || got[c.param] != c.want {
				t.Errorf("%s=%.40q: %.40q, %v", c.param, c.in, got[c.param], err)
			}
			continue
		}
		if !errors.As(err, &p) || p.Code != c.code || got != nil {
			t.Errorf("%s=%.40q: %v, want code %s", c.param, c.in, err, c.code)
			continue
		}
		for _, lang := range []string{"en", "zh"} {
			s := problem.Describe(lang, err)
			if len(s) > 1000 || strings.ContainsAny(s, "{}\x00\x1b\n") || !strings.Contains(s, c.param[:min(1, len(c.param))]) {
				t.Errorf("%s=%.40q: sentence %q", c.param, c.in, s)
			}
		}
	}
}

func TestCheckReportsAll(t *testing.T) {
	m := sample()
	m.Params[4].Required = true
	_, err := m.Check(map[string]string{"n": "0", "t": " ", "zz": "1", "aa": "1"})
	var all ParamErrors
	if !errors.As(err, &all) {
		t.Fatalf("got %T %v", err, err)
	}
	var got []string
	for _, p := range all {
		got = append(got, p.Param+":"+p.Problem.Code)
	}
	if s := strings.Join(got, " "); s != "n:param_range t:param_required aa:param_unknown zz:param_unknown" {
		t.Errorf("got %s", s)
	}
	if problem.ExitCode(err) != 2 {
		t.Errorf("exit code %d", problem.ExitCode(err))
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("n", "5")
	f.Add("l", "a\nb")
	f.Add("p", "x1")
	f.Fuzz(func(t *testing.T, name, value string) {
		m := sample()
		got, err := m.Check(map[string]string{name: value})
		if err != nil {
			if problem.Describe("zh", err) == "" {
				t.Error("an error without a sentence")
			}
			return
		}
		again, err := m.Check(got)
		if err != nil || !maps.Equal(got, again) {
			t.Errorf("%q=%q: checking %v again gives %v, %v", name, value, got, again, err)
		}
		if strings.ContainsRune(got[name], 0) {
			t.Errorf("NUL in %q", got[name])
		}
	})
}
