package ssh

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// hostKeyError says that a server showed a key that is not one of those expected.
type hostKeyError struct {
	got  string
	want []string // empty: no key is known
}

func (e *hostKeyError) Error() string {
	if len(e.want) == 0 {
		return "host key " + e.got + " is not known"
	}
	return "host key " + e.got + " is not " + strings.Join(e.want, " or ")
}

// expectation is what is known about one server's key.
type expectation struct {
	algorithms []string // empty: any
	check      ssh.HostKeyCallback
}

// known answers which keys to expect, from the inventory first, then from the known_hosts file.
type known struct {
	file string

	mu    sync.Mutex
	seen  os.FileInfo // nil: there was no file
	check ssh.HostKeyCallback
	state int // grows when the file has changed
}

func (k *known) expect(addr, hostKey string) (expectation, error) {
	if strings.TrimSpace(hostKey) != "" {
		keys, err := parseKeys(hostKey)
		if err != nil {
			return expectation{}, err
		}
		return pinned(keys), nil
	}
	check, _, err := k.load()
	if err != nil {
		return expectation{}, err
	}
	keys := wanted(check, addr)
	return expectation{algorithms: algorithms(keys), check: func(host string, remote net.Addr, key ssh.PublicKey) error {
		return explain(check(host, remote, key), key)
	}}, nil
}

func parseKeys(text string) ([]ssh.PublicKey, error) {
	var keys []ssh.PublicKey
	for rest := []byte(text); len(bytes.TrimSpace(rest)) > 0; {
		key, _, _, more, err := ssh.ParseAuthorizedKey(rest)
		if err != nil {
			return nil, fmt.Errorf("parse host key of the inventory: %w", err)
		}
		keys, rest = append(keys, key), more
	}
	return keys, nil
}

func pinned(keys []ssh.PublicKey) expectation {
	return expectation{algorithms: algorithms(keys), check: func(_ string, _ net.Addr, key ssh.PublicKey) error {
		e := &hostKeyError{got: ssh.FingerprintSHA256(key)}
		for _, k := range keys {
			if bytes.Equal(k.Marshal(), key.Marshal()) {
				return nil
			}
			e.want = append(e.want, ssh.FingerprintSHA256(k))
		}
		return e
	}}
}

// explain turns the answer of known_hosts into a hostKeyError.
func explain(err error, key ssh.PublicKey) error {
	if err == nil {
		return nil
	}
	e := &hostKeyError{got: ssh.FingerprintSHA256(key)}
	var ke *knownhosts.KeyError
	var re *knownhosts.RevokedError
	switch {
	case errors.As(err, &ke):
		for _, w := range ke.Want {
			e.want = append(e.want, ssh.FingerprintSHA256(w.Key))
		}
	case errors.As(err, &re):
		e.want = []string{"any key but this revoked one"}
	default:
		return err
	}
	return e
}

// wanted asks known_hosts for its keys of addr, by showing it a key that nobody has.
func wanted(check ssh.HostKeyCallback, addr string) []ssh.PublicKey {
	nobody, err := ssh.NewPublicKey(ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)))
	if err != nil {
		return nil
	}
	var ke *knownhosts.KeyError
	if !errors.As(check(addr, &net.TCPAddr{}, nobody), &ke) {
		return nil
	}
	keys := make([]ssh.PublicKey, 0, len(ke.Want))
	for _, w := range ke.Want {
		keys = append(keys, w.Key)
	}
	return keys
}

// algorithms lists what to negotiate so that the server shows one of the keys.
func algorithms(keys []ssh.PublicKey) []string {
	var out []string
	for _, k := range keys {
		names := []string{k.Type()}
		if k.Type() == ssh.KeyAlgoRSA {
			names = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
		}
		for _, n := range names {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// load reads the known_hosts file when it is new or changed, and tells its state. Without a file nothing is known.
func (k *known) load() (ssh.HostKeyCallback, int, error) {
	nothing := func(string, net.Addr, ssh.PublicKey) error { return &knownhosts.KeyError{} }
	if k.file == "" {
		return nothing, 0, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	fi, err := os.Stat(k.file)
	if errors.Is(err, os.ErrNotExist) {
		if k.seen != nil || k.check == nil {
			k.seen, k.check, k.state = nil, nothing, k.state+1
		}
		return k.check, k.state, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("look at known hosts: %w", err)
	}
	if k.seen != nil && fi.ModTime().Equal(k.seen.ModTime()) && fi.Size() == k.seen.Size() && os.SameFile(fi, k.seen) {
		return k.check, k.state, nil
	}
	check, err := knownhosts.New(k.file)
	if err != nil {
		return nil, 0, fmt.Errorf("read known hosts: %w", err)
	}
	k.check, k.seen, k.state = check, fi, k.state+1
	return check, k.state, nil
}
