package control

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"sync"
	"sync/atomic"
	"time"

	"omanager/app/audit"
	"omanager/app/engine"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/data/store"
)

// queueLen bounds what waits to be stored for one job: at most 256 chunks of 32 KiB; beyond it engines wait.
const queueLen = 256

// run is one live job: it is the engine's sink, stores events in batches, and wakes watchers after each batch.
type run struct {
	c       *Control
	job     job.Job
	view    *job.View // owned by write, as is output
	output  hash.Hash // of all output, in the order it was stored
	stop    context.CancelFunc
	queue   chan item
	gone    chan struct{} // closed when nothing will be stored any more
	asked   sync.Once
	shown   atomic.Int64 // the last event that watchers may see: what follows from it is stored too
	mu      sync.Mutex
	changed chan struct{} // closed and replaced after each stored batch
}

// item is an event on its way to the store; safe, if set, is told once it is there or given up.
type item struct {
	event job.Event
	safe  chan error
}

var _ engine.Sink = (*run)(nil)

func newRun(c *Control, j job.Job, stop context.CancelFunc) *run {
	return &run{
		c: c, job: j, view: job.NewView(j), output: sha256.New(), stop: stop,
		queue: make(chan item, queueLen), gone: make(chan struct{}), changed: make(chan struct{}),
	}
}

// execute runs the job to its end; every target has its outcome stored when it returns.
func (r *run) execute(ctx context.Context, t engine.Task, hosts []engine.Host) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.write()
	}()
	r.post(job.Event{Kind: job.JobStarted})
	if err := r.c.Engine.Run(ctx, t, hosts, r.c.Forks, sieved(r, t)); err != nil {
		r.c.Log.Error("engine did not run", "job", r.job.ID, "engine", r.c.Engine.Name(), "err", err)
		for _, h := range hosts {
			r.Done(h.ID, engine.Result{Outcome: job.NotStarted, Problem: "engine_failed", Args: map[string]string{"host": h.ID, "cause": err.Error()}})
		}
	}
	r.post(job.Event{Kind: job.JobDone})
	<-done
}

// Started implements engine.Sink: it returns when the intent is on disk, so that after a crash a host without it is
// known not to have been touched.
func (r *run) Started(host string) error {
	safe := make(chan error, 1)
	r.queue <- item{event: r.stamp(job.Event{Host: host, Kind: job.HostStarted}), safe: safe}
	return <-safe
}

// Output implements engine.Sink; it blocks while the store is behind.
func (r *run) Output(host, stream string, data []byte) {
	r.post(job.Event{Host: host, Kind: job.Output, Stream: stream, Data: append([]byte(nil), data...)})
}

// Done implements engine.Sink.
func (r *run) Done(host string, res engine.Result) {
	r.post(job.Event{
		Host: host, Kind: job.HostDone, Outcome: res.Outcome, Exit: res.Exit, HasExit: res.HasExit,
		Elapsed: res.Elapsed, Problem: res.Problem, Args: res.Args,
	})
}

func (r *run) requestCancel() {
	r.asked.Do(func() {
		select {
		case r.queue <- item{event: r.stamp(job.Event{Kind: job.CancelRequested})}:
		case <-r.gone:
		default: // the record is a courtesy; stopping is not
		}
		r.stop()
	})
}

func (r *run) post(e job.Event) { r.queue <- item{event: r.stamp(e)} }

func (r *run) stamp(e job.Event) job.Event {
	e.Job, e.Time = r.job.ID, r.c.Now().UTC()
	return e
}

// write stores what arrives, a batch a transaction, until the end marker comes. The queue is never closed: a late
// cancel may still look at it.
func (r *run) write() {
	defer close(r.gone)
	ctx := context.WithoutCancel(r.c.ctx)
	batch := make([]item, 0, queueLen)
	for {
		batch = r.drain(append(batch[:0], <-r.queue))
		r.store(ctx, batch)
		if batch[len(batch)-1].event.Kind == job.JobDone {
			r.broadcast()
			return
		}
	}
}

// drain adds what is already waiting, so that one disk flush serves many events; nothing follows the end marker.
func (r *run) drain(batch []item) []item {
	for len(batch) < queueLen && batch[len(batch)-1].event.Kind != job.JobDone {
		select {
		case e := <-r.queue:
			batch = append(batch, e)
		default:
			return batch
		}
	}
	return batch
}

