// Package shell is the window: it builds the panels in the chosen language, passes changes of the console on to
// them, and holds the one gateway from other goroutines to Fyne's.
package shell

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"omanager/app/console"
	"omanager/app/console/oplog"
	"omanager/app/console/people"
	"omanager/app/console/prefs"
	"omanager/ui/history"
	"omanager/ui/kit"
	"omanager/ui/login"
	"omanager/ui/look"
	"omanager/ui/modules"
	"omanager/ui/panel"
	"omanager/ui/password"
	"omanager/ui/results"
	"omanager/ui/run"
	"omanager/ui/servers"
)

// Options is what a shell is made of. Post runs a function later on the goroutine that owns the widgets; nil is
// Fyne's. Prefs is the client's settings file; nil is none. Address is proposed at the first login; Width and Height are
// the window's, 0 for the usual ones. Kept is the folder of what is kept of control servers' operation logs; empty is none.
type Options struct {
	App     fyne.App
	Console *console.Console
	Words   *look.Words
	Theme   look.Mode
	Version string
	Prefs   prefs.File
	Kept    string
	Address string
	Width   float32
	Height  float32
	Post    func(func())
}

// Shell is the window's content. Its methods are called on the goroutine that owns the widgets.
type Shell struct {
	o      Options
	deps   panel.Deps
	root   *fyne.Container
	canvas fyne.Canvas
	window fyne.Window // nil when only a picture is drawn
	topics atomic.Uint32
	redraw *kit.Coalescer
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	in                bool // somebody is logged in
	must              bool // the page on view is the one for a new password, and nothing else
	page              Page
	open              page           // the page on view in place of the work panels, or nil
	first             *password.Page // on view while must
	top, body         *fyne.Container
	work, tools       fyne.CanvasObject
	waiting           []*kit.ToolButton // where the number of waiting approvals stands
	typed             console.Credentials
	login             *login.Panel
	servers           *servers.Panel
	modules           *modules.Panel
	run               *run.Panel
	results           *results.Panel
	history           *history.Panel
	status            *kit.StatusBar
	start, stop, plan *kit.ToolButton
	hint              string
	frame             frame
}

// changing is a panel that follows the console.
type changing interface{ Update(console.Topic) }

// New makes the shell and shows the login screen, or the main one if the console is logged in already.
func New(o Options) *Shell {
	if o.Post == nil {
		o.Post = fyne.Do
	}
	s := &Shell{o: o, root: container.NewStack(), frame: newFrame()}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.deps = panel.Deps{Console: o.Console, Words: o.Words, Canvas: func() fyne.Canvas { return s.canvas }, Async: s.async, Hint: s.setHint}
	s.deps.People, s.deps.Log, s.deps.Prefs = people.New(o.Console), oplog.New(o.Console, o.Kept), prefs.New(o.Console, o.Prefs)
	s.deps.SetLanguage, s.deps.SetTheme, s.deps.Theme = s.SetLanguage, s.SetTheme, func() look.Mode { return s.o.Theme }
	s.redraw = kit.NewCoalescer(o.Post, 0, s.update)
	o.App.Settings().SetTheme(look.NewTheme(o.Theme))
	s.rebuild()
	o.Console.OnChange(func(t console.Topic) {
		s.topics.Or(uint32(t))
		s.redraw.Changed()
	})
	s.wg.Add(1)
	go s.tick()
	return s
}

// Root is what the canvas shows.
func (s *Shell) Root() fyne.CanvasObject { return s.root }

// People is the state of the operators' pages.
func (s *Shell) People() *people.People { return s.deps.People }

// SetCanvas tells where popups and focus go.
func (s *Shell) SetCanvas(c fyne.Canvas) { s.canvas = c }

// Close ends the shell's goroutines.
func (s *Shell) Close() {
	s.cancel()
	s.redraw.Close()
	s.wg.Wait()
}

func (s *Shell) setHint(text string) {
	s.hint = text
	s.showStatus()
}

// async runs work in a goroutine and what it returns on the widgets' one.
func (s *Shell) async(work func() func()) {
	s.wg.Go(func() {
		if then := work(); then != nil && s.ctx.Err() == nil {
			s.o.Post(then)
		}
	})
}

// tick keeps clock and elapsed times going.
func (s *Shell) tick() {
	defer s.wg.Done()
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-t.C:
			if r := s.o.Console.Run(); r != nil && r.Live() {
				s.topics.Or(uint32(console.Running))
			}
			s.redraw.Changed()
		}
	}
}

// update passes on what has changed since the last redraw.
func (s *Shell) update() {
	t := console.Topic(s.topics.Swap(0))
	if w := s.o.Console.Who(); w.In != s.in || w.MustChange != s.must {
		s.rebuild()
		return
	}
	for _, p := range s.changing() {
		if t != 0 {
			p.Update(t)
		}
	}
	if !s.in || s.must {
		return
	}
	if t&console.Catalog != 0 {
		s.menu()
	}
	s.showStatus()
}

// changing are the panels on view.
func (s *Shell) changing() []changing {
	switch {
	case s.login != nil:
		return []changing{s.login}
	case s.first != nil:
		return []changing{s.first}
	}
	out := []changing{s.servers, s.modules, s.run, s.results, s.history}
	if s.open != nil {
		out = append(out, s.open)
	}
	return out
}

// rebuild makes the screen anew: after login and logout, and in another language. What matters is in the console.
func (s *Shell) rebuild() {
	w := s.o.Console.Who()
	if s.in != w.In {
		s.page = Work
	}
	if w.In && !w.Demo && (!s.in || s.must) && !w.MustChange {
		s.deps.Log.Check() // at the first moment that it can be
	}
	s.in, s.must = w.In, w.MustChange
	s.login, s.first, s.open = nil, nil, nil
	var content fyne.CanvasObject
	switch {
	case !s.in:
		if len(s.o.Console.Settings().Profiles) == 0 && s.typed == (console.Credentials{}) {
			s.typed.Address = s.o.Address
		}
		s.login = login.New(s.deps, &s.typed, s.switches())
		content = s.login.Content()
	case s.must:
		s.typed.Password = ""
		content = s.mustChange()
	default:
		s.typed.Password = ""
		content = s.main()
	}
	s.root.Objects = []fyne.CanvasObject{content}
	s.root.Refresh()
	s.menu()
	s.focus()
}

// focus puts the cursor where typing begins.
func (s *Shell) focus() {
	switch {
	case s.canvas == nil:
	case s.login != nil:
		s.login.Focus()
	case s.first != nil:
		s.first.Focus()
	case s.open != nil:
		s.open.Focus()
	}
}

// SetLanguage shows everything in a language and remembers it.
// An empty one is the system's.
func (s *Shell) SetLanguage(lang string) {
	s.deps.Prefs.Keep("language", lang)
	s.o.Console.SetLanguage(lang)
	if lang == "" {
		lang = look.SystemLanguage()
	}
	if lang == s.o.Words.Language() {
		return
	}
	s.o.Words.SetLanguage(lang)
	s.rebuild()
}

// SetTheme changes the colours and remembers them.
func (s *Shell) SetTheme(m look.Mode) {
	s.o.Theme = m
	s.o.App.Settings().SetTheme(look.NewTheme(m))
	s.o.Console.SetTheme(string(m))
	s.deps.Prefs.Keep("theme", kept(m))
	s.menu()
}

// kept is how the settings file writes a mode: it has no word for the system's.
func kept(m look.Mode) string {
	if m == look.System {
		return ""
	}
	return string(m)
}
