package modules

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func write(t *testing.T, dir, folder string, files map[string][]byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, folder, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func builtin(folders ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for _, f := range folders {
		for name, data := range sampleFiles() {
			out[f+"/"+name] = &fstest.MapFile{Data: data}
		}
	}
	return out
}

func folders(c *Catalogue) string {
	var out []string
	for _, m := range c.All() {
		out = append(out, m.Folder)
	}
	return strings.Join(out, " ")
}

func TestCatalogueOrderAndOverride(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "app_2_mine", sampleFiles())
	write(t, dir, "app_2_twin", sampleFiles())
	write(t, dir, "notes", nil)
	write(t, dir, ".hidden", nil)
	write(t, dir, "", map[string][]byte{"README": nil, "bas_30_系统.xrc": []byte(sampleForm), "ser_1_x.xrc": []byte("junk")})
	c, err := Open(builtin("mid_1_a", "bas_100_b", "bas_9_c", "app_2_d", "dba_7_e", "ser_5_f"), dir, filepath.Join(dir, "none"))
	if err != nil {
		t.Fatal(err)
	}
	if got := folders(c); got != "bas_9_c bas_30_系统.xrc bas_100_b app_2_mine dba_7_e ser_5_f mid_1_a" {
		t.Errorf("order %s", got)
	}
	var rejected []string
	for _, r := range c.Rejected() {
		rejected = append(rejected, r.Folder)
		if r.Problem.Code != "module_bad" {
			t.Errorf("%s: %v", r.Folder, r.Problem)
		}
	}
	if got := strings.Join(rejected, " "); got != "app_2_twin notes ser_1_x.xrc" {
		t.Errorf("rejected %s", got)
	}
	if m, ok := c.Get("2"); !ok || m.Folder != "app_2_mine" {
		t.Errorf("get 2: %+v", m)
	}
	if _, ok := c.Get("3"); ok {
		t.Error("get 3 found something")
	}
	before := c.Revision()
	if c.Reload() || c.Revision() != before {
		t.Error("nothing changed, but the revision did")
	}
}

// step waits for the next revision, until the catalogue is as wanted.
func step(t *testing.T, c *Catalogue, what string, wanted func() bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	for rev := c.Revision(); !wanted(); {
		var err error
		if rev, err = c.Wait(ctx, rev); err != nil {
			t.Fatalf("%s: %v; there is %s, rejected %v", what, err, folders(c), c.Rejected())
		}
	}
}

func TestCatalogueFollowsItsFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	c, err := Open(builtin("bas_1_a"), dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); c.Run(ctx) }()
	defer func() { stop(); <-done }()

	write(t, dir, "bas_2_b", sampleFiles())
	step(t, c, "dropped in", func() bool { return folders(c) == "bas_1_a bas_2_b" && len(c.Rejected()) == 0 })

	write(t, dir, "bas_2_b", map[string][]byte{"form.xrc": []byte("<resource>")})
	step(t, c, "broken", func() bool { return folders(c) == "bas_1_a" && len(c.Rejected()) == 1 })
	if r := c.Rejected()[0]; r.Folder != "bas_2_b" {
		t.Errorf("rejected %v", r)
	}

	write(t, dir, "bas_2_b", sampleFiles())
	step(t, c, "mended", func() bool { return folders(c) == "bas_1_a bas_2_b" && len(c.Rejected()) == 0 })

	if err := os.Rename(filepath.Join(dir, "bas_2_b"), filepath.Join(dir, "bas_1_override")); err != nil {
		t.Fatal(err)
	}
	step(t, c, "overrides", func() bool { return folders(c) == "bas_1_override" })

	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	step(t, c, "gone", func() bool { return folders(c) == "bas_1_a" })
}

func TestCatalogueFolderMayComeLater(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	c, err := Open(nil, dir)
	if err != nil || len(c.All()) != 0 {
		t.Fatalf("%v %v", c, err)
	}
	write(t, dir, "bas_2_b", sampleFiles())
	if !c.Reload() || folders(c) != "bas_2_b" {
		t.Errorf("there is %s", folders(c))
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	c, err := Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := c.Wait(ctx, c.Revision()); err == nil {
		t.Error("wait returned without a change")
	}
}
