package account_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"omanager/app/account"
	"omanager/data/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	serverID = "server-1"
	password = "correct horse battery staple"
)

// clock is moved by the test.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() time.Time          { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) forward(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// spy is the real store; it counts and can be told to fail.
type spy struct {
	account.Store
	fail           atomic.Bool
	fixed          atomic.Pointer[account.Operator] // read once, for tests that ask thousands of times
	reads, touches atomic.Int64
	after          func() // called once an operator was read
}

var errDown = errors.New("store is down")

func (s *spy) Operator(ctx context.Context, name string) (account.Operator, error) {
	s.reads.Add(1)
	if s.fail.Load() {
		return account.Operator{}, errDown
	}
	o, err := s.Store.Operator(ctx, name)
	if s.after != nil {
		s.after()
	}
	return o, err
}

func (s *spy) TouchSession(ctx context.Context, h []byte, at time.Time) error {
	s.touches.Add(1)
	return s.Store.TouchSession(ctx, h, at)
}

type rig struct {
	*account.Service
	t     *testing.T
	clock *clock
	store *spy
	key   ed25519.PrivateKey
}

// newRig has one operator, demo, whose hash already has the least cost. Throttling of sources is off unless set.
func newRig(t *testing.T, o account.Options) *rig {
	t.Helper()
	real, err := store.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "om.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { real.Close() })
	r := &rig{t: t, clock: &clock{}, store: &spy{Store: real}}
	r.clock.ms.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli())
	r.key = newKey(t)
	o.Now, o.Params = r.clock.now, account.FloorParams()
	if o.SourceBurst == 0 {
		o.SourceBurst = 1 << 30
	}
	r.Service = account.NewService(r.store, serverID, o)
	hash, err := account.HashPassword(password, account.FloorParams())
	if err != nil {
		t.Fatal(err)
	}
	r.put(account.Operator{Name: "demo", Password: hash, PublicKey: r.key.Public().(ed25519.PublicKey), Privileges: "1", Created: r.clock.now()})
	return r
}

func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	k, err := account.KeyFromFile(account.NewKeyFile())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (r *rig) put(o account.Operator) {
	r.t.Helper()
	if err := r.store.PutOperator(context.Background(), o); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) change(f func(*account.Operator)) {
	r.t.Helper()
	o, err := r.store.Store.Operator(context.Background(), "demo")
	if err != nil {
		r.t.Fatal(err)
	}
	f(&o)
	r.put(o)
}

func (r *rig) login(name, pw string, key ed25519.PrivateKey) (string, error) {
	nonce := r.Challenge()
	token, _, _, err := r.Login(context.Background(), name, pw, nonce, ed25519.Sign(key, account.LoginMessage(serverID, name, nonce)), "10.0.0.9:4000")
	return token, err
}

func (r *rig) mustLogin() string {
	r.t.Helper()
	token, err := r.login("demo", password, r.key)
	if err != nil {
		r.t.Fatal(err, errors.Unwrap(err))
	}
	return token
}

func (r *rig) check(token string) string {
	_, _, err := r.Check(context.Background(), token)
	if err == nil {
		return "ok"
	}
	return code(err)
}

func (r *rig) wantCheck(token, want string) {
	r.t.Helper()
	if got := r.check(token); got != want {
		r.t.Fatalf("check gives %s, want %s", got, want)
	}
}

