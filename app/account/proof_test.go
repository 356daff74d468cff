package account_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"omanager/app/account"
)

// dump is what a thief of the whole database holds.
type dump struct {
	operators []account.Operator
	sessions  []account.Session
}

// secrets are all texts and bytes in it, in the spellings that a server might take for one.
func (d dump) secrets() (out []string) {
	add := func(b []byte) {
		h := sha256.Sum256(b)
		for _, v := range [][]byte{b, h[:]} {
			out = append(out, string(v), hex.EncodeToString(v), base64.StdEncoding.EncodeToString(v), base64.RawURLEncoding.EncodeToString(v))
		}
	}
	for _, o := range d.operators {
		add([]byte(o.Password))
		add(o.PublicKey)
		for part := range strings.SplitSeq(o.Password, "$") {
			add([]byte(part))
			if raw, err := base64.RawStdEncoding.DecodeString(part); err == nil {
				add(raw)
			}
		}
	}
	for _, s := range d.sessions {
		add(s.TokenHash)
		add(s.EnvelopeKey)
	}
	return out
}

// keys are signing keys that can be made of it.
func (d dump) keys() (out []ed25519.PrivateKey) {
	for _, s := range d.secrets() {
		if len(s) == ed25519.SeedSize {
			out = append(out, ed25519.NewKeyFromSeed([]byte(s)))
		}
		if k, err := account.KeyFromFile([]byte(s)); err == nil {
			out = append(out, k)
		}
	}
	return out
}

// attack tries every password with every key, and every token; it gives how many got in.
func (d dump) attack(t *testing.T, s *account.Service) (in int) {
	t.Helper()
	sign := func(k ed25519.PrivateKey, nonce []byte) []byte {
		return ed25519.Sign(k, account.LoginMessage(serverID, "demo", nonce))
	}
	try := func(pw string, sig func(nonce []byte) []byte) {
		nonce := s.Challenge()
		if _, _, _, err := s.Login(t.Context(), "demo", pw, nonce, sig(nonce), "x"); err == nil {
			in++
		}
	}
	for _, pw := range d.secrets() {
		for _, k := range d.keys()[:1] {
			try(pw, func(n []byte) []byte { return sign(k, n) })
		}
		if _, _, err := s.Check(t.Context(), pw); err == nil {
			in++
		}
	}
	for _, k := range d.keys() {
		try(password, func(n []byte) []byte { return sign(k, n) }) // even with the password known
	}
	for _, o := range d.operators {
		try(password, func([]byte) []byte { return o.PublicKey })
		try(password, func([]byte) []byte { return append(o.PublicKey, o.PublicKey...) })
	}
	return in
}

// weakStore keeps tokens as they are instead of their hashes: what a session's row holds is what opens it.
type weakStore struct {
	account.Store
	kept account.Session
}

func (w weakStore) Session(ctx context.Context, hash []byte) (account.Session, error) {
	if h := sha256.Sum256(w.kept.TokenHash); string(h[:]) == string(hash) {
		return w.kept, nil
	}
	return w.Store.Session(ctx, hash)
}

