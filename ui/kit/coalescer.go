package kit

import (
	"sync"
	"time"
)

// Post runs a function on the main goroutine later: fyne.Do in the program, a recorder in tests.
type Post func(func())

// fastest is the shortest time between two redraws: 20 a second.
const fastest = 50 * time.Millisecond

// Coalescer turns any number of change signals into at most one queued redraw, and at most 20 redraws a second.
// Its owner calls Close.
type Coalescer struct {
	post   Post
	every  time.Duration
	redraw func()

	mu     sync.Mutex
	timer  *time.Timer // not nil while a redraw is due
	last   time.Time
	closed bool
}

// NewCoalescer makes a Coalescer; redraw runs through post, not sooner than every (at least 50 ms) after the one before.
func NewCoalescer(post func(func()), every time.Duration, redraw func()) *Coalescer {
	return &Coalescer{post: post, every: max(every, fastest), redraw: redraw}
}

// Changed asks for a redraw. It never blocks and may be called from any goroutine.
func (c *Coalescer) Changed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.timer != nil {
		return
	}
	wait := time.Until(c.last.Add(c.every))
	c.timer = time.AfterFunc(max(wait, 0), func() { c.post(c.run) })
}

func (c *Coalescer) run() {
	c.mu.Lock()
	closed := c.closed
	c.timer, c.last = nil, time.Now()
	c.mu.Unlock()
	if !closed {
		c.redraw()
	}
}

// Close ends it: called on the main goroutine, no redraw follows.
func (c *Coalescer) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.timer != nil {
		c.timer.Stop()
	}
}
