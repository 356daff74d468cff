package form

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// DateField is a date such as 2026-02-28, typed or taken from a calendar. What is typed is passed on as it is.
type DateField struct {
	widget.BaseWidget
	entry *widget.Entry
	open  *widget.Button
	popup *widget.PopUp
}

var _ fyne.Widget = (*DateField)(nil)

func newDateField(value string, changed func(string)) *DateField {
	d := &DateField{entry: widget.NewEntry()}
	d.entry.SetPlaceHolder("2026-01-31")
	d.entry.SetText(value)
	d.entry.OnChanged = changed
	d.open = widget.NewButtonWithIcon("", theme.CalendarIcon(), d.Open)
	d.ExtendBaseWidget(d)
	return d
}

// Open shows the calendar, at the date typed so far, else at today.
func (d *DateField) Open() {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(d.open)
	if c == nil {
		return
	}
	at, err := time.Parse(time.DateOnly, d.entry.Text)
	if err != nil {
		at = time.Now()
	}
	d.popup = widget.NewPopUp(widget.NewCalendar(at, d.Choose), c)
	d.popup.ShowAtRelativePosition(fyne.NewPos(0, d.entry.Size().Height), d.entry)
}

// Choose takes a date over, as the calendar does.
func (d *DateField) Choose(t time.Time) {
	if d.popup != nil {
		d.popup.Hide()
		d.popup = nil
	}
	d.entry.SetText(t.Format(time.DateOnly))
}

// Entry is where the date can be typed.
func (d *DateField) Entry() *widget.Entry { return d.entry }

// CreateRenderer is for Fyne.
func (d *DateField) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, nil, d.open, d.entry))
}
