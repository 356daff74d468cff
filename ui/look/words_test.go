package look

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var place = regexp.MustCompile(`\{[a-z_]+\}`)

func TestCataloguesAgree(t *testing.T) {
	en, err := loadCatalogue(English)
	if err != nil {
		t.Fatal(err)
	}
	zh, err := loadCatalogue(Chinese)
	if err != nil {
		t.Fatal(err)
	}
	for key, text := range en {
		other, ok := zh[key]
		if !ok {
			t.Errorf("zh.json has no %q", key)
			continue
		}
		a, b := place.FindAllString(text, -1), place.FindAllString(other, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
			t.Errorf("%q: places %v in English, %v in Chinese", key, a, b)
		}
		if (strings.TrimSpace(text) == "") != (strings.TrimSpace(other) == "") {
			t.Errorf("%q has a text in one language only", key)
		}
	}
	for key := range zh {
		if _, ok := en[key]; !ok {
			t.Errorf("en.json has no %q", key)
		}
	}
}

// TestKeysExist reads the sources of ui and main.go for T("key" and T("prefix."+.
func TestKeysExist(t *testing.T) {
	en, err := loadCatalogue(English)
	if err != nil {
		t.Fatal(err)
	}
	for file, keys := range usedKeys(t, os.DirFS("../..")) {
		for _, key := range keys {
			prefix, dynamic := strings.CutSuffix(key, "+")
			_, ok := en[key]
			for k := range en {
				ok = ok || dynamic && strings.HasPrefix(k, prefix)
			}
			if !ok {
				t.Errorf("%s uses %q, which no catalogue has", file, key)
			}
		}
	}
}

func TestUsedKeys(t *testing.T) {
	got := keysOf([]byte(`a.T("one.two", "n", 3) + T("x.y"); w.T("out." + o); .T(key); NotT("z")` + "\n\t// T(\"doc\")\n"))
	if want := []string{"one.two", "x.y", "out.+"}; !slices.Equal(got, want) {
		t.Errorf("keys %q, want %q", got, want)
	}
}

var call = regexp.MustCompile(`(?:^|[^A-Za-z0-9_])T\("([^"]+)"(\s*\+)?`)

var comment = regexp.MustCompile(`(?m)^\s*//.*$`)

func keysOf(source []byte) []string {
	var keys []string
	source = comment.ReplaceAll(source, nil)
	for _, m := range call.FindAllSubmatch(source, -1) {
		key := string(m[1])
		if len(m[2]) > 0 {
			key += "+"
		}
		keys = append(keys, key)
	}
	return keys
}

func usedKeys(t *testing.T, root fs.FS) map[string][]string {
	t.Helper()
	used := map[string][]string{}
	read := func(path string) {
		if b, err := fs.ReadFile(root, path); err == nil {
			used[path] = keysOf(b)
		}
	}
	read("main.go")
	err := fs.WalkDir(root, "ui", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".go" && !strings.HasSuffix(path, "_test.go") {
			read(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return used
}

func words(en, zh map[string]string) *Words {
	w := NewWords(English)
	w.catalogue = map[string]map[string]string{English: en, Chinese: zh}
	return w
}

func TestT(t *testing.T) {
	w := words(map[string]string{"n": "{n} of {all} ticked"}, map[string]string{"n": "共 {all}，已选 {n}"})
	if got := w.T("n", "n", 3, "all", "17"); got != "3 of 17 ticked" {
		t.Errorf("English: %q", got)
	}
	w.SetLanguage(Chinese)
	if got := w.T("n", "n", 3, "all", "17"); got != "共 17，已选 3" {
		t.Errorf("Chinese: %q", got)
	}
	if got := w.T("no.such"); got != "no.such" || w.Has("no.such") || !w.Has("n") {
		t.Errorf("missing key: %q", got)
	}
	if got := w.T("n", "n", "{all}", "all", 2); got != "共 2，已选 {all}" {
		t.Errorf("an argument was expanded: %q", got)
	}
}

func TestSetLanguageTellsListeners(t *testing.T) {
	w := words(nil, nil)
	var heard []string
	w.OnChange(func() { heard = append(heard, "first "+w.Language()) })
	stop := w.OnChange(func() { heard = append(heard, "second") })
	w.SetLanguage(English)
	w.SetLanguage(Chinese)
	stop()
	w.SetLanguage("tlh")
	if want := []string{"first zh", "second", "first en"}; !slices.Equal(heard, want) {
		t.Errorf("heard %q, want %q", heard, want)
	}
}
