package inventory

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"omanager/app/problem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// legacyFile reads a file of a legacy installation, or skips the test where there is none.
func legacyFile(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("OMANAGER_LEGACY")
	if dir == "" {
		at, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for dir == "" && filepath.Dir(at) != at {
			if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
				dir = filepath.Join(at, "..", "shared", "legacy", "data")
			}
			at = filepath.Dir(at)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no legacy file %s; set OMANAGER_LEGACY to a folder that holds it", filepath.Join(dir, name))
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func wml(inside string) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><wml>` + inside + `</wml>`)
}

func option(id, name string) string {
	return fmt.Sprintf(`<AppClass id="%s"><appname>%s</appname></AppClass>`, id, name)
}

// server is one element with the extra elements behind option.
func server(serial, lip, category, extra string) string {
	return fmt.Sprintf(`<server ip="%[2]s"><serverserial>%[1]s</serverserial><wip>w%[2]s</wip><lip>%[2]s</lip><os>Linux</os>`+
		`<app>shop</app><locate>r1</locate><option>%[3]s</option>%[4]s</server>`, serial, lip, category, extra)
}

func mustParse(t testing.TB, options, servers []byte) *Inventory {
	t.Helper()
	inv, err := Parse(options, servers)
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

// wantProblem checks code and what the English sentence says.
func wantProblem(t *testing.T, err error, code string, parts ...string) {
	t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) {
		t.Fatalf("got %v, want a problem %s", err, code)
	}
	if p.Code != code {
		t.Fatalf("got %s (%v), want %s", p.Code, err, code)
	}
	for _, lang := range []string{"en", "zh"} {
		if s := problem.Text(lang, p.Code, p.Args); regexp.MustCompile(`\{[a-z]+\}`).MatchString(s) {
			t.Errorf("%s sentence has an open place: %s", lang, s)
		}
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("sentence %q does not say %q", err.Error(), part)
		}
	}
}
