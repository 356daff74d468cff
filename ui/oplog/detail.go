package oplog

import (
	"encoding/hex"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"omanager/app/audit"
	"omanager/ui/kit"
	"omanager/ui/panel"
)

// detail shows all of one record, to be selected and copied.
type detail struct {
	deps    panel.Deps
	values  []*widget.Label
	hint    fyne.CanvasObject
	grid    *fyne.Container
	content fyne.CanvasObject
}

func newDetail(deps panel.Deps) *detail {
	d := &detail{deps: deps, grid: container.New(layout.NewFormLayout())}
	for _, key := range []string{"column.when_log", "column.event", "column.operator", "column.job", "column.detail", "column.hash"} {
		l := widget.NewLabel("")
		l.Selectable, l.Wrapping = true, fyne.TextWrapBreak
		l.TextStyle.Monospace = key == "column.hash" || key == "column.job"
		d.values = append(d.values, l)
		name := widget.NewLabel(deps.T(key))
		name.TextStyle.Bold = true
		d.grid.Add(container.NewVBox(name))
		d.grid.Add(l)
	}
	d.hint = container.NewCenter(kit.Muted(deps.T("log.choose")))
	d.content = container.NewStack(d.hint, container.NewVScroll(d.grid))
	d.show(nil)
	return d
}

func (d *detail) show(r *audit.Record) {
	d.hint.(*fyne.Container).Hidden, d.grid.Hidden = r != nil, r == nil
	if r == nil {
		d.grid.Refresh()
		return
	}
	who := r.Operator
	if r.Source != "" {
		who += "  " + d.deps.T("log.from", "source", r.Source)
	}
	job := r.Job
	if job == "" {
		job = "–"
	}
	title := audit.Title(d.deps.Words.Language(), r.Event)
	if title != r.Event {
		title += "  (" + r.Event + ")"
	}
	for i, text := range []string{
		r.Time.Local().Format("2006-01-02 15:04:05.000 -07:00") + "  " + d.deps.T("log.number", "n", strconv.FormatInt(r.Seq, 10)),
		title, who, job, r.Detail, hex.EncodeToString(r.Hash),
	} {
		d.values[i].SetText(text)
	}
	d.grid.Refresh()
}
