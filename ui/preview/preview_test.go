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

const wide = `<resource><object class="wxPanel" name="p"><size>200,100</size>
<object class="wxTextCtrl" name="Parameter1_object_id"><pos>30,60</pos><size>550,350</size><style>wxTE_MULTILINE</style></object>
</object></resource>`

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func picture(t *testing.T, args ...string) image.Image {
	t.Helper()
	out := filepath.Join(t.TempDir(), "form.png")
	var errs bytes.Buffer
	if code := preview.Main(append(args, "--out", out), &errs); code != 0 {
		t.Fatalf("preview %v: code %d, %s", args, code, errs.String())
	}
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// A control that lies outside its panel's own size is in the picture, as in the console.
func TestFormIsDrawnBeyondItsPanel(t *testing.T) {
	test.NewTempApp(t)
	b := picture(t, write(t, t.TempDir(), "any.xrc", wide)).Bounds()
	if b.Dx() < 580 || b.Dy() < 410 {
		t.Errorf("the picture is %v, want room for 550x350 at 30,60", b)
	}
}

func TestModuleFolderIsDrawnLightAndDark(t *testing.T) {
	test.NewTempApp(t)
	dir := t.TempDir()
	write(t, dir, "form.xrc", wide)
	light, dark := picture(t, dir), picture(t, dir, "--dark", "--lang", "zh")
	if l, d := brightness(light), brightness(dark); l < 0x8000 || d > 0x8000 {
		t.Errorf("corner of the light picture %#x, of the dark one %#x", l, d)
	}
}

func brightness(img image.Image) uint32 {
	r, g, b, _ := img.At(img.Bounds().Min.X, img.Bounds().Min.Y).RGBA()
	return (r + g + b) / 3
}

func TestWhatCannotBeDrawnIsSaid(t *testing.T) {
	test.NewTempApp(t)
	dir := t.TempDir()
	good := write(t, dir, "good.xrc", wide)
	bad := write(t, dir, "bad.xrc", "<resource><object")
	out := filepath.Join(dir, "out.png")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{good}, 2, "--out"},
		{[]string{"--out", out}, 2, "name a form"},
		{[]string{bad, "--out", out}, 1, "bad.xrc"},
		{[]string{filepath.Join(dir, "none.xrc"), "--out", out}, 1, "none.xrc"},
	} {
		var errs bytes.Buffer
		if code := preview.Main(c.args, &errs); code != c.code || !strings.Contains(errs.String(), c.says) {
			t.Errorf("preview %v: code %d, %q, want %d and %q", c.args, code, errs.String(), c.code, c.says)
		}
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("a picture was left: %v", err)
	}
}
