package control

import (
	"errors"
	"time"

	"omanager/app/job"
	"omanager/data/store"
)

// claim lets one submission of a job id at a time through; the function it gives ends the claim.
func (c *Control) claim(id string) func() {
	for {
		c.mu.Lock()
		before, busy := c.claims[id]
		if !busy {
			break
		}
		c.mu.Unlock()
		<-before
	}
	mine := make(chan struct{})
	c.claims[id] = mine
	c.mu.Unlock()
	return func() {
		c.mu.Lock()
		delete(c.claims, id)
		c.mu.Unlock()
		close(mine)
	}
}

// doubt settles a job of which nobody knows whether it is stored: it was not started, and it never will be. It is
// stored for certain and ended, so that whoever sends its id again, or looks, finds how it ended. Until then the id is
// refused.
func (c *Control) doubt(who Caller, j job.Job) {
	c.mu.Lock()
	c.doubts[j.ID] = true
	c.mu.Unlock()
	c.wg.Go(func() {
		for try := 0; c.ctx.Err() == nil; try++ { // what is open when the program ends, the next one settles
			err := c.Store.CreateJob(c.ctx, j, c.entry(who, "job_lost", j.ID, "its storing was not acknowledged; it was not started"))
			if err == nil || errors.Is(err, store.ErrExists) {
				err = c.settle(c.ctx, j, "host_start_lost")
			}
			if err == nil {
				c.mu.Lock()
				delete(c.doubts, j.ID)
				c.mu.Unlock()
				return
			}
			c.Log.Error("doubtful job not settled", "job", j.ID, "err", err)
			c.pause(try)
		}
	})
}

// pause waits before the store is tried again, or until Close.
func (c *Control) pause(try int) {
	t := time.NewTimer(time.Duration(min(try+1, 10)) * 200 * time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
	case <-c.ctx.Done():
	}
}

func (c *Control) doubted(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.doubts[id]
}
