package operators

import (
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/app/console/people"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// handover shows what was made for an operator, once: a password to tell and a key file to save.
type handover struct {
	deps     panel.Deps
	shown    *people.Handover
	title    *kit.Text
	password *widget.Entry
	path     *widget.Entry
	save     *widget.Button
	note     *panel.Note
	secret   fyne.CanvasObject
	file     fyne.CanvasObject
	content  *fyne.Container
}

func newHandover(deps panel.Deps) *handover {
	h := &handover{deps: deps, title: kit.Heading(""), note: panel.NewNote("", look.ColorChanged)}
	h.password = widget.NewEntry()
	h.password.TextStyle.Monospace = true
	h.path = widget.NewEntry()
	h.path.OnChanged = func(string) { h.able() }
	h.path.OnSubmitted = func(string) { h.keep() }
	h.save = widget.NewButtonWithIcon(deps.T("handover.save"), theme.DocumentSaveIcon(), h.keep)
	h.save.Importance = widget.HighImportance
	copies := widget.NewButtonWithIcon(deps.T("handover.copy"), theme.ContentCopyIcon(), func() {
		if h.shown != nil {
			fyne.CurrentApp().Clipboard().SetContent(h.shown.Password)
		}
	})
	h.password.OnChanged = func(s string) { // to be selected and copied, not edited
		if h.shown != nil && s != h.shown.Password {
			h.password.SetText(h.shown.Password)
		}
	}
	h.secret = container.NewVBox(kit.Bold(deps.T("handover.password")), container.NewBorder(nil, nil, nil, copies, h.password),
		panel.Flush(panel.NewNote(deps.T("handover.password_note"), "")), panel.Gap(4))
	h.file = container.NewVBox(kit.Bold(deps.T("handover.key")), h.path, panel.Buttons(h.save))
	done := widget.NewButton(deps.T("handover.done"), h.close)
	body := container.NewVBox(h.title, panel.Flush(panel.NewNote(deps.T("handover.text"), "")), widget.NewSeparator(), panel.Gap(1),
		h.secret, h.file, panel.Flush(h.note), panel.Gap(2), widget.NewSeparator(), panel.Buttons(done))
	h.content = container.NewStack(container.NewVScroll(container.NewVBox(panel.Padded(panel.NewCard(panel.Padded(body))))))
	h.content.Hide()
	return h
}

func (h *handover) show(x *people.Handover) {
	fresh := x != nil && (h.shown == nil || h.shown.Name != x.Name || h.shown.Password != x.Password)
	h.shown = x
	if x == nil {
		h.password.SetText("")
		return
	}
	if fresh {
		h.title.SetText(h.deps.T("handover.title", "name", x.Name))
		h.password.SetText(x.Password)
		home, err := os.UserHomeDir()
		if err != nil {
			home = "."
		}
		h.path.SetText(filepath.Join(home, x.KeyName()))
	}
	h.secret.(*fyne.Container).Hidden = x.Password == ""
	h.file.(*fyne.Container).Hidden = x.KeyFile == nil
	switch err := h.deps.Console.Err(people.OpKey); {
	case x.Saved != "":
		h.note.Set(h.deps.T("handover.saved", "file", x.Saved), look.ColorOK)
	case err != nil:
		h.note.Set(h.deps.Sentence(err), look.ColorFailed)
	case x.KeyFile != nil:
		h.note.Set(h.deps.T("handover.unsaved"), look.ColorChanged)
	default:
		h.note.SetText("")
	}
	h.able()
}

func (h *handover) able() {
	if h.shown != nil {
		panel.Able(h.save, h.path.Text != "" && h.shown.Saved == "" && !h.deps.Console.IsBusy(people.OpKey))
	}
}

func (h *handover) keep() { h.deps.People.SaveKey(h.path.Text) }

// close asks first while the key file would be lost.
func (h *handover) close() {
	if h.shown == nil || h.shown.KeyFile == nil || h.shown.Saved != "" {
		h.deps.People.EndHandover()
		return
	}
	h.deps.Confirm(h.deps.T("handover.lose"), h.deps.T("handover.lose_text", "name", h.shown.Name), h.deps.T("handover.lose"), h.deps.People.EndHandover)
}
