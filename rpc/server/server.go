// Package server is the thin layer between Connect and app/control: it turns messages into calls and errors into
// codes. Every call passes the policy in the interceptor before its handler runs.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path"
	"time"

	"connectrpc.com/connect"

	"omanager/app/account"
	"omanager/app/control"
	"omanager/app/problem"
	v1 "omanager/rpc/omanager/v1"
	"omanager/rpc/omanager/v1/omanagerv1connect"
)

// Server implements the generated handler interface.
type Server struct {
	Control *control.Control
	Policy  Policy // nil means DefaultPolicy
	Version string
	Log     *slog.Logger
	Now     func() time.Time
}

var _ omanagerv1connect.ControlServiceHandler = (*Server)(nil)

// Handler gives the HTTP handler for the whole API.
func (s *Server) Handler() http.Handler {
	if s.Policy == nil {
		s.Policy = DefaultPolicy()
	}
	mux := http.NewServeMux()
	mux.Handle(omanagerv1connect.NewControlServiceHandler(s,
		connect.WithInterceptors(gatekeeper{s}), connect.WithConditionalHandlerOptions(s.Policy.readLimit)))
	return s.Policy.limited(mux)
}

type callerKey struct{}

// caller is set by the gatekeeper for every procedure that is not open.
func caller(ctx context.Context) control.Caller {
	who, _ := ctx.Value(callerKey{}).(control.Caller)
	return who
}

// gatekeeper authenticates every message and words every error.
type gatekeeper struct{ s *Server }

func (g gatekeeper) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		ctx, err := g.enter(ctx, req.Spec().Procedure, req.Header(), req.Peer().Addr)
		if err != nil {
			return nil, g.refused(ctx, req.Spec().Procedure, err)
		}
		res, err := next(ctx, req)
		if err != nil {
			return nil, g.refused(ctx, req.Spec().Procedure, err)
		}
		return res, nil
	}
}

func (g gatekeeper) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (g gatekeeper) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		ctx, err := g.enter(ctx, conn.Spec().Procedure, conn.RequestHeader(), conn.Peer().Addr)
		if err == nil {
			err = next(ctx, conn)
		}
		if err != nil {
			return g.refused(ctx, conn.Spec().Procedure, err)
		}
		return nil
	}
}

// refused words an error; what the caller may not do goes into the operation log.
func (g gatekeeper) refused(ctx context.Context, procedure string, err error) error {
	own := procedure == omanagerv1connect.ControlServiceStartProcedure // it records every refusal itself
	if p, ok := errors.AsType[*problem.Error](err); ok && p.Code == "not_allowed" && !own {
		g.s.Control.Refused(ctx, caller(ctx), path.Base(procedure), p)
	}
	return g.s.worded(err)
}

// enter gives the context that holds the caller, also when it is refused.
func (g gatekeeper) enter(ctx context.Context, procedure string, h http.Header, peer string) (context.Context, error) {
	who, err := g.s.admit(ctx, procedure, h.Get("Authorization"), host(peer))
	return context.WithValue(ctx, callerKey{}, who), err
}

func host(addr string) string {
	if h, _, err := net.SplitHostPort(addr); err == nil {
		return h
	}
	return addr
}

// Challenge implements the API.
func (s *Server) Challenge(ctx context.Context, _ *v1.ChallengeRequest) (*v1.ChallengeResponse, error) {
	out := &v1.ChallengeResponse{ServerId: s.Control.ServerID, Nonce: s.Control.Challenge(), Version: s.Version}
	if s.Control.Newest != nil {
		out.Newest = s.Control.Newest(ctx)
	}
	return out, nil
}

// Login implements the API.
func (s *Server) Login(ctx context.Context, r *v1.LoginRequest) (*v1.LoginResponse, error) {
	proof := account.LegacyProof{KeyMD5: r.LegacyKeyMd5, PublicKey: r.PublicKey}
	token, session, o, err := s.Control.Login(ctx, r.Operator, r.Password, r.Nonce, r.Signature, proof, caller(ctx).Source)
	if err != nil {
		return nil, err
	}
	return &v1.LoginResponse{Token: token, ExpiresUnix: session.Expires.Unix(), EnvelopeKey: session.EnvelopeKey, Privileges: o.Privileges, OneTime: o.OneTime, Manage: s.Control.Manages(ctx, o)}, nil
}

// Logout implements the API.
func (s *Server) Logout(ctx context.Context, _ *v1.LogoutRequest) (*v1.LogoutResponse, error) {
	return &v1.LogoutResponse{}, s.Control.Logout(ctx, caller(ctx))
}
