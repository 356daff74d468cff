// Package login is the first screen: who logs in to which control server, the comparison of its fingerprint, and
// the way in without any server.
package login

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/app/console"
	"omanager/assets"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// Panel is the login screen. Form keeps what was typed when it is built anew in another language.
type Panel struct {
	deps    panel.Deps
	typed   *console.Credentials
	address *widget.SelectEntry
	name    *widget.Entry
	pass    *widget.Entry
	key     *widget.Entry
	enter   *widget.Button
	try     *widget.Button
	wait    *widget.ProgressBarInfinite
	problem *panel.Note
	form    fyne.CanvasObject
	ask     *fyne.Container
	content fyne.CanvasObject
}

// cardWidth is the width of the form.
const cardWidth = 480

// New makes the screen; head is shown in the top right corner. Typed is filled in and kept up to date.
func New(deps panel.Deps, typed *console.Credentials, head fyne.CanvasObject) *Panel {
	p := &Panel{deps: deps, typed: typed, ask: container.NewStack()}
	p.fields()
	p.enter = widget.NewButtonWithIcon(deps.T("login.enter"), theme.LoginIcon(), p.submit)
	p.enter.Importance = widget.HighImportance
	p.try = widget.NewButtonWithIcon(deps.T("login.try"), theme.MediaPlayIcon(), deps.Console.TryIt)
	p.wait = widget.NewProgressBarInfinite()
	p.problem = panel.NewNote("", look.ColorFailed)
	p.form = p.layout()
	card := container.NewVBox(p.title(), widget.NewSeparator(), p.form, p.ask, p.wait, p.problem)
	center := container.NewCenter(panel.NewCard(container.New(layout.NewCustomPaddedLayout(18, 18, 22, 22), container.New(&panel.Wide{Width: cardWidth}, card))))
	p.content = container.NewStack(center, container.NewVBox(container.NewHBox(layout.NewSpacer(), head)))
	p.Update(console.All)
	return p
}

func (p *Panel) fields() {
	known := p.deps.Console.Settings().Profiles
	var addresses []string
	for _, k := range known {
		addresses = append(addresses, k.Address)
	}
	if len(known) > 0 && *p.typed == (console.Credentials{}) {
		*p.typed = console.Credentials{Address: known[0].Address, Operator: known[0].Operator, KeyFile: known[0].KeyFile}
	}
	p.address = widget.NewSelectEntry(addresses)
	p.address.SetPlaceHolder(p.deps.T("login.address_hint"))
	p.name, p.pass, p.key = widget.NewEntry(), widget.NewPasswordEntry(), widget.NewEntry()
	p.key.SetPlaceHolder(p.deps.T("login.key_hint"))
	bind := func(e *widget.Entry, to *string) {
		e.SetText(*to)
		e.OnChanged = func(s string) { *to = s }
		e.OnSubmitted = func(string) { p.submit() }
	}
	bind(&p.address.Entry, &p.typed.Address)
	bind(p.name, &p.typed.Operator)
	bind(p.pass, &p.typed.Password)
	bind(p.key, &p.typed.KeyFile)
	keep := p.address.OnChanged
	p.address.OnChanged = func(s string) {
		keep(s)
		for _, k := range known {
			if k.Address == s {
				p.name.SetText(k.Operator)
				p.key.SetText(k.KeyFile)
			}
		}
	}
}

func (p *Panel) title() fyne.CanvasObject {
	icon := canvas.NewImageFromResource(fyne.NewStaticResource("omanager.svg", assets.IconSVG()))
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSize(44, 44))
	return container.NewHBox(icon, container.New(layout.NewCustomPaddedVBoxLayout(0), kit.Heading("OManager"), kit.Muted(p.deps.T("login.subtitle"))))
}

func (p *Panel) layout() fyne.CanvasObject {
	browse := widget.NewButtonWithIcon(p.deps.T("login.browse"), theme.FolderOpenIcon(), func() {
		p.deps.Browse(p.deps.T("login.key"), p.key.Text, p.key.SetText)
	})
	label := func(key string) fyne.CanvasObject { return widget.NewLabel(p.deps.T(key)) }
	grid := container.New(layout.NewFormLayout(),
		label("login.address"), p.address,
		label("login.operator"), p.name,
		label("login.password"), p.pass,
		label("login.key"), container.NewBorder(nil, nil, nil, browse, p.key))
	gap := canvas.NewRectangle(color.Transparent)
	gap.SetMinSize(fyne.NewSize(1, 6))
	return container.NewVBox(grid, gap, p.enter, gap, widget.NewSeparator(),
		container.NewBorder(nil, nil, nil, container.NewCenter(p.try), panel.NewNote(p.deps.T("login.try_hint"), "")))
}

// Content is what to show.
func (p *Panel) Content() fyne.CanvasObject { return p.content }

// Focus puts the cursor where typing begins.
func (p *Panel) Focus() {
	c := p.deps.Canvas()
	switch {
	case p.typed.Address == "":
		c.Focus(p.address)
	case p.typed.Operator == "":
		c.Focus(p.name)
	default:
		c.Focus(p.pass)
	}
}

// Update shows what changed.
func (p *Panel) Update(t console.Topic) {
	if t&(console.Session|console.Busy) == 0 {
		return
	}
	c := p.deps.Console
	busy := c.IsBusy(console.OpLogin)
	p.wait.Hidden = !busy
	if busy {
		p.wait.Start()
		p.enter.Disable()
		p.try.Disable()
	} else {
		p.wait.Stop()
		p.enter.Enable()
		p.try.Enable()
	}
	q := c.Question()
	p.ask.RemoveAll()
	if q != nil {
		p.ask.Add(p.question(q))
	}
	p.form.(*fyne.Container).Hidden = q != nil
	p.problem.SetText(p.deps.Sentence(c.Err(console.OpLogin)))
	p.content.Refresh()
}

func (p *Panel) submit() {
	p.deps.Console.Login(*p.typed)
}

func (p *Panel) question(q *console.Question) fyne.CanvasObject {
	text := panel.NewNote(p.deps.T("login.fingerprint", "addr", q.Address), theme.ColorNameForeground)
	mark := widget.NewLabel(Grouped(q.Fingerprint))
	mark.TextStyle.Monospace = true
	mark.Selectable = true
	yes := widget.NewButton(p.deps.T("login.trust"), func() { p.deps.Console.Trust(true) })
	yes.Importance = widget.HighImportance
	no := widget.NewButton(p.deps.T("login.distrust"), func() { p.deps.Console.Trust(false) })
	return container.NewVBox(text, container.NewCenter(mark), container.NewGridWithColumns(2, no, yes))
}

// Grouped writes a fingerprint in groups of four, eight groups a line, so that two can be compared by eye.
func Grouped(fp string) string {
	prefix := ""
	if i := strings.LastIndex(fp, ":"); i >= 0 && strings.HasPrefix(fp, "SHA256:") {
		prefix, fp = fp[:i+1]+"\n", fp[i+1:]
	}
	fp = strings.ReplaceAll(fp, ":", "")
	var b strings.Builder
	b.WriteString(prefix)
	for i, r := range []rune(fp) {
		switch {
		case i == 0:
		case i%32 == 0:
			b.WriteByte('\n')
		case i%4 == 0:
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
