package console

import (
	"bytes"
	"context"
	"maps"
	"sync"
	"time"

	"omanager/app/job"
)

// Run is one watched job, running or past. Its events are folded by the one goroutine that watches; accessors
// return copies and may be called from anywhere.
type Run struct {
	id     string
	past   bool // opened from the history
	cancel context.CancelFunc

	mu        sync.Mutex
	view      *job.View
	connected bool
	err       error // why watching ended, or why it is not connected
	ended     bool  // the watching goroutine has ended
	cancelled bool
	began     time.Time
	groups    []job.Group
	grouped   int // finished hosts that groups covers
}

// Snapshot is a run at one moment.
type Snapshot struct {
	Job              job.Job
	Past             bool
	Rows             []job.HostView
	Counts           map[job.Outcome]int
	Running, Waiting int
	Done             bool // the last event was seen
	Connected        bool
	Cancelled        bool // stopping it was asked for
	Err              error
	Elapsed          time.Duration
}

// watch begins to follow a job in place of the one followed before.
func (c *Console) watch(srv Server, j job.Job, past bool) {
	ctx, cancel := context.WithCancel(c.ctx)
	r := &Run{id: j.ID, past: past, cancel: cancel, view: job.NewView(j), connected: true, began: time.Now()}
	c.mu.Lock()
	if c.closed || c.session.server != srv {
		c.mu.Unlock()
		cancel()
		return
	}
	if c.run != nil {
		c.run.stop()
	}
	c.run = r
	c.wg.Add(1)
	c.mu.Unlock()
	c.notify(Running)
	go func() {
		defer c.wg.Done()
		defer cancel()
		err := srv.Watch(ctx, j.ID, 0, func(ev []job.Event) error {
			r.apply(ev)
			c.notify(Running)
			return ctx.Err()
		}, func(connected bool, err error) {
			r.state(connected, err)
			c.mu.Lock()
			t := c.setOffline(!connected)
			c.mu.Unlock()
			c.notify(Running | t)
		})
		r.end(err, ctx.Err() != nil)
		c.mu.Lock()
		t := c.judge(err)
		c.mu.Unlock()
		c.notify(Running | t)
		if !past && ctx.Err() == nil {
			c.LoadHistory()
		}
	}()
}

func (r *Run) apply(ev []job.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range ev {
		if e.Kind == job.CancelRequested {
			r.cancelled = true
		}
	}
	r.view.Apply(ev)
}

func (r *Run) state(connected bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.connected, r.err = connected, err
}

func (r *Run) end(err error, stopped bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	if r.err = err; stopped {
		r.err = nil
	}
}

func (r *Run) stop() { r.cancel() }

// ID is the job's.
func (r *Run) ID() string { return r.id }

// Live reports whether the job may still be running.
func (r *Run) Live() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.past && !r.ended && !r.view.Done()
}

// Cancelled reports whether stopping the job was asked for.
func (r *Run) Cancelled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cancelled
}

// Snapshot copies the run.
func (r *Run) Snapshot() Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	rows := r.view.Rows()
	s := Snapshot{
		Job: r.view.Job(), Past: r.past,
		Rows:   make([]job.HostView, len(rows)),
		Counts: maps.Clone(r.view.Counts()), Running: r.view.Running(), Waiting: r.view.Waiting(),
		Done: r.view.Done(), Connected: r.connected, Cancelled: r.cancelled, Err: r.err,
	}
	for i, row := range rows {
		s.Rows[i] = *row
	}
	switch {
	case s.Done && !s.Job.Started.IsZero():
		s.Elapsed = s.Job.Ended.Sub(s.Job.Started)
	case r.past:
	default:
		s.Elapsed = time.Since(r.began)
	}
	return s
}

// Groups returns the finished servers by equal output, the largest group first.
func (r *Run) Groups() []job.Group {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, k := range r.view.Counts() {
		n += k
	}
	if r.groups == nil || n != r.grouped {
		r.groups, r.grouped = r.view.Groups(), n
	}
	return r.groups
}

// Output returns what a server has written after its first bytes, from of them: a reader asks for what is new.
func (r *Run) Output(host string, from int) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.view.Output(host)
	return bytes.Clone(all[min(from, len(all)):])
}

// Run returns the job on view, or nil.
func (c *Console) Run() *Run {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.run
}