// TestA09DatabaseThief: hashes, public keys and everything derived from them open nothing.
func TestA09DatabaseThief(t *testing.T) {
	r := newRig(t, unthrottled())
	r.tally() // what strangers try costs this test no hashing
	sess := r.session(r.mustLogin())
	all, err := r.store.Operators(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d := dump{operators: all, sessions: []account.Session{sess}}
	if len(d.secrets()) < 50 || len(d.keys()) < 20 {
		t.Fatalf("only %d secrets and %d keys are tried", len(d.secrets()), len(d.keys()))
	}
	if n := d.attack(t, r.Service); n != 0 {
		t.Errorf("%d attempts got in", n)
	}
	weak := account.NewService(weakStore{r.store, sess}, serverID, account.Options{Now: r.clock.now, SourceBurst: 1, StrangerBurst: 1})
	if n := d.attack(t, weak); n == 0 {
		t.Error("with tokens kept in the clear nothing got in either: this test proves nothing")
	}
}

// TestA13OfferedKeyIsNotProved: there is no SSH server in the product that could take an offered key for a proved one;
// this is its counterpart at the login. Whose key signed is who it is, and nothing else counts.
func TestA13OfferedKeyIsNotProved(t *testing.T) {
	r := newRig(t, account.Options{LockAfter: 1000})
	a, b := newKey(t), newKey(t)
	r.change(func(o *account.Operator) { o.Name, o.PublicKey = "anna", a.Public().(ed25519.PublicKey) })
	r.change(func(o *account.Operator) { o.Name, o.PublicKey = "berta", b.Public().(ed25519.PublicKey) })
	for name, key := range map[string][]byte{"nokey": nil, "short": {1}} {
		r.change(func(o *account.Operator) { o.Name, o.PublicKey = name, key })
	}
	login := func(name string, sig func(nonce []byte) []byte) string {
		nonce := r.Challenge()
		_, sess, o, err := r.Login(t.Context(), name, password, nonce, sig(nonce), "x")
		if err != nil {
			return code(err)
		}
		return o.Name + "/" + sess.Operator
	}
	for what, got := range map[string]string{
		"A's name, signed with B's key":       login("anna", func(n []byte) []byte { return ed25519.Sign(b, account.LoginMessage(serverID, "anna", n)) }),
		"A's name, B's key signing for B":     login("anna", func(n []byte) []byte { return ed25519.Sign(b, account.LoginMessage(serverID, "berta", n)) }),
		"A's name, A's key signing for B":     login("anna", func(n []byte) []byte { return ed25519.Sign(a, account.LoginMessage(serverID, "berta", n)) }),
		"A's name, the nonce alone is signed": login("anna", func(n []byte) []byte { return ed25519.Sign(a, n) }),
		"A's name, the public key is offered": login("anna", func([]byte) []byte { return a.Public().(ed25519.PublicKey) }),
		"A's name, no signature":              login("anna", func([]byte) []byte { return nil }),
		"A's name, a signature of zeros":      login("anna", func([]byte) []byte { return make([]byte, ed25519.SignatureSize) }),
		"A's name, both signatures in a row": login("anna", func(n []byte) []byte {
			m := account.LoginMessage(serverID, "anna", n)
			return append(ed25519.Sign(a, m), ed25519.Sign(b, m)...)
		}),
		"an operator without a key, no proof":  login("nokey", func([]byte) []byte { return nil }),
		"an operator whose key is of one byte": login("short", func([]byte) []byte { return []byte{1} }),
	} {
		if got != "login_refused" {
			t.Errorf("%s: %s", what, got)
		}
	}
	for name, k := range map[string]ed25519.PrivateKey{"anna": a, "berta": b} {
		if got := login(name, func(n []byte) []byte { return ed25519.Sign(k, account.LoginMessage(serverID, name, n)) }); got != name+"/"+name {
			t.Errorf("%s with its own key is %s", name, got)
		}
	}
}

// TestA18ReplayNeedsMemory is the control of the replays: a server that forgets its nonces lets one in.
func TestA18ReplayNeedsMemory(t *testing.T) {
	r := newRig(t, account.Options{})
	nonce := r.Challenge()
	sig := ed25519.Sign(r.key, account.LoginMessage(serverID, "demo", nonce))
	replay := func() string {
		_, _, _, err := r.Login(t.Context(), "demo", password, nonce, sig, "x")
		return code(err)
	}
	for i, want := range []string{"<nil>", "login_refused", "login_refused"} {
		if got := replay(); got != want {
			t.Errorf("time %d: %s, want %s", i+1, got, want)
		}
	}
	r.ForgetNonces()
	if got := replay(); got != "<nil>" {
		t.Errorf("forgotten: %s; the replays above were refused for another reason", got)
	}
	r.clock.forward(time.Minute)
	r.ForgetNonces()
	if got := replay(); got != "login_refused" {
		t.Errorf("past its life: %s", got)
	}
}
