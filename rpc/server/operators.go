package server

import (
	"context"

	"omanager/app/problem"
	"omanager/rpc/convert"
	v1 "omanager/rpc/omanager/v1"
)

// Operators implements the API.
func (s *Server) Operators(ctx context.Context, _ *v1.OperatorsRequest) (*v1.OperatorsResponse, error) {
	all, err := s.Control.Operators(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	out := &v1.OperatorsResponse{}
	for _, o := range all {
		out.Operators = append(out.Operators, convert.OperatorToWire(o))
	}
	return out, nil
}

// AddOperator implements the API.
func (s *Server) AddOperator(ctx context.Context, r *v1.AddOperatorRequest) (*v1.AddOperatorResponse, error) {
	password, key, err := s.Control.AddOperator(ctx, caller(ctx), r.Name, r.Privileges, r.Roles)
	if err != nil {
		return nil, err
	}
	return &v1.AddOperatorResponse{Password: password, Keyfile: key}, nil
}

// ChangeOperator implements the API. A change that this server does not know is none.
func (s *Server) ChangeOperator(ctx context.Context, r *v1.ChangeOperatorRequest) (*v1.ChangeOperatorResponse, error) {
	who, out := caller(ctx), &v1.ChangeOperatorResponse{}
	err := error(problem.New("change_missing", "name", r.Name))
	switch change := r.Change.(type) {
	case *v1.ChangeOperatorRequest_Disabled:
		err = s.Control.SetDisabled(ctx, who, r.Name, change.Disabled)
	case *v1.ChangeOperatorRequest_Rights:
		err = s.Control.SetRights(ctx, who, r.Name, change.Rights.GetPrivileges(), change.Rights.GetRoles())
	case *v1.ChangeOperatorRequest_NewPassword:
		if change.NewPassword {
			out.Password, err = s.Control.NewPassword(ctx, who, r.Name)
		}
	case *v1.ChangeOperatorRequest_NewKey:
		if change.NewKey {
			out.Keyfile, err = s.Control.NewKey(ctx, who, r.Name)
		}
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Roles implements the API.
func (s *Server) Roles(ctx context.Context, _ *v1.RolesRequest) (*v1.RolesResponse, error) {
	all, err := s.Control.Roles(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	out := &v1.RolesResponse{}
	for _, r := range all {
		out.Roles = append(out.Roles, convert.RoleToWire(r))
	}
	return out, nil
}

// PutRole implements the API.
func (s *Server) PutRole(ctx context.Context, r *v1.PutRoleRequest) (*v1.PutRoleResponse, error) {
	return &v1.PutRoleResponse{}, s.Control.PutRole(ctx, caller(ctx), convert.RoleFromWire(r.Role))
}

// DeleteRole implements the API.
func (s *Server) DeleteRole(ctx context.Context, r *v1.DeleteRoleRequest) (*v1.DeleteRoleResponse, error) {
	return &v1.DeleteRoleResponse{}, s.Control.DeleteRole(ctx, caller(ctx), r.Name)
}
