package last_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"omanager/app/console/last"
	"omanager/app/problem"
	"omanager/modules"
)

func module(id string) *modules.Module {
	return &modules.Module{ID: id, Params: []modules.Param{
		{Name: "text", Type: modules.Text}, {Name: "password", Type: modules.Secret}, {Name: "file", Type: modules.File},
	}}
}

func TestValuesAreKeptPerOperatorAndModule(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "last.json")
	v := last.Open(path)
	if err := v.Keep("ann", "a:1", module("1"), map[string]string{"text": "mine", "odd": "x"}); err != nil {
		t.Fatal(err)
	}
	v = last.Open(path)
	if v.Broken() != nil {
		t.Fatal(v.Broken())
	}
	if got := v.Of("ann", "a:1", module("1")); !maps.Equal(got, map[string]string{"text": "mine"}) {
		t.Errorf("kept %v", got)
	}
	for _, other := range [][3]string{{"bob", "a:1", "1"}, {"ann", "b:1", "1"}, {"ann", "a:1", "2"}} {
		if got := v.Of(other[0], other[1], module(other[2])); len(got) > 0 {
			t.Errorf("%v is given %v of another", other, got)
		}
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", st.Mode(), err)
	}
}

// TestSecretsAndFilesAreNotKept keeps a text beside them, which must be found in the file: so the search can see.
func TestSecretsAndFilesAreNotKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "last.json")
	values := map[string]string{"text": "plain-words", "password": "hush-hush", "file": "/home/ann/key.pem"}
	if err := last.Open(path).Keep("ann", "a:1", module("1"), values); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(data), "plain-words") {
		t.Fatalf("%v; the text is not in the file: %s", err, data)
	}
	if strings.Contains(string(data), "hush") || strings.Contains(string(data), "key.pem") {
		t.Errorf("a secret or file is kept: %s", data)
	}
	turned := &modules.Module{ID: "1", Params: []modules.Param{{Name: "text", Type: modules.Secret}}}
	if got := last.Open(path).Of("ann", "a:1", turned); len(got) > 0 {
		t.Errorf("a parameter that has become a secret is filled in: %v", got)
	}
}

func TestBounds(t *testing.T) {
	v := last.Open("")
	for i := range last.MaxEntries + 1 {
		if err := v.Keep("ann", "a:1", module(strconv.Itoa(i)), map[string]string{"text": "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := v.Of("ann", "a:1", module("0")); len(got) > 0 {
		t.Error("the oldest entry is still there")
	}
	if got := v.Of("ann", "a:1", module("1")); len(got) == 0 {
		t.Error("the entry before the oldest is gone")
	}
	if err := v.Keep("ann", "a:1", module("1"), map[string]string{"text": strings.Repeat("x", 5000)}); err != nil {
		t.Fatal(err)
	}
	if got := v.Of("ann", "a:1", module("1")); len(got) > 0 {
		t.Error("a huge value is kept")
	}
}

func TestCorruptFileIsIgnoredAndSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "last.json")
	for _, bad := range []string{"", "{", `{"who": 1}`, `[{"values": "x"}]`} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		v := last.Open(path)
		p, ok := errors.AsType[*problem.Error](v.Broken())
		if !ok || p.Code != "last_values_read" {
			t.Errorf("%q: %v", bad, v.Broken())
		}
		if got := v.Of("ann", "a:1", module("1")); len(got) > 0 {
			t.Errorf("%q gives %v", bad, got)
		}
		if err := v.Keep("ann", "a:1", module("1"), map[string]string{"text": "x"}); err != nil {
			t.Errorf("%q: cannot be replaced: %v", bad, err)
		}
		if last.Open(path).Broken() != nil {
			t.Errorf("%q: still broken after it was written", bad)
		}
	}
}
