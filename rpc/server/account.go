package server

import (
	"context"

	v1 "omanager/rpc/omanager/v1"
)

// ChangePassword implements the API.
func (s *Server) ChangePassword(ctx context.Context, r *v1.ChangePasswordRequest) (*v1.ChangePasswordResponse, error) {
	return &v1.ChangePasswordResponse{}, s.Control.ChangePassword(ctx, caller(ctx), r.Old, r.New)
}
