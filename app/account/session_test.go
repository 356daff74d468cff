package account_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"sync"
	"testing"
	"time"

	"omanager/app/account"
)

func TestA10SessionEnds(t *testing.T) {
	r := newRig(t, account.Options{})
	idle, used := r.mustLogin(), r.mustLogin()
	r.clock.forward(30*time.Minute - time.Second)
	r.wantCheck(used, "ok")
	r.clock.forward(time.Second)
	r.wantCheck(idle, "session_expired")
	r.wantCheck(idle, "session_expired")
	for range 23 {
		r.wantCheck(used, "ok")
		r.clock.forward(29 * time.Minute)
	}
	r.wantCheck(used, "ok") // 30 min + 23 * 29 min = 11 h 37 min
	r.clock.forward(23*time.Minute - time.Second)
	r.wantCheck(used, "ok")
	r.clock.forward(time.Second)
	r.wantCheck(used, "session_expired")
	r.wantCheck(used, "session_expired")
}

// TestA10PeekingIsNotUse: what a desk that was left alone asks by itself does not keep its session open. The negative
// control asks the same by Check.
func TestA10PeekingIsNotUse(t *testing.T) {
	r := newRig(t, account.Options{})
	peeked, used := r.mustLogin(), r.mustLogin()
	for range 3 {
		r.clock.forward(9 * time.Minute)
		if _, o, err := r.Peek(t.Context(), peeked); err != nil || o.Name != "demo" {
			t.Fatalf("%+v, %v", o, err)
		}
		r.wantCheck(used, "ok")
	}
	r.clock.forward(3 * time.Minute)
	if _, _, err := r.Peek(t.Context(), peeked); code(err) != "session_expired" {
		t.Errorf("after 30 minutes: %v", err)
	}
	r.wantCheck(peeked, "session_expired")
	r.wantCheck(used, "ok")
}

func TestA11DisabledOperatorIsOutAtOnce(t *testing.T) {
	r := newRig(t, account.Options{})
	token := r.mustLogin()
	r.wantCheck(token, "ok")
	r.change(func(o *account.Operator) { o.Privileges = "zhiban" })
	r.clock.forward(time.Second)
	if _, o, err := r.Check(t.Context(), token); err != nil || o.Privileges != "zhiban" {
		t.Fatalf("after a second the privileges are %q, %v", o.Privileges, err)
	}
	r.change(func(o *account.Operator) { o.Disabled = true })
	r.clock.forward(time.Second)
	r.wantCheck(token, "session_expired")
	r.change(func(o *account.Operator) { o.Disabled = false })
	r.clock.forward(time.Second)
	r.wantCheck(token, "session_expired") // the session is gone for good
}

func TestCheckSeldomReadsAndWrites(t *testing.T) {
	r := newRig(t, account.Options{})
	token := r.mustLogin()
	r.wantCheck(token, "ok")
	before := r.store.reads.Load()
	for range 1000 {
		r.wantCheck(token, "ok")
	}
	if n := r.store.reads.Load() - before; n != 0 {
		t.Errorf("1000 checks in one moment read the store %d times", n)
	}
	for range 120 {
		r.clock.forward(5 * time.Second)
		r.wantCheck(token, "ok")
	}
	if n := r.store.touches.Load(); n != 10 {
		t.Errorf("10 minutes of use wrote the session %d times", n)
	}
}

func TestSessionSurvivesARestart(t *testing.T) {
	r := newRig(t, account.Options{})
	token := r.mustLogin()
	r.clock.forward(20 * time.Minute)
	r.wantCheck(token, "ok")
	again := account.NewService(r.store, serverID, account.Options{Now: r.clock.now})
	r.clock.forward(20 * time.Minute)
	if _, _, err := again.Check(t.Context(), token); err != nil {
		t.Fatal(err)
	}
}

func TestStoreFaultRefuses(t *testing.T) {
	r := newRig(t, account.Options{})
	token := r.mustLogin()
	r.store.fail.Store(true)
	if _, err := r.login("demo", password, r.key); code(err) != "store_failed" || !errors.Is(err, errDown) {
		t.Errorf("login: %v", err)
	}
	r.clock.forward(2 * time.Second)
	r.wantCheck(token, "store_failed")
	r.store.fail.Store(false)
	r.wantCheck(token, "ok")
}

func TestRehashAtLogin(t *testing.T) {
	r := newRig(t, account.Options{})
	stronger := account.Params{Memory: 20 << 10, Time: 2, Threads: 1}
	s := account.NewService(r.store, serverID, account.Options{Params: stronger, Now: r.clock.now})
	nonce := s.Challenge()
	_, _, o, err := s.Login(t.Context(), "demo", password, nonce, ed25519.Sign(r.key, account.LoginMessage(serverID, "demo", nonce)), "x")
	if err != nil {
		t.Fatal(err)
	}
	kept, err := r.store.Operator(t.Context(), "demo")
	if err != nil || account.NeedsRehash(kept.Password, stronger) || kept.Password != o.Password {
		t.Fatalf("hash is still %s, %v", kept.Password, err)
	}
	r.mustLogin()
}

func TestParallelChecksAndLogouts(t *testing.T) {
	r := newRig(t, account.Options{LockAfter: 1000, CacheFor: time.Millisecond})
	token := r.mustLogin()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				r.check(token)
				r.clock.forward(time.Millisecond)
			}
		})
	}
	wg.Go(func() {
		if err := r.Logout(context.Background(), token); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	r.wantCheck(token, "session_expired")
}
