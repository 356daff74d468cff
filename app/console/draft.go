package console

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"omanager/modules"
)

// draft is the chosen module and what is filled in. stood holds the values of modules left for another one.
type draft struct {
	module *modules.Module
	values map[string]string
	errs   map[string]error
	stood  map[string]map[string]string
}

// Draft is a copy of the chosen module's values and, by parameter, what is wrong with them.
type Draft struct {
	Module *modules.Module // nil: none is chosen
	Values map[string]string
	Errors map[string]error
}

// Categories is the order of the module categories, as in the Functions menu.
func Categories() []string { return []string{"bas", "app", "dba", "ser", "mid"} }

func inOrder(mods []*modules.Module) []*modules.Module {
	out := slices.Clone(mods)
	rank := func(m *modules.Module) int {
		if i := slices.Index(Categories(), m.Category); i >= 0 {
			return i
		}
		return len(Categories())
	}
	slices.SortStableFunc(out, func(a, b *modules.Module) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

// Modules returns the catalogue by category and number; the modules are read-only. The second result is the
// reasons why folders were left out.
func (c *Console) Modules() ([]*modules.Module, []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.modules, c.rejected
}

// Choose makes a module the current one, with the values it had last in this session, else those it was
// run with last, else its defaults.
func (c *Console) Choose(id string) {
	c.mu.Lock()
	m := c.find(id)
	if m == nil || (c.draft.module != nil && c.draft.module.ID == id) {
		c.mu.Unlock()
		return
	}
	if c.draft.stood == nil {
		c.draft.stood = map[string]map[string]string{}
	}
	if c.draft.module != nil {
		c.draft.stood[c.draft.module.ID] = c.draft.values
	}
	c.draft.module, c.draft.values, c.draft.errs = m, c.draft.stood[id], nil
	if c.draft.values == nil {
		c.draft.values = c.firstValues(m)
	}
	delete(c.errs, OpPlan)
	delete(c.errs, OpStart)
	t := c.stale()
	c.mu.Unlock()
	c.notify(Catalog | Form | Busy | t)
}

func (c *Console) find(id string) *modules.Module {
	for _, m := range c.modules {
		if m.ID == id {
			return m
		}
	}
	return nil
}

func defaults(m *modules.Module) map[string]string {
	v := map[string]string{}
	for _, p := range m.Params {
		if p.Default != "" || !p.Required {
			v[p.Name] = p.Default
		}
	}
	return v
}

// refreshDraft follows a catalogue that was read again. The lock is held.
func (c *Console) refreshDraft() {
	old := c.draft.module
	if old == nil {
		return
	}
	m := c.find(old.ID)
	if m == nil {
		c.draft.module, c.draft.values, c.draft.errs = nil, nil, nil
	} else if m.Hash != old.Hash {
		c.draft.module, c.draft.values, c.draft.errs = m, defaults(m), nil
	}
	c.stale()
}

// Draft returns what is filled in.
func (c *Console) Draft() Draft {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Draft{Module: c.draft.module, Values: maps.Clone(c.draft.values), Errors: maps.Clone(c.draft.errs)}
}

// SetValue fills a parameter in and checks it at once.
func (c *Console) SetValue(param, value string) {
	c.mu.Lock()
	d := &c.draft
	if d.module == nil || d.values[param] == value {
		c.mu.Unlock()
		return
	}
	d.values[param] = value
	errs := check(d.module, d.values)
	d.errs = maps.Clone(d.errs)
	if d.errs == nil {
		d.errs = map[string]error{}
	}
	delete(d.errs, param)
	if err := errs[param]; err != nil {
		d.errs[param] = err
	}
	t := c.stale()
	c.mu.Unlock()
	c.notify(Form | t)
}

// checkDraft checks every field and reports whether all are right. The lock is held.
func (c *Console) checkDraft() bool {
	c.draft.errs = check(c.draft.module, c.draft.values)
	return len(c.draft.errs) == 0
}

// check returns what is wrong, by parameter.
func check(m *modules.Module, values map[string]string) map[string]error {
	values, errs := filled(m, values)
	_, err := m.Check(values)
	if all, ok := errors.AsType[modules.ParamErrors](err); ok {
		for _, e := range all {
			if errs[e.Param] == nil {
				errs[e.Param] = e.Problem
			}
		}
	}
	return errs
}
