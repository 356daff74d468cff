package shell_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"omanager/app/console"
	"omanager/app/job"
	"omanager/ui/look"
)

// Every text that the window asks for by a fixed key, or by a key made of a known word, exists in both languages.
func TestEveryKeyHasItsWords(t *testing.T) {
	fixed := regexp.MustCompile(`"((?:login|browse|dialog|error|servers|modules|form|run|column|results|history|gate|status|busy|tool|menu|about|keys|quit|logout|page|password|people|privileges|roles|age|settings|handover|approvals|log)\.[a-z_]+)"`)
	keys := map[string]string{}
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range fixed.FindAllStringSubmatch(string(src), -1) {
			keys[m[1]] = path
			if strings.HasPrefix(m[1], "tool.") {
				keys[m[1]+"_hint"] = path
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) < 60 {
		t.Fatalf("only %d keys found; the pattern no longer fits the source", len(keys))
	}
	for _, o := range append(job.Outcomes(), "running", "pending") {
		keys["outcome."+string(o)] = "app/job"
	}
	for _, c := range console.Categories() {
		keys["category."+c] = "app/console"
	}
	for _, m := range look.Modes() {
		keys["theme."+string(m)] = "ui/look"
	}
	for _, k := range []string{"danger.low", "danger.medium", "danger.high", "state.queued", "state.running", "state.finished"} {
		keys[k] = "a word"
	}
	for _, prefix := range []string{"page", "setting", "verb", "manage", "approval"} {
		for _, k := range derived()[prefix] {
			keys[prefix+"."+k] = "a word"
		}
	}
	for _, op := range []console.Op{console.OpStart, console.OpPlan, console.OpCancel, console.OpRequest, console.OpDecide, console.OpLoad, console.OpOpen, console.OpHistory} {
		keys["busy."+string(op)] = "app/console"
	}
	for _, lang := range look.Languages() {
		w := look.NewWords(lang)
		for k, where := range keys {
			if !w.Has(k) {
				t.Errorf("%s: no text for %q (%s)", lang, k, where)
			}
		}
	}
}

// derived are the keys that are made of a known word, by their prefix.
func derived() map[string][]string {
	return map[string][]string{
		"page":     {"work", "operators", "roles", "log", "approvals", "settings", "password"},
		"setting":  {"width", "height", "ip", "port", "timeout", "max_servers", "secret_key", "upgrade_url", "db_ip", "db_user", "db_pass", "db_name", "language", "theme"},
		"approval": {"pending", "approved", "refused", "used", "expired"},
		"verb":     {"look", "run", "approve"},
		"manage":   {"operators", "audit"},
	}
}
