// Package start reads the desktop's flags and opens its window, or draws pictures of it where there is no display.
package start

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"fyne.io/fyne/v2/app"

	"omanager/app/console"
	"omanager/ui/look"
	"omanager/ui/pictures"
	"omanager/ui/preview"
	"omanager/ui/shell"
)

// appID names the program to the desktop system; FyneApp.toml has the same.
const appID = "io.omanager.console"

type flags struct {
	lang, theme, shot string
	version           bool
}

// Main runs the desktop and returns its exit code.
func Main(args []string, version string, cfg console.Config) int {
	if len(args) > 0 && args[0] == "preview" {
		app.NewWithID(appID)
		return preview.Main(args[1:], os.Stderr)
	}
	f, err := parse(args, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case f.version:
		fmt.Println("omanager", version)
		return 0
	}
	if f.shot != "" {
		cfg.Settings = ""
	}
	c := console.New(cfg)
	defer c.Close()
	o := f.options(c)
	o.App, o.Version = app.NewWithID(appID), version
	if f.shot != "" {
		if err := pictures.Write(f.shot, o); err != nil {
			fmt.Fprintln(os.Stderr, "omanager:", err)
			return 1
		}
		return 0
	}
	s := shell.New(o)
	defer s.Close()
	s.Open()
	o.App.Run()
	return 0
}

func parse(args []string, out io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("omanager", flag.ContinueOnError)
	set.SetOutput(out)
	set.StringVar(&f.lang, "lang", "", "language: en or zh; empty is as last time, at first the system's")
	set.StringVar(&f.theme, "theme", "", "colours: light, dark or system; empty is as last time")
	set.StringVar(&f.shot, "shot", "", "write pictures of the window into this `folder` and end")
	set.BoolVar(&f.version, "version", false, "print the version and end")
	err := set.Parse(args)
	if err == nil && set.NArg() > 0 {
		err = fmt.Errorf("omanager takes no argument %q", set.Arg(0))
		_, _ = fmt.Fprintln(out, err)
	}
	return f, err
}

// options takes what the flags leave open from the settings.
func (f flags) options(c *console.Console) shell.Options {
	saved := c.Settings()
	lang := first(f.lang, saved.Language, look.SystemLanguage())
	return shell.Options{Console: c, Words: look.NewWords(lang), Theme: look.Mode(first(f.theme, saved.Theme, string(look.System)))}
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
