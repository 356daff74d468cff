package account

import (
	"context"
	"crypto/ed25519"
	"crypto/md5"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"strings"

	"golang.org/x/crypto/argon2"

	"omanager/app/problem"
)

// md5Mark stands before the hash of an account that was taken over from a legacy database: what is hashed is the MD5
// of the password, in hex. The next login replaces it.
const md5Mark = "$omanager-md5"

// legacyKeyInfo separates this hash from others of the same MD5.
const legacyKeyInfo = "omanager legacy key v1\n"

// WrapMD5 makes the hash of an account whose password is known by its MD5 only.
func WrapMD5(md5hex string, p Params) (string, error) {
	sum, ok := plainMD5(md5hex)
	if !ok {
		return "", errHash
	}
	p = p.floored()
	salt := random(saltLen)
	return md5Mark + phc(p, salt, argon2.IDKey([]byte(sum), salt, p.Time, p.Memory, p.Threads, tagLen)), nil
}

// unwrap gives what a stored hash was made from: the hash and the password itself, or its MD5.
func unwrap(hash, password string) (string, string) {
	inner, wrapped := strings.CutPrefix(hash, md5Mark)
	if !wrapped {
		return hash, password
	}
	sum := md5.Sum([]byte(password))
	return inner, hex.EncodeToString(sum[:])
}

// LegacyKeyHash is what is kept of the MD5 of a legacy key file: enough to recognise the file once, of no use to whoever
// reads it in a database.
func LegacyKeyHash(md5hex string) (string, bool) {
	sum, ok := plainMD5(md5hex)
	if !ok {
		return "", false
	}
	h := sha256.Sum256([]byte(legacyKeyInfo + sum))
	return hex.EncodeToString(h[:]), true
}

// LegacyKeyMD5 is how the legacy system knows a key file.
func LegacyKeyMD5(file []byte) string {
	sum := md5.Sum(file)
	return hex.EncodeToString(sum[:])
}

func plainMD5(s string) (string, bool) {
	b, err := hex.DecodeString(s)
	return strings.ToLower(s), err == nil && len(b) == md5.Size
}

// legacy reports whether the operator's key file is known by its MD5 only.
func (o Operator) legacy() bool { return o.LegacyKey != "" && len(o.PublicKey) == 0 }

// LegacyProof is what the first login of a taken-over account brings beside its password and signature.
type LegacyProof struct {
	KeyMD5    string
	PublicKey []byte
}

func (p LegacyProof) given() bool { return p.KeyMD5 != "" || len(p.PublicKey) > 0 }

// signed reports whether the operator's key file signed the message. That of a legacy operator is the one whose MD5 is
// known; a proof for anybody else is good for nothing.
func (p LegacyProof) signed(o Operator, message, sig []byte) bool {
	key := o.PublicKey
	if p.given() {
		key = p.PublicKey
	}
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, message, sig) {
		return false
	}
	return !p.given() || p.fits(o)
}

// fits compares in constant time.
func (p LegacyProof) fits(o Operator) bool {
	got, ok := LegacyKeyHash(p.KeyMD5)
	return subtle.ConstantTimeCompare([]byte(got), []byte(o.LegacyKey)) == 1 && ok && o.legacy()
}

// replaceLegacy stores the key that the file now stands for and a hash of the password itself.
func (s *Service) replaceLegacy(ctx context.Context, o Operator, password string, proof LegacyProof) (Operator, error) {
	hash, err := s.hash(ctx, password)
	if err != nil {
		return o, err
	}
	err = s.store.ReplaceLegacy(ctx, o.Name, o.LegacyKey, hash, proof.PublicKey)
	if errors.Is(err, ErrNotFound) {
		return o, refused("the account was changed meanwhile")
	}
	if err != nil {
		return o, problem.Wrap(err, "store_failed", "cause", "operator could not be stored")
	}
	o.Password, o.PublicKey, o.LegacyKey = hash, proof.PublicKey, ""
	return o, nil
}
