package operators

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"omanager/ui/kit"
)

// choices is a grid of ticks, each with an id behind its name.
type choices struct {
	ids     []string
	checks  []*widget.Check
	changed func()
	content *fyne.Container
}

// newChoices makes a grid; without columns, a row.
func newChoices(columns int, changed func()) *choices {
	c := &choices{changed: changed, content: container.NewHBox()}
	if columns > 0 {
		c.content = container.NewGridWithColumns(columns)
	}
	return c
}

// set offers ids and ticks some of them.
func (c *choices) set(ids, names, on []string) {
	c.ids, c.checks = slices.Clone(ids), nil
	c.content.RemoveAll()
	for i, id := range ids {
		k := widget.NewCheck(names[i], nil)
		k.Checked = slices.Contains(on, id)
		k.OnChanged = func(bool) { c.changed() }
		c.checks = append(c.checks, k)
		c.content.Add(k)
	}
}

// none says why nothing is offered.
func (c *choices) none(text string) {
	if len(c.ids) == 0 {
		c.content.Add(kit.Muted(text))
	}
}

// chosen are the ids that are ticked, in their order.
func (c *choices) chosen() []string {
	var out []string
	for i, k := range c.checks {
		if k.Checked {
			out = append(out, c.ids[i])
		}
	}
	return out
}
