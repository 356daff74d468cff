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

// nonces hands out challenges without keeping them: a MAC tells its own, and only used ones are remembered until
// they expire. So asking for challenges costs no memory.
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

// use accepts a nonce once, within its life.
func (n *nonces) use(nonce []byte, now time.Time) error {
	if len(nonce) != nonceSize || !hmac.Equal(n.mac(nonce[:nonceMacAt]), nonce[nonceMacAt:]) {
		return errNonce
	}
	expires := time.UnixMilli(int64(binary.BigEndian.Uint64(nonce[12:]))).Add(n.life)
	if !now.Before(expires) {
		return errNonce
	}
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
