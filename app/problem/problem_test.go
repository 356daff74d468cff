package problem

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestSentences: every code says the same in both languages, with the same places for arguments, as one sentence or
// two that end properly.
func TestSentences(t *testing.T) {
	place := regexp.MustCompile(`\{[a-z]+\}`)
	for code, s := range sentences {
		en, zh := place.FindAllString(s.en, -1), place.FindAllString(s.zh, -1)
		for _, set := range []*[]string{&en, &zh} {
			slices.Sort(*set)
			*set = slices.Compact(*set)
		}
		if !slices.Equal(en, zh) {
			t.Errorf("%s: English has %v, Chinese %v", code, en, zh)
		}
		if code == "usage" {
			continue // its sentence is its argument
		}
		if !strings.ContainsFunc(s.zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: no Chinese in %q", code, s.zh)
		}
		if !strings.HasSuffix(s.en, ".") || !strings.HasSuffix(s.zh, "。") {
			t.Errorf("%s: a sentence has no end: %q %q", code, s.en, s.zh)
		}
		for _, bad := range []string{"failed to", "error:"} {
			if strings.Contains(strings.ToLower(s.en), bad) {
				t.Errorf("%s says %q", code, bad)
			}
		}
	}
}

func TestExitCodes(t *testing.T) {
	for want, codes := range map[int][]string{
		1: {"server_error", "plan_changed", "confirm_needed"},
		2: {"usage", "param_range", "module_unknown", "no_targets"},
		3: {"login_refused", "session_expired", "not_allowed", "server_unreachable", "server_fingerprint"},
	} {
		for _, c := range codes {
			if got := ExitCode(fmt.Errorf("wrapped: %w", New(c))); got != want {
				t.Errorf("%s exits %d, want %d", c, got, want)
			}
		}
	}
	if ExitCode(nil) != 0 || ExitCode(errors.New("other")) != 1 {
		t.Error("nil must exit 0, an unlisted error 1")
	}
}

func TestArgumentsFillOnce(t *testing.T) {
	e := New("module_unknown", "module", "{module}{x}")
	if got := Text("en", e.Code, e.Args); !strings.Contains(got, "Module {module}{x} does not exist") {
		t.Errorf("an argument that looks like a place was filled again: %q", got)
	}
	if Describe("zh", fmt.Errorf("x: %w", e)) != Text("zh", e.Code, e.Args) {
		t.Error("a wrapped problem is not described by its sentence")
	}
}

// TestRefusalsAreOfOneLanguage: what was refused is named in the language of its sentence; a server's name stays.
func TestRefusalsAreOfOneLanguage(t *testing.T) {
	for want, args := range map[string][2]string{"运行于 web01": {"run", "web01"}, "管理 操作日志": {"manage", "audit"}, "查看 job 7": {"watch", "job 7"}} {
		got := Text("zh", "not_allowed", map[string]string{"operator": "duty", "action": args[0], "thing": args[1]})
		if !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
	}
}
