// Package guard bounds what logins cost and how often a password may be guessed: the counts of attempts by account, by
// source and in all, and the queue for hashing. Its parts are safe for use by many goroutines and have none of their own.
package guard

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

// Limits are those of a Throttle; all are set.
type Limits struct {
	LockAfter      int // the failure from which an account waits
	LockMax        time.Duration
	GuessesPerHour int // most failures of an account in any hour, whatever succeeds between them

	// Of logins that do not prove a key file; the others are counted by account alone.
	SourcePerMinute   int
	SourceBurst       int
	StrangerPerMinute int // from all sources together
	StrangerBurst     int
}

// Throttle counts failures per account and attempts per source. Attempts are counted before they are evaluated,
// so that simultaneous ones cannot outrun the counter.
type Throttle struct {
	limits Limits
	seed   maphash.Seed

	mu      sync.Mutex
	fails   map[string]*failures
	sources map[string]*bucket
	all     *bucket // of strangers, whatever their source
}

type failures struct {
	count      int // since the last success
	last, next time.Time
	recent     []time.Time // of the last hour, oldest first; a success takes its own away and no other
}

type bucket struct {
	tokens float64
	last   time.Time
}

// NewThrottle has counted nothing yet.
func NewThrottle(l Limits) *Throttle {
	return &Throttle{limits: l, seed: maphash.MakeSeed(), fails: make(map[string]*failures), sources: make(map[string]*bucket), all: &bucket{}}
}

// UnsignedKey puts all names, known or not, into a fixed number of slots: memory stays bounded, and an operator
// with the right key file is never counted there.
func (t *Throttle) UnsignedKey(name string) string {
	return "u" + strconv.FormatUint(maphash.String(t.seed, name)%nameSlots, 10)
}

// SignedKey counts those who hold the account's key file: one entry for each real operator at most.
func (t *Throttle) SignedKey(name string) string { return "s" + name }

// Begin counts one more attempt as failed, or says how long to wait.
func (t *Throttle) Begin(key string, now time.Time) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.beginLocked(key, now)
}

func (t *Throttle) beginLocked(key string, now time.Time) (wait time.Duration) {
	f := t.fails[key]
	if f == nil || now.Sub(f.last) > forget {
		f = &failures{}
		t.fails[key] = f
	}
	if now.Before(f.next) {
		return f.next.Sub(now)
	}
	for len(f.recent) > 0 && now.Sub(f.recent[0]) >= time.Hour {
		f.recent = f.recent[1:]
	}
	if len(f.recent) >= t.limits.GuessesPerHour {
		return f.recent[len(f.recent)-t.limits.GuessesPerHour].Add(time.Hour).Sub(now)
	}
	f.count++
	f.last = now
	f.recent = append(f.recent, now)
	if over := f.count - t.limits.LockAfter; over >= 0 {
		f.next = now.Add(min(time.Second<<min(over, 30), t.limits.LockMax))
	}
	return 0
}

// Succeed ends the keys' delays; what failed within the hour still counts for the hour.
func (t *Throttle) Succeed(keys ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		if f := t.fails[k]; f != nil {
			f.count, f.next = 0, time.Time{}
			f.forgive()
		}
	}
}

// Uncount takes an attempt back that was never evaluated.
func (t *Throttle) Uncount(keys ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		t.uncountLocked(k)
	}
}

func (t *Throttle) uncountLocked(key string) {
	if f := t.fails[key]; f != nil && f.count > 0 {
		f.count--
		f.forgive()
	}
}

func (f *failures) forgive() {
	if n := len(f.recent); n > 0 {
		f.recent = f.recent[:n-1]
	}
}

// Stranger counts an attempt without a key file's signature by source, by name and in all, or says how long to wait.
func (t *Throttle) Stranger(source, key string, now time.Time) (wait time.Duration, cause string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if wait := t.takeLocked(source, now); wait > 0 {
		return wait, "source " + SourceKey(source)
	}
	if wait := t.beginLocked(key, now); wait > 0 {
		return wait, "name"
	}
	if wait := t.all.take(now, t.limits.StrangerBurst, t.limits.StrangerPerMinute); wait > 0 {
		t.uncountLocked(key)
		return wait, "strangers"
	}
	return 0, ""
}

// Take spends one attempt of the source, or says how long to wait. Sources beyond the limit share one bucket.
func (t *Throttle) Take(source string, now time.Time) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.takeLocked(source, now)
}

func (t *Throttle) takeLocked(source string, now time.Time) (wait time.Duration) {
	key := SourceKey(source)
	b := t.sources[key]
	if b == nil && len(t.sources) >= maxSources {
		t.dropIdle(now)
		if len(t.sources) >= maxSources {
			key = "overflow"
			b = t.sources[key]
		}
	}
	if b == nil {
		b = &bucket{}
		t.sources[key] = b
	}
	return b.take(now, t.limits.SourceBurst, t.limits.SourcePerMinute)
}

// take spends one token, or says when there will be one. A new bucket is full.
func (b *bucket) take(now time.Time, burst, perMinute int) (wait time.Duration) {
	perToken := time.Minute / time.Duration(perMinute)
	if b.last.IsZero() {
		b.tokens, b.last = float64(burst), now
	}
	if d := now.Sub(b.last); d > 0 {
		b.tokens = min(float64(burst), b.tokens+float64(d)/float64(perToken))
		b.last = now
	}
	if b.tokens < 1 {
		return time.Duration((1 - b.tokens) * float64(perToken))
	}
	b.tokens--
	return 0
}

func (t *Throttle) dropIdle(now time.Time) {
	full := time.Duration(t.limits.SourceBurst) * (time.Minute / time.Duration(t.limits.SourcePerMinute))
	for k, b := range t.sources {
		if now.Sub(b.last) >= full {
			delete(t.sources, k)
		}
	}
}

// SourceKey is the address without its port; for IPv6 the /64 it is in.
func SourceKey(source string) string {
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
