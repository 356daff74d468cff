package preview_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2/test"

	"omanager/ui/preview"
)

// A control that lies outside its panel's own size is in the picture, as in the console.
func TestFormIsDrawnBeyondItsPanel(t *testing.T) {
	test.NewTempApp(t)
	const text = `<resource><object class="wxPanel" name="p"><size>200,100</size>
<object class="wxTextCtrl" name="Parameter1_object_id"><pos>30,60</pos><size>550,350</size><style>wxTE_MULTILINE</style></object>
</object></resource>`
	dir := t.TempDir()
	file, out := filepath.Join(dir, "any.xrc"), filepath.Join(dir, "form.png")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	if code := preview.Main([]string{file, "--out", out}, &said); code != 0 {
		t.Fatalf("code %d: %s", code, said.String())
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil || img.Width < 580 || img.Height < 410 {
		t.Errorf("the picture is %dx%d (%v), want room for 550x350 at 30,60", img.Width, img.Height, err)
	}
}
