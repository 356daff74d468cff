package server

import (
	"context"
	"errors"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"omanager/app/control"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/modules"
	"omanager/rpc/convert"
	"omanager/rpc/envelope"
	v1 "omanager/rpc/omanager/v1"
)

// Inventory implements the API.
func (s *Server) Inventory(ctx context.Context, r *v1.InventoryRequest) (*v1.InventoryResponse, error) {
	inv, err := s.Control.View(caller(ctx))
	if err != nil {
		return nil, err
	}
	out := &v1.InventoryResponse{Revision: inv.Revision()}
	if p := (*problem.Error)(nil); errors.As(s.Control.AssetProblem(), &p) {
		out.Problem = &v1.ErrorDetail{Code: p.Code, Args: p.Args}
	}
	if r.Revision != "" && r.Revision == out.Revision {
		return out, nil
	}
	out.Categories, out.Servers = convert.Inventory(inv)
	return out, nil
}

// Modules implements the API.
func (s *Server) Modules(ctx context.Context, _ *v1.ModulesRequest) (*v1.ModulesResponse, error) {
	all, rejected, revision := s.Control.Modules(caller(ctx))
	out := &v1.ModulesResponse{Revision: revision}
	for _, m := range all {
		w := wireModule(m)
		for param, values := range s.Control.Offers(m) {
			w.Files[modules.OfferPrefix+param] = []byte(strings.Join(values, "\n"))
		}
		out.Modules = append(out.Modules, w)
	}
	for _, r := range rejected {
		out.Rejected = append(out.Rejected, problem.Describe("en", r.Problem))
	}
	return out, nil
}

// wireModule leaves the tasks out: they run on servers, not in consoles; a plan shows them.
func wireModule(m *modules.Module) *v1.Module {
	w := &v1.Module{Folder: m.Folder, Hash: m.Hash, Files: map[string][]byte{}}
	for name, body := range m.Files {
		if !m.IsTask(name) {
			w.Files[name] = body
		}
	}
	for engine := range m.Tasks {
		w.Engines = append(w.Engines, engine)
	}
	return w
}

// Plan implements the API.
func (s *Server) Plan(ctx context.Context, r *v1.PlanRequest) (*v1.PlanResponse, error) {
	p, err := s.Control.Plan(ctx, caller(ctx), job.Request{Module: r.Module, On: r.On, Params: r.Params})
	if err != nil {
		return nil, err
	}
	return convert.PlanToWire(p), nil
}

// Start implements the API.
func (s *Server) Start(ctx context.Context, r *v1.StartRequest) (*v1.StartResponse, error) {
	who := caller(ctx)
	bind := envelope.Binding{Operator: who.Operator.Name, Server: s.Control.ServerID, JobID: r.JobId}
	plain, err := envelope.Open(who.Session.EnvelopeKey, bind, s.Now(), r.Envelope)
	if err != nil {
		return nil, problem.Wrap(err, "envelope_refused", "cause", err.Error())
	}
	var sealed v1.SealedJob
	if err := proto.Unmarshal(plain, &sealed); err != nil {
		return nil, problem.Wrap(err, "envelope_refused", "cause", "its content is not a job")
	}
	j, err := s.Control.Start(ctx, who, control.Order{
		ID: r.JobId, PlanHash: sealed.PlanHash,
		Confirmed: sealed.Confirmed, TypedCount: int(sealed.TypedCount), Approval: sealed.Approval,
		Request: job.Request{Module: sealed.Module, On: sealed.On, Params: sealed.Params},
	})
	if err != nil {
		return nil, err
	}
	return &v1.StartResponse{Job: convert.JobToWire(j)}, nil
}

// Watch implements the API.
func (s *Server) Watch(ctx context.Context, r *v1.WatchRequest, stream *connect.ServerStream[v1.WatchResponse]) error {
	err := s.Control.Watch(ctx, caller(ctx), r.JobId, r.After, func(ev []job.Event) error {
		return stream.Send(&v1.WatchResponse{Events: convert.EventsToWire(ev)})
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return connect.NewError(connect.CodeDeadlineExceeded, err)
	}
	return err
}

// Jobs implements the API.
func (s *Server) Jobs(ctx context.Context, r *v1.JobsRequest) (*v1.JobsResponse, error) {
	jobs, err := s.Control.Jobs(ctx, caller(ctx), int(r.Limit))
	if err != nil {
		return nil, err
	}
	out := &v1.JobsResponse{}
	for _, j := range jobs {
		out.Jobs = append(out.Jobs, convert.JobToWire(j))
	}
	return out, nil
}

// Job implements the API.
func (s *Server) Job(ctx context.Context, r *v1.JobRequest) (*v1.JobResponse, error) {
	j, err := s.Control.Job(ctx, caller(ctx), r.JobId)
	if err != nil {
		return nil, err
	}
	return &v1.JobResponse{Job: convert.JobToWire(j)}, nil
}

// Cancel implements the API.
func (s *Server) Cancel(ctx context.Context, r *v1.CancelRequest) (*v1.CancelResponse, error) {
	return &v1.CancelResponse{}, s.Control.Cancel(ctx, caller(ctx), r.JobId)
}
