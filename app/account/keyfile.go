package account

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"omanager/app/problem"
)

const (
	minKeyFile    = 32
	minDistinct   = 8
	maxKeyFile    = 1 << 20
	keyFileInfo   = "omanager key file v1"
	keyFileHeader = "OMANAGER KEY FILE V1, KEEP SECRET\n"
	loginDomain   = "omanager-login-v1"
)

// KeyFromFile derives the signing key from a key file's bytes: SHA-256 of the file, HKDF, Ed25519. Any file will
// do if it is not trivially small or uniform (problem keyfile_weak).
func KeyFromFile(b []byte) (ed25519.PrivateKey, error) {
	if len(b) < minKeyFile {
		return nil, problem.New("keyfile_weak", "file", "", "cause", fmt.Sprintf("too short (%d bytes)", len(b)))
	}
	var seen [256]bool
	distinct := 0
	for _, c := range b {
		if !seen[c] {
			seen[c] = true
			distinct++
		}
	}
	if distinct < minDistinct {
		return nil, problem.New("keyfile_weak", "file", "", "cause", fmt.Sprintf("too uniform (%d different bytes)", distinct))
	}
	sum := sha256.Sum256(b)
	seed, err := hkdf.Key(sha256.New, sum[:], nil, keyFileInfo, ed25519.SeedSize)
	if err != nil {
		return nil, fmt.Errorf("derive key from file: %w", err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// ReadKeyFile is KeyFromFile for a path; its problems name the file. At most 1 MiB is read.
func ReadKeyFile(path string) (ed25519.PrivateKey, error) {
	b, err := readSmall(path)
	if err != nil {
		return nil, problem.Wrap(err, "keyfile_read", "file", path, "cause", reason(err))
	}
	key, err := KeyFromFile(b)
	if p, ok := errors.AsType[*problem.Error](err); ok {
		p.Args["file"] = path
	}
	return key, err
}

func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err == nil && len(b) > maxKeyFile {
		err = errors.New("larger than 1 MiB")
	}
	return b, err
}

// reason is the error without the path, which the sentence names already.
func reason(err error) string {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// NewKeyFile makes the text of a key file with 256 random bits.
func NewKeyFile() []byte {
	return []byte(keyFileHeader + base64.StdEncoding.EncodeToString(random(32)) + "\n")
}

// LoginMessage is what the key signs to log in. It is good for one server, one operator and one nonce.
func LoginMessage(serverID, operator string, nonce []byte) []byte {
	var out []byte
	for _, part := range [][]byte{[]byte(loginDomain), []byte(serverID), []byte(operator), nonce} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
	}
	return out
}
