package server

import (
	"context"

	"omanager/rpc/convert"
	v1 "omanager/rpc/omanager/v1"
)

// Audit implements the API.
func (s *Server) Audit(ctx context.Context, r *v1.AuditRequest) (*v1.AuditResponse, error) {
	found, more, err := s.Control.Audit(ctx, caller(ctx), convert.QueryFromWire(r), r.Export)
	if err != nil {
		return nil, err
	}
	out := &v1.AuditResponse{More: more, Records: make([]*v1.AuditRecord, len(found))}
	for i, f := range found {
		out.Records[i] = convert.RecordToWire(f)
	}
	return out, nil
}

// Checkpoint implements the API.
func (s *Server) Checkpoint(ctx context.Context, r *v1.CheckpointRequest) (*v1.CheckpointResponse, error) {
	p, hash, err := s.Control.Checkpoint(ctx, r.Held)
	if err != nil {
		return nil, err
	}
	out := convert.CheckpointToWire(p)
	out.HeldHash = hash
	return out, nil
}
