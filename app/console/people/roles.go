package people

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"omanager/app/problem"
	"omanager/app/rights"
)

// PutRole makes or replaces a role. A grant with nothing in it is left out; one that is half filled in is refused.
func (p *People) PutRole(r rights.Role) {
	r.Name = strings.TrimSpace(r.Name)
	p.change(OpRole, func(ctx context.Context, s Server) (*Handover, error) {
		grants := slices.DeleteFunc(slices.Clone(r.Grants), func(g rights.Grant) bool {
			return len(g.Verbs) == 0 && len(g.Modules) == 0 && len(g.Servers) == 0
		})
		for i, g := range grants {
			if err := whole(g); err != "" {
				return nil, problem.New(err, "line", strconv.Itoa(i+1))
			}
		}
		if r.Name == "" {
			return nil, problem.New("role_unnamed")
		}
		r.Grants = grants
		return nil, s.PutRole(ctx, r)
	})
}

// whole is the code of what a grant lacks, or empty.
func whole(g rights.Grant) string {
	switch {
	case len(g.Verbs) == 0:
		return "grant_verbs"
	case len(g.Servers) == 0:
		return "grant_servers"
	case len(g.Modules) == 0 && !slices.Equal(g.Verbs, []string{rights.Look}):
		return "grant_modules"
	}
	return ""
}

// DeleteRole removes a role that nobody holds.
func (p *People) DeleteRole(name string) {
	p.change(OpRole, func(ctx context.Context, s Server) (*Handover, error) {
		return nil, s.DeleteRole(ctx, name)
	})
}

// Words reads a list as a person types it: separated by commas of either width, semicolons or line ends; names may
// hold spaces.
func Words(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",，;；、", r) || r == '\n' || unicode.IsControl(r) }) {
		if w = strings.TrimSpace(w); w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// Holders are the operators with a role.
func (p *People) Holders(role string) []string {
	var out []string
	for _, o := range p.Operators() {
		if slices.Contains(o.Roles, role) {
			out = append(out, o.Name)
		}
	}
	return out
}
