package guard

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"omanager/app/problem"
)

// Queue bounds what password hashing costs: so many at once, the others wait their turn, and beyond a number of
// waiting ones the rest is told to come back. Strangers, who proved no key file, have a queue of their own and leave
// at least one place to the others, so that they cannot keep them waiting.
type Queue struct {
	places    chan struct{}
	strangers chan struct{}
	limit     int64 // of each queue
	known     atomic.Int64
	strange   atomic.Int64
}

// NewQueue evaluates so many hashes at once, and lets so many wait for it.
func NewQueue(hashing, waiting int) *Queue {
	return &Queue{
		places: make(chan struct{}, hashing), strangers: make(chan struct{}, max(1, hashing-1)), limit: int64(waiting + hashing),
	}
}

// Run calls work when it is its turn. login_busy if too many wait; the context ends the wait.
func (q *Queue) Run(ctx context.Context, stranger bool, work func()) error {
	queue := &q.known
	if stranger {
		queue = &q.strange
	}
	defer queue.Add(-1)
	if queue.Add(1) > q.limit {
		return Busy(2*time.Second, "queue")
	}
	if stranger {
		if err := enter(ctx, q.strangers); err != nil {
			return err
		}
		defer leave(q.strangers)
	}
	if err := enter(ctx, q.places); err != nil {
		return err
	}
	defer leave(q.places)
	work()
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

// Busy tells an operator how long to wait (login_busy); the cause is for the server's own log only.
func Busy(wait time.Duration, cause string) error {
	seconds := int64((wait + time.Second - 1) / time.Second)
	return problem.Wrap(errors.New(cause), "login_busy", "seconds", strconv.FormatInt(seconds, 10))
}
