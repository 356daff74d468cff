package account_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"omanager/app/account"
	"omanager/app/problem"
)

func code(err error) string {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p.Code
	}
	return fmt.Sprint(err)
}

func TestPasswordHash(t *testing.T) {
	for _, pw := range []string{"correct horse battery", "", "密码密码密码", strings.Repeat("é", account.MaxPassword)} {
		h, err := account.HashPassword(pw, account.FloorParams())
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(h, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("hash is %s", h)
		}
		if right, err := account.VerifyPassword(h, pw); !right || err != nil {
			t.Errorf("%q: %v, %v", pw, right, err)
		}
		if right, _ := account.VerifyPassword(h, pw+"x"); right {
			t.Errorf("%q with a letter more is right", pw)
		}
	}
	if _, err := account.HashPassword(strings.Repeat("x", account.MaxPassword+1), account.FloorParams()); code(err) != "password_weak" {
		t.Errorf("too long: %v", err)
	}
}

func TestPasswordCosts(t *testing.T) {
	h, err := account.HashPassword("x", account.Params{Memory: 8, Time: 1, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if account.NeedsRehash(h, account.FloorParams()) {
		t.Errorf("a hash below the floor was made: %s", h)
	}
	if !account.NeedsRehash(h, account.DefaultParams()) || !account.NeedsRehash("junk", account.FloorParams()) {
		t.Error("an old hash is not seen")
	}
	salt, tag := "c2FsdHNhbHRzYWx0c2E", strings.Repeat("A", 43)
	for _, bad := range []string{
		"", "x", "$argon2id$v=19$m=19456,t=2,p=1$" + salt, "$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + tag,
		"$argon2id$v=16$m=19456,t=2,p=1$" + salt + "$" + tag, "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + tag,
		"$argon2id$v=19$m=4294967295,t=2,p=1$" + salt + "$" + tag, "$argon2id$v=19$m=19456,t=4000000,p=1$" + salt + "$" + tag,
		"$argon2id$v=19$m=19456,t=2,p=1x$" + salt + "$" + tag, "$argon2id$v=19$m=19456,t=2,p=1$$", "$argon2id$v=19$m=19456,t=2,p=0$" + salt + "$" + tag,
	} {
		if right, err := account.VerifyPassword(bad, ""); right || err == nil {
			t.Errorf("%q: %v, %v", bad, right, err)
		}
	}
}

func TestCheckPassword(t *testing.T) {
	for _, bad := range []string{"", "short", "aaaaaaaaaaaaaaaaaaa", "line\nbreak in it", "demo-operator-name", strings.Repeat("abcdef", 30)} {
		if err := account.CheckPassword("Demo-Operator-Name", bad); code(err) != "password_weak" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for range 50 {
		if err := account.CheckPassword("demo", account.NewPassword()); err != nil {
			t.Error(err)
		}
	}
}

func TestNewSecretsDiffer(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		seen[account.NewPassword()] = true
		seen[string(account.NewKeyFile())] = true
	}
	if len(seen) != 2000 {
		t.Fatalf("%d different secrets of 2000", len(seen))
	}
}

func TestKeyFromFile(t *testing.T) {
	k1, err := account.KeyFromFile([]byte("a key file is any file that is long and varied enough\n"))
	if err != nil {
		t.Fatal(err)
	}
	// Known answer: changing the derivation would lock every operator out.
	const want = "95d13820565216237e8947558a39cdde2f0f93be1a8267ae2ff361b54fc9cd67"
	if got := hex.EncodeToString(k1.Public().(ed25519.PublicKey)); got != want {
		t.Errorf("public key %s, want %s", got, want)
	}
	k2, err := account.KeyFromFile([]byte("a key file is any file that is long and varied enough"))
	if err != nil || k1.Equal(k2) {
		t.Errorf("one byte less gives the same key, %v", err)
	}
	file := account.NewKeyFile()
	if _, err := account.KeyFromFile(file); err != nil || bytes.ContainsFunc(file, func(r rune) bool { return r > 126 || r < 32 && r != '\n' }) {
		t.Errorf("%q: %v", file, err)
	}
	for name, weak := range map[string][]byte{
		"empty": nil, "short": []byte("0123456789012345678901234567890"), "zeros": make([]byte, 4096), "seven": bytes.Repeat([]byte("abcdefg"), 100),
	} {
		if _, err := account.KeyFromFile(weak); code(err) != "keyfile_weak" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadKeyFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	if _, err := account.ReadKeyFile(write("good", account.NewKeyFile())); err != nil {
		t.Error(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "missing"): "keyfile_read", dir: "keyfile_read", write("weak", []byte("x")): "keyfile_weak",
		write("huge", bytes.Repeat([]byte("0123456789"), 200_000)): "keyfile_read",
	} {
		_, err := account.ReadKeyFile(path)
		if code(err) != want || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

func TestLoginMessageIsUnambiguous(t *testing.T) {
	seen := make(map[string]bool)
	n := 0
	for _, m := range [][]byte{
		account.LoginMessage("ab", "c", []byte("d")), account.LoginMessage("a", "bc", []byte("d")), account.LoginMessage("a", "b", []byte("cd")),
		account.LoginMessage("", "abc", []byte("d")), account.LoginMessage("ab", "cd", nil),
	} {
		seen[string(m)] = true
		n++
	}
	if len(seen) != n {
		t.Fatalf("%d different messages of %d", len(seen), n)
	}
}
