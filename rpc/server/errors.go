package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"

	"connectrpc.com/connect"

	"omanager/app/problem"
)

// code is the table from problem kinds to Connect codes.
func code(k problem.Kind) connect.Code {
	switch k {
	case problem.Usage:
		return connect.CodeInvalidArgument
	case problem.NoAccess:
		return connect.CodePermissionDenied
	case problem.NotFound:
		return connect.CodeNotFound
	case problem.Conflict:
		return connect.CodeFailedPrecondition
	case problem.Unavailable:
		return connect.CodeUnavailable
	default:
		return connect.CodeInternal
	}
}

// worded turns any error into one whose text is a person's sentence and whose detail is the problem's code. What is
// not a problem is logged under a reference and not shown: causes may hold paths or statements.
func (s *Server) worded(err error) error {
	if ce := (*connect.Error)(nil); errors.As(err, &ce) {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return connect.NewError(connect.CodeCanceled, err)
	}
	var p *problem.Error
	if !errors.As(err, &p) {
		ref := reference()
		s.Log.Error("internal fault", "ref", ref, "err", err)
		p = problem.New("server_error", "ref", ref)
	} else if p.Err != nil {
		s.Log.Warn("refused", "code", p.Code, "err", p.Err)
	}
	return wire(p)
}

func reference() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}
