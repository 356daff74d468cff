package rights

import (
	"fmt"
	"strings"
)

const (
	rootWord = "root"
	dutyWord = "zhiban"
)

// Privileges is what the legacy column of that name allows. The zero value allows nothing.
type Privileges struct {
	root, duty bool
	ids        map[string]bool
}

// ParsePrivileges reads "root", "zhiban" (see all, run nothing), category ids joined by commas, or nothing at all
// (which allows nothing). Whatever it does not understand is an error, never a privilege.
func ParsePrivileges(s string) (Privileges, error) {
	switch s = strings.TrimSpace(s); s {
	case "":
		return Privileges{}, nil
	case rootWord:
		return Privileges{root: true}, nil
	case dutyWord:
		return Privileges{duty: true}, nil
	}
	p := Privileges{ids: make(map[string]bool)}
	for id := range strings.SplitSeq(s, ",") {
		id = strings.TrimSpace(id)
		if !plainID(id) {
			return Privileges{}, fmt.Errorf("privileges %.80q: %q is not a category id", s, id)
		}
		p.ids[id] = true
	}
	return p, nil
}

// Root reports whether everything is allowed.
func (p Privileges) Root() bool { return p.root }

// MaySee reports whether the category and its servers may be listed.
func (p Privileges) MaySee(categoryID string) bool { return p.root || p.duty || p.ids[categoryID] }

// MayRun reports whether every module may run on the category's servers.
func (p Privileges) MayRun(categoryID string) bool { return p.root || p.ids[categoryID] }

func (p Privileges) runs() bool { return p.root || len(p.ids) > 0 }

func plainID(id string) bool {
	if id == "" || len(id) > 32 || id == rootWord || id == dutyWord {
		return false
	}
	for _, r := range id {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		digit := r >= '0' && r <= '9'
		if !letter && !digit && r != '-' && r != '_' {
			return false
		}
	}
	return true
}
