// Package panel is what every panel of the window is given.
package panel

import (
	"errors"

	"fyne.io/fyne/v2"

	"omanager/app/console"
	"omanager/app/problem"
	"omanager/ui/look"
)

// Deps is what a panel works with. Window is for popups and focus only. Async runs work away from the window's
// goroutine and then the function it returns on it.
type Deps struct {
	Async func(work func() (then func()))

	Console *console.Console
	Words   *look.Words
	Window  fyne.Window
}

// T is the text of a key in the chosen language.
func (d Deps) T(key string, args ...any) string { return d.Words.T(key, args...) }

// Sentence describes an error in the chosen language; no error is no text.
func (d Deps) Sentence(err error) string {
	if err == nil {
		return ""
	}
	var p *problem.Error
	if errors.As(err, &p) {
		return problem.Text(d.Words.Language(), p.Code, p.Args)
	}
	return d.T("error.other", "cause", err.Error())
}

// DangerColor is the colour of a module's danger.
func DangerColor(danger string) fyne.ThemeColorName {
	switch danger {
	case "low":
		return look.ColorOK
	case "medium":
		return look.ColorChanged
	}
	return look.ColorFailed
}

// CategoryName is the name of a server category, or its id where there is none.
func CategoryName(c *console.Console, id string) string {
	if n := c.Tree().Node("c:" + id); n != nil {
		return n.Name
	}
	return id
}
