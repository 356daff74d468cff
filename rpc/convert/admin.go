package convert

import (
	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/job"
	"omanager/app/rights"
	v1 "omanager/rpc/omanager/v1"
)

// OperatorToWire leaves out what only the store may know: hash, key.
func OperatorToWire(o account.Operator) *v1.Operator {
	return &v1.Operator{
		Name: o.Name, Privileges: o.Privileges, Roles: o.Roles, Disabled: o.Disabled, OneTime: o.OneTime,
		Legacy: len(o.PublicKey) == 0, CreatedMs: millis(o.Created),
	}
}

// OperatorFromWire is the client's view. Legacy is told by an empty PublicKey on the server; here by Legacy.
func OperatorFromWire(w *v1.Operator) account.Listed {
	return account.Listed{
		Name: w.Name, Privileges: w.Privileges, Roles: w.Roles, Disabled: w.Disabled, OneTime: w.OneTime,
		Legacy: w.Legacy, Created: moment(w.CreatedMs),
	}
}

// RoleToWire gives the wire form of a role.
func RoleToWire(r rights.Role) *v1.Role {
	w := &v1.Role{Name: r.Name, Note: r.Note, Manage: r.Manage}
	for _, g := range r.Grants {
		w.Grants = append(w.Grants, &v1.Grant{Verbs: g.Verbs, Modules: g.Modules, Servers: g.Servers})
	}
	return w
}

// RoleFromWire is the inverse of RoleToWire.
func RoleFromWire(w *v1.Role) rights.Role {
	r := rights.Role{Name: w.GetName(), Note: w.GetNote(), Manage: w.GetManage()}
	for _, g := range w.GetGrants() {
		r.Grants = append(r.Grants, rights.Grant{Verbs: g.Verbs, Modules: g.Modules, Servers: g.Servers})
	}
	return r
}

// ApprovalToWire gives the wire form of an approval.
func ApprovalToWire(a job.Approval) *v1.Approval {
	return &v1.Approval{
		Id: a.ID, Operator: a.Operator, Module: a.Module, Title: a.Title, On: a.On, Params: a.Params,
		Targets: targetsToWire(a.Targets), Danger: a.Danger, PlanHash: a.PlanHash, Reason: a.Reason, State: string(a.State),
		Decider: a.Decider, Note: a.Note, CreatedMs: millis(a.Created), DecidedMs: millis(a.Decided), ExpiresMs: millis(a.Expires),
		Decidable: a.Decidable,
	}
}

// ApprovalFromWire is the inverse of ApprovalToWire.
func ApprovalFromWire(w *v1.Approval) job.Approval {
	return job.Approval{
		ID: w.GetId(), Operator: w.GetOperator(), Module: w.GetModule(), Title: w.GetTitle(), On: w.GetOn(), Params: w.GetParams(),
		Targets: targetsFromWire(w.GetTargets()), Danger: w.GetDanger(), PlanHash: w.GetPlanHash(), Reason: w.GetReason(),
		State: job.ApprovalState(w.GetState()), Decider: w.GetDecider(), Note: w.GetNote(), Created: moment(w.GetCreatedMs()),
		Decided: moment(w.GetDecidedMs()), Expires: moment(w.GetExpiresMs()), Decidable: w.GetDecidable(),
	}
}

// RecordToWire gives the wire form of an audit record.
func RecordToWire(r audit.Record) *v1.AuditRecord {
	return &v1.AuditRecord{
		Seq: r.Seq, TimeMs: millis(r.Time), Operator: r.Operator, Source: r.Source, Event: r.Event, Job: r.Job,
		Detail: r.Detail, Hash: r.Hash,
	}
}

// RecordFromWire is the inverse of RecordToWire.
func RecordFromWire(w *v1.AuditRecord) audit.Record {
	return audit.Record{Seq: w.Seq, Hash: w.Hash, Entry: audit.Entry{
		Time: moment(w.TimeMs), Operator: w.Operator, Source: w.Source, Event: w.Event, Job: w.Job, Detail: w.Detail,
	}}
}

// QueryToWire gives the wire form of a search.
func QueryToWire(q audit.Query) *v1.AuditRequest {
	return &v1.AuditRequest{
		Operator: q.Operator, Event: q.Event, Job: q.Job, Text: q.Text, SinceMs: millis(q.Since), UntilMs: millis(q.Until),
		Before: q.Before, Limit: int32(q.Limit),
	}
}

// QueryFromWire is the inverse of QueryToWire.
func QueryFromWire(w *v1.AuditRequest) audit.Query {
	return audit.Query{
		Operator: w.Operator, Event: w.Event, Job: w.Job, Text: w.Text, Since: moment(w.SinceMs), Until: moment(w.UntilMs),
		Before: w.Before, Limit: int(w.Limit),
	}
}

// CheckpointToWire gives the wire form of a checkpoint.
func CheckpointToWire(c audit.Checkpoint) *v1.CheckpointResponse {
	return &v1.CheckpointResponse{Count: c.Count, Head: c.Head, TimeMs: millis(c.Time), Signature: c.Signature, PublicKey: c.PublicKey}
}

// CheckpointFromWire is the inverse of CheckpointToWire.
func CheckpointFromWire(w *v1.CheckpointResponse) audit.Checkpoint {
	return audit.Checkpoint{Count: w.Count, Head: w.Head, Time: moment(w.TimeMs), Signature: w.Signature, PublicKey: w.PublicKey}
}
