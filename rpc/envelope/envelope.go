// Package envelope seals jobs for the wire: authenticated and bound to operator, server and job by default, RC4
// for the legacy wire. Its functions are pure apart from the random bytes of Seal.
package envelope

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// What Open refuses, told apart with errors.Is.
var (
	ErrFormat  = errors.New("not a sealed job")
	ErrVersion = errors.New("unknown envelope version")
	ErrAuth    = errors.New("sealed with another key, for someone else, or altered")
	ErrTime    = errors.New("sealed too long ago, or a clock is wrong")
)

// Limits of the default envelope.
const (
	KeySize      = 32
	MaxPlaintext = 1 << 20
	Tolerance    = 5 * time.Minute
)

const (
	version    = 1
	saltSize   = 32
	saltAt     = 1 + 8
	nonceAt    = saltAt + saltSize
	headerSize = nonceAt + chacha20poly1305.NonceSizeX
	info       = "omanager envelope v1"
)

// Binding is what an envelope is good for; it is authenticated and not sent.
type Binding struct {
	Operator string
	Server   string
	JobID    string
}

// Seal encrypts the plaintext under a key of KeySize bytes. The result is base64url text that only Open with the
// same key and binding accepts, and only within Tolerance of now.
func Seal(key []byte, b Binding, now time.Time, plaintext []byte) (string, error) {
	if len(plaintext) > MaxPlaintext {
		return "", fmt.Errorf("seal %d bytes: %w: larger than %d", len(plaintext), ErrFormat, MaxPlaintext)
	}
	buf := make([]byte, headerSize, headerSize+len(plaintext)+chacha20poly1305.Overhead)
	buf[0] = version
	binary.BigEndian.PutUint64(buf[1:], uint64(now.UnixMilli()))
	if _, err := rand.Read(buf[saltAt:]); err != nil {
		return "", fmt.Errorf("seal: random bytes: %w", err)
	}
	aead, err := messageCipher(key, buf[saltAt:nonceAt])
	if err != nil {
		return "", err
	}
	buf = aead.Seal(buf, buf[nonceAt:headerSize], plaintext, additional(buf[:headerSize], b))
	return encoding().EncodeToString(buf), nil
}

// Open checks and decrypts what Seal made. It never accepts an envelope of the legacy wire. The time is judged
// only after authentication. Using an envelope once is the caller's part: the job id is bound.
func Open(key []byte, b Binding, now time.Time, env string) ([]byte, error) {
	if len(env) > encoding().EncodedLen(headerSize+MaxPlaintext+chacha20poly1305.Overhead) {
		return nil, fmt.Errorf("open %d characters: %w: too large", len(env), ErrFormat)
	}
	if strings.ContainsAny(env, "\r\n") {
		return nil, fmt.Errorf("open: %w: line break", ErrFormat)
	}
	raw, err := encoding().DecodeString(env)
	if err != nil || len(raw) == 0 {
		return nil, fmt.Errorf("open: %w: not base64url", ErrFormat)
	}
	if raw[0] != version {
		return nil, fmt.Errorf("open: %w: %d", ErrVersion, raw[0])
	}
	if len(raw) < headerSize+chacha20poly1305.Overhead {
		return nil, fmt.Errorf("open %d bytes: %w: too short", len(raw), ErrFormat)
	}
	header := raw[:headerSize]
	aead, err := messageCipher(key, header[saltAt:nonceAt])
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, header[nonceAt:], raw[headerSize:], additional(header, b))
	if err != nil {
		return nil, fmt.Errorf("open: %w", ErrAuth)
	}
	sealed := time.UnixMilli(int64(binary.BigEndian.Uint64(header[1:])))
	if off := now.Sub(sealed); off > Tolerance || off < -Tolerance {
		return nil, fmt.Errorf("open: %w: clocks differ by %s", ErrTime, off.Round(time.Second))
	}
	return plain, nil
}

// encoding refuses padding and stray low bits, so that each envelope has exactly one text.
func encoding() *base64.Encoding { return base64.RawURLEncoding.Strict() }

func messageCipher(key, salt []byte) (cipher.AEAD, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("envelope key has %d bytes, not %d", len(key), KeySize)
	}
	k, err := hkdf.Key(sha256.New, key, salt, info, chacha20poly1305.KeySize)
	if err != nil {
		return nil, fmt.Errorf("derive message key: %w", err)
	}
	aead, err := chacha20poly1305.NewX(k)
	if err != nil {
		return nil, fmt.Errorf("message cipher: %w", err)
	}
	return aead, nil
}

func additional(header []byte, b Binding) []byte {
	out := append([]byte(nil), header...)
	for _, s := range []string{info, b.Operator, b.Server, b.JobID} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(s)))
		out = append(out, s...)
	}
	return out
}
