package shell

import (
	"fmt"
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/app/console"
	"omanager/ui/history"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/modules"
	"omanager/ui/panel"
	"omanager/ui/results"
	"omanager/ui/run"
	"omanager/ui/servers"
)

// The smallest size of the content; with the menu bar it fits a window of 1024 by 765.
const (
	minWidth  = 1000
	minHeight = 700
)

// frame is where the panels stand. It outlives a rebuild.
type frame struct {
	noServers, noModules bool
	left, middle         keepWidth
	right                *container.Split
	below                float64
}

// The first widths of the servers and of the modules.
const (
	serversWidth = 252
	modulesWidth = 224
)

func newFrame() frame {
	return frame{left: keepWidth{px: serversWidth}, middle: keepWidth{px: modulesWidth}, below: 0.34}
}

// keepWidth lays a split out so that its leading side keeps its width when the window changes; the bar can be dragged.
type keepWidth struct {
	px, last float32
	split    *container.Split
}

// hold takes a split over, at the width that the one before has now.
func (k *keepWidth) hold(leading, trailing fyne.CanvasObject) fyne.CanvasObject {
	k.measure()
	k.split, k.last = container.NewHSplit(leading, trailing), 0
	return container.New(k, k.split)
}

func (k *keepWidth) measure() {
	if k.split != nil && k.last > 0 {
		k.px = float32(k.split.Offset) * k.last
	}
}

// MinSize is the split's.
func (k *keepWidth) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

// Layout moves the bar so that the width stays.
func (k *keepWidth) Layout(o []fyne.CanvasObject, size fyne.Size) {
	if size.Width <= 0 {
		return
	}
	k.measure()
	k.last = size.Width
	k.split.Offset = min(float64(k.px/size.Width), 0.9)
	o[0].Resize(size)
	k.split.Refresh()
}

// main builds the screen of a person who is logged in.
func (s *Shell) main() fyne.CanvasObject {
	var view results.View
	chosen := false
	if s.results != nil {
		view, chosen = s.results.Chosen()
	}
	s.servers, s.modules, s.run, s.history = servers.New(s.deps), modules.New(s.deps), run.New(s.deps), history.New(s.deps)
	s.results = results.New(s.deps, s.history.Content())
	if chosen {
		s.results.Show(view)
	}
	s.status = kit.NewStatusBar()
	s.status.Mid.MaxMin = 560
	s.tools, s.work = s.toolBar(), s.panels()
	s.top, s.body = container.NewStack(), container.NewStack()
	s.fill()
	s.showStatus()
	size := canvas.NewRectangle(color.Transparent)
	size.SetMinSize(fyne.NewSize(minWidth, minHeight))
	return container.NewStack(size, container.New(bands{}, s.top, s.body, s.status))
}

// panels lays the panels out: servers, modules, and at the right the module above its results.
func (s *Shell) panels() fyne.CanvasObject {
	f := &s.frame
	if f.right != nil {
		f.below = f.right.Offset
	}
	f.right = container.NewVSplit(s.run.Content(), s.results.Content())
	f.right.Offset = f.below
	var out fyne.CanvasObject = f.right
	if !f.noModules {
		out = f.middle.hold(s.modules.Content(), out)
	}
	if !f.noServers {
		out = f.left.hold(s.servers.Content(), out)
	}
	return out
}

// bands stacks tool bar, panels and status bar without gaps.
type bands struct{}

// MinSize is that of all three.
func (bands) MinSize(o []fyne.CanvasObject) fyne.Size {
	var out fyne.Size
	for _, c := range o {
		m := c.MinSize()
		out = fyne.NewSize(max(out.Width, m.Width), out.Height+m.Height)
	}
	return out
}

// Layout gives the middle what the others leave.
func (bands) Layout(o []fyne.CanvasObject, size fyne.Size) {
	top, foot := o[0].MinSize().Height, o[2].MinSize().Height
	o[0].Resize(fyne.NewSize(size.Width, top))
	o[1].Move(fyne.NewPos(0, top))
	o[1].Resize(fyne.NewSize(size.Width, size.Height-top-foot))
	o[2].Move(fyne.NewPos(0, size.Height-foot))
	o[2].Resize(fyne.NewSize(size.Width, foot))
}

