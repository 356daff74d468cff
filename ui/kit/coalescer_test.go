package kit

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestCoalescer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var queue []func()
		redraws := 0
		c := NewCoalescer(func(f func()) {
			mu.Lock()
			defer mu.Unlock()
			queue = append(queue, f)
		}, time.Millisecond, func() { redraws++ })
		drain := func() int {
			synctest.Wait()
			mu.Lock()
			calls := queue
			queue = nil
			mu.Unlock()
			for _, f := range calls {
				f()
			}
			return len(calls)
		}
		var hosts sync.WaitGroup
		for range 8 {
			hosts.Go(func() {
				for range 500 {
					c.Changed()
				}
			})
		}
		hosts.Wait()
		if n := drain(); n != 1 || redraws != 1 {
			t.Fatalf("4000 changes at once: %d queued, %d redraws, want 1 and 1", n, redraws)
		}
		for range 1000 { // one second of changes
			c.Changed()
			time.Sleep(time.Millisecond)
			drain()
		}
		if redraws < 18 || redraws > 21 {
			t.Errorf("%d redraws in a second, want about 20", redraws)
		}
		time.Sleep(time.Second)
		drain()
		before := redraws
		c.Changed()
		c.Changed()
		synctest.Wait()
		c.Close()
		c.Changed()
		time.Sleep(time.Second)
		drain()
		if redraws != before {
			t.Error("redrawn after Close")
		}
	})
}

// TestCoalescerLosesNothing: a change after the redraw began is shown by another one.
func TestCoalescerLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c *Coalescer
		posts := make(chan func(), 10)
		value, shown := 1, 0
		c = NewCoalescer(func(f func()) { posts <- f }, 0, func() {
			shown = value
			if value == 1 {
				value = 2
				c.Changed()
			}
		})
		defer c.Close()
		c.Changed()
		(<-posts)()
		(<-posts)()
		if shown != 2 {
			t.Errorf("shown %d, want 2", shown)
		}
	})
}
