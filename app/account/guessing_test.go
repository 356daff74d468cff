package account_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"omanager/app/account"
	"omanager/app/problem"
)

// unthrottled is the weak setting of the tests below: what they say must not happen happens with it.
func unthrottled() account.Options {
	const many = 1 << 30
	return account.Options{
		LockAfter: many, GuessesPerHour: many, StrangerBurst: many, StrangerPerMinute: many, SourceBurst: many, SourcePerMinute: many, Waiting: many,
	}
}

// tally counts what is really evaluated: against the operator's own hash, and for strangers. It leaves out the hashing
// of strangers, which fits no password, and with skip all of it: then every password is wrong.
type tally struct {
	own, strange atomic.Int64
	skip         atomic.Bool
}

func (r *rig) tally() *tally {
	r.t.Helper()
	o, err := r.store.Store.Operator(context.Background(), "demo")
	if err != nil {
		r.t.Fatal(err)
	}
	r.store.fixed.Store(&o)
	n := &tally{}
	r.Around(func(stranger bool, hash string, work func()) {
		if stranger {
			n.strange.Add(1)
		}
		if hash == o.Password {
			n.own.Add(1)
		}
		if !stranger && !n.skip.Load() {
			work()
		}
	})
	return n
}

// wait gives how long a refused login has to wait; 0 if it was evaluated.
func wait(t *testing.T, err error) time.Duration {
	t.Helper()
	if code(err) == "login_refused" {
		return 0
	}
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Code != "login_busy" {
		t.Fatal(err)
	}
	seconds, err := strconv.Atoi(p.Args["seconds"])
	if err != nil || seconds < 1 {
		t.Fatalf("the wait is %q", p.Args["seconds"])
	}
	return time.Duration(seconds) * time.Second
}

// guessForAnHour guesses as fast as it is let in; each is called before each guess. It stops early at most guesses.
func (r *rig) guessForAnHour(key ed25519.PrivateKey, most int64, evaluated *atomic.Int64, each func()) {
	r.t.Helper()
	for end := r.clock.now().Add(time.Hour); r.clock.now().Before(end) && evaluated.Load() < most; {
		each()
		_, err := r.login("demo", "guess", key)
		r.clock.forward(wait(r.t, err))
	}
}

// TestA16BruteForce guesses for an hour, each time as soon as it is let in again.
func TestA16BruteForce(t *testing.T) {
	const limit, more = 20, 30
	attack := func(t *testing.T, o account.Options, stolen bool, each func(*rig)) (own, strange int64) {
		r := newRig(t, o)
		n := r.tally()
		n.skip.Store(true)
		key, counted := newKey(t), &n.strange
		if stolen {
			key, counted = r.key, &n.own
		}
		r.guessForAnHour(key, more, counted, func() { each(r) })
		return n.own.Load(), n.strange.Load()
	}
	quiet := func(*rig) {}
	if own, strange := attack(t, account.Options{}, false, quiet); own != 0 || strange < 5 || strange > limit {
		t.Errorf("a stranger: %d guesses met the operator's hash, %d cost one; want 0 and 5 to %d", own, strange, limit)
	}
	if own, _ := attack(t, account.Options{}, true, quiet); own < 5 || own > limit {
		t.Errorf("a thief of the key file: %d guesses were evaluated, want 5 to %d", own, limit)
	}
	weak := unthrottled()
	if own, _ := attack(t, weak, true, func(r *rig) { r.clock.forward(time.Second) }); own <= limit {
		t.Errorf("without the throttle only %d guesses were evaluated: this test proves nothing", own)
	}
}

// TestA16SuccessDoesNotFreeGuesses: the owner's logins end the delays, but the hour's limit stays.
func TestA16SuccessDoesNotFreeGuesses(t *testing.T) {
	guesses := func(o account.Options) int64 {
		r := newRig(t, o)
		n := r.tally()
		good, last := int64(0), r.clock.now()
		r.guessForAnHour(r.key, 45, &n.own, func() {
			if r.clock.now().Sub(last) < 3*time.Minute {
				return
			}
			last = r.clock.now()
			if _, err := r.login("demo", password, r.key); err == nil {
				good++
			}
		})
		return n.own.Load() - good
	}
	if n := guesses(account.Options{}); n > 20 {
		t.Errorf("%d guesses in an hour of the owner's logins", n)
	}
	if n := guesses(account.Options{GuessesPerHour: 1 << 30}); n <= 20 {
		t.Errorf("without the hour's limit only %d: this test proves nothing", n)
	}
}

