package console

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"omanager/app/problem"
	"omanager/modules"
	"omanager/modules/value"
)

func TestFilesAreCarriedByRequests(t *testing.T) {
	m := &modules.Module{ID: "1", Params: []modules.Param{{Name: "f", Type: modules.File}, {Name: "t", Type: modules.Text}}}
	path := filepath.Join(t.TempDir(), "a b.conf")
	if err := os.WriteFile(path, []byte("x\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &Console{draft: draft{module: m, values: map[string]string{"f": path, "t": path}}}
	got := c.request().Params
	if f, ok := value.ParseFile(got["f"]); !ok || f.Name != "a b.conf" || string(f.Data) != "x\x00" || got["t"] != path {
		t.Errorf("request %v", got)
	}
	if errs := check(m, c.draft.values); len(errs) != 0 {
		t.Errorf("%v", errs)
	}
	before := c.request()
	if err := os.WriteFile(path, []byte("y"), 0o600); err != nil {
		t.Fatal(err)
	}
	if same(before, c.request()) {
		t.Error("a changed file is the same request")
	}
	big := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(big, make([]byte, value.LargestFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for bad, says := range map[string]string{big: "larger than 1048576", path + ".none": "no such file", filepath.Dir(path): "not a plain file"} {
		err := check(m, map[string]string{"f": bad})["f"]
		var p *problem.Error
		if !errors.As(err, &p) || p.Code != "param_file_read" || !strings.Contains(p.Error(), says) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
