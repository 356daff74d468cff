package hostexpr

import "testing"

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{{"*", "", true}, {"a*b*c", "aXbXXc", true}, {"a*b*c", "acb", false}, {"?", "中", true}, {"??", "中", false}, {"*??b*", "中bc", false},
		{"*??b*", "x中bc", true}, {"a?", "a", false}, {"***", "x", true}, {"*a", "aaa", true}, {"?*?", "中", false}} {
		if got := Match(c.pattern, c.s); got != c.want {
			t.Errorf("Match(%q, %q) is %v", c.pattern, c.s, got)
		}
	}
}
