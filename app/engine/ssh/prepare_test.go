package ssh

import (
	"testing"
	"time"

	"omanager/app/job"
)

// TestPreparedShell runs three tasks one after another on a real sshd: the later ones use shells that waited, each task's
// variables are its own, and a shell that ended while it waited is noticed.
func TestPreparedShell(t *testing.T) {
	e, hosts, _ := real(t, 1, nil)
	h := hosts[0]
	for _, want := range []string{"one", "two", "three"} {
		rec := one(t.Context(), t, e, h, "echo "+want+" ${left-none}; left=over; export left", time.Minute)
		if string(rec.Out[job.Stdout]) != want+" none\n" || rec.Result.Outcome != job.OK {
			t.Errorf("task %s: %q %v", want, rec.Out[job.Stdout], rec.Result)
		}
		spare(t, e)
	}
	// A waiting shell that ends behind our back is not used: its end is noticed, and the task gets a new one.
	s := spare(t, e)
	if err := s.ch.CloseWrite(); err != nil { // it waits for a line that will not come, and ends
		t.Fatal(err)
	}
	for len(s.reqs) == 0 && t.Context().Err() == nil {
		time.Sleep(5 * time.Millisecond) // pace of the poll, not a limit
	}
	if rec := one(t.Context(), t, e, h, "echo after", time.Minute); string(rec.Out[job.Stdout]) != "after\n" || rec.Result.Outcome != job.OK {
		t.Errorf("after: %q %v", rec.Out[job.Stdout], rec.Result)
	}
}

// spare waits for the shell that is prepared on the only connection and looks at it without taking it.
func spare(t *testing.T, e *Engine) *prepared {
	t.Helper()
	for t.Context().Err() == nil {
		e.pool.mu.Lock()
		var s *prepared
		for _, sl := range e.pool.slots {
			s = sl.conns[0].spare
		}
		e.pool.mu.Unlock()
		if s != nil {
			return s
		}
		time.Sleep(5 * time.Millisecond) // pace of the poll, not a limit
	}
	t.Fatal("no shell was ever prepared")
	return nil
}

// warmConnections counts the connections the pool holds.
func (p *pool) warmConnections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.total
}
