package results

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"omanager/app/console"
	"omanager/ui/kit"
	"omanager/ui/panel"
)

// shownLines bounds what the output pane holds; the oldest lines go first.
const shownLines = 20000

// output is the pane with the output of the selected server or group.
type output struct {
	deps    panel.Deps
	panel   *kit.Panel
	note    *panel.Note
	view    *kit.OutputView
	host    string // whose output grows here
	seen    int    // bytes of it shown
	cleaner *kit.Cleaner
	content fyne.CanvasObject
}

func newOutput(deps panel.Deps) *output {
	o := &output{deps: deps, view: kit.NewOutputView(shownLines)}
	o.view.SetEmpty(deps.T("results.select"))
	copyAll := kit.NewToolButton(theme.ContentCopyIcon(), deps.T("results.copy"), func() {
		fyne.CurrentApp().Clipboard().SetContent(o.view.Text())
	})
	o.note = panel.NewNote("", "")
	o.note.Hide()
	o.panel = kit.NewPanel(deps.T("results.output"), container.NewBorder(o.note, nil, nil, nil, o.view), copyAll)
	o.content = o.panel
	return o
}

func (o *output) clear() {
	o.host, o.seen, o.cleaner = "", 0, &kit.Cleaner{}
	o.view.SetEmpty(o.deps.T("results.select"))
	o.view.Clear()
	o.heading(o.deps.T("results.output"), "")
}

func (o *output) heading(title, note string) {
	o.panel.SetTitle(title)
	o.note.SetText(note)
	o.content.Refresh()
}

// follow shows what a server has written since the last call; done says that no more comes.
func (o *output) follow(r *console.Run, host string, done bool) {
	if o.host != host {
		o.host, o.seen, o.cleaner = host, 0, &kit.Cleaner{}
		o.view.SetEmpty(o.deps.T("results.no_output"))
		o.view.Clear()
		o.view.SetFollow(true)
	}
	fresh := r.Output(host, o.seen)
	lines := o.cleaner.Write(fresh)
	if done {
		lines = append(lines, o.cleaner.Flush()...)
	}
	o.view.Append("", lines...)
	o.seen += len(fresh)
}

// whole shows output that grows no more, from its beginning.
func (o *output) whole(all []byte) {
	o.view.SetEmpty(o.deps.T("results.no_output"))
	o.view.SetFollow(false)
	clean := kit.Clean(all)
	lines := make([]kit.Line, len(clean))
	for i, l := range clean {
		lines[i] = kit.Line{Text: l}
	}
	o.view.SetLines(lines)
}

// turning puts the two halves of its split side by side where there is room, else one above the other.
type turning struct{}

// sideBySide is the width from which the halves stand side by side.
const sideBySide = 1000

// MinSize is the split's.
func (turning) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 120) }

// Layout turns the split as needed.
func (turning) Layout(o []fyne.CanvasObject, size fyne.Size) {
	s := o[0].(*container.Split)
	if wide := size.Width >= sideBySide; wide != s.Horizontal {
		s.Horizontal = wide
		s.Refresh()
	}
	s.Resize(size)
}
