package account

import (
	"hash/maphash"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

const (
	nameSlots  = 8192
	maxSources = 16384
	forget     = 24 * time.Hour
)

// throttle counts failures per account and attempts per source. Attempts are counted before they are evaluated,
// so that simultaneous ones cannot outrun the counter.
type throttle struct {
	opts Options
	seed maphash.Seed

	mu      sync.Mutex
	fails   map[string]*failures
	sources map[string]*bucket
}

type failures struct {
	count      int
	last, next time.Time
}

type bucket struct {
	tokens float64
	last   time.Time
}

func newThrottle(o Options) *throttle {
	return &throttle{opts: o, seed: maphash.MakeSeed(), fails: make(map[string]*failures), sources: make(map[string]*bucket)}
}

// unsignedKey puts all names, known or not, into a fixed number of slots: memory stays bounded, and an operator
// with the right key file is never counted there.
func (t *throttle) unsignedKey(name string) string {
	return "u" + strconv.FormatUint(maphash.String(t.seed, name)%nameSlots, 10)
}

// signedKey counts those who hold the account's key file: one entry for each real operator at most.
func (t *throttle) signedKey(name string) string { return "s" + name }

// proofKey counts proofs of legacy key files, in as many slots.
func (t *throttle) proofKey(name string) string {
	return "l" + strconv.FormatUint(maphash.String(t.seed, name)%nameSlots, 10)
}

// beginAll begins with each key, or with none.
func (t *throttle) beginAll(keys []string, now time.Time) (wait time.Duration) {
	for i, k := range keys {
		if wait := t.begin(k, now); wait > 0 {
			t.uncount(keys[:i]...)
			return wait
		}
	}
	return 0
}

// begin counts one more attempt as failed, or says how long to wait.
func (t *throttle) begin(key string, now time.Time) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.fails[key]
	if f == nil || now.Sub(f.last) > forget {
		f = &failures{}
		t.fails[key] = f
	}
	if now.Before(f.next) {
		return f.next.Sub(now)
	}
	f.count++
	f.last = now
	if over := f.count - t.opts.LockAfter; over >= 0 {
		f.next = now.Add(min(time.Second<<min(over, 30), t.opts.LockMax))
	}
	return 0
}

// succeed forgets the keys' failures.
func (t *throttle) succeed(keys ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		delete(t.fails, k)
	}
}

// uncount takes an attempt back that was never evaluated.
func (t *throttle) uncount(keys ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		if f := t.fails[k]; f != nil && f.count > 0 {
			f.count--
		}
	}
}

// take spends one attempt of the source, or says how long to wait. Sources beyond the limit share one bucket.
func (t *throttle) take(source string, now time.Time) (wait time.Duration) {
	key := sourceKey(source)
	perToken := time.Minute / time.Duration(t.opts.SourcePerMinute)
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.sources[key]
	if b == nil && len(t.sources) >= maxSources {
		t.dropIdle(now, perToken)
		if len(t.sources) >= maxSources {
			key = "overflow"
			b = t.sources[key]
		}
	}
	if b == nil {
		b = &bucket{tokens: float64(t.opts.SourceBurst), last: now}
		t.sources[key] = b
	}
	if d := now.Sub(b.last); d > 0 {
		b.tokens = min(float64(t.opts.SourceBurst), b.tokens+float64(d)/float64(perToken))
		b.last = now
	}
	if b.tokens < 1 {
		return time.Duration((1 - b.tokens) * float64(perToken))
	}
	b.tokens--
	return 0
}

func (t *throttle) dropIdle(now time.Time, perToken time.Duration) {
	full := time.Duration(t.opts.SourceBurst) * perToken
	for k, b := range t.sources {
		if now.Sub(b.last) >= full {
			delete(t.sources, k)
		}
	}
}

// sourceKey is the address without its port; for IPv6 the /64 it is in.
func sourceKey(source string) string {
	if host, _, err := net.SplitHostPort(source); err == nil {
		source = host
	}
	a, err := netip.ParseAddr(source)
	if err != nil {
		return source[:min(len(source), 64)]
	}
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.WithZone("").String()
}
