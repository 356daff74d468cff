package control

import (
	"context"
	"strconv"

	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/modules"
)

// gateFor is the one table of what Start asks for: the module's danger by the highest level among the targets. What it
// does not know asks for the most.
func gateFor(d modules.Danger, l inventory.Level) job.Gate {
	type row struct{ normal, guarded, critical job.Gate }
	most := row{job.GateApproval, job.GateApproval, job.GateApproval}
	r := most
	switch d {
	case modules.Low:
		r = row{job.GateNone, job.GateNone, job.GateConfirm}
	case modules.Medium:
		r = row{job.GateConfirm, job.GateCount, job.GateApproval}
	case modules.High:
		r = row{job.GateCount, job.GateApproval, job.GateApproval}
	}
	switch l {
	case inventory.Normal:
		return r.normal
	case inventory.Guarded:
		return r.guarded
	default:
		return r.critical
	}
}

// pass holds an order against its plan's gate; nil means it may start.
func (c *Control) pass(ctx context.Context, who Caller, p job.Plan, o Order) error {
	count := strconv.Itoa(len(p.Targets))
	if o.Approval != "" && p.Gate != job.GateApproval {
		return problem.New("approval_not_needed", "module", p.Module, "gate", string(p.Gate))
	}
	switch p.Gate {
	case job.GateNone:
		return nil
	case job.GateConfirm:
		if !o.Confirmed {
			return problem.New("confirm_needed", "module", p.Module, "danger", p.Danger, "count", count)
		}
		return nil
	case job.GateCount:
		if o.TypedCount == 0 {
			return problem.New("count_needed", "module", p.Module, "danger", p.Danger, "count", count)
		}
		if o.TypedCount != len(p.Targets) {
			return problem.New("count_wrong", "typed", strconv.Itoa(o.TypedCount), "count", count)
		}
		return nil
	default:
		if o.Approval == "" {
			return problem.New("approval_needed", "module", p.Module, "danger", p.Danger, "count", count)
		}
		return c.granted(ctx, who, p, o.Approval)
	}
}
