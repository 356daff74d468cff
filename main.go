// Command omanager is the desktop console.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"fyne.io/fyne/v2/app"

	"omanager/app/console"
	"omanager/rpc/client"
	"omanager/rpc/serve"
	"omanager/ui/look"
	"omanager/ui/pictures"
	"omanager/ui/shell"
)

// version is set by the build.
var version = "dev"

func main() {
	lang := flag.String("lang", "", "language: en or zh (default: as last time, else the system's)")
	theme := flag.String("theme", "", "colours: light, dark or system (default: as last time)")
	shot := flag.String("shot", "", "write pictures of the windows into this folder and end")
	show := flag.Bool("version", false, "print the version and end")
	flag.Parse()
	if *show {
		fmt.Println("omanager", version)
		return
	}
	if err := start(*lang, *theme, *shot); err != nil {
		fmt.Fprintln(os.Stderr, "omanager:", err)
		os.Exit(1)
	}
}

func start(lang, theme, shot string) error {
	c := console.New(console.Config{Fingerprint: client.Fingerprint, Dial: dial, Demo: demo, NewJobID: client.NewJobID, Settings: settings(shot)})
	defer c.Close()
	o := shell.Remembered(c, lang, theme)
	o.App, o.Version = app.NewWithID("io.omanager.console"), version
	if shot != "" {
		return pictures.Write(shot, o)
	}
	s := shell.New(o)
	s.Open()
	o.App.Run()
	s.Close()
	return nil
}
