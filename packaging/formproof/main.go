// Command formproof measures forms over a corpus of XRC files: what loads, what becomes a live control, how fast.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"omanager/modules/xrc"
	"omanager/packaging/proof"
	"omanager/ui/form"
	"omanager/ui/look"
)

func main() {
	out := flag.String("out", "build/proof/forms.json", "write the claims to this `file`")
	flag.Parse()
	if err := run(os.Getenv("OMANAGER_CORPUS"), os.Getenv("OMANAGER_LEGACY"), *out); err != nil {
		fmt.Fprintln(os.Stderr, "formproof:", err)
		os.Exit(1)
	}
}

// figures are what is counted over files.
type figures struct {
	files, loaded, controls int
	menus                   int            // of the controls: menus, tool bars and what is in them
	dead, drawnDead         map[string]int // by class: not live in the tree, and drawn as placeholders
	worst                   string
	longest                 time.Duration
	memory                  uint64 // the most that reading one file allocated
	opens                   []time.Duration
}

func run(corpus, legacy, out string) error {
	if corpus == "" {
		return errors.New("OMANAGER_CORPUS does not name a folder of XRC files, so nothing can be measured")
	}
	began := time.Now()
	app := test.NewApp()
	defer app.Quit()
	app.Settings().SetTheme(look.NewTheme(look.Light))
	first := firstDrawing()
	all := figures{dead: map[string]int{}, drawnDead: map[string]int{}}
	if err := all.measure(corpus, false); err != nil {
		return err
	}
	mine := figures{dead: map[string]int{}, drawnDead: map[string]int{}}
	for _, dir := range []string{"modules/library", filepath.Join(legacy, "Module")} {
		if legacy == "" && dir == "Module" {
			continue
		}
		if err := mine.measure(dir, true); err != nil {
			return err
		}
	}
	return save(out, all, mine, first, time.Since(began))
}

func (f *figures) measure(dir string, open bool) error {
	root := os.DirFS(dir)
	return fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.EqualFold(filepath.Ext(path), ".xrc") {
			return err
		}
		data, err := fs.ReadFile(root, path)
		if err != nil {
			return fmt.Errorf("read form: %w", err)
		}
		f.one(path, data, open)
		return nil
	})
}

func (f *figures) one(path string, data []byte, open bool) {
	f.files++
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	tree, err := xrc.Parse(data)
	f.longest = max(f.longest, time.Since(began))
	runtime.ReadMemStats(&after)
	f.memory = max(f.memory, after.TotalAlloc-before.TotalAlloc)
	if err != nil {
		fmt.Printf("%s: %v\n", path, err)
		return
	}
	f.loaded++
	for _, top := range tree.Tops {
		if top.Class == "wxBitmap" || top.Class == "wxIcon" {
			continue // pictures, not controls
		}
		f.count(top)
		deps := form.Deps{Words: look.NewWords(look.English), OnChange: func(string, string) {}, Sentence: error.Error,
			OnPlaceholder: func(class string) { f.drawnDead[class]++ }}
		began = time.Now()
		c := software.NewCanvas()
		c.SetContent(form.Draw(deps, top))
		if open {
			c.Resize(c.Content().MinSize())
			c.Capture()
			took := time.Since(began)
			if len(f.opens) == 0 || took > slices.Max(f.opens) {
				f.worst = fmt.Sprintf("%s, number %d", filepath.Base(filepath.Dir(path)), len(f.opens)+1)
			}
			f.opens = append(f.opens, took)
		}
	}
}

// count takes the controls of a tree. What the file hides is not drawn, so it is neither a control nor live here.
func (f *figures) count(n *xrc.Node) {
	if n.Hidden {
		return
	}
	if !arranges(n.Class) {
		f.controls++
		if menu(n.Class) {
			f.menus++
		}
		if !n.Known || n.Class == "label" || n.Class == "listcol" { // the last two are read, not drawn
			f.dead[n.Class]++
		}
	}
	for _, c := range n.Children {
		f.count(c)
	}
}

