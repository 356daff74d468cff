package client

import (
	"context"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/job"
	"omanager/app/rights"
	"omanager/rpc/convert"
	v1 "omanager/rpc/omanager/v1"
)

// ChangePassword replaces the caller's own password. Its other sessions end, this one stays.
func (c *Client) ChangePassword(ctx context.Context, old, replacement string) error {
	_, err := c.rpc.ChangePassword(ctx, &v1.ChangePasswordRequest{Old: old, New: replacement})
	if err == nil {
		c.mu.Lock()
		c.session.OneTime = false
		c.mu.Unlock()
	}
	return c.worded(err)
}

// Operators lists who may log in.
func (c *Client) Operators(ctx context.Context) ([]account.Listed, error) {
	r, err := c.rpc.Operators(ctx, &v1.OperatorsRequest{})
	if err != nil {
		return nil, c.worded(err)
	}
	return each(r.Operators, convert.OperatorFromWire), nil
}

// Made is what was made for an operator: shown once, stored nowhere.
type Made struct {
	Password string
	KeyFile  []byte
}

// AddOperator makes an operator with a one-time password and a key file.
func (c *Client) AddOperator(ctx context.Context, name, privileges string, roles []string) (Made, error) {
	r, err := c.rpc.AddOperator(ctx, &v1.AddOperatorRequest{Name: name, Privileges: privileges, Roles: roles})
	if err != nil {
		return Made{}, c.worded(err)
	}
	return Made{Password: r.Password, KeyFile: r.Keyfile}, nil
}

// SetDisabled locks an operator out or lets it in again.
func (c *Client) SetDisabled(ctx context.Context, name string, disabled bool) error {
	_, err := c.change(ctx, &v1.ChangeOperatorRequest{Name: name, Change: &v1.ChangeOperatorRequest_Disabled{Disabled: disabled}})
	return err
}

// SetRights replaces an operator's privileges and roles.
func (c *Client) SetRights(ctx context.Context, name, privileges string, roles []string) error {
	_, err := c.change(ctx, &v1.ChangeOperatorRequest{Name: name, Change: &v1.ChangeOperatorRequest_Rights{
		Rights: &v1.Rights{Privileges: privileges, Roles: roles},
	}})
	return err
}

// NewPassword gives an operator a new one-time password.
func (c *Client) NewPassword(ctx context.Context, name string) (Made, error) {
	return c.change(ctx, &v1.ChangeOperatorRequest{Name: name, Change: &v1.ChangeOperatorRequest_NewPassword{NewPassword: true}})
}

// NewKey gives an operator a new key file; the old one stops working.
func (c *Client) NewKey(ctx context.Context, name string) (Made, error) {
	return c.change(ctx, &v1.ChangeOperatorRequest{Name: name, Change: &v1.ChangeOperatorRequest_NewKey{NewKey: true}})
}

func (c *Client) change(ctx context.Context, q *v1.ChangeOperatorRequest) (Made, error) {
	r, err := c.rpc.ChangeOperator(ctx, q)
	if err != nil {
		return Made{}, c.worded(err)
	}
	return Made{Password: r.Password, KeyFile: r.Keyfile}, nil
}

// Roles lists the roles.
func (c *Client) Roles(ctx context.Context) ([]rights.Role, error) {
	r, err := c.rpc.Roles(ctx, &v1.RolesRequest{})
	if err != nil {
		return nil, c.worded(err)
	}
	return each(r.Roles, convert.RoleFromWire), nil
}

// PutRole makes or replaces a role.
func (c *Client) PutRole(ctx context.Context, r rights.Role) error {
	_, err := c.rpc.PutRole(ctx, &v1.PutRoleRequest{Role: convert.RoleToWire(r)})
	return c.worded(err)
}

// DeleteRole removes a role that nobody holds.
func (c *Client) DeleteRole(ctx context.Context, name string) error {
	_, err := c.rpc.DeleteRole(ctx, &v1.DeleteRoleRequest{Name: name})
	return c.worded(err)
}

// RequestApproval asks for a second operator's consent to the plan with the hash.
func (c *Client) RequestApproval(ctx context.Context, id string, r job.Request, planHash, why string) (job.Approval, error) {
	a, err := c.rpc.RequestApproval(ctx, &v1.RequestApprovalRequest{
		Id: id, Module: r.Module, On: r.On, Params: r.Params, PlanHash: planHash, Reason: why,
	})
	if err != nil {
		return job.Approval{}, c.worded(err)
	}
	return convert.ApprovalFromWire(a.Approval), nil
}

// Approvals lists what the operator asked for and what it may decide, newest first.
func (c *Client) Approvals(ctx context.Context, pending bool, limit int) ([]job.Approval, error) {
	r, err := c.rpc.Approvals(ctx, &v1.ApprovalsRequest{Pending: pending, Limit: int32(limit)})
	if err != nil {
		return nil, c.worded(err)
	}
	return each(r.Approvals, convert.ApprovalFromWire), nil
}

// DecideApproval approves or refuses.
func (c *Client) DecideApproval(ctx context.Context, id string, approve bool, note string) (job.Approval, error) {
	r, err := c.rpc.DecideApproval(ctx, &v1.DecideApprovalRequest{Id: id, Approve: approve, Note: note})
	if err != nil {
		return job.Approval{}, c.worded(err)
	}
	return convert.ApprovalFromWire(r.Approval), nil
}

// Audit searches the operation log, newest first; more tells that older records match too. An export says so, because
// it is recorded as one.
func (c *Client) Audit(ctx context.Context, q audit.Query, export bool) (records []audit.Record, more bool, err error) {
	w := convert.QueryToWire(q)
	w.Export = export
	r, err := c.rpc.Audit(ctx, w)
	if err != nil {
		return nil, false, c.worded(err)
	}
	return each(r.Records, convert.RecordFromWire), r.More, nil
}

// Checkpoint gives the newest signed state of the operation log, and the hash at the number of records held.
func (c *Client) Checkpoint(ctx context.Context, held int64) (p audit.Checkpoint, heldHash []byte, err error) {
	r, err := c.rpc.Checkpoint(ctx, &v1.CheckpointRequest{Held: held})
	if err != nil {
		return audit.Checkpoint{}, nil, c.worded(err)
	}
	return convert.CheckpointFromWire(r), r.HeldHash, nil
}

func each[W, T any](ws []W, f func(W) T) []T {
	out := make([]T, len(ws))
	for i, w := range ws {
		out[i] = f(w)
	}
	return out
}
