package house

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mostLines is how long a package may be, without tests and generated code.
const mostLines = 1500

// stillOver are the packages that are longer, each with the lines it has: it may shrink and not grow. One that is short
// enough has no line here.
func stillOver() map[string]int {
	return map[string]int{
		"app/console":     1887,
		"app/control":     2440,
		"app/engine/demo": 3228,
		"app/engine/ssh":  1826,
		"cmd/omctl":       2152,
		"data/store":      2426,
		"modules":         1807,
		"rpc/rpyc":        1706,
		"ui/kit":          2677,
	}
}

// tooLong lists the packages that are longer than they may be, and the ceilings that are not needed any more.
func tooLong(lines, ceilings map[string]int) (out []string) {
	for room, n := range lines {
		switch most, over := ceilings[room]; {
		case n > max(most, mostLines):
			out = append(out, fmt.Sprintf("%s has %d lines, at most %d: split it by noun", room, n, max(most, mostLines)))
		case over && n <= mostLines:
			out = append(out, fmt.Sprintf("%s has %d lines and needs no ceiling", room, n))
		}
	}
	for room := range ceilings {
		if _, there := lines[room]; !there {
			out = append(out, room+" has a ceiling and is no package")
		}
	}
	return out
}

func TestPackagesAreShort(t *testing.T) {
	lines := map[string]int{}
	for _, p := range packages(t) {
		lines[p.room()] = 0
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.IgnoredGoFiles) {
			data, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if !generated(data) && !strings.HasSuffix(name, "_test.go") {
				lines[p.room()] += bytes.Count(data, []byte("\n"))
			}
		}
	}
	for _, line := range tooLong(lines, stillOver()) {
		t.Error(line)
	}
}

// The rule must be able to fail, and must let the right thing pass.
func TestLongPackagesAreSeen(t *testing.T) {
	ceilings := map[string]int{"old": 1800}
	for _, c := range []struct {
		lines map[string]int
		bad   int
	}{
		{map[string]int{"old": 1800, "new": 1500}, 0},
		{map[string]int{"old": 1700}, 0},
		{map[string]int{"old": 1801}, 1},
		{map[string]int{"old": 1800, "new": 1501}, 1},
		{map[string]int{"old": 1500}, 1},
		{map[string]int{"new": 10}, 1},
	} {
		if got := tooLong(c.lines, ceilings); len(got) != c.bad {
			t.Errorf("%v: %q, want %d lines", c.lines, got, c.bad)
		}
	}
}
