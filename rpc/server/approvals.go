package server

import (
	"context"

	"omanager/app/control"
	"omanager/app/job"
	"omanager/rpc/convert"
	v1 "omanager/rpc/omanager/v1"
)

// RequestApproval implements the API.
func (s *Server) RequestApproval(ctx context.Context, r *v1.RequestApprovalRequest) (*v1.RequestApprovalResponse, error) {
	a, err := s.Control.RequestApproval(ctx, caller(ctx), control.Ask{
		ID: r.Id, Request: job.Request{Module: r.Module, On: r.On, Params: r.Params}, PlanHash: r.PlanHash, Reason: r.Reason,
	})
	if err != nil {
		return nil, err
	}
	return &v1.RequestApprovalResponse{Approval: convert.ApprovalToWire(a)}, nil
}

// Approvals implements the API.
func (s *Server) Approvals(ctx context.Context, r *v1.ApprovalsRequest) (*v1.ApprovalsResponse, error) {
	list, err := s.Control.Approvals(ctx, caller(ctx), r.Pending, int(r.Limit))
	if err != nil {
		return nil, err
	}
	out := &v1.ApprovalsResponse{}
	for _, a := range list {
		out.Approvals = append(out.Approvals, convert.ApprovalToWire(a))
	}
	return out, nil
}

// DecideApproval implements the API.
func (s *Server) DecideApproval(ctx context.Context, r *v1.DecideApprovalRequest) (*v1.DecideApprovalResponse, error) {
	a, err := s.Control.DecideApproval(ctx, caller(ctx), r.Id, r.Approve, r.Note)
	if err != nil {
		return nil, err
	}
	return &v1.DecideApprovalResponse{Approval: convert.ApprovalToWire(a)}, nil
}
