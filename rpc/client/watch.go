package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"omanager/app/job"
	"omanager/app/problem"
	"omanager/rpc/convert"
	"omanager/rpc/envelope"
	v1 "omanager/rpc/omanager/v1"
)

// NewJobID makes the id that makes a submission idempotent.
func NewJobID() string { return uuid.Must(uuid.NewV7()).String() }

// Order is a planned job and what its gate asks for.
type Order struct {
	ID         string // by NewJobID
	On         string // the expression of the request that was planned
	Plan       job.Plan
	Confirmed  bool   // a person, or a script that says so, saw the target list
	TypedCount int    // the number of targets as it was typed
	Approval   string // the granted approval to use up
}

// Start seals and submits a planned job. Submitting the same id again, after an error say, is safe: it is one job.
func (c *Client) Start(ctx context.Context, o Order) (job.Job, error) {
	params := o.Plan.Given
	if params == nil {
		params = o.Plan.Params
	}
	plain, err := proto.Marshal(&v1.SealedJob{
		Module: o.Plan.Module, On: o.On, Params: params, PlanHash: o.Plan.Hash,
		Confirmed: o.Confirmed, TypedCount: int32(o.TypedCount), Approval: o.Approval,
	})
	if err != nil {
		return job.Job{}, err
	}
	s := c.Session()
	env, err := envelope.Seal(s.EnvelopeKey, envelope.Binding{Operator: s.Operator, Server: s.Server, JobID: o.ID}, time.Now(), plain)
	if err != nil {
		return job.Job{}, problem.Wrap(err, "session_expired")
	}
	r, err := c.rpc.Start(ctx, &v1.StartRequest{JobId: o.ID, Envelope: env})
	if err != nil {
		return job.Job{}, c.worded(err)
	}
	return convert.JobFromWire(r.Job), nil
}

// Watch feeds the job's events after a sequence number to onEvents, in order and without gaps, through any number of
// broken connections, and returns nil after the job's last event. onState (which may be nil) is told when the
// connection breaks and when it is back. Both run on the calling goroutine. It returns early only when ctx ends, when
// onEvents fails, or when the server refuses for good.
func (c *Client) Watch(ctx context.Context, id string, after int64, onEvents func([]job.Event) error, onState func(bool, error)) error {
	if onState == nil {
		onState = func(bool, error) {}
	}
	w := &watch{c: c, id: id, after: after, onEvents: onEvents, onState: onState, connected: true}
	for try := 0; ; try++ {
		before := w.after
		done, err := w.once(ctx)
		if done || w.failed != nil {
			return w.failed
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && !retriable(err) {
			return err
		}
		if w.after > before {
			try = 0
		}
		w.lost(err)
		pause := time.Duration(min(1<<min(try, 5), 20)) * 100 * time.Millisecond
		select {
		case <-time.After(pause + rand.N(100*time.Millisecond)): // jitter: a thousand clients come back at once
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

type watch struct {
	c         *Client
	id        string
	after     int64
	onEvents  func([]job.Event) error
	onState   func(bool, error)
	connected bool
	failed    error
}

// once reads one stream to its end and says whether the job's last event came.
func (w *watch) once(ctx context.Context) (bool, error) {
	stream, err := w.c.rpc.Watch(ctx, &v1.WatchRequest{JobId: w.id, After: w.after})
	if err != nil {
		return false, w.c.worded(err)
	}
	defer func() { _ = stream.Close() }() // reading has ended; there is nothing left to lose
	for stream.Receive() {
		if !w.connected {
			w.connected = true
			w.onState(true, nil)
		}
		ev := convert.EventsFromWire(w.id, stream.Msg().Events)
		if len(ev) == 0 {
			continue
		}
		w.after = ev[len(ev)-1].Seq
		if w.failed = w.onEvents(ev); w.failed != nil {
			return false, w.failed
		}
		if ev[len(ev)-1].Kind == job.JobDone {
			return true, nil
		}
	}
	if stream.Err() == nil {
		return w.ended(ctx)
	}
	return false, w.c.worded(stream.Err())
}

// ended tells a job whose events were all seen before from a stream that stopped early.
func (w *watch) ended(ctx context.Context) (bool, error) {
	j, err := w.c.Job(ctx, w.id)
	return err == nil && j.State == job.Finished, err
}

func (w *watch) lost(err error) {
	if w.connected {
		w.connected = false
		w.onState(false, err)
	}
}

func retriable(err error) bool {
	var p *problem.Error
	return !errors.As(err, &p) || p.Kind() == problem.Unavailable || p.Kind() == problem.Internal
}

// bearer adds the session's token to every call.
type bearer struct{ c *Client }

func (b bearer) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, r connect.AnyRequest) (connect.AnyResponse, error) {
		if t := b.c.Session().Token; t != "" {
			r.Header().Set("Authorization", "Bearer "+t)
		}
		return next(ctx, r)
	}
}

func (b bearer) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return func(ctx context.Context, s connect.Spec) connect.StreamingClientConn {
		conn := next(ctx, s)
		if t := b.c.Session().Token; t != "" {
			conn.RequestHeader().Set("Authorization", "Bearer "+t)
		}
		return conn
	}
}

func (b bearer) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return next
}
