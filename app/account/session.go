package account

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"omanager/app/problem"
)

// Check says whose token it is. It belongs before every message: an ended session, an operator who was disabled
// or removed, or a token never given gives session_expired; a store that does not answer gives store_failed.
// Another process's changes are seen after Options.CacheFor at the latest.
func (s *Service) Check(ctx context.Context, token string) (Session, Operator, error) {
	return s.check(ctx, token, true)
}

// Peek is Check for what a program asks by itself again and again: it does not count as use, so that a desk that was
// left alone still ends its session.
func (s *Service) Peek(ctx context.Context, token string) (Session, Operator, error) {
	return s.check(ctx, token, false)
}

func (s *Service) check(ctx context.Context, token string, used bool) (Session, Operator, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != 32 {
		return Session{}, Operator{}, expired("malformed token")
	}
	hash := tokenHash(raw)
	now := s.opts.Now()
	c, ok := s.cache.get(hash, now, s.opts.CacheFor)
	if !ok {
		if c, err = s.load(ctx, hash, now); err != nil {
			return Session{}, Operator{}, err
		}
	}
	if cause := s.whyEnded(c, now); cause != "" {
		return Session{}, Operator{}, s.end(ctx, hash, cause)
	}
	sess := c.session
	if len(sess.EnvelopeKey) == 0 { // sessions of earlier versions kept theirs
		if sess.EnvelopeKey, err = envelopeKey(raw); err != nil {
			return Session{}, Operator{}, err
		}
	}
	if !used {
		sess.LastUsed = s.cache.lastUsed(c)
		return sess, c.operator, nil
	}
	last, touch := s.cache.use(c, now, s.opts.TouchEvery)
	if touch {
		if err := s.store.TouchSession(ctx, hash, now); err != nil && !errors.Is(err, ErrNotFound) {
			return Session{}, Operator{}, problem.Wrap(err, "store_failed", "cause", "session could not be stored")
		}
	}
	sess.LastUsed = last
	return sess, c.operator, nil
}

// envelopeKey is the key of a session's sealed jobs. It is derived from the token, which is not stored, so neither is it.
func envelopeKey(token []byte) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, token, nil, envelopeInfo, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive the envelope key: %w", err)
	}
	return key, nil
}

const envelopeInfo = "omanager envelope key v1"

// Logout ends the token's session. A token that is not good any more is no error.
func (s *Service) Logout(ctx context.Context, token string) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != 32 {
		return nil //nolint:nilerr // no token of ours: there is nothing to end
	}
	hash := tokenHash(raw)
	err = s.store.DeleteSession(ctx, hash)
	s.cache.drop(hash)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return problem.Wrap(err, "store_failed", "cause", "session could not be ended")
	}
	return nil
}

// LogoutAll ends every session of the operator; it belongs after a change of password, key or privileges.
func (s *Service) LogoutAll(ctx context.Context, operator string) error {
	err := s.store.DeleteSessionsOf(ctx, operator)
	s.cache.dropOf(operator)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return problem.Wrap(err, "store_failed", "cause", "sessions could not be ended")
	}
	return nil
}

func (s *Service) load(ctx context.Context, hash []byte, now time.Time) (*cached, error) {
	gen := s.cache.generation()
	sess, err := s.store.Session(ctx, hash)
	if errors.Is(err, ErrNotFound) {
		s.cache.drop(hash)
		return nil, expired("unknown token")
	}
	if err != nil {
		return nil, problem.Wrap(err, "store_failed", "cause", "session could not be read")
	}
	o, err := s.store.Operator(ctx, sess.Operator)
	if errors.Is(err, ErrNotFound) {
		return nil, s.end(ctx, hash, "operator removed")
	}
	if err != nil {
		return nil, problem.Wrap(err, "store_failed", "cause", "operator could not be read")
	}
	return s.cache.put(hash, sess, o, now, gen), nil
}

func (s *Service) whyEnded(c *cached, now time.Time) string {
	switch {
	case c.operator.Disabled:
		return "disabled operator"
	case !now.Before(c.session.Expires):
		return "past its end"
	case now.Sub(s.cache.lastUsed(c)) >= s.opts.Idle:
		return "idle"
	}
	return ""
}

// end removes the session. The answer is the same if the store cannot: the session is judged anew each time.
func (s *Service) end(ctx context.Context, hash []byte, cause string) error {
	s.cache.drop(hash)
	if err := s.store.DeleteSession(ctx, hash); err != nil && !errors.Is(err, ErrNotFound) {
		return problem.Wrap(errors.Join(errors.New(cause), err), "session_expired")
	}
	return expired(cause)
}

func expired(cause string) error { return problem.Wrap(errors.New(cause), "session_expired") }

func tokenHash(token []byte) []byte {
	h := sha256.Sum256(token)
	return h[:]
}

// cache keeps sessions for a moment, so that a check seldom reads and hardly ever writes the store.
type cache struct {
	limit int

	mu    sync.Mutex
	m     map[string]*cached
	drops uint64 // grows with each removal: a load that began before one is not kept
}

type cached struct {
	session  Session
	operator Operator
	read     time.Time
	touched  time.Time // LastUsed as the store knows it
	last     time.Time
}

func newCache(limit int) *cache { return &cache{limit: limit, m: make(map[string]*cached)} }

func (c *cache) get(hash []byte, now time.Time, life time.Duration) (*cached, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.m[string(hash)]
	if !ok || now.Sub(e.read) >= life || now.Before(e.read) {
		return nil, false
	}
	return e, true
}

func (c *cache) generation() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.drops
}

// put keeps what was read, and the later of the known times of use.
func (c *cache) put(hash []byte, s Session, o Operator, now time.Time, gen uint64) *cached {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := &cached{session: s, operator: o, read: now, touched: s.LastUsed, last: s.LastUsed}
	if old := c.m[string(hash)]; old != nil && old.last.After(e.last) {
		e.last = old.last
	}
	if gen != c.drops {
		return e
	}
	if len(c.m) >= c.limit {
		for k := range c.m {
			delete(c.m, k)
			break
		}
	}
	c.m[string(hash)] = e
	return e
}

func (c *cache) lastUsed(e *cached) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return e.last
}

// use notes the time and says whether the store should be told; one caller at a time is.
func (c *cache) use(e *cached, now time.Time, every time.Duration) (last time.Time, touch bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.After(e.last) {
		e.last = now
	}
	if now.Sub(e.touched) >= every {
		e.touched = now
		touch = true
	}
	return e.last, touch
}

func (c *cache) drop(hash []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drops++
	delete(c.m, string(hash))
}

func (c *cache) dropOf(operator string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drops++
	for k, e := range c.m {
		if e.session.Operator == operator {
			delete(c.m, k)
		}
	}
}