func (s *Shell) toolBar() fyne.CanvasObject {
	c := s.o.Console
	reload := s.tool(theme.ViewRefreshIcon(), "tool.reload", c.Reload)
	s.plan = s.tool(theme.ListIcon(), "tool.plan", c.MakePlan)
	s.start = s.tool(theme.MediaPlayIcon(), "tool.run", s.execute)
	s.stop = s.tool(theme.MediaStopIcon(), "tool.cancel", c.CancelRun)
	jobs := s.tool(theme.HistoryIcon(), "tool.jobs", func() { s.results.Show(results.Jobs) })
	out := s.tool(theme.LogoutIcon(), "tool.logout", s.logout)
	return kit.NewToolBar(s.start, s.stop, s.plan, divider(), reload, jobs, layout.NewSpacer(), s.pageIcons(), divider(), s.switches(), divider(), out)
}

// execute starts the job, or shows the plan first where that is needed.
func (s *Shell) execute() {
	if s.o.Console.NeedsPlan() {
		s.o.Console.MakePlan()
		return
	}
	s.o.Console.Execute()
}

func (s *Shell) tool(icon fyne.Resource, key string, f func()) *kit.ToolButton {
	return s.deps.Tool(icon, s.deps.T(key), s.deps.T(key+"_hint"), f)
}

// able switches a button when that changes anything, for each switch draws it.
func able(b *kit.ToolButton, on bool) {
	switch {
	case on && b.Disabled():
		b.Enable()
	case !on && !b.Disabled():
		b.Disable()
	}
}

func divider() fyne.CanvasObject {
	return container.New(&panel.Wide{Width: 1, Height: 18}, widget.NewSeparator())
}

// switches changes language and colours.
func (s *Shell) switches() fyne.CanvasObject {
	next, name := look.Chinese, "中文"
	if s.o.Words.Language() == look.Chinese {
		next, name = look.English, "English"
	}
	lang := kit.NewToolButton(nil, name, func() { s.SetLanguage(next) })
	colors := kit.NewToolButton(theme.ColorPaletteIcon(), "", func() {
		if s.dark() {
			s.SetTheme(look.Light)
		} else {
			s.SetTheme(look.Dark)
		}
	})
	return container.NewHBox(lang, colors)
}

func (s *Shell) dark() bool {
	return look.NewTheme(s.o.Theme).Variant(s.o.App.Settings().ThemeVariant()) == theme.VariantDark
}

// showStatus fills the status bar: what is going on, who is where, and the time.
func (s *Shell) showStatus() {
	if s.status == nil || !s.in || s.must {
		return
	}
	c := s.o.Console
	can := !s.live() && c.TickedCount() > 0 && c.Draft().Module != nil
	able(s.start, can)
	able(s.plan, can)
	able(s.stop, s.live())
	who := c.Who()
	waits := s.countWaiting()
	left := s.hint
	if left == "" {
		left = s.doing()
	}
	if left == s.deps.T("status.ready") && waits != "" {
		left = waits
	}
	where := who.Address
	if who.Demo {
		where = s.deps.T("status.demo")
	}
	link := s.deps.T("status.connected")
	if !c.Online() {
		link = s.deps.T("status.offline")
	}
	mid := fmt.Sprintf("%s %s   %s %s   %s", s.deps.T("status.operator"), who.Operator, s.deps.T("status.server"), where, link)
	s.status.Set(left, mid, time.Now().Format("2006-01-02 15:04:05"))
}

// doing says what the console is busy with, or what went wrong last.
func (s *Shell) doing() string {
	c := s.o.Console
	for _, op := range []console.Op{console.OpStart, console.OpPlan, console.OpCancel, console.OpRequest, console.OpDecide, console.OpLoad, console.OpOpen, console.OpHistory} {
		if c.IsBusy(op) {
			return s.deps.T("busy." + string(op))
		}
	}
	for _, op := range []console.Op{console.OpLoad, console.OpOpen, console.OpHistory} {
		if err := c.Err(op); err != nil {
			return s.deps.Sentence(err)
		}
	}
	if r := c.Run(); r != nil && r.Live() {
		return s.deps.T("busy.run")
	}
	if err := s.deps.Log.View().Broken; err != nil {
		return s.deps.Sentence(err)
	}
	return s.deps.T("status.ready")
}
