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

	"omanager/modules"
	"omanager/modules/xrc"
	"omanager/ui/form"
	"omanager/ui/look"
)

// What is read of a module folder: without a manifest, its form alone.
const (
	formName     = "form" + ".xrc"
	manifestName = "module" + ".yaml"
)

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

// Write draws the form of a file, or of a module's folder with the module's words in the language, into a PNG file.
func Write(file, out, lang string, mode look.Mode) error {
	theme := look.NewTheme(mode)
	fyne.CurrentApp().Settings().SetTheme(theme)
	drawn, err := draw(file, form.Deps{Words: look.NewWords(lang), OnChange: func(string, string) {}, Sentence: error.Error})
	if err != nil {
		return err
	}
	c := software.NewCanvas()
	c.SetPadded(false)
	c.SetContent(container.New(layout.NewCustomPaddedLayout(8, 8, 8, 8), drawn))
	least := c.Content().MinSize()
	c.Resize(fyne.NewSize(min(most, max(leastWidth, least.Width)), min(most, least.Height)))
	container.NewThemeOverride(widget.NewLabel(""), theme) // drops Fyne's cache of icons in the colours before
	w, err := os.Create(out)
	if err != nil {
		return fmt.Errorf("write picture: %w", err)
	}
	return errors.Join(png.Encode(w, software.RenderCanvas(c, theme)), w.Close())
}

func draw(file string, deps form.Deps) (fyne.CanvasObject, error) {
	if st, err := os.Stat(file); err == nil && st.IsDir() {
		if _, err := os.Stat(filepath.Join(file, manifestName)); err == nil {
			return drawModule(file, deps)
		}
		file = filepath.Join(file, formName)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read form: %w", err)
	}
	f, err := xrc.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(file), err)
	}
	return form.Draw(deps, f.Root), nil
}

func drawModule(folder string, deps form.Deps) (fyne.CanvasObject, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read module: %w", err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		if files[e.Name()], err = os.ReadFile(filepath.Join(folder, e.Name())); err != nil {
			return nil, fmt.Errorf("read module: %w", err)
		}
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return nil, fmt.Errorf("read module: %w", err)
	}
	m, err := modules.ParseFolder(filepath.Base(folder), files)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, p := range m.Params {
		values[p.Name] = p.Default
	}
	return form.New(deps, m, values).Content(), nil
}
