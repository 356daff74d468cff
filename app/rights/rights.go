// Package rights is what an operator may do: roles of grants beside the legacy privileges, compiled into one value that
// answers. What nothing allows is refused, and what is not understood allows nothing.
package rights

import "slices"

// The verbs of a Grant. Who may run or approve on a server also sees it.
const (
	Look    = "look"
	Run     = "run"
	Approve = "approve"
)

// What a role may manage.
const (
	ManageOperators = "operators" // operators and roles
	ManageAudit     = "audit"     // read and export the operation log
)

// Any stands for every module or every server in a Grant.
const Any = "*"

// Grant allows verbs on modules and servers. Modules are ids, "category:bas" or Any (look needs none); servers are
// "category:ID", "app:NAME", "server:ID" or Any.
type Grant struct {
	Verbs   []string `json:"verbs"`
	Modules []string `json:"modules,omitempty"`
	Servers []string `json:"servers"`
}

// Role is a named set of grants that operators hold.
type Role struct {
	Name   string   `json:"name"`
	Note   string   `json:"note,omitempty"`
	Grants []Grant  `json:"grants,omitempty"`
	Manage []string `json:"manage,omitempty"`
}

// Server is a server as grants name it.
type Server struct{ Category, App, ID string }

// Module is a module as grants name it; its category is its menu (bas, app, dba, ser, mid).
type Module struct{ ID, Category string }

// Rights is what one operator may do. The zero value allows nothing. It never changes once compiled.
type Rights struct {
	own    Privileges
	grants []grant
	manage map[string]bool
}

// Compile joins privileges and roles: what either allows is allowed, so a role gives more than zhiban or a category
// list has and takes nothing away. Privileges or a role that are not understood allow nothing; err then says why, for
// the log, and the rest holds.
func Compile(privileges string, roles ...Role) (r Rights, err error) {
	return compile(privileges, roles)
}

// Root reports whether everything is allowed.
func (r Rights) Root() bool { return r.own.root }

// MaySee reports whether the server may be listed and the jobs on it looked at.
func (r Rights) MaySee(s Server) bool {
	return r.own.MaySee(s.Category) || r.any(func(g grant) bool { return g.on(s) })
}

// MaySeeCategory reports whether a category is listed though it may have no server: those that privileges name.
func (r Rights) MaySeeCategory(id string) bool { return r.own.MaySee(id) }

// MaySeeAll reports whether every server may be listed, known or not.
func (r Rights) MaySeeAll() bool {
	return r.own.root || r.own.duty || r.any(func(g grant) bool { return g.servers[Any] })
}

// MayRun reports whether the module may run on the server.
func (r Rights) MayRun(m Module, s Server) bool { return r.may(Run, m, s) }

// MayApprove reports whether the operator's consent to run the module on the server counts. Who may run everything on a
// category by its privileges may also approve there; a role must say so.
func (r Rights) MayApprove(m Module, s Server) bool { return r.may(Approve, m, s) }

func (r Rights) may(verb string, m Module, s Server) bool {
	return r.own.MayRun(s.Category) || r.any(func(g grant) bool { return g.verbs[verb] && g.of(m) && g.on(s) })
}

// MayRunSomewhere reports whether there can be a server on which the module may run.
func (r Rights) MayRunSomewhere(m Module) bool {
	return r.own.runs() || r.any(func(g grant) bool { return g.verbs[Run] && g.of(m) })
}

// SeesCatalogue reports whether every module may be listed: to run it, or to look as zhiban does.
func (r Rights) SeesCatalogue() bool {
	return r.own.duty || r.own.runs() || r.any(func(g grant) bool { return g.verbs[Run] && g.modules[Any] })
}

// MayManage reports whether the operator manages what, one of the Manage constants.
func (r Rights) MayManage(what string) bool { return r.own.root || r.manage[what] }

// Manages lists what the operator may manage, and "approvals" if there is anything that it may approve: what a console
// offers, not what the control server decides by.
func (r Rights) Manages() []string {
	var out []string
	for _, what := range []string{ManageOperators, ManageAudit} {
		if r.MayManage(what) {
			out = append(out, what)
		}
	}
	if r.own.runs() || r.any(func(g grant) bool { return g.verbs[Approve] }) {
		out = append(out, "approvals")
	}
	return out
}

func (r Rights) any(ok func(grant) bool) bool {
	return slices.ContainsFunc(r.grants, ok)
}
