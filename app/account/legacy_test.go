package account_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"
	"time"

	"omanager/app/account"
)

const (
	oldPassword = "123456" // shorter than what is allowed today
	oldMD5      = "e10adc3949ba59abbe56e057f20f883e"
)

var oldFile = []byte("an old key file, any bytes, long and varied enough\n")

// legacyRig has an operator old as a takeover makes it, beside demo.
func legacyRig(t *testing.T, o account.Options) (*rig, ed25519.PrivateKey) {
	t.Helper()
	r := newRig(t, o)
	hash, err := account.WrapMD5(oldMD5, account.FloorParams())
	if err != nil {
		t.Fatal(err)
	}
	key, _ := account.LegacyKeyHash(account.LegacyKeyMD5(oldFile))
	r.put(account.Operator{Name: "old", Password: hash, Privileges: "1", LegacyKey: key, Created: r.clock.now()})
	private, err := account.KeyFromFile(oldFile)
	if err != nil {
		t.Fatal(err)
	}
	return r, private
}

// prove is the second message of a legacy login.
func (r *rig) prove(name, pw, keyMD5 string, key ed25519.PrivateKey) (string, error) {
	nonce := r.Challenge()
	proof := account.LegacyProof{KeyMD5: keyMD5, PublicKey: key.Public().(ed25519.PublicKey)}
	token, _, _, err := r.LoginLegacy(context.Background(), name, pw, nonce, ed25519.Sign(key, account.LoginMessage(serverID, name, nonce)), proof, "10.0.0.9:4000")
	return token, err
}

func (r *rig) stored(name string) account.Operator {
	r.t.Helper()
	o, err := r.store.Store.Operator(context.Background(), name)
	if err != nil {
		r.t.Fatal(err)
	}
	return o
}

func TestWrappedMD5(t *testing.T) {
	h, err := account.WrapMD5(strings.ToUpper(oldMD5), account.FloorParams())
	if err != nil || !strings.HasPrefix(h, "$omanager-md5$argon2id$") {
		t.Fatalf("%s, %v", h, err)
	}
	for pw, want := range map[string]bool{oldPassword: true, oldMD5: false, "": false, oldPassword + " ": false, strings.Repeat("x", 1000): false} {
		if right, err := account.VerifyPassword(h, pw); right != want || err != nil {
			t.Errorf("%.20q: %v, %v", pw, right, err)
		}
	}
	if !account.NeedsRehash(h, account.FloorParams()) {
		t.Error("a wrapped hash is not replaced")
	}
	for _, bad := range []string{"", "123456", oldMD5 + "00", strings.Repeat("g", 32)} {
		if _, err := account.WrapMD5(bad, account.FloorParams()); err == nil {
			t.Errorf("%q was wrapped", bad)
		}
		if _, ok := account.LegacyKeyHash(bad); ok {
			t.Errorf("%q is taken for a key", bad)
		}
	}
}

func TestLegacyLogin(t *testing.T) {
	r, key := legacyRig(t, account.Options{})
	if _, err := r.login("old", oldPassword, key); code(err) != "login_legacy" {
		t.Fatalf("the first message: %v", err)
	}
	token, err := r.prove("old", oldPassword, account.LegacyKeyMD5(oldFile), key)
	if err != nil {
		t.Fatal(err)
	}
	r.wantCheck(token, "ok")
	o := r.stored("old")
	if o.LegacyKey != "" || !bytes.Equal(o.PublicKey, key.Public().(ed25519.PublicKey)) || !strings.HasPrefix(o.Password, "$argon2id$") {
		t.Errorf("stored is %+v", o)
	}
	if _, err := r.login("old", oldPassword, key); err != nil {
		t.Errorf("the next login, with the same password and file: %v", err)
	}
	if _, err := r.prove("old", oldPassword, account.LegacyKeyMD5(oldFile), key); code(err) != "login_refused" {
		t.Errorf("a proof for an account that is not legacy any more: %v", err)
	}
}

