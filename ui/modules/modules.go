// Package modules is the panel with the module catalogue by category, with search. Choosing a row makes its module
// the current one.
package modules

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omanager/app/console"
	catalogue "omanager/modules"
	"omanager/ui/kit"
	"omanager/ui/look"
	"omanager/ui/panel"
)

// Panel is the module list.
type Panel struct {
	deps     panel.Deps
	lines    []line
	rows     *kit.Rows
	search   *widget.Entry
	rejected *panel.Note
	content  fyne.CanvasObject
}

// line is a category's heading or a module.
type line struct {
	category string
	module   *catalogue.Module
}

// New makes the panel.
func New(deps panel.Deps) *Panel {
	p := &Panel{deps: deps}
	p.rows = kit.NewRows([]kit.Column{
		{Title: deps.T("modules.column")},
		{Title: deps.T("modules.number"), Width: 52},
	}, func() int { return len(p.lines) }, p.cells)
	p.rows.OnSelected = p.selected
	p.rows.SetEmpty(deps.T("modules.empty"))
	p.search = widget.NewEntry()
	p.search.SetPlaceHolder(deps.T("modules.search"))
	p.search.OnChanged = func(string) { p.fill() }
	p.rejected = panel.NewNote("", look.ColorChanged)
	p.rejected.Hide()
	p.content = kit.NewPanel(deps.T("modules.title"), container.NewBorder(p.search, p.rejected, nil, nil, p.rows))
	p.Update(console.All)
	return p
}

// Content is what to show.
func (p *Panel) Content() fyne.CanvasObject { return p.content }

// Update shows what changed.
func (p *Panel) Update(t console.Topic) {
	if t&(console.Catalog|console.Session) == 0 {
		return
	}
	p.fill()
	_, rejected := p.deps.Console.Modules()
	text := ""
	if len(rejected) > 0 {
		text = p.deps.T("modules.rejected", "n", len(rejected)) + "\n" + rejected[0]
	}
	p.rejected.SetText(text)
	p.content.Refresh()
}

func (p *Panel) fill() {
	all, _ := p.deps.Console.Modules()
	lang := p.deps.Words.Language()
	words := strings.Fields(strings.ToLower(p.search.Text))
	p.lines = p.lines[:0]
	last := ""
	for _, m := range all {
		hay := strings.ToLower(m.ID + "\n" + m.Slug + "\n" + m.Title("en") + "\n" + m.Title("zh") + "\n" + m.Help(lang) + "\n" + p.deps.T("category."+m.Category))
		if !hasAll(hay, words) {
			continue
		}
		if m.Category != last {
			last = m.Category
			p.lines = append(p.lines, line{category: last})
		}
		p.lines = append(p.lines, line{category: last, module: m})
	}
	p.rows.Refresh()
	p.mark()
}

func hasAll(s string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

// mark puts the selection on the current module.
func (p *Panel) mark() {
	m := p.deps.Console.Draft().Module
	for i, l := range p.lines {
		if m != nil && l.module != nil && l.module.ID == m.ID {
			if p.rows.Selected() != i {
				p.rows.Select(i)
			}
			return
		}
	}
	p.rows.Unselect()
}

func (p *Panel) cells(i int) []kit.Cell {
	l := p.lines[i]
	if l.module == nil {
		return []kit.Cell{{Text: p.deps.T("category." + l.category), Bold: true, Color: look.ColorMuted}}
	}
	return []kit.Cell{
		{Text: l.module.Title(p.deps.Words.Language()), Dot: panel.DangerColor(string(l.module.Danger))},
		{Text: l.module.ID, Color: look.ColorMuted},
	}
}

func (p *Panel) selected(i int) {
	if m := p.lines[i].module; m != nil {
		p.deps.Console.Choose(m.ID)
		return
	}
	p.mark()
}
