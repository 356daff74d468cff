// Package start reads the desktop's flags and opens its window, or draws pictures of it where there is no display.
package start

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"fyne.io/fyne/v2/app"

	"omanager/app/console"
	"omanager/app/console/prefs"
	"omanager/ui/look"
	"omanager/ui/pictures"
	"omanager/ui/preview"
	"omanager/ui/shell"
)

// appID names the program to the desktop system; FyneApp.toml has the same.
const appID = "io.omanager.console"

type flags struct {
	lang, theme, shot string
	config            string
	version           bool
}

// Main runs the desktop and returns its exit code. Settings opens a settings file.
func Main(args []string, version string, cfg console.Config, settings func(path string) prefs.File) int {
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
	o := f.options(c, settings)
	o.App, o.Version = app.NewWithID(appID), version
	if f.shot != "" {
		if err := pictures.Write(f.shot, cfg, o); err != nil {
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
	set.StringVar(&f.config, "config", console.IniPath(), "the settings `file`, as the legacy client's config.ini")
	set.BoolVar(&f.version, "version", false, "print the version and end")
	err := set.Parse(args)
	if err == nil && set.NArg() > 0 {
		err = fmt.Errorf("omanager takes no argument %q", set.Arg(0))
		_, _ = fmt.Fprintln(out, err)
	}
	return f, err
}

// options takes what the flags leave open from the settings file, then from what was used last.
func (f flags) options(c *console.Console, settings func(path string) prefs.File) shell.Options {
	o := shell.Options{Console: c}
	ini := map[string]string{}
	if f.config != "" {
		o.Prefs = settings(f.config)
		if _, err := os.Stat(f.config); err == nil {
			ini, _ = o.Prefs.Load() // the settings page says why a file cannot be read
		}
	}
	if path := console.SettingsPath(); path != "" && f.shot == "" {
		o.Kept = filepath.Dir(path)
	}
	saved := c.Settings()
	o.Words = look.NewWords(first(f.lang, ini["language"], saved.Language, look.SystemLanguage()))
	o.Theme = look.Mode(first(f.theme, ini["theme"], saved.Theme, string(look.System)))
	if ini["ip"] != "" {
		o.Address = net.JoinHostPort(ini["ip"], ini["port"])
	}
	o.Width, o.Height = number(ini["width"]), number(ini["height"])
	return o
}

func number(s string) float32 {
	n, _ := strconv.Atoi(s) // no number is no size
	return float32(n)
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
