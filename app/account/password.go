package account

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"omanager/app/problem"
)

// Params is the cost of a password hash.
type Params struct {
	Memory  uint32 // KiB
	Time    uint32
	Threads uint8
}

// DefaultParams is the second recommended choice of RFC 9106.
func DefaultParams() Params { return Params{Memory: 64 << 10, Time: 3, Threads: 4} }

// FloorParams is the least that is ever used (OWASP).
func FloorParams() Params { return Params{Memory: 19 << 10, Time: 2, Threads: 1} }

// Limits of passwords, in characters.
const (
	MinPassword = 12
	MaxPassword = 128
)

const (
	saltLen   = 16
	tagLen    = 32
	maxMemory = 1 << 20 // KiB; a stored hash that asks for more is refused
	maxTime   = 16
)

var errHash = errors.New("not an argon2id hash that is accepted here")

// floored raises what is below the floor.
func (p Params) floored() Params {
	f := FloorParams()
	return Params{Memory: max(p.Memory, f.Memory), Time: max(p.Time, f.Time), Threads: max(p.Threads, f.Threads)}
}

// HashPassword makes a PHC string. Costs below the floor are raised to it.
func HashPassword(password string, p Params) (string, error) {
	if n := utf8.RuneCountInString(password); n > MaxPassword {
		return "", problem.New("password_weak", "cause", fmt.Sprintf("it has %d characters, at most %d are allowed", n, MaxPassword))
	}
	p = p.floored()
	salt := random(saltLen)
	return phc(p, salt, argon2.IDKey([]byte(password), salt, p.Time, p.Memory, p.Threads, tagLen)), nil
}

// VerifyPassword reports whether the password belongs to the hash; an error means the hash itself is unusable.
func VerifyPassword(hash, password string) (bool, error) {
	hash, secret := unwrap(hash, password)
	p, salt, tag, err := parsePHC(hash)
	if err != nil {
		return false, err
	}
	if utf8.RuneCountInString(password) > MaxPassword {
		return false, nil
	}
	got := argon2.IDKey([]byte(secret), salt, p.Time, p.Memory, p.Threads, uint32(len(tag)))
	return subtle.ConstantTimeCompare(got, tag) == 1, nil
}

// NeedsRehash reports whether a hash was made with other costs than p (after flooring) or is not readable.
func NeedsRehash(hash string, p Params) bool {
	got, salt, tag, err := parsePHC(hash)
	return err != nil || got != p.floored() || len(salt) != saltLen || len(tag) != tagLen
}

// CheckPassword says whether a password that a person chose is good enough: length, no control characters, not
// one character repeated, not the operator's name.
func CheckPassword(operator, password string) error {
	n := utf8.RuneCountInString(password)
	seen := make(map[rune]bool)
	for _, r := range password {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return problem.New("password_weak", "cause", "it contains a control character")
		}
		seen[r] = true
	}
	switch {
	case n < MinPassword:
		return problem.New("password_weak", "cause", fmt.Sprintf("it has %d characters, at least %d are needed", n, MinPassword))
	case n > MaxPassword:
		return problem.New("password_weak", "cause", fmt.Sprintf("it has %d characters, at most %d are allowed", n, MaxPassword))
	case len(seen) < 5:
		return problem.New("password_weak", "cause", "it repeats the same few characters")
	case operator != "" && strings.EqualFold(operator, password):
		return problem.New("password_weak", "cause", "it is the operator's name")
	}
	return nil
}

// NewPassword makes a readable password for one use, with 100 random bits.
func NewPassword() string {
	const letters = "abcdefghijkmnpqrstuvwxyz23456789" // 32 of them, none that look alike
	var out strings.Builder
	for i, b := range random(20) {
		if i > 0 && i%5 == 0 {
			out.WriteByte('-')
		}
		out.WriteByte(letters[b&31])
	}
	return out.String()
}

// dummyHash costs the same to verify as a real hash and fits no password.
func dummyHash(p Params) string { return phc(p.floored(), random(saltLen), random(tagLen)) }

func phc(p Params, salt, tag []byte) string {
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Time, p.Threads, e.EncodeToString(salt), e.EncodeToString(tag))
}

func parsePHC(s string) (p Params, salt, tag []byte, err error) {
	f := strings.Split(s, "$")
	if len(f) != 6 || f[0] != "" || f[1] != "argon2id" || f[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(f[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Time, &p.Threads); err != nil ||
		f[3] != fmt.Sprintf("m=%d,t=%d,p=%d", p.Memory, p.Time, p.Threads) {
		return p, nil, nil, errHash
	}
	if p != p.floored() || p.Memory > maxMemory || p.Time > maxTime {
		return p, nil, nil, fmt.Errorf("%w: costs %s", errHash, f[3])
	}
	e := base64.RawStdEncoding.Strict()
	salt, err1 := e.DecodeString(f[4])
	tag, err2 := e.DecodeString(f[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(tag) < 16 || len(salt) > 64 || len(tag) > 64 {
		return p, nil, nil, errHash
	}
	return p, salt, tag, nil
}

// random gives n random bytes. crypto/rand never returns an error; it ends the program instead.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}
