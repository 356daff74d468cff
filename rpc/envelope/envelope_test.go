package envelope_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"omanager/rpc/envelope"
)

var (
	now     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	binding = envelope.Binding{Operator: "demo", Server: "server-1", JobID: "job-1"}
)

func newKey(t testing.TB) []byte {
	t.Helper()
	k := make([]byte, envelope.KeySize)
	if _, err := rand.Read(k); err != nil {
		t.Fatal(err)
	}
	return k
}

func seal(t testing.TB, key []byte, plain string) string {
	t.Helper()
	env, err := envelope.Seal(key, binding, now, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return env
}

func TestRoundTrip(t *testing.T) {
	key := newKey(t)
	for _, size := range []int{0, 1, 100, envelope.MaxPlaintext} {
		plain := bytes.Repeat([]byte{0xfe}, size)
		env, err := envelope.Seal(key, binding, now, plain)
		if err != nil {
			t.Fatal(err)
		}
		got, err := envelope.Open(key, binding, now, env)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("size %d: %d bytes back, %v", size, len(got), err)
		}
	}
}

func TestSealRefusesTooLargeAndShortKey(t *testing.T) {
	if _, err := envelope.Seal(newKey(t), binding, now, make([]byte, envelope.MaxPlaintext+1)); !errors.Is(err, envelope.ErrFormat) {
		t.Errorf("too large: %v", err)
	}
	if _, err := envelope.Seal(make([]byte, 16), binding, now, nil); err == nil {
		t.Error("a key of 16 bytes was taken")
	}
	huge := strings.Repeat("A", 2*envelope.MaxPlaintext)
	if _, err := envelope.Open(newKey(t), binding, now, huge); !errors.Is(err, envelope.ErrFormat) {
		t.Errorf("huge: %v", err)
	}
}

// TestE01EverySingleBitFlipIsRefused flips the bytes below the base64 and the base64 text itself.
func TestE01EverySingleBitFlipIsRefused(t *testing.T) {
	key := newKey(t)
	env := seal(t, key, "1001 on web1 with a parameter")
	raw, err := base64.RawURLEncoding.DecodeString(env)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		for bit := range 8 {
			m := bytes.Clone(raw)
			m[i] ^= 1 << bit
			if _, err := envelope.Open(key, binding, now, base64.RawURLEncoding.EncodeToString(m)); err == nil {
				t.Fatalf("byte %d bit %d accepted", i, bit)
			}
		}
	}
	for i := range env {
		for bit := range 8 {
			m := []byte(env)
			m[i] ^= 1 << bit
			if _, err := envelope.Open(key, binding, now, string(m)); err == nil {
				t.Fatalf("character %d bit %d accepted", i, bit)
			}
		}
	}
}

func TestE02SubstitutionAndExpiryAreRefused(t *testing.T) {
	key := newKey(t)
	env := seal(t, key, "x")
	cases := []struct {
		name string
		b    envelope.Binding
		at   time.Time
		key  []byte
		want error
	}{
		{"operator", envelope.Binding{Operator: "other", Server: "server-1", JobID: "job-1"}, now, key, envelope.ErrAuth},
		{"server", envelope.Binding{Operator: "demo", Server: "server-2", JobID: "job-1"}, now, key, envelope.ErrAuth},
		{"job", envelope.Binding{Operator: "demo", Server: "server-1", JobID: "job-2"}, now, key, envelope.ErrAuth},
		{"shifted fields", envelope.Binding{Operator: "demos", Server: "erver-1", JobID: "job-1"}, now, key, envelope.ErrAuth},
		{"key", binding, now, newKey(t), envelope.ErrAuth},
		{"late", binding, now.Add(envelope.Tolerance + time.Millisecond), key, envelope.ErrTime},
		{"early", binding, now.Add(-envelope.Tolerance - time.Millisecond), key, envelope.ErrTime},
		{"just in time", binding, now.Add(envelope.Tolerance), key, nil},
		{"just not too early", binding, now.Add(-envelope.Tolerance), key, nil},
	}
	for _, c := range cases {
		if _, err := envelope.Open(c.key, c.b, c.at, env); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestE03E04VersionsTruncationAndGarbage(t *testing.T) {
	key := newKey(t)
	env := seal(t, key, "some job")
	raw, err := base64.RawURLEncoding.DecodeString(env)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []byte{0, 2, 255} {
		raw[0] = v
		if _, err := envelope.Open(key, binding, now, base64.RawURLEncoding.EncodeToString(raw)); !errors.Is(err, envelope.ErrVersion) {
			t.Errorf("version %d: %v", v, err)
		}
	}
	for i := range env {
		if _, err := envelope.Open(key, binding, now, env[:i]); err == nil {
			t.Fatalf("cut to %d characters: accepted", i)
		}
	}
	for _, s := range []string{env + "A", env + "\n", "\r" + env, env + "=", env + env, " " + env} {
		if _, err := envelope.Open(key, binding, now, s); err == nil {
			t.Errorf("%q accepted", s)
		}
	}
}

func TestE03LegacyIsNeverOpened(t *testing.T) {
	key := newKey(t)
	for i := range 2000 {
		var salt [16]byte
		if _, err := rand.Read(salt[:]); err != nil {
			t.Fatal(err)
		}
		salt[0] = byte(i % 3) // 1 is also the version of the default envelope
		env := envelope.SealRC4(key, salt, bytes.Repeat([]byte("1001@@10.0.0.1*h@@"), 1+i%9))
		if got, err := envelope.Open(key, binding, now, env); err == nil {
			t.Fatalf("legacy envelope accepted: %q", got)
		}
	}
}

func TestE06SaltsAndNoncesDoNotRepeat(t *testing.T) {
	key := newKey(t)
	const n = 100_000
	salts, nonces := make(map[string]bool, n), make(map[string]bool, n)
	for range n {
		raw, err := base64.RawURLEncoding.DecodeString(seal(t, key, ""))
		if err != nil {
			t.Fatal(err)
		}
		salts[string(raw[9:41])] = true
		nonces[string(raw[41:65])] = true
	}
	if len(salts) != n || len(nonces) != n {
		t.Fatalf("%d different salts and %d different nonces in %d envelopes", len(salts), len(nonces), n)
	}
}

func FuzzOpen(f *testing.F) {
	key := bytes.Repeat([]byte{7}, envelope.KeySize)
	env, err := envelope.Seal(key, binding, now, []byte("x"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(env[:len(env)-1])
	f.Add("")
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := envelope.Open(key, binding, now, s); err == nil {
			t.Fatalf("%q opened to %q", s, got)
		}
	})
}
