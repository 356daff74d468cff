package control

import (
	"context"

	"omanager/app/account"
	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/app/rights"
	"omanager/modules"
)

// may is what the caller may do: as Authenticate compiled it, else what its privileges alone say.
func (who Caller) may() rights.Rights {
	if who.Rights != nil {
		return *who.Rights
	}
	r, _ := rights.Compile(who.Operator.Privileges) // what is not understood allows nothing
	return r
}

// as is the caller that an operator would be now; nothing of it is remembered from earlier.
func (c *Control) as(ctx context.Context, o account.Operator, source string) (Caller, error) {
	roles, err := account.RolesOf(ctx, c.Store, o)
	if err != nil {
		return Caller{}, c.storeProblem(err)
	}
	r, strange := rights.Compile(o.Privileges, roles...)
	if strange != nil {
		c.Log.Warn("rights not understood allow nothing", "operator", o.Name, "err", strange)
	}
	return Caller{Operator: o, Source: source, Rights: &r}, nil
}

// Manages lists what the operator may manage, for the console to offer; nothing when the store does not answer.
func (c *Control) Manages(ctx context.Context, o account.Operator) []string {
	who, err := c.as(ctx, o, "")
	if err != nil {
		return nil
	}
	return who.may().Manages()
}

// Allowed is nil if the caller manages what, one of the Manage constants of package rights.
func (c *Control) Allowed(who Caller, what string) error {
	if who.may().MayManage(what) {
		return nil
	}
	return problem.New("not_allowed", "operator", who.Operator.Name, "action", "manage", "thing", what)
}

func serverScope(s inventory.Server) rights.Server {
	return rights.Server{Category: s.CategoryID, App: s.App, ID: s.ID}
}

// targetScope is the server as it was when the job was planned.
func targetScope(t job.Target) rights.Server {
	return rights.Server{Category: t.Category, App: t.App, ID: t.Host}
}

// listed reports whether the module is in the list of who has the rights.
func listed(r rights.Rights, m *modules.Module) bool {
	return r.SeesCatalogue() || r.MayRunSomewhere(moduleScope(m))
}

func moduleScope(m *modules.Module) rights.Module {
	return rights.Module{ID: m.ID, Category: m.Category}
}

// moduleNamed is the scope of a module that may not be in the catalogue any more: then only its id and * name it.
func (c *Control) moduleNamed(id string) rights.Module {
	if m, ok := c.Catalogue.Get(id); ok {
		return moduleScope(m)
	}
	return rights.Module{ID: id}
}

// seesAll reports whether the caller may see every target.
func (c *Control) seesAll(who Caller, targets []job.Target) bool {
	r := who.may()
	return r.MaySeeAll() || every(targets, r.MaySee)
}

// runsAll reports whether the caller may run the module on every target.
func (c *Control) runsAll(who Caller, module string, targets []job.Target) bool {
	r, m := who.may(), c.moduleNamed(module)
	return every(targets, func(s rights.Server) bool { return r.MayRun(m, s) })
}

// every is false for no targets: nothing is not a set that somebody has rights on.
func every(targets []job.Target, ok func(rights.Server) bool) bool {
	for _, t := range targets {
		if !ok(targetScope(t)) {
			return false
		}
	}
	return len(targets) > 0
}

// mayLook reports whether the caller may look at the job, its events and its output: its own, or one whose every target
// it may see. The job has its targets.
func (c *Control) mayLook(who Caller, j job.Job) bool {
	return j.Operator == who.Operator.Name || c.seesAll(who, j.Targets)
}