// store appends a batch. If the store refuses, the job is stopped (nobody could prove what it does), waiting hosts are
// told not to begin, output is given up, and outcomes are tried again until they are safe.
func (r *run) store(ctx context.Context, batch []item) {
	events := make([]job.Event, len(batch))
	for i, it := range batch {
		events[i] = it.event
	}
	for try := 0; len(events) > 0; try++ {
		stored, err := r.c.Store.AppendEvents(ctx, r.job.ID, events)
		if err == nil {
			r.stored(ctx, stored)
			break
		}
		r.stop() // before it is said, so that whoever hears it finds that nothing new begins
		r.c.Log.Error("events not stored", "job", r.job.ID, "events", len(events), "err", err)
		tell(batch, err)
		events = endings(events)
		if r.givesUp(try, err) {
			break
		}
		r.c.pause(try)
	}
	tell(batch, nil)
}

// tell answers the hosts that wait for their intent, once each.
func tell(batch []item, err error) {
	for i := range batch {
		if batch[i].safe != nil {
			batch[i].safe <- err
			batch[i].safe = nil
		}
	}
}

// endings keeps what must not be lost: outcomes and the job's own events. An intent that was refused is not kept,
// because its host will not be touched.
func endings(events []job.Event) []job.Event {
	kept := make([]job.Event, 0, len(events))
	for _, e := range events {
		if e.Kind != job.Output && e.Kind != job.HostStarted {
			kept = append(kept, e)
		}
	}
	return kept
}

// stored folds what is safe now and, at the two ends of the job, moves its state; then watchers may see it. So whoever
// saw a job's last event finds it finished in the list.
func (r *run) stored(ctx context.Context, events []job.Event) {
	defer r.broadcast()
	if len(events) > 0 {
		defer r.shown.Store(events[len(events)-1].Seq)
	}
	for _, e := range events {
		if e.Kind == job.Output {
			r.digest(e)
			continue // counts do not need it, and it need not stay in memory
		}
		r.view.Apply([]job.Event{e})
		switch e.Kind {
		case job.JobStarted:
			r.setState(ctx, job.Running, e.Time, nil)
		case job.JobDone:
			unsaid := r.recordEnd(ctx, e.Time) != nil
			r.setState(ctx, job.Finished, e.Time, r.view.Counts())
			if unsaid {
				r.c.wg.Go(func() { r.keepRecording(ctx, e.Time) })
			}
		}
	}
}

// recordEnd writes the outcome to the operation log. It comes before the job is finished: a process that dies between
// the two leaves a job that the next one settles and records.
func (r *run) recordEnd(ctx context.Context, at time.Time) error {
	e := r.c.entry(Caller{}, audit.EventJobDone, r.job.ID, countText(r.view.Counts())+"; output sha256 "+hex.EncodeToString(r.output.Sum(nil)))
	e.Time = at
	err := r.c.record(ctx, e)
	if err != nil {
		r.c.Log.Error("operation log", "event", audit.EventJobDone, "job", r.job.ID, "err", err)
	}
	return err
}

// keepRecording tries the record of an end again until it is there, which keeps the job itself from nothing.
func (r *run) keepRecording(ctx context.Context, at time.Time) {
	for try := 0; try < 4 || r.c.ctx.Err() == nil; try++ {
		r.c.pause(try)
		if r.recordEnd(ctx, at) == nil {
			return
		}
	}
}

// digest takes output into the hash that the operation log keeps: host, stream and data with their lengths.
func (r *run) digest(e job.Event) {
	for _, b := range [][]byte{[]byte(e.Host), []byte(e.Stream), e.Data} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		_, _ = r.output.Write(n[:]) // a hash never errs
		_, _ = r.output.Write(b)
	}
}

// givesUp says when trying again is of no use: at the program's end, and once another server has the database, which then
// settles the job.
func (r *run) givesUp(try int, err error) bool {
	return r.c.ctx.Err() != nil && try > 3 || errors.Is(err, store.ErrReplaced)
}

// setState tries the end of a job again until it is stored: a job must not look as if it ran for ever.
func (r *run) setState(ctx context.Context, s job.State, at time.Time, counts map[job.Outcome]int) {
	for try := 0; ; try++ {
		err := r.c.Store.SetJobState(ctx, r.job.ID, s, at, counts)
		if err == nil {
			return
		}
		r.c.Log.Error("job state not stored", "job", r.job.ID, "state", s, "err", problem.Describe("en", err))
		if s != job.Finished || r.givesUp(try, err) {
			return
		}
		r.c.pause(try)
	}
}

func (r *run) broadcast() {
	r.mu.Lock()
	close(r.changed)
	r.changed = make(chan struct{})
	r.mu.Unlock()
}

// wait gives the channel that the next stored batch closes.
func (r *run) wait() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}
