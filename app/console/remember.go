package console

import (
	"maps"
	"path/filepath"

	"omanager/app/job"
	"omanager/modules"
)

// lastPath is the file of what was filled in last, beside the settings.
func lastPath(settings string) string {
	if settings == "" {
		return ""
	}
	return filepath.Join(filepath.Dir(settings), "last-values.json")
}

// firstValues is what the form of a module begins with. The lock is held.
func (c *Console) firstValues(m *modules.Module) map[string]string {
	v := defaults(m)
	maps.Copy(v, c.last.Of(c.session.operator, c.session.addr, m))
	return v
}

// keepValues remembers what a job was started with. That it cannot be written stops nothing. The simulated servers
// have another address each time: their values are not kept.
func (c *Console) keepValues(req job.Request) {
	c.mu.Lock()
	s, m := c.session, c.find(req.Module)
	c.mu.Unlock()
	if m == nil || !s.in || s.demo {
		return
	}
	err := c.last.Keep(s.operator, s.addr, m, req.Params)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.errs[OpRemember] = err
	} else {
		delete(c.errs, OpRemember)
	}
}