// arranges reports whether a class only holds or arranges others.
func arranges(class string) bool {
	switch class {
	case "spacer", "panewindow", "wxPanel", "wxDialog", "wxFrame", "wxScrolledWindow", "wxScrollingDialog", "wxSplitterWindow", "wxBitmap", "wxIcon":
		return true
	}
	return strings.HasSuffix(class, "Sizer") || strings.HasSuffix(class, "page")
}

// firstDrawing is how long a process takes for its first texts, for which it reads its fonts. The console has drawn its
// window before a form opens, so forms are measured after it and this is a figure of its own.
func firstDrawing() time.Duration {
	began := time.Now()
	bold := widget.NewLabel("Form 表单")
	bold.TextStyle.Bold = true
	c := software.NewCanvas()
	c.SetContent(container.NewVBox(widget.NewLabel("Form 表单"), bold, widget.NewButton("OK", nil)))
	c.Resize(c.Content().MinSize())
	c.Capture()
	return time.Since(began)
}

func menu(class string) bool {
	switch class {
	case "wxMenuBar", "wxMenu", "wxMenuItem", "wxToolBar", "tool", "separator":
		return true
	}
	return false
}

func save(out string, all, mine figures, first, took time.Duration) error {
	if len(mine.opens) == 0 || all.controls == 0 {
		return errors.New("no form was found")
	}
	id := proof.Commit(context.Background())
	var claims []proof.Claim
	add := func(text, unit string, value, target float64, pass bool) {
		claims = append(claims, proof.Claim{Claim: text, Value: value, Unit: unit, Target: target, Pass: pass, Commit: id, Seconds: took.Seconds()})
		fmt.Printf("%10.3f %-5s %s (target %g, met %v)\n", value, unit, text, target, pass)
	}
	hidden := 0
	for class, n := range all.drawnDead { // a known class that is drawn as a placeholder is not live either
		all.dead[class] = max(all.dead[class], n)
	}
	for _, class := range slices.Sorted(maps.Keys(all.dead)) {
		hidden += all.dead[class]
		fmt.Printf("not live %4d %s\n", all.dead[class], class)
	}
	fmt.Println("slowest to open:", mine.worst)
	live := 100 * float64(all.controls-hidden) / float64(all.controls)
	add("forms: files of the corpus loaded", "files", float64(all.loaded), float64(all.files), all.loaded == all.files)
	add("forms: control objects of the corpus that are not hidden", "", float64(all.controls), 0, true)
	add("forms: of them live", "%", live, 95, live >= 95)
	plain := all.controls - all.menus
	narrow := 100 * float64(plain-hidden) / float64(plain)
	add("forms: of them live, menus and tool bars left out", "%", narrow, 95, narrow >= 95)
	add("forms: longest reading of one file", "s", all.longest.Seconds(), 1, all.longest <= time.Second)
	add("forms: most memory allocated for reading one file", "MiB", float64(all.memory)/(1<<20), 64, all.memory <= 64<<20)
	slices.Sort(mine.opens)
	median, worst := mine.opens[len(mine.opens)/2], mine.opens[len(mine.opens)-1]
	limit := 50 * time.Millisecond
	add("forms: a form of the modules opens, median", "ms", float64(median.Microseconds())/1000, 50, median < limit)
	add("forms: a form of the modules opens, worst, in a process that has drawn text", "ms", float64(worst.Microseconds())/1000, 50, worst < limit)
	add("forms: first drawing of a process, fonts and all", "ms", float64(first.Microseconds())/1000, 0, true)
	if err := proof.Save(out, claims); err != nil {
		return err
	}
	for _, c := range claims {
		if !c.Pass {
			return fmt.Errorf("claim not met: %s: %.2f %s, target %.2f", c.Claim, c.Value, c.Unit, c.Target)
		}
	}
	return nil
}
