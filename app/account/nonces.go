package account

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"sync"
	"time"
)

// nonceSize is random[12] || time[8] || mac[12].
const (
	nonceSize  = 32
	nonceMacAt = 20
)

var (
	errNonce     = errors.New("nonce unknown, used or expired")
	errNonceFull = errors.New("too many nonces in use")
)

// nonces hands out challenges without keeping them: a MAC tells its own, and only those used with a good signature
// are remembered until they expire. So neither asking for challenges nor wrong logins cost memory.
type nonces struct {
	key   []byte
	life  time.Duration
	limit int

	mu   sync.Mutex
	used map[string]time.Time // expiry
}

func newNonces(life time.Duration, limit int) *nonces {
	return &nonces{key: random(32), life: life, limit: limit, used: make(map[string]time.Time)}
}

func (n *nonces) issue(now time.Time) []byte {
	out := random(nonceMacAt)
	binary.BigEndian.PutUint64(out[12:], uint64(now.UnixMilli()))
	return append(out, n.mac(out)...)
}

// check says whether a nonce is one of ours within its life; it may have been used. It costs no memory, so that
// those who cannot sign it need not be remembered.
func (n *nonces) check(nonce []byte, now time.Time) error {
	if len(nonce) != nonceSize || !hmac.Equal(n.mac(nonce[:nonceMacAt]), nonce[nonceMacAt:]) || !now.Before(n.end(nonce)) {
		return errNonce
	}
	return nil
}

func (n *nonces) end(nonce []byte) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(nonce[12:]))).Add(n.life)
}

// use accepts a nonce once, within its life.
func (n *nonces) use(nonce []byte, now time.Time) error {
	if err := n.check(nonce, now); err != nil {
		return err
	}
	expires := n.end(nonce)
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, ok := n.used[string(nonce)]; ok {
		return errNonce
	}
	if len(n.used) >= n.limit {
		for k, e := range n.used {
			if !now.Before(e) {
				delete(n.used, k)
			}
		}
		if len(n.used) >= n.limit {
			return errNonceFull
		}
	}
	n.used[string(nonce)] = expires
	return nil
}

func (n *nonces) mac(b []byte) []byte {
	h := hmac.New(sha256.New, n.key)
	h.Write(b)
	return h.Sum(nil)[:nonceSize-nonceMacAt]
}