// TestA16OwnerIsNotLockedOut: for an hour strangers do all they can, from the owner's own address too, and the owner
// logs in each minute.
func TestA16OwnerIsNotLockedOut(t *testing.T) {
	lockedOut := func(minutes int, attacker func(r *rig) ed25519.PrivateKey) (out int) {
		r := newRig(t, account.Options{SourceBurst: 40, MaxNonces: 100})
		r.tally()
		key := attacker(r)
		for minute := range minutes {
			for i := range 45 { // more than the buckets of source and name hold, and nonces altogether
				source := "10.0.0.9:4000" // also the owner's
				if i%5 == 0 {
					source = fmt.Sprintf("10.%d.%d.1:1", minute, i)
				}
				nonce := r.Challenge()
				_, _, _, err := r.Login(t.Context(), "demo", "guess", nonce, ed25519.Sign(key, account.LoginMessage(serverID, "demo", nonce)), source)
				wait(t, err)
			}
			if _, err := r.login("demo", password, r.key); err != nil {
				out++
			}
			r.clock.forward(time.Minute)
		}
		return out
	}
	if n := lockedOut(60, func(*rig) ed25519.PrivateKey { return newKey(t) }); n != 0 {
		t.Errorf("the owner was locked out in %d of 60 minutes", n)
	}
	if n := lockedOut(5, func(r *rig) ed25519.PrivateKey { return r.key }); n == 0 {
		t.Error("not even who holds the key file delays the owner: this test proves nothing")
	}
}

// TestA16Spraying tries one password on many names from many addresses.
func TestA16Spraying(t *testing.T) {
	spray := func(o account.Options, names int, source func(int) string) int64 {
		r := newRig(t, o)
		n := r.tally()
		key := newKey(t)
		for i := range names {
			nonce := r.Challenge()
			name := fmt.Sprintf("name%d", i)
			_, _, _, err := r.Login(t.Context(), name, "Spring2026!", nonce, ed25519.Sign(key, account.LoginMessage(serverID, name, nonce)), source(i))
			wait(t, err)
		}
		return n.strange.Load()
	}
	everywhere := func(i int) string { return fmt.Sprintf("10.1.%d.%d:1", i/250, i%250) }
	one := func(int) string { return "10.1.1.1:1" }
	if n := spray(account.Options{SourceBurst: 40}, 500, one); n != 40 {
		t.Errorf("from one source %d were evaluated, want 40", n)
	}
	if n := spray(account.Options{}, 500, everywhere); n != 60 {
		t.Errorf("from 500 sources %d were evaluated, want 60", n)
	}
	if n := spray(unthrottled(), 62, everywhere); n != 62 {
		t.Errorf("without the throttle %d of 62: this test proves nothing", n)
	}
}

// TestA17SimultaneousGuesses: they cannot outrun the counter, with the key file and without.
func TestA17SimultaneousGuesses(t *testing.T) {
	simultaneous := func(o account.Options, n int, stolen bool) (own, strange int64) {
		r := newRig(t, o)
		tally := r.tally()
		tally.skip.Store(o.Waiting > 0)
		key := newKey(t)
		if stolen {
			key = r.key
		}
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				_, err := r.login("demo", "guess", key)
				if c := code(err); c != "login_refused" && c != "login_busy" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		return tally.own.Load(), tally.strange.Load()
	}
	if own, strange := simultaneous(account.Options{}, 200, true); own != 5 || strange != 0 {
		t.Errorf("with the key file %d of 200 were evaluated (and %d strangers'), want 5", own, strange)
	}
	if own, strange := simultaneous(account.Options{}, 200, false); own != 0 || strange != 5 {
		t.Errorf("without it %d met the operator's hash and %d cost one, want 0 and 5", own, strange)
	}
	if own, _ := simultaneous(unthrottled(), 40, true); own != 40 {
		t.Errorf("without the throttle %d of 40 were evaluated: this test proves nothing", own)
	}
}

// TestA08TenThousandGuesses over a little less than three hours, and what is secret comes from crypto/rand (the linter's
// rule random).
func TestA08TenThousandGuesses(t *testing.T) {
	guess := func(o account.Options, n int) int64 {
		r := newRig(t, o)
		tally := r.tally()
		tally.skip.Store(true)
		for range n {
			_, err := r.login("demo", "guess", r.key)
			wait(t, err)
			r.clock.forward(time.Second)
		}
		return tally.own.Load()
	}
	if n := guess(account.Options{}, 10_000); n > 60 {
		t.Errorf("%d of 10,000 guesses in three hours were evaluated, want at most 60", n)
	}
	if n := guess(unthrottled(), 70); n <= 60 {
		t.Errorf("without the throttle %d of 70: this test proves nothing", n)
	}
}

// TestBoundedHashing: however many ask, so many hashes are made at once, strangers' leave a place free, and re-hashing
// waits its turn too.
func TestBoundedHashing(t *testing.T) {
	o := unthrottled()
	o.Hashing = 2
	r := newRig(t, o)
	var now, most, strange, mostStrange atomic.Int64
	raise := func(n, most *atomic.Int64) {
		v := n.Add(1)
		for m := most.Load(); v > m && !most.CompareAndSwap(m, v); m = most.Load() {
		}
	}
	r.Around(func(stranger bool, _ string, work func()) {
		raise(&now, &most)
		if stranger {
			raise(&strange, &mostStrange)
			defer strange.Add(-1)
		}
		defer now.Add(-1)
		work()
	})
	other := newKey(t)
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			key, pw := r.key, password
			if i%2 == 0 {
				key, pw = other, "guess"
			}
			_, _ = r.login("demo", pw, key)
		})
	}
	wg.Wait()
	if most.Load() > 2 || mostStrange.Load() > 1 {
		t.Errorf("%d hashes at once, %d of strangers; want at most 2 and 1", most.Load(), mostStrange.Load())
	}
}
