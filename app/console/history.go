package console

import (
	"context"

	"omanager/app/job"
)

// historyLimit is how many earlier jobs are listed.
const historyLimit = 200

// LoadHistory reads the list of jobs again.
func (c *Console) LoadHistory() {
	c.latest(OpHistory, History, func(ctx context.Context) error {
		srv, err := c.server()
		if err != nil {
			return err
		}
		jobs, err := srv.Jobs(ctx, historyLimit)
		if err != nil {
			return err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.session.server == srv {
			c.jobs = jobs
		}
		return nil
	})
}

// Jobs returns the jobs known to the control server, newest first.
func (c *Console) Jobs() []job.Job {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.jobs
}

// Open puts an earlier job on view. A job that still runs is followed from its first event.
func (c *Console) Open(id string) {
	c.latest(OpOpen, Running, func(ctx context.Context) error {
		srv, err := c.server()
		if err != nil {
			return err
		}
		j, err := srv.Job(ctx, id)
		if err != nil {
			return err
		}
		c.watch(srv, j, j.State == job.Finished)
		return nil
	})
}