func TestLoginCheckLogout(t *testing.T) {
	r := newRig(t, account.Options{})
	nonce := r.Challenge()
	token, sess, o, err := r.Login(t.Context(), "demo", password, nonce, ed25519.Sign(r.key, account.LoginMessage(serverID, "demo", nonce)), "::1")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 32 || len(sess.EnvelopeKey) != 32 || o.Name != "demo" || sess.Operator != "demo" {
		t.Fatalf("token %q, session %+v, operator %+v, %v", token, sess, o, err)
	}
	got, who, err := r.Check(t.Context(), token)
	if err != nil || who.Name != "demo" || string(got.EnvelopeKey) != string(sess.EnvelopeKey) || !got.Expires.Equal(sess.Expires) {
		t.Fatalf("%+v, %+v, %v", got, who, err)
	}
	if strings.Contains(fmt.Sprintf("%x %s", sess.TokenHash, sess.TokenHash), token) {
		t.Error("the session holds the token")
	}
	second := r.mustLogin()
	if err := r.Logout(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	r.wantCheck(token, "session_expired")
	r.wantCheck(second, "ok")
	if err := r.LogoutAll(t.Context(), "demo"); err != nil {
		t.Fatal(err)
	}
	r.wantCheck(second, "session_expired")
	for _, bad := range []string{"", "x", token + "A", strings.Repeat("A", 43), strings.Repeat("=", 43), "\n" + second} {
		r.wantCheck(bad, "session_expired")
		if err := r.Logout(t.Context(), bad); err != nil {
			t.Error(err)
		}
	}
}

func TestLoginRefusesAlike(t *testing.T) {
	r := newRig(t, account.Options{LockAfter: 1000})
	r.change(func(o *account.Operator) { o.Name, o.Disabled = "gone", true })
	r.change(func(o *account.Operator) { o.Name, o.Password = "broken", "junk" })
	r.change(func(o *account.Operator) { o.Name, o.PublicKey = "nokey", nil })
	sentences := make(map[string]bool)
	for _, c := range []struct {
		name, pw string
		key      ed25519.PrivateKey
	}{
		{"demo", "wrong", r.key}, {"demo", password, newKey(t)}, {"demo", "wrong", newKey(t)}, {"demo", "", r.key},
		{"nobody", password, r.key}, {"", password, r.key}, {"DEMO", password, r.key}, {"demo ", password, r.key},
		{"' or 1=1 -- ", password, r.key}, {strings.Repeat("x", 10_000), password, r.key},
		{"gone", password, r.key}, {"broken", password, r.key}, {"nokey", password, r.key},
		{"demo", strings.Repeat("x", 1_000_000), r.key}, {"demo", password + "\x00", r.key},
	} {
		_, err := r.login(c.name, c.pw, c.key)
		if code(err) != "login_refused" {
			t.Errorf("%.20q %.20q: %v", c.name, c.pw, err)
		}
		sentences[fmt.Sprint(err)] = true
	}
	if len(sentences) != 1 {
		t.Errorf("the sentences differ: %v", sentences)
	}
}

func TestA18ReplayIsRefused(t *testing.T) {
	r := newRig(t, account.Options{LockAfter: 1000})
	other := account.NewService(r.store, "server-2", account.Options{Now: r.clock.now, Params: account.FloorParams()})
	try := func(nonce []byte, server, signedFor string) string {
		_, _, _, err := r.Login(t.Context(), "demo", password, nonce, ed25519.Sign(r.key, account.LoginMessage(server, signedFor, nonce)), "x")
		return code(err)
	}
	used := r.Challenge()
	if got := try(used, serverID, "demo"); got != "<nil>" {
		t.Fatal(got)
	}
	old := r.Challenge()
	altered := r.Challenge()
	altered[0] ^= 1
	for name, got := range map[string]string{
		"used twice": try(used, serverID, "demo"), "altered": try(altered, serverID, "demo"), "made up": try(make([]byte, 32), serverID, "demo"),
		"empty": try(nil, serverID, "demo"), "another server's": try(other.Challenge(), serverID, "demo"),
		"signed for another server": try(r.Challenge(), "server-2", "demo"), "signed for another operator": try(r.Challenge(), serverID, "other"),
	} {
		if got != "login_refused" {
			t.Errorf("%s: %s", name, got)
		}
	}
	r.clock.forward(time.Minute)
	if got := try(old, serverID, "demo"); got != "login_refused" {
		t.Errorf("expired: %s", got)
	}
	if got := try(r.Challenge(), serverID, "demo"); got != "<nil>" {
		t.Errorf("a fresh one: %s", got)
	}
}

func TestNoncesAreBounded(t *testing.T) {
	r := newRig(t, account.Options{MaxNonces: 3, LockAfter: 1000})
	for i := range 4 {
		_, err := r.login("demo", "wrong", r.key)
		if want := []string{"login_refused", "login_busy"}[i/3]; code(err) != want {
			t.Fatalf("login %d: %v, want %s", i, err, want)
		}
	}
	r.clock.forward(time.Minute)
	r.mustLogin()
}

func TestDelaysGrowAndASuccessEndsThem(t *testing.T) {
	r := newRig(t, account.Options{})
	fail := func(want string) {
		t.Helper()
		if _, err := r.login("demo", "guess", r.key); code(err) != want {
			t.Fatalf("%v, want %s", err, want)
		}
	}
	for range 5 {
		fail("login_refused")
	}
	for _, wait := range []time.Duration{1, 2, 4, 8} {
		r.clock.forward(wait*time.Second - time.Millisecond)
		fail("login_busy")
		r.clock.forward(time.Millisecond)
		fail("login_refused")
	}
	r.clock.forward(16 * time.Second)
	r.mustLogin()
	for range 5 {
		fail("login_refused")
	}
	fail("login_busy")
}

func TestSourceBucket(t *testing.T) {
	r := newRig(t, account.Options{SourceBurst: 40, LockAfter: 1000})
	try := func(source string) string {
		_, _, _, err := r.Login(t.Context(), "demo", "x", nil, nil, source)
		return code(err)
	}
	for i := range 40 {
		if got := try(fmt.Sprintf("10.0.0.1:%d", 1000+i)); got != "login_refused" {
			t.Fatalf("attempt %d: %s", i, got)
		}
	}
	if got := try("10.0.0.1:9"); got != "login_busy" {
		t.Fatalf("attempt 41: %s", got)
	}
	if got := try("[::ffff:10.0.0.1]:9"); got != "login_busy" {
		t.Fatalf("the same address in another dress: %s", got)
	}
	if got := try("10.0.0.2:9"); got != "login_refused" {
		t.Fatalf("another source: %s", got)
	}
	r.clock.forward(3 * time.Second)
	if got := try("10.0.0.1:9"); got != "login_refused" {
		t.Fatalf("after 3 s: %s", got)
	}
	if got := try("10.0.0.1:9"); got != "login_busy" {
		t.Fatalf("after 3 s, twice: %s", got)
	}
}

func TestManyLoginsAreTurnedAway(t *testing.T) {
	r := newRig(t, account.Options{Hashing: 1, Waiting: 1, LockAfter: 1000})
	var busy, good atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range 100 {
		wg.Go(func() {
			<-start
			switch _, err := r.login("demo", password, r.key); code(err) {
			case "login_busy":
				busy.Add(1)
			case "<nil>":
				good.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
	if busy.Load() == 0 || good.Load() == 0 {
		t.Fatalf("%d good, %d turned away", good.Load(), busy.Load())
	}
	r.mustLogin() // being turned away did not count as a failure
}
