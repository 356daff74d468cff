// Package preview draws a form into a picture without a display, for authors of modules.
package preview

import (
	"errors"
	"flag"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"omanager/modules/xrc"
	"omanager/ui/form"
	"omanager/ui/look"
)

// formName is the form in a module folder.
const formName = "form" + ".xrc"

// The bounds of a picture, in pixels.
const (
	leastWidth = 320
	most       = 6000
)

// Main reads the arguments after "preview" and writes the picture. A Fyne app must exist.
func Main(args []string, errOut io.Writer) int {
	set := flag.NewFlagSet("omanager preview", flag.ContinueOnError)
	set.SetOutput(errOut)
	out := set.String("out", "", "write the picture to this `file`")
	lang := set.String("lang", look.English, "language: en or zh")
	dark := set.Bool("dark", false, "dark colours")
	var file string
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		file, args = args[0], args[1:]
	}
	if err := set.Parse(args); err != nil {
		return 2
	}
	if file == "" {
		file = set.Arg(0)
	}
	if file == "" || *out == "" {
		_, _ = fmt.Fprintln(errOut, "omanager preview: name a form or module folder, and --out PNG")
		return 2
	}
	mode := look.Light
	if *dark {
		mode = look.Dark
	}
	if err := Write(file, *out, *lang, mode); err != nil {
		_, _ = fmt.Fprintln(errOut, "omanager preview:", err)
		return 1
	}
	return 0
}

// Write draws the form of a file, or of a module's folder, into a PNG file.
func Write(file, out, lang string, mode look.Mode) error {
	if st, err := os.Stat(file); err == nil && st.IsDir() {
		file = filepath.Join(file, formName)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read form: %w", err)
	}
	f, err := xrc.Parse(data)
	if err != nil {
		return fmt.Errorf("read %s: %w", filepath.Base(file), err)
	}
	theme := look.NewTheme(mode)
	fyne.CurrentApp().Settings().SetTheme(theme)
	deps := form.Deps{Words: look.NewWords(lang), OnChange: func(string, string) {}, Sentence: error.Error}
	c := software.NewCanvas()
	c.SetPadded(false)
	c.SetContent(container.New(layout.NewCustomPaddedLayout(8, 8, 8, 8), form.Draw(deps, f.Root)))
	least := c.Content().MinSize()
	c.Resize(fyne.NewSize(min(most, max(leastWidth, least.Width)), min(most, least.Height)))
	container.NewThemeOverride(widget.NewLabel(""), theme) // drops Fyne's cache of icons in the colours before
	w, err := os.Create(out)
	if err != nil {
		return fmt.Errorf("write picture: %w", err)
	}
	return errors.Join(png.Encode(w, software.RenderCanvas(c, theme)), w.Close())
}
