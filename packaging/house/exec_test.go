package house

import (
	"strings"
	"testing"
)

// TestJ07UserTextIsNoArgument: what ships starts no program at all, so nothing that an operator writes can be taken
// for an option of ssh, ansible, salt or git. The negative control: the same rule sees an engine that would.
func TestJ07UserTextIsNoArgument(t *testing.T) {
	starts := func(packages []Package) (out []string) {
		for _, line := range Broken(packages, Rules()) {
			if strings.Contains(line, "imports os/exec") {
				out = append(out, line)
			}
		}
		return out
	}
	if got := starts(packages(t)); len(got) > 0 {
		t.Errorf("programs are started: %q", got)
	}
	if got := starts([]Package{{ImportPath: "omanager/app/engine/weak", Imports: []string{"os/exec"}}}); len(got) != 1 {
		t.Errorf("this test could not have failed: %q", got)
	}
}
