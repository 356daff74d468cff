package oplog

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"omanager/app/audit"
	"omanager/app/console/oplog"
	"omanager/ui/kit"
	"omanager/ui/panel"
)

// search is the row of fields that say what is looked for.
type search struct {
	deps                              panel.Deps
	operator, job, text, since, until *widget.Entry
	event                             *widget.Select
	find                              *widget.Button
	filling                           bool
	content                           fyne.CanvasObject
}

// events lists what can be looked for.
func events() []string {
	return []string{
		audit.EventLogin, audit.EventLoginRefused, audit.EventLogout, audit.EventRefused, audit.EventPlan, audit.EventJobStart,
		audit.EventJobRefused, audit.EventJobCancel, audit.EventJobDone, audit.EventJobRecovered, audit.EventAskApproval,
		audit.EventApproved, audit.EventNotApproved, audit.EventOperatorAdd, audit.EventOperatorState, audit.EventRights,
		audit.EventNewPassword, audit.EventNewKey, audit.EventOwnPassword, audit.EventRolePut, audit.EventRoleDelete,
		audit.EventAuditRead, audit.EventAuditExport, audit.EventAuditTrim, audit.EventServerStart,
	}
}

func newSearch(deps panel.Deps) *search {
	s := &search{deps: deps}
	entry := func(hint string) *widget.Entry {
		e := widget.NewEntry()
		e.SetPlaceHolder(hint)
		e.OnChanged = func(string) { s.changed() }
		e.OnSubmitted = func(string) { s.submit() }
		return e
	}
	s.operator, s.job, s.text = entry(""), entry(""), entry(deps.T("log.text_hint"))
	s.since, s.until = entry("2026-03-31 08:00"), entry("2026-03-31")
	titles := []string{deps.T("log.any_event")}
	for _, e := range events() {
		titles = append(titles, audit.Title(deps.Words.Language(), e))
	}
	s.event = widget.NewSelect(titles, nil)
	s.event.SetSelectedIndex(0)
	s.event.OnChanged = func(string) {
		if !s.filling {
			s.changed()
			s.submit()
		}
	}
	s.find = widget.NewButtonWithIcon(deps.T("log.find"), theme.SearchIcon(), s.submit)
	s.find.Importance = widget.HighImportance
	field := func(key string, o fyne.CanvasObject) fyne.CanvasObject {
		return container.New(layout.NewCustomPaddedVBoxLayout(1), kit.Muted(deps.T(key)), o)
	}
	s.content = container.New(layout.NewCustomPaddedLayout(4, 6, 7, 7), container.New(searchRow{},
		field("log.operator", s.operator), field("log.event", s.event), field("log.job", s.job), field("log.text", s.text),
		field("log.since", s.since), field("log.until", s.until), container.New(layout.NewCustomPaddedVBoxLayout(1), kit.Muted(" "), s.find)))
	return s
}

// searchRow lays the fields out, each at its width; the fourth takes what is left.
type searchRow struct{}

const (
	searchGap  = 6
	searchText = 3 // the place of the text field
)

func (searchRow) widths(o []fyne.CanvasObject) []float32 {
	return []float32{104, 164, 104, 0, 146, 146, o[len(o)-1].MinSize().Width}
}

// MinSize leaves room for a short text.
func (r searchRow) MinSize(o []fyne.CanvasObject) fyne.Size {
	w, h := float32(120), float32(0)
	for i, x := range r.widths(o) {
		w += x + searchGap
		h = max(h, o[i].MinSize().Height)
	}
	return fyne.NewSize(w, h)
}

// Layout places the fields.
func (r searchRow) Layout(o []fyne.CanvasObject, s fyne.Size) {
	widths := r.widths(o)
	left := s.Width - searchGap*float32(len(o)-1)
	for _, w := range widths {
		left -= w
	}
	widths[searchText] = left
	x := float32(0)
	for i, w := range widths {
		o[i].Move(fyne.NewPos(x, 0))
		o[i].Resize(fyne.NewSize(w, s.Height))
		x += w + searchGap
	}
}

// typed is what the fields say.
func (s *search) typed() oplog.Search {
	event := ""
	if i := s.event.SelectedIndex(); i > 0 {
		event = events()[i-1]
	}
	return oplog.Search{Operator: s.operator.Text, Event: event, Job: s.job.Text, Text: s.text.Text, Since: s.since.Text, Until: s.until.Text}
}

func (s *search) changed() {
	if !s.filling {
		s.deps.Log.SetSearch(s.typed())
	}
}

func (s *search) submit() { s.deps.Log.Find() }

// update fills the fields in, as after a change of language.
func (s *search) update(v oplog.View, busy bool) {
	panel.Able(s.find, !busy && len(v.Errors) == 0)
	if s.typed() == v.Search {
		return
	}
	s.filling = true
	s.operator.SetText(v.Search.Operator)
	s.job.SetText(v.Search.Job)
	s.text.SetText(v.Search.Text)
	s.since.SetText(v.Search.Since)
	s.until.SetText(v.Search.Until)
	for i, e := range events() {
		if e == v.Search.Event {
			s.event.SetSelectedIndex(i + 1)
		}
	}
	if v.Search.Event == "" {
		s.event.SetSelectedIndex(0)
	}
	s.filling = false
}
