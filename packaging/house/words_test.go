package house

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestOnePackageCommentEach(t *testing.T) {
	for _, p := range packages(t) {
		var with []string
		files := slices.Concat(p.GoFiles, p.CgoFiles)
		for _, f := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, f), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if parsed.Doc == nil || strings.HasPrefix(parsed.Doc.Text(), "Code generated") {
				continue
			}
			with = append(with, f)
			first, program := parsed.Doc.Text(), parsed.Name.Name == "main"
			if want := "Package " + parsed.Name.Name + " "; !program && !strings.HasPrefix(first, want) {
				t.Errorf("%s/%s: the package comment does not start with %q", p.ImportPath, f, want)
			}
		}
		data, err := os.ReadFile(filepath.Join(p.Dir, firstOf(files)))
		if err == nil && generated(data) {
			continue
		}
		if len(files) > 0 && len(with) != 1 {
			t.Errorf("%s has %d package comments, want one: %v", p.ImportPath, len(with), with)
		}
	}
}

func firstOf(files []string) string {
	if len(files) == 0 {
		return ""
	}
	return files[0]
}

// The two languages must have the same sentences, with the same places to fill.
func TestLanguagesSayTheSame(t *testing.T) {
	dir := filepath.Join(root(t), "assets", "i18n")
	en, zh := language(t, filepath.Join(dir, "en.json")), language(t, filepath.Join(dir, "zh.json"))
	places := regexp.MustCompile(`\{\{?[^{}]*\}?\}`)
	for key, text := range en {
		other, ok := zh[key]
		switch {
		case !ok:
			t.Errorf("zh.json lacks %q", key)
		case (strings.TrimSpace(text) == "") != (strings.TrimSpace(other) == ""):
			t.Errorf("%q is empty in one language", key)
		default:
			a, b := places.FindAllString(text, -1), places.FindAllString(other, -1)
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
				t.Errorf("%q fills %v in English and %v in Chinese", key, a, b)
			}
		}
	}
	for key := range zh {
		if _, ok := en[key]; !ok {
			t.Errorf("en.json lacks %q", key)
		}
	}
}

// language reads a translation file and flattens plural forms: the key alone matters, Chinese has one form only.
func language(t *testing.T, path string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no translations yet: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatalf("%s: %v", filepath.Base(path), err)
	}
	flat := map[string]string{}
	for key, v := range tree {
		switch v := v.(type) {
		case string:
			flat[key] = v
		case map[string]any:
			text, ok := v["other"].(string)
			if !ok {
				t.Errorf("%s: %q has no form \"other\"", filepath.Base(path), key)
			}
			flat[key] = text
		default:
			t.Errorf("%s: %q is neither a text nor plural forms", filepath.Base(path), key)
		}
	}
	return flat
}

func TestEveryDependencyHasItsLicence(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join(root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join(root(t), "docs", "licences.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(string(mod)) {
		fields := strings.Fields(strings.TrimPrefix(line, "require "))
		if len(fields) != 2 || !strings.HasPrefix(fields[1], "v") { // an indirect one has a comment
			continue
		}
		found++
		if row := "| " + fields[0] + " | " + fields[1] + " |"; !strings.Contains(string(list), row) {
			t.Errorf("docs/licences.md lacks the line %q...", row)
		}
	}
	if found == 0 {
		t.Error("go.mod names no dependency in the way this test reads it")
	}
}
