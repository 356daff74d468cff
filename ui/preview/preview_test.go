package preview_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"omanager/ui/preview"
)

const library = "../../modules/library"

// run previews a file and returns the picture, or nil and what was said.
func run(t *testing.T, args ...string) (image.Image, string) {
	t.Helper()
	test.NewTempApp(t)
	out := filepath.Join(t.TempDir(), "form.png")
	var said bytes.Buffer
	code := preview.Main(append(args, "--out", out), &said)
	f, err := os.Open(out)
	if (code == 0) != (err == nil) {
		t.Fatalf("exit code %d, said %q, picture: %v", code, said.String(), err)
	}
	if err != nil {
		return nil, said.String()
	}
	defer func() { _ = f.Close() }()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img, said.String()
}

// colours counts the colours of a picture: an empty one has one.
func colours(img image.Image) int {
	seen := map[[4]uint32]bool{}
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, a := img.At(x, y).RGBA()
			seen[[4]uint32{r, g, bl, a}] = true
		}
	}
	return len(seen)
}

// TestEveryModuleOfTheLibraryIsDrawn is the short form of packaging/formproof.
func TestEveryModuleOfTheLibraryIsDrawn(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(library, "*_*"))
	if err != nil || len(folders) < 20 {
		t.Fatalf("%d modules, %v", len(folders), err)
	}
	for _, folder := range folders {
		img, said := run(t, folder, "--lang", "zh")
		if img == nil || said != "" {
			t.Errorf("%s: %s", folder, said)
			continue
		}
		if b := img.Bounds(); b.Dx() < 320 {
			t.Errorf("%s: the picture is %v", folder, b)
		}
	}
}

func TestLanguageAndColoursShowInThePicture(t *testing.T) {
	folder := filepath.Join(library, "bas_1001_system_log")
	en, _ := run(t, folder)
	zh, _ := run(t, folder, "--lang", "zh")
	dark, _ := run(t, folder, "--dark")
	if colours(en) < 10 {
		t.Errorf("the picture has %d colours: nothing is drawn", colours(en))
	}
	again, _ := run(t, folder)
	if !same(en, again) {
		t.Error("the same form gives two pictures, so the comparisons below say nothing")
	}
	if same(en, zh) {
		t.Error("the module's words do not follow --lang")
	}
	if same(en, dark) {
		t.Error("--dark changes nothing")
	}
}

func same(a, b image.Image) bool {
	var x, y bytes.Buffer
	return png.Encode(&x, a) == nil && png.Encode(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

func TestWhatCannotBeDrawnIsRefusedWithTheReason(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, says string }{
		"doctype.xrc": {`<!DOCTYPE x [<!ENTITY a "b">]><resource/>`, "DOCTYPE"},
		"other.xrc":   {`<html/>`, "resource"},
		"words.xrc":   {`no form`, "words.xrc"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if img, said := run(t, path); img != nil || !strings.Contains(said, c.says) {
			t.Errorf("%s: picture %v, said %q, want %q", name, img != nil, said, c.says)
		}
	}
	if img, said := run(t, filepath.Join(dir, "none.xrc")); img != nil || !strings.Contains(said, "none.xrc") {
		t.Errorf("a file that is not there: %q", said)
	}
	folder := filepath.Join(dir, "bas_9001_bad")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "module.yaml"), []byte("oddity: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if img, said := run(t, folder); img != nil || !strings.Contains(said, "bas_9001_bad") {
		t.Errorf("a module that does not lint: %q", said)
	}
}

func TestAPictureNeedsAName(t *testing.T) {
	var said bytes.Buffer
	if code := preview.Main([]string{"form.xrc"}, &said); code != 2 || !strings.Contains(said.String(), "--out") {
		t.Errorf("code %d, said %q", code, said.String())
	}
}
