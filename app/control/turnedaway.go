package control

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"omanager/app/audit"
	"omanager/app/problem"
)

// Of the logins that are not even evaluated, strangers can send any number: this many a minute are recorded one by
// one, the others as a number.
const (
	turnedAwayRecords = 20
	turnedAwayTime    = time.Minute
)

// turnedAway counts logins that were told to come back.
type turnedAway struct {
	mu      sync.Mutex
	since   time.Time
	records int
	left    int // not recorded by themselves
}

// next begins a new minute when the last is over, and gives what of it was not recorded.
func (t *turnedAway) next(now time.Time, always bool) (left int, since time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if d := now.Sub(t.since); !always && d >= 0 && d < turnedAwayTime {
		return 0, t.since
	}
	left, since = t.left, t.since
	t.since, t.records, t.left = now, 0, 0
	return left, since
}

// one counts a login and reports whether it is recorded by itself.
func (t *turnedAway) one() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.records < turnedAwayRecords {
		t.records++
		return true
	}
	t.left++
	return false
}

// refusedLogin records a login that was refused.
func (c *Control) refusedLogin(ctx context.Context, who Caller, err error) {
	p, ok := errors.AsType[*problem.Error](err)
	if ok && p.Code == "login_busy" && !c.away.one() {
		return
	}
	c.note(ctx, who, audit.EventLoginRefused, "", problem.Describe("en", err))
}

// countTurnedAway records the number of those that were not recorded one by one, when their minute is over or always.
func (c *Control) countTurnedAway(ctx context.Context, always bool) {
	left, since := c.away.next(c.Now(), always)
	if left > 0 {
		c.note(ctx, Caller{}, audit.EventLoginRefused, "", fmt.Sprintf("%d more logins were told to wait since %s", left, since.UTC().Format(time.RFC3339)))
	}
}
