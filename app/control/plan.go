package control

import (
	"context"
	"strconv"

	"omanager/app/audit"
	"omanager/app/engine"
	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/modules"
)

// Plan works out exactly what Start would do, and does nothing.
func (c *Control) Plan(ctx context.Context, who Caller, r job.Request) (job.Plan, error) {
	p, _, _, err := c.plan(who, r)
	if err != nil {
		return job.Plan{}, err
	}
	return p, c.record(ctx, c.entry(who, audit.EventPlan, "", r.Module+" on "+clip(r.On, 200)))
}

// plan is shared by Plan and Start, so that what was shown is what is checked.
func (c *Control) plan(who Caller, r job.Request) (job.Plan, *modules.Module, []engine.Host, error) {
	m, ok := c.Catalogue.Get(r.Module)
	if !ok {
		return job.Plan{}, nil, nil, problem.New("module_unknown", "module", r.Module)
	}
	if err := c.mayUse(who, m); err != nil {
		return job.Plan{}, nil, nil, err
	}
	params, err := m.CheckWith(r.Params, c.know(who))
	if err != nil {
		return job.Plan{}, nil, nil, err
	}
	p, hosts, err := c.frame(who, m, r.On)
	if err != nil {
		return job.Plan{}, nil, nil, err
	}
	p.Params = m.Redact(params)
	p.Seal(c.marks(m.Secrets(params))...)
	return p, m, hosts, nil
}

// planFrame is plan without parameters: what of a plan can change after it was asked for.
func (c *Control) planFrame(who Caller, module, on string) (job.Plan, error) {
	m, ok := c.Catalogue.Get(module)
	if !ok {
		return job.Plan{}, problem.New("module_unknown", "module", module)
	}
	p, _, err := c.frame(who, m, on)
	return p, err
}

// frame is everything in a plan but its parameters and its hash.
func (c *Control) frame(who Caller, m *modules.Module, on string) (job.Plan, []engine.Host, error) {
	task, ok := m.Tasks[taskEngine(c.Engine.Name())]
	if !ok {
		return job.Plan{}, nil, problem.New("module_no_task", "module", m.ID, "engine", c.Engine.Name())
	}
	targets, hosts, level, err := c.targets(who, m, on)
	if err != nil {
		return job.Plan{}, nil, err
	}
	return job.Plan{
		Module: m.ID, Title: m.Title("en"), ModuleHash: m.Hash, Targets: targets,
		Engine: c.Engine.Name(), Danger: string(m.Danger), Gate: gateFor(m.Danger, level), Rendered: string(task.Body),
	}, hosts, nil
}

// taskEngine names the task an engine runs: the demo fleet speaks SSH and runs ssh tasks.
func taskEngine(name string) string {
	if name == "demo" {
		return "ssh"
	}
	return name
}

// mayUse refuses a module that is not in the caller's list, whatever the targets.
func (c *Control) mayUse(who Caller, m *modules.Module) error {
	if listed(who.may(), m) {
		return nil
	}
	return c.refuse(who, "module "+m.ID, nil)
}

// targets resolves the expression to servers on which the caller may run the module, and gives the highest level among
// them.
func (c *Control) targets(who Caller, m *modules.Module, expr string) ([]job.Target, []engine.Host, inventory.Level, error) {
	r, module := who.may(), moduleScope(m)
	inv, err := c.View(who)
	if err != nil {
		return nil, nil, "", err
	}
	chosen, err := inv.Select(expr)
	if err != nil {
		return nil, nil, "", err
	}
	if len(chosen) == 0 {
		return nil, nil, "", problem.New("no_targets", "expr", expr)
	}
	if c.MaxServers > 0 && len(chosen) > c.MaxServers {
		return nil, nil, "", problem.New("too_many_servers", "count", strconv.Itoa(len(chosen)), "limit", strconv.Itoa(c.MaxServers))
	}
	targets := make([]job.Target, 0, len(chosen))
	hosts := make([]engine.Host, 0, len(chosen))
	servers := make([]inventory.Server, 0, len(chosen))
	for _, ch := range chosen {
		s := ch.Server
		if !r.MayRun(module, serverScope(s)) {
			return nil, nil, "", c.refuse(who, s.ID, nil)
		}
		servers = append(servers, s)
		targets = append(targets, job.Target{Host: s.ID, Addr: s.DialAddr(), Category: s.CategoryID, App: s.App, Reason: ch.Reason})
		hosts = append(hosts, engine.Host{ID: s.ID, Addr: s.DialAddr(), Port: s.Port, User: s.User, Jump: s.Jump, HostKey: s.HostKey})
	}
	return targets, hosts, inv.Level(servers...), nil
}

func (c *Control) refuse(who Caller, thing string, cause error) error {
	return problem.Wrap(cause, "not_allowed", "operator", who.Operator.Name, "action", "run", "thing", thing)
}
