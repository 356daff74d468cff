// Package panel is what every panel of the window is given.
package panel

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"fyne.io/fyne/v2"

	"omanager/app/console"
	"omanager/app/console/oplog"
	"omanager/app/console/people"
	"omanager/app/console/prefs"
	"omanager/app/problem"
	"omanager/ui/kit"
	"omanager/ui/look"
)

// Deps is what a panel works with. Canvas is for popups and focus only. Async runs work away from the window's
// goroutine and then the function it returns on it.
type Deps struct {
	Async func(work func() (then func()))
	Hint  func(text string) // shows what a button is for; "" ends it

	Console *console.Console
	People  *people.People
	Log     *oplog.Log
	Prefs   *prefs.Prefs
	Words   *look.Words
	Canvas  func() fyne.Canvas

	SetLanguage func(lang string)
	SetTheme    func(m look.Mode)
	Theme       func() look.Mode
}

// Tool makes a button that gives its hint.
func (d Deps) Tool(icon fyne.Resource, text, hint string, tapped func()) *kit.ToolButton {
	b := kit.NewToolButton(icon, text, tapped)
	b.Hint, b.OnHint = hint, d.Hint
	return b
}

// T is the text of a key in the chosen language.
func (d Deps) T(key string, args ...any) string { return d.Words.T(key, args...) }

// Sentence describes an error in the chosen language; no error is no text.
func (d Deps) Sentence(err error) string {
	if err == nil {
		return ""
	}
	if p, ok := errors.AsType[*problem.Error](err); ok {
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

// Servers writes a number of servers.
func (d Deps) Servers(n int) string {
	if n == 1 {
		return d.T("run.server")
	}
	return d.T("run.servers", "n", n)
}

// Outcome is the word for an outcome, also for "running" and "pending".
func (d Deps) Outcome(o string) string { return d.T("outcome." + o) }

// Duration writes how long something took.
func Duration(t time.Duration) string {
	switch {
	case t < 0:
		return ""
	case t < time.Second:
		return strconv.Itoa(int(t.Milliseconds())) + " ms"
	case t < time.Minute:
		return strconv.FormatFloat(t.Seconds(), 'f', 1, 64) + " s"
	case t < time.Hour:
		return fmt.Sprintf("%d:%02d", int(t.Minutes()), int(t.Seconds())%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", int(t.Hours()), int(t.Minutes())%60, int(t.Seconds())%60)
}

// Bytes writes an amount of data.
func Bytes(n int64) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1000*1000:
		return strconv.FormatFloat(float64(n)/1e3, 'f', 1, 64) + " kB"
	}
	return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB"
}
