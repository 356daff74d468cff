// Package form draws a module's form: the controls of its XRC tree, labelled in the chosen language, with what is
// wrong beside each field. It holds no values of its own; every change goes out through OnChange.
package form

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omanager/modules"
	"omanager/modules/xrc"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// Deps is what a form works with.
type Deps struct {
	Words    *look.Words
	OnChange func(param, value string)
	Sentence func(error) string

	// Browse, if there is one, chooses a file of this machine.
	Browse func(title, typed string, done func(path string))

	OnPlaceholder func(class string) // optional: told of each control that is not live
}

// Form is one module's form.
type Form struct {
	deps    Deps
	module  *modules.Module
	values  map[string]string
	byCtl   map[string]*modules.Param
	fields  map[string]*field
	names   map[string]bool // of the form's controls
	radios  map[*xrc.Node]*radios
	order   []string // parameters, in keyboard order
	content fyne.CanvasObject
}

// field is one parameter on the screen.
type field struct {
	input fyne.CanvasObject
	note  *panel.Note // what is wrong
}

// New draws the module's form with the values.
func New(deps Deps, m *modules.Module, values map[string]string) *Form {
	f := emptyForm(deps)
	f.module, f.values = m, values
	for i := range m.Params {
		p := &m.Params[i]
		if p.Control != "" {
			f.byCtl[p.Control] = p
		}
	}
	box := container.NewVBox()
	if tree := m.FormIn(deps.Words.Language()); tree != nil && tree.Root != nil {
		tree.Root.Walk(func(n *xrc.Node) { f.names[n.Name] = true })
		f.groupRadios(tree.Root)
		if o := f.node(tree.Root); o != nil {
			box.Add(o)
		}
	}
	for i := range m.Params {
		if p := &m.Params[i]; f.fields[p.Name] == nil {
			box.Add(f.labelled(p, f.inputFor(p)))
		}
	}
	f.content = box
	return f
}

func emptyForm(deps Deps) *Form {
	return &Form{deps: deps, module: &modules.Module{}, values: map[string]string{}, byCtl: map[string]*modules.Param{},
		fields: map[string]*field{}, names: map[string]bool{},
		radios: map[*xrc.Node]*radios{}}
}

// Content is what to show.
func (f *Form) Content() fyne.CanvasObject { return f.content }

// Empty reports whether there is nothing to see.
func (f *Form) Empty() bool { return f.content.MinSize().IsZero() }

// Input is the widget of a parameter, for focus and for tests; nil if there is none.
func (f *Form) Input(param string) fyne.CanvasObject {
	if fd := f.fields[param]; fd != nil {
		return fd.input
	}
	return nil
}

// Note is the sentence that stands at a parameter; empty if it is right.
func (f *Form) Note(param string) string {
	if fd := f.fields[param]; fd != nil && fd.note.Visible() {
		return fd.note.Text()
	}
	return ""
}

// SetErrors shows what is wrong, by parameter.
func (f *Form) SetErrors(errs map[string]error) {
	for name, fd := range f.fields {
		text := ""
		if err := errs[name]; err != nil {
			text = f.deps.Sentence(err)
		}
		fd.note.SetText(text)
	}
}

func (f *Form) changed(param, value string) {
	if f.values[param] == value {
		return
	}
	f.values[param] = value
	f.deps.OnChange(param, value)
}

// labelled puts the parameter's label before an input and the notes under it.
func (f *Form) labelled(p *modules.Param, input fyne.CanvasObject) fyne.CanvasObject {
	lang := f.deps.Words.Language()
	note := panel.NewNote("", look.ColorFailed)
	note.Hide()
	f.fields[p.Name] = &field{input: input, note: note}
	f.order = append(f.order, p.Name)
	col := container.NewVBox()
	if text := text(p.Labels, lang); text != "" && !f.names[p.Control+"_label"] {
		l := widget.NewLabel(text)
		l.TextStyle.Bold = true
		l.Wrapping = fyne.TextWrapWord
		if !saysItself(input) {
			col.Add(l)
		}
	}
	if list, ok := input.(*ListBox); ok {
		col.Add(container.NewHBox(panel.NewCard(list)))
	} else {
		col.Add(input)
	}
	if help := text(p.Helps, lang); help != "" {
		col.Add(panel.NewNote(help, ""))
	}
	col.Add(note)
	return col
}

// saysItself reports whether an input bears its label: a check box or a radio button.
func saysItself(input fyne.CanvasObject) bool {
	_, check := input.(*widget.Check)
	g, radio := input.(*widget.RadioGroup)
	return check || (radio && len(g.Options) == 1)
}

// text picks the language, else English, else anything there is.
func text(m map[string]string, lang string) string {
	for _, l := range []string{lang, look.English, look.Chinese} {
		if s := m[l]; s != "" {
			return s
		}
	}
	return ""
}

// isText reports whether a node is words only.
func isText(n *xrc.Node) bool { return n.Class == "wxStaticText" }
