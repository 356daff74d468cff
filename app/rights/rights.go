// Package rights is what an operator may do: roles of grants beside the legacy privileges. What nothing allows is
// refused.
package rights

// The verbs of a Grant.
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
