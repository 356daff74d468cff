package control

import (
	"testing"

	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/modules"
)

// TestUnknownAsksForTheMost: a danger or level that the table does not know opens nothing.
func TestUnknownAsksForTheMost(t *testing.T) {
	for _, c := range []struct {
		danger modules.Danger
		level  inventory.Level
		want   job.Gate
	}{
		{"", inventory.Normal, job.GateApproval}, {"extreme", inventory.Normal, job.GateApproval}, {modules.Low, "", job.GateConfirm},
		{modules.Low, "secret", job.GateConfirm}, {modules.Medium, "secret", job.GateApproval}, {modules.Low, inventory.Normal, job.GateNone},
	} {
		if got := gateFor(c.danger, c.level); got != c.want {
			t.Errorf("danger %q, level %q: %s, want %s", c.danger, c.level, got, c.want)
		}
	}
}
