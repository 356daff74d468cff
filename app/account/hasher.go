package account

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// hasher bounds what password hashing costs: so many at once, the others wait their turn, and beyond a number of
// waiting ones the rest is told to come back. Strangers, who proved no key file, have a queue of their own and leave
// at least one place to the others, so that they cannot keep them waiting.
type hasher struct {
	places    chan struct{}
	strangers chan struct{}
	limit     int64 // of each queue
	known     atomic.Int64
	strange   atomic.Int64
	around    func(stranger bool, hash string, work func()) // tests see here what is evaluated
}

func newHasher(o Options) *hasher {
	return &hasher{
		places: make(chan struct{}, o.Hashing), strangers: make(chan struct{}, max(1, o.Hashing-1)), limit: int64(o.Waiting + o.Hashing),
		around: func(_ bool, _ string, work func()) { work() },
	}
}

// run calls work, whose cost the hash names, when it is its turn. login_busy if too many wait.
func (h *hasher) run(ctx context.Context, stranger bool, hash string, work func()) error {
	queue := &h.known
	if stranger {
		queue = &h.strange
	}
	defer queue.Add(-1)
	if queue.Add(1) > h.limit {
		return busy(2*time.Second, "queue")
	}
	if stranger {
		if err := enter(ctx, h.strangers); err != nil {
			return err
		}
		defer leave(h.strangers)
	}
	if err := enter(ctx, h.places); err != nil {
		return err
	}
	defer leave(h.places)
	h.around(stranger, hash, work)
	return nil
}

func enter(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait to check the password: %w", ctx.Err())
	}
}

func leave(places chan struct{}) { <-places }