// TestA09LegacyAccounts: half of the secrets, or those of a dump of the operators' table, log nobody in, and every answer
// is the same one. The control: both halves do.
func TestA09LegacyAccounts(t *testing.T) {
	r, key := legacyRig(t, account.Options{LockAfter: 1000})
	sum, own := account.LegacyKeyMD5(oldFile), newKey(t)
	dumped := r.stored("old")
	answers := make(map[string]bool)
	refuse := func(name string, _ string, err error) {
		t.Helper()
		if code(err) != "login_refused" {
			t.Errorf("%s: %v", name, err)
		}
		answers[fmt.Sprint(err)] = true
	}
	try := func(name string, f func() (string, error)) {
		t.Helper()
		token, err := f()
		refuse(name, token, err)
	}
	try("wrong password", func() (string, error) { return r.login("old", "1234567", key) })
	try("the MD5 as password", func() (string, error) { return r.login("old", oldMD5, key) })
	try("the stored hash as password", func() (string, error) { return r.login("old", dumped.Password, key) })
	try("wrong md5", func() (string, error) { return r.prove("old", oldPassword, account.LegacyKeyMD5([]byte("x")), own) })
	try("the stored key as md5", func() (string, error) { return r.prove("old", oldPassword, dumped.LegacyKey, own) })
	try("no md5", func() (string, error) { return r.prove("old", oldPassword, "", key) })
	try("md5 of a dump, without the password", func() (string, error) { return r.prove("old", "guess", sum, own) })
	try("unknown operator, proof", func() (string, error) { return r.prove("nobody", oldPassword, sum, key) })
	try("unknown operator", func() (string, error) { return r.login("nobody", oldPassword, key) })
	try("a proof for another", func() (string, error) { return r.prove("demo", password, sum, key) })
	try("a proof beside a good signature", func() (string, error) { return r.prove("demo", password, sum, r.key) })
	nonce := r.Challenge()
	_, _, _, err := r.LoginLegacy(t.Context(), "old", oldPassword, nonce, ed25519.Sign(own, account.LoginMessage(serverID, "old", nonce)),
		account.LegacyProof{KeyMD5: sum, PublicKey: key.Public().(ed25519.PublicKey)}, "x")
	refuse("signed by another key", "", err)
	nonce = r.Challenge()
	_, _, _, err = r.LoginLegacy(t.Context(), "old", oldPassword, nonce, nil, account.LegacyProof{KeyMD5: sum}, "x")
	refuse("no public key", "", err)
	if len(answers) != 1 {
		t.Errorf("the answers differ: %v", answers)
	}
	if got := r.stored("old"); got.LegacyKey != dumped.LegacyKey || got.Password != dumped.Password {
		t.Error("a refused login changed the account")
	}
	if _, err := r.prove("old", oldPassword, sum, key); err != nil {
		t.Errorf("the control, with both: %v", err)
	}
}

// TestA18LegacyReplay: the message that proved the old file is good once.
func TestA18LegacyReplay(t *testing.T) {
	r, key := legacyRig(t, account.Options{LockAfter: 1000})
	kept := r.stored("old")
	nonce := r.Challenge()
	sig := ed25519.Sign(key, account.LoginMessage(serverID, "old", nonce))
	proof := account.LegacyProof{KeyMD5: account.LegacyKeyMD5(oldFile), PublicKey: key.Public().(ed25519.PublicKey)}
	send := func(nonce []byte) string {
		_, _, _, err := r.LoginLegacy(t.Context(), "old", oldPassword, nonce, sig, proof, "x")
		return code(err)
	}
	if got := send(nonce); got != "<nil>" {
		t.Fatal(got)
	}
	r.put(kept) // as if the account were still legacy: it is the nonce that refuses
	for name, got := range map[string]string{"the same": send(nonce), "with a fresh nonce": send(r.Challenge())} {
		if got != "login_refused" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestLegacyKeyReplacedMeanwhile: an administrator's new key, made while the old file is being proved, stays.
func TestLegacyKeyReplacedMeanwhile(t *testing.T) {
	r, key := legacyRig(t, account.Options{})
	admin := account.Admin{Store: r.store.Store, Params: account.FloorParams(), Now: r.clock.now}
	r.store.after = func() {
		r.store.after = nil
		if _, err := admin.NewKey(context.Background(), "old"); err != nil {
			t.Error(err)
		}
	}
	if _, err := r.prove("old", oldPassword, account.LegacyKeyMD5(oldFile), key); code(err) != "login_refused" {
		t.Errorf("the revoked file: %v", err)
	}
	if o := r.stored("old"); o.LegacyKey != "" || bytes.Equal(o.PublicKey, key.Public().(ed25519.PublicKey)) {
		t.Errorf("the new key was overwritten: %+v", o)
	}
}

// TestA16LegacyGuesses: passwords are counted in the first message, and again of those who know the file's MD5 in the
// second; proofs are counted also between right passwords, by the hour. The control: with no limit all are evaluated.
func TestA16LegacyGuesses(t *testing.T) {
	for _, c := range []struct {
		name                  string
		options               account.Options
		first, second, proofs int
	}{
		{"limited", account.Options{GuessesPerHour: 8}, 5, 5, 8},
		{"control", account.Options{LockAfter: 1000, GuessesPerHour: 1000, StrangerBurst: 1000}, 12, 12, 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, key := legacyRig(t, c.options)
			hashing := false // guesses are wrong without it
			r.Around(func(_ bool, hash string, work func()) {
				if hashing && strings.HasPrefix(hash, "$omanager-md5") {
					work()
				}
			})
			evaluated := func(f func() error) (n int) {
				for range 12 {
					switch err := f(); code(err) {
					case "login_refused":
						n++
					case "login_busy":
						return n
					default:
						t.Fatal(err)
					}
				}
				return n
			}
			first := evaluated(func() error {
				_, err := r.login("old", "guess", key)
				return err
			})
			second := evaluated(func() error {
				_, err := r.prove("old", "guess", account.LegacyKeyMD5(oldFile), key)
				return err
			})
			r.clock.forward(25 * time.Hour)
			hashing = true
			proofs := evaluated(func() error {
				if _, err := r.login("old", oldPassword, key); code(err) != "login_legacy" {
					return err
				}
				_, err := r.prove("old", oldPassword, account.LegacyKeyMD5([]byte("guess")), key)
				return err
			})
			if first != c.first || second != c.second || proofs != c.proofs {
				t.Errorf("evaluated were %d and %d guesses of the password, want %d and %d, and %d of the file, want %d",
					first, second, c.first, c.second, proofs, c.proofs)
			}
		})
	}
}
