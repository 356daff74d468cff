package rights

import (
	"errors"
	"fmt"
)

const categoryPrefix, appPrefix, serverPrefix = "category:", "app:", "server:"

// grant is a Grant as sets of the words it was written in.
type grant struct{ verbs, modules, servers map[string]bool }

func (g grant) of(m Module) bool {
	return g.modules[Any] || m.ID != "" && g.modules[m.ID] || m.Category != "" && g.modules[categoryPrefix+m.Category]
}

func (g grant) on(s Server) bool {
	return g.servers[Any] || s.Category != "" && g.servers[categoryPrefix+s.Category] ||
		s.App != "" && g.servers[appPrefix+s.App] || s.ID != "" && g.servers[serverPrefix+s.ID]
}

func compile(privileges string, roles []Role) (r Rights, err error) {
	r.manage = map[string]bool{}
	var errs []error
	if r.own, err = ParsePrivileges(privileges); err != nil {
		errs = append(errs, err)
	}
	for _, role := range roles {
		if err := role.Check(); err != nil {
			errs = append(errs, fmt.Errorf("role %.40q allows nothing: %w", role.Name, err))
			continue
		}
		for _, g := range role.Grants {
			r.grants = append(r.grants, grant{verbs: set(g.Verbs), modules: set(g.Modules), servers: set(g.Servers)})
		}
		for _, what := range role.Manage {
			r.manage[what] = true
		}
	}
	return r, errors.Join(errs...)
}

func set(words []string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// Covers reports whether r allows everything that the other allows, judged by what is written: a grant on a server is
// not covered by one on its category, because the server may move.
func (r Rights) Covers(other Rights) bool {
	switch {
	case r.own.root:
		return true
	case other.own.root, other.own.duty && !r.MaySeeAll():
		return false
	}
	for what := range other.manage {
		if !r.manage[what] {
			return false
		}
	}
	for id := range other.own.ids {
		if !r.allows(grant{verbs: set([]string{Look, Run, Approve}), modules: set([]string{Any}), servers: set([]string{categoryPrefix + id})}) {
			return false
		}
	}
	for _, g := range other.grants {
		if !r.allows(g) {
			return false
		}
	}
	return true
}

func (r Rights) allows(g grant) bool {
	for server := range g.servers {
		if !r.seesAllOf(server) {
			return false
		}
		for verb := range g.verbs {
			if verb != Look && !r.allowsOn(verb, g.modules, server) {
				return false
			}
		}
	}
	return true
}

func (r Rights) seesAllOf(server string) bool {
	return r.MaySeeAll() || r.ownsAll(server) || r.any(func(g grant) bool { return g.servers[server] })
}

// ownsAll reports whether the word names a category of the privileges.
func (r Rights) ownsAll(server string) bool {
	for id := range r.own.ids {
		if server == categoryPrefix+id {
			return true
		}
	}
	return false
}

func (r Rights) allowsOn(verb string, modules map[string]bool, server string) bool {
	if r.ownsAll(server) {
		return true
	}
	have := map[string]bool{}
	for _, g := range r.grants {
		if !g.verbs[verb] || !g.servers[Any] && !g.servers[server] {
			continue
		}
		for m := range g.modules {
			have[m] = true
		}
	}
	for m := range modules {
		if !have[Any] && !have[m] {
			return false
		}
	}
	return true
}
