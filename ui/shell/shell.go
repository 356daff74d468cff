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
	"omanager/ui/history"
	"omanager/ui/kit"
	"omanager/ui/login"
	"omanager/ui/look"
	"omanager/ui/modules"
	"omanager/ui/panel"
	"omanager/ui/results"
	"omanager/ui/run"
	"omanager/ui/servers"
)

// Options is what a shell is made of. Post runs a function later on the goroutine that owns the widgets; nil is
// Fyne's.
type Options struct {
	App     fyne.App
	Console *console.Console
	Words   *look.Words
	Theme   look.Mode
	Version string
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

	in                bool // the main screen is shown
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
	if s.o.Console.Who().In != s.in {
		s.rebuild()
		return
	}
	if s.login != nil {
		s.login.Update(t)
		return
	}
	for _, p := range []changing{s.servers, s.modules, s.run, s.results, s.history} {
		if t != 0 {
			p.Update(t)
		}
	}
	if t&console.Catalog != 0 {
		s.menu()
	}
	s.showStatus()
}

// rebuild makes the screen anew: after login and logout, and in another language. What matters is in the console.
func (s *Shell) rebuild() {
	s.in = s.o.Console.Who().In
	if s.in {
		s.typed.Password = ""
		s.login = nil
		s.root.Objects = []fyne.CanvasObject{s.main()}
	} else {
		s.login = login.New(s.deps, &s.typed, s.switches())
		s.root.Objects = []fyne.CanvasObject{s.login.Content()}
	}
	s.root.Refresh()
	s.menu()
	if s.canvas != nil && s.login != nil {
		s.login.Focus()
	}
}

// SetLanguage shows everything in a language and remembers it.
func (s *Shell) SetLanguage(lang string) {
	if lang == s.o.Words.Language() {
		return
	}
	s.o.Words.SetLanguage(lang)
	s.o.Console.SetLanguage(lang)
	s.rebuild()
}

// SetTheme changes the colours and remembers them.
func (s *Shell) SetTheme(m look.Mode) {
	s.o.Theme = m
	s.o.App.Settings().SetTheme(look.NewTheme(m))
	s.o.Console.SetTheme(string(m))
	s.menu()
}
