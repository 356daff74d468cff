package server

import (
	"context"
	"strings"

	"omanager/app/control"
	"omanager/app/problem"
	"omanager/app/rights"
	"omanager/rpc/omanager/v1/omanagerv1connect"
)

// Admission is who may call a procedure at all; what it may touch with it is decided by app/control. The zero value is
// nobody.
type Admission int

// The admissions.
const (
	Nobody    Admission = iota
	Open                // without a session
	First               // any session, also one whose one-time password is not changed yet
	Session             // any session
	Glance              // any session, which the call does not prolong: programs send it by themselves
	Operators           // who manages operators
	Audit               // who reads the operation log
)

// Policy has a row for every procedure; one without a row is refused.
type Policy map[string]Admission

// DefaultPolicy is the one table of who may call what.
func DefaultPolicy() Policy {
	return Policy{
		omanagerv1connect.ControlServiceChallengeProcedure: Open,
		omanagerv1connect.ControlServiceLoginProcedure:     Open,

		omanagerv1connect.ControlServiceLogoutProcedure:         First,
		omanagerv1connect.ControlServiceChangePasswordProcedure: First,

		omanagerv1connect.ControlServiceInventoryProcedure:       Session,
		omanagerv1connect.ControlServiceModulesProcedure:         Session,
		omanagerv1connect.ControlServicePlanProcedure:            Session,
		omanagerv1connect.ControlServiceStartProcedure:           Session,
		omanagerv1connect.ControlServiceWatchProcedure:           Session,
		omanagerv1connect.ControlServiceJobsProcedure:            Session,
		omanagerv1connect.ControlServiceJobProcedure:             Session,
		omanagerv1connect.ControlServiceCancelProcedure:          Session,
		omanagerv1connect.ControlServiceRequestApprovalProcedure: Session,
		omanagerv1connect.ControlServiceApprovalsProcedure:       Glance,
		omanagerv1connect.ControlServiceDecideApprovalProcedure:  Session,
		omanagerv1connect.ControlServiceCheckpointProcedure:      Session,

		omanagerv1connect.ControlServiceOperatorsProcedure:      Operators,
		omanagerv1connect.ControlServiceAddOperatorProcedure:    Operators,
		omanagerv1connect.ControlServiceChangeOperatorProcedure: Operators,
		omanagerv1connect.ControlServiceRolesProcedure:          Operators,
		omanagerv1connect.ControlServicePutRoleProcedure:        Operators,
		omanagerv1connect.ControlServiceDeleteRoleProcedure:     Operators,

		omanagerv1connect.ControlServiceAuditProcedure: Audit,
	}
}

// admit says who calls, or why the call ends here. A procedure without a row is refused before its token is looked at.
func (s *Server) admit(ctx context.Context, procedure, authorization, source string) (control.Caller, error) {
	row := s.Policy[procedure]
	authenticate := s.Control.Authenticate
	switch row {
	case Open:
		return control.Caller{Source: source}, nil
	case First:
		authenticate = s.Control.AuthenticateFirst
	case Glance:
		authenticate = s.Control.Glance
	case Session, Operators, Audit:
	default:
		return control.Caller{}, problem.New("procedure_closed", "procedure", procedure)
	}
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	if !ok {
		return control.Caller{}, problem.New("session_expired")
	}
	who, err := authenticate(ctx, token, source)
	if err != nil {
		return control.Caller{}, err
	}
	return who, row.refuse(s.Control, who)
}

// refuse asks for what the row asks for beside a session.
func (a Admission) refuse(c *control.Control, who control.Caller) error {
	switch a {
	case Operators:
		return c.Allowed(who, rights.ManageOperators)
	case Audit:
		return c.Allowed(who, rights.ManageAudit)
	default:
		return nil
	}
}
