package account_test

import (
	"context"
	"crypto/ed25519"
	"testing"
	"time"

	"omanager/app/account"
)

const replacement = "another good password"

func (r *rig) session(token string) account.Session {
	r.t.Helper()
	s, _, err := r.Check(context.Background(), token)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func TestChangePassword(t *testing.T) {
	r := newRig(t, account.Options{})
	r.change(func(o *account.Operator) { o.OneTime = true })
	own, other := r.mustLogin(), r.mustLogin()
	sess := r.session(own)
	for _, c := range []struct{ old, new, want string }{
		{password, "short", "password_weak"}, {password, "demo", "password_weak"}, {password, "line\nbreak in it", "password_weak"},
		{password, password, "password_same"}, {"not the password", replacement, "password_wrong"}, {"", replacement, "password_wrong"},
	} {
		if err := r.ChangePassword(t.Context(), sess, c.old, c.new); code(err) != c.want {
			t.Errorf("from %q to %q: %v, want %s", c.old, c.new, err, c.want)
		}
	}
	r.wantCheck(other, "ok")
	if err := r.ChangePassword(t.Context(), sess, password, replacement); err != nil {
		t.Fatal(err)
	}
	r.wantCheck(own, "ok")
	r.wantCheck(other, "session_expired")
	if _, o, err := r.Check(t.Context(), own); err != nil || o.OneTime {
		t.Errorf("one-time is %v, %v", o.OneTime, err)
	}
	if _, err := r.login("demo", password, r.key); code(err) != "login_refused" {
		t.Errorf("the old password: %v", err)
	}
	if _, err := r.login("demo", replacement, r.key); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

// TestA16ChangePasswordIsThrottled: who steals a session cannot guess the password through it, and what is guessed
// there counts with what is guessed at the login.
func TestA16ChangePasswordIsThrottled(t *testing.T) {
	guesses := func(o account.Options, most int) (n int) {
		r := newRig(t, o)
		sess := r.session(r.mustLogin())
		for i := range most {
			var err error
			if i%2 == 0 {
				err = r.ChangePassword(t.Context(), sess, "guess", replacement)
			} else {
				_, err = r.login("demo", "guess", r.key)
			}
			if c := code(err); c == "password_wrong" || c == "login_refused" {
				n++
			} else if c != "login_busy" {
				t.Fatal(err)
			}
		}
		return n
	}
	if n := guesses(account.Options{}, 50); n != 5 {
		t.Errorf("%d of 50 guesses were evaluated, want 5", n)
	}
	if n := guesses(unthrottled(), 8); n != 8 {
		t.Errorf("without the throttle %d of 8: this test proves nothing", n)
	}
}

// raced changes the operator in the store just before the new password would be stored.
type raced struct {
	account.Store
	before func()
}

func (s raced) ChangePassword(ctx context.Context, operator, old, hash string, keep []byte) error {
	s.before()
	return s.Store.ChangePassword(ctx, operator, old, hash, keep)
}

// TestChangePasswordRaces: hashing takes a while; what an administrator does meanwhile is not undone.
func TestChangePasswordRaces(t *testing.T) {
	r := newRig(t, account.Options{})
	change := func(before func()) error {
		s := account.NewService(raced{r.store, before}, serverID, account.Options{Params: account.FloorParams(), Now: r.clock.now})
		return s.ChangePassword(t.Context(), account.Session{Operator: "demo"}, password, replacement)
	}
	reset := func() {
		if _, err := r.admin(nil).NewPassword(t.Context(), "demo"); err != nil {
			t.Error(err)
		}
	}
	if err := change(reset); code(err) != "password_raced" {
		t.Errorf("reset meanwhile: %v", err)
	}
	hash, err := account.HashPassword(password, account.FloorParams())
	if err != nil {
		t.Fatal(err)
	}
	r.change(func(o *account.Operator) { o.Password = hash })
	disable := func() { r.change(func(o *account.Operator) { o.Disabled, o.Privileges = true, "" }) }
	if err := change(disable); err != nil {
		t.Errorf("disabled meanwhile: %v", err)
	}
	if o, err := r.store.Store.Operator(t.Context(), "demo"); err != nil || !o.Disabled || o.Privileges != "" {
		t.Errorf("the operator is %+v, %v", o, err)
	}
}

// TestA10SessionsEndOnChange: whatever takes something away from an operator ends its sessions at once.
func TestA10SessionsEndOnChange(t *testing.T) {
	for what, change := range changes("demo") {
		r := newRig(t, account.Options{CacheFor: time.Nanosecond})
		r.put(account.Operator{Name: "boss", Privileges: "root"})
		token := r.mustLogin()
		r.wantCheck(token, "ok")
		if err := change(t.Context(), r.admin(nil)); err != nil {
			t.Fatal(err)
		}
		r.clock.forward(time.Millisecond)
		if got := r.check(token); got != "session_expired" {
			t.Errorf("%s: %s", what, got)
		}
	}
	// The control: a change that does not go through Admin leaves the session.
	r := newRig(t, account.Options{CacheFor: time.Nanosecond})
	token := r.mustLogin()
	r.change(func(o *account.Operator) { o.PublicKey = newKey(t).Public().(ed25519.PublicKey) })
	r.clock.forward(time.Millisecond)
	r.wantCheck(token, "ok")
}

// TestA10ExpiryIsExact: a token is good to the last millisecond before its end and never after, the second time neither.
func TestA10ExpiryIsExact(t *testing.T) {
	probe := func(absolute time.Duration) (before, at, again string) {
		r := newRig(t, account.Options{Absolute: absolute, Idle: 24 * time.Hour})
		token := r.mustLogin()
		r.clock.forward(12*time.Hour - time.Second)
		before = r.check(token)
		r.clock.forward(time.Second)
		return before, r.check(token), r.check(token)
	}
	if before, at, again := probe(12 * time.Hour); before != "ok" || at != "session_expired" || again != "session_expired" {
		t.Errorf("a second before the end %s, at the end %s, again %s", before, at, again)
	}
	if _, at, _ := probe(12*time.Hour + time.Millisecond); at != "ok" {
		t.Errorf("with a life longer by a millisecond it is %s: this test proves nothing", at)
	}
}
