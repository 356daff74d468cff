// Package pictures draws the window without a display: from the login to a grouped result on simulated servers, in
// both languages and both colours, as PNG files.
package pictures

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/widget"

	"omanager/app/console"
	"omanager/ui/look"
	"omanager/ui/shell"
)

// limit bounds one step, so that a fault ends the program and does not hang it.
const limit = 60 * time.Second

// artist owns the widgets: everything posted runs on its goroutine.
type artist struct {
	dir    string
	o      shell.Options
	shell  *shell.Shell
	canvas software.WindowlessCanvas
	queue  chan func()
	mode   look.Mode
	remove string // a folder to remove in the end
}

// Write draws the pictures into dir. The config makes a second console, for an operator who asks for an approval.
func Write(dir string, cfg console.Config, o shell.Options) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make folder for pictures: %w", err)
	}
	if o.Prefs != nil {
		o.Prefs = &unwritten{File: o.Prefs, changed: map[string]string{}}
	}
	a := newArtist(dir, o)
	defer a.close()
	return errors.Join(a.story(), a.pages(cfg))
}

// newArtist opens a window that only pictures show.
func newArtist(dir string, o shell.Options) *artist {
	a := &artist{dir: dir, queue: make(chan func(), 1024), mode: look.Light}
	o.Post = func(f func()) { a.queue <- f }
	o.Theme = look.Light
	o.Words.SetLanguage(look.English)
	a.o = o
	a.canvas = software.NewCanvas()
	a.canvas.SetPadded(false)
	a.shell = shell.New(o)
	a.shell.SetCanvas(a.canvas)
	a.canvas.SetContent(a.shell.Root())
	return a
}

// close lets posters end: what they still post is dropped.
func (a *artist) close() {
	done := make(chan struct{})
	go func() { a.shell.Close(); close(done) }()
	for {
		select {
		case <-a.queue:
		case <-done:
			if a.remove != "" {
				_ = os.RemoveAll(a.remove) // a folder of the system's for what is temporary
			}
			return
		}
	}
}

// story is the shortest way to a grouped result, a picture at each step.
func (a *artist) story() error {
	c := a.o.Console
	if err := a.each("1-login"); err != nil {
		return err
	}
	c.TryIt()
	loaded := func() bool { m, _ := c.Modules(); return len(m) > 0 && !c.IsBusy(console.OpLoad) }
	if err := a.until(console.OpLogin, loaded); err != nil {
		return err
	}
	c.SetTicked(c.Tree().Hosts)
	c.Choose("1001")
	a.settle()
	if err := a.each("2-servers"); err != nil {
		return err
	}
	c.Choose("1007")
	c.SetValue("service", "nginx")
	c.MakePlan()
	if err := a.until(console.OpPlan, func() bool { return c.Plan() != nil }); err != nil {
		return err
	}
	if err := a.each("3-plan"); err != nil {
		return err
	}
	c.Choose("3302")
	c.MakePlan()
	if err := a.until(console.OpPlan, func() bool { return c.Plan() != nil }); err != nil {
		return err
	}
	if err := a.each("3-approval"); err != nil {
		return err
	}
	c.Choose("1003")
	c.Execute()
	if err := a.until(console.OpStart, func() bool { return c.Run() != nil }); err != nil {
		return err
	}
	a.fresh(look.English)
	if err := a.draw("4-running-en-light", 1280, 800); err != nil {
		return err
	}
	if err := a.until(console.OpStart, func() bool { return c.Run().Snapshot().Done }); err != nil {
		return err
	}
	a.settle()
	return a.each("5-groups")
}

// each draws the screen in both languages and both colours, and at the smallest and a large size.
func (a *artist) each(name string) error {
	var errs []error
	for _, lang := range look.Languages() {
		for _, mode := range []look.Mode{look.Light, look.Dark} {
			a.fresh(lang)
			a.mode = mode
			a.shell.SetTheme(mode)
			a.settle()
			errs = append(errs, a.draw(fmt.Sprintf("%s-%s-%s", name, lang, mode), 1280, 800))
		}
	}
	errs = append(errs, a.draw(name+"-zh-dark-small", 1024, 765), a.draw(name+"-zh-dark-large", 1920, 1080))
	a.shell.SetLanguage(look.English)
	a.mode = look.Light
	a.shell.SetTheme(look.Light)
	a.settle()
	return errors.Join(errs...)
}

// fresh builds the screen anew in a language, so that nothing is caught in the middle of a movement, for which there
// is no clock here.
func (a *artist) fresh(lang string) {
	for _, other := range look.Languages() {
		if other != lang {
			a.shell.SetLanguage(other)
		}
	}
	a.shell.SetLanguage(lang)
}

func (a *artist) draw(name string, w, h float32) error {
	a.settle()
	a.canvas.Resize(fyne.NewSize(w, h))
	colors := look.NewTheme(a.mode)
	container.NewThemeOverride(widget.NewLabel(""), colors) // drops Fyne's cache of icons in the colours before
	f, err := os.Create(filepath.Join(a.dir, name+".png"))
	if err != nil {
		return fmt.Errorf("create picture: %w", err)
	}
	return errors.Join(png.Encode(f, software.RenderCanvas(a.canvas, colors)), f.Close())
}

// settle runs what is posted until nothing came for a while.
func (a *artist) settle() {
	for {
		select {
		case f := <-a.queue:
			f()
		case <-time.After(150 * time.Millisecond):
			return
		}
	}
}

// until runs what is posted until the console has come so far, or the operation went wrong.
func (a *artist) until(op console.Op, done func() bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for !done() {
		if err := a.o.Console.Err(op); err != nil {
			return err
		}
		select {
		case f := <-a.queue:
			f()
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%s did not end within %s", op, limit)
		}
	}
	return nil
}
