package account

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
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

// fits compares in constant time, also for an operator who is not legacy: then nothing fits.
func (p LegacyProof) fits(o Operator) bool {
	got, ok := LegacyKeyHash(p.KeyMD5)
	return subtle.ConstantTimeCompare([]byte(got), []byte(o.LegacyKey)) == 1 && ok && o.legacy()
}

// errLegacy asks a client, after the right password, to prove the old key file.
func errLegacy() error { return problem.New("login_legacy") }
