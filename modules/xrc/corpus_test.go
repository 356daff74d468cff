package xrc

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder finds test files that are not part of the tree: by the environment, or beside the checkout.
func folder(t *testing.T, env, beside string) string {
	t.Helper()
	if dir := os.Getenv(env); dir != "" {
		return dir
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		dir := filepath.Join(here, "..", "shared", beside)
		if st, err := os.Stat(dir); err == nil && st.IsDir() {
			return dir
		}
		up := filepath.Dir(here)
		if up == here {
			t.Skipf("SKIPPED: %s is not set and ../shared/%s does not exist beside the checkout", env, beside)
		}
		here = up
	}
}

func forms(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.EqualFold(filepath.Ext(path), ".xrc") {
			return err
		}
		data, err := os.ReadFile(path)
		out[path] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCorpusLoads(t *testing.T) {
	files := forms(t, folder(t, "OMANAGER_CORPUS", "xrc-corpus"))
	if len(files) < 189 {
		t.Fatalf("the corpus has %d files", len(files))
	}
	known, all := 0, 0
	for path, data := range files {
		f, err := Parse(data)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		for _, top := range f.Tops {
			top.Walk(func(n *Node) {
				all++
				if n.Known {
					known++
				}
				if n.Class == "sizeritem" {
					t.Errorf("%s: a sizer item was left in the tree", path)
				}
			})
		}
	}
	t.Logf("%d files, %d nodes, %d of a known class", len(files), all, known)
	if known*100 < all*90 {
		t.Errorf("only %d of %d nodes are known", known, all)
	}
}

// A cut file is refused, never a panic. Long files are cut at about 50 places, with OMANAGER_CORPUS_FULL at each 100th
// byte like the others.
func TestCorpusTruncated(t *testing.T) {
	for path, data := range forms(t, folder(t, "OMANAGER_CORPUS", "xrc-corpus")) {
		step := 100
		if os.Getenv("OMANAGER_CORPUS_FULL") == "" {
			step = max(step, len(data)/50)
		}
		for n := 0; n < len(strings.TrimSpace(string(data)))-1; n += step {
			if f, err := Parse(data[:n]); err == nil {
				t.Fatalf("%s: cut at %d gives a form %v", path, n, f.Root.Class)
			}
		}
	}
}

func TestLegacyModulesLoad(t *testing.T) {
	files := forms(t, filepath.Join(folder(t, "OMANAGER_LEGACY", "legacy/data"), "Module"))
	if len(files) == 0 {
		t.Fatal("no legacy module found")
	}
	for path, data := range files {
		f, err := Parse(data)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if len(f.Warnings) > 0 || f.Root.Class != "wxPanel" || f.Root.Size != (Point{200, 100}) {
			t.Errorf("%s: root %+v, warnings %v", path, f.Root, f.Warnings)
		}
		for _, c := range f.Root.Children {
			if !c.Known || !c.HasPos || c.Pos.X != 30 {
				t.Errorf("%s: %+v", path, c)
			}
		}
		if strings.Contains(path, "_3100_") && !strings.Contains(f.Root.Children[0].Label, "清单。\n查看") {
			t.Errorf("%s: label %q", path, f.Root.Children[0].Label)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`<resource><object class="wxPanel" name="p"><object_ref ref="p"/></object></resource>`))
	f.Add([]byte(`<?xml version="1.0" encoding="GBK"?><resource version="2.5.3.0"><object class="wxBoxSizer"/></resource>`))
	f.Add([]byte(`<resource><object class="wxSpinCtrl"><min>9</min><max>-9</max><size>1,2d</size></object></resource>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		form, err := Parse(data)
		if err != nil {
			return
		}
		for _, top := range form.Tops {
			top.Walk(func(n *Node) {
				if n.Max < n.Min || n.Selection >= len(n.Items) || n.Selection < -1 {
					t.Errorf("impossible node %+v", n)
				}
			})
		}
	})
}
