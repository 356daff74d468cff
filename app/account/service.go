package account

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"time"

	"omanager/app/account/guard"
	"omanager/app/problem"
)

// Options are the limits of a Service; zero fields take the defaults.
type Options struct {
	Params Params           // of new hashes; at least FloorParams
	Now    func() time.Time // the clock

	Hashing int // password hashes at once, 64 MiB each
	Waiting int // logins that may wait for one; more are told to come back

	NonceLife time.Duration
	MaxNonces int // used ones remembered

	Idle, Absolute time.Duration // life of a session
	TouchEvery     time.Duration // how often a used session is written
	CacheFor       time.Duration // how long Check may not see another process's change
	MaxCached      int

	LockAfter      int // the failure from which an account waits
	LockMax        time.Duration
	GuessesPerHour int // most failures of an account in any hour, whatever succeeds between them

	// Of logins that do not prove a key file; the others are counted by account alone.
	SourcePerMinute   int
	SourceBurst       int
	StrangerPerMinute int // from all sources together
	StrangerBurst     int
}

func (o Options) filled() Options {
	def(&o.Params, DefaultParams())
	o.Params = o.Params.floored()
	if o.Now == nil {
		o.Now = time.Now
	}
	def(&o.Hashing, 2)
	def(&o.Waiting, 64)
	def(&o.NonceLife, time.Minute)
	def(&o.MaxNonces, 1<<16)
	def(&o.Idle, 30*time.Minute)
	def(&o.Absolute, 12*time.Hour)
	def(&o.TouchEvery, time.Minute)
	def(&o.CacheFor, time.Second)
	def(&o.MaxCached, 4096)
	def(&o.LockAfter, 5)
	def(&o.LockMax, 900*time.Second)
	def(&o.GuessesPerHour, 20)
	def(&o.SourcePerMinute, 20)
	def(&o.SourceBurst, 40)
	def(&o.StrangerPerMinute, 60)
	def(&o.StrangerBurst, 60)
	return o
}

func (o Options) guarded() guard.Limits {
	return guard.Limits{
		LockAfter: o.LockAfter, LockMax: o.LockMax, GuessesPerHour: o.GuessesPerHour,
		SourcePerMinute: o.SourcePerMinute, SourceBurst: o.SourceBurst,
		StrangerPerMinute: o.StrangerPerMinute, StrangerBurst: o.StrangerBurst,
	}
}

func def[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}

// Service logs operators in and checks their tokens. It is safe for use by many goroutines and has none of its own.
type Service struct {
	store    Store
	serverID string
	opts     Options
	throttle *guard.Throttle
	nonces   *nonces
	queue    *guard.Queue
	around   func(stranger bool, hash string, work func()) // tests see here what is evaluated
	dummy    Operator
	cache    *cache
}

// NewService makes a Service. The server id is what clients sign in LoginMessage.
func NewService(store Store, serverID string, opts Options) *Service {
	o := opts.filled()
	return &Service{
		store: store, serverID: serverID, opts: o,
		throttle: guard.NewThrottle(o.guarded()),
		nonces:   newNonces(o.NonceLife, o.MaxNonces),
		queue:    guard.NewQueue(o.Hashing, o.Waiting),
		around:   func(_ bool, _ string, work func()) { work() },
		dummy: Operator{
			Password:  dummyHash(o.Params),
			PublicKey: ed25519.NewKeyFromSeed(random(ed25519.SeedSize)).Public().(ed25519.PublicKey),
			Disabled:  true,
		},
		cache: newCache(o.MaxCached),
	}
}

// Challenge gives a nonce for one Login.
func (s *Service) Challenge() []byte { return s.nonces.issue(s.opts.Now()) }

// Login checks both factors and makes a session. Whatever is wrong with them gives the same problem
// (login_refused) at the same cost, known operator or not; its cause is for the server's own log only.
// login_busy says how long to wait; a store that does not answer refuses (store_failed).
//
// Each attempt is counted before it is evaluated. Without a signature of the operator's key file nothing of the
// operator is evaluated at all: such a login costs a hash that fits no password, and is bounded by name, by source
// and in all, so strangers neither guess nor lock anybody out. (Of an account that waits for its first login after a
// takeover there is no such key yet: its password is evaluated, within the same bounds.)
func (s *Service) Login(ctx context.Context, operator, password string, nonce, sig []byte, source string) (string, Session, Operator, error) {
	return s.LoginLegacy(ctx, operator, password, nonce, sig, LegacyProof{}, source)
}

// LoginLegacy is Login with what an account taken over from a legacy database proves once. Such an account is told so
// (login_legacy) after its password was right, never before; every other account refuses a proof.
func (s *Service) LoginLegacy(ctx context.Context, operator, password string, nonce, sig []byte, proof LegacyProof, source string) (string, Session, Operator, error) {
	now := s.opts.Now()
	if err := s.nonces.check(nonce, now); err != nil {
		if wait := s.throttle.Take(source, now); wait > 0 {
			return "", Session{}, Operator{}, guard.Busy(wait, "source "+guard.SourceKey(source))
		}
		return "", Session{}, Operator{}, refused(err.Error())
	}
	o, known, err := s.lookup(ctx, operator)
	if err != nil {
		return "", Session{}, Operator{}, err
	}
	signed := known && proof.signed(o, LoginMessage(s.serverID, operator, nonce), sig)
	key, err := s.count(operator, signed, nonce, source, now)
	if err != nil {
		return "", Session{}, Operator{}, err
	}
	hash, unproved := o.Password, known && o.legacy() && !proof.given()
	if !signed && !unproved {
		hash = s.dummy.Password
	}
	right, err := s.verify(ctx, !signed, hash, password)
	if err != nil {
		s.throttle.Uncount(key)
		return "", Session{}, Operator{}, err
	}
	if unproved && right && !o.Disabled {
		s.throttle.Succeed(key)
		return "", Session{}, Operator{}, problem.New("login_legacy")
	}
	if cause := whyNot(known, signed, right, o.Disabled); cause != "" {
		return "", Session{}, Operator{}, refused(cause)
	}
	if o.legacy() {
		if o, err = s.replaceLegacy(ctx, o, password, proof); err != nil {
			return "", Session{}, Operator{}, err
		}
	}
	s.throttle.Succeed(key)
	return s.open(ctx, o, password)
}

// count spends the attempt, and the nonce if it was signed, or says why it is not evaluated.
func (s *Service) count(operator string, signed bool, nonce []byte, source string, now time.Time) (key string, err error) {
	if !signed {
		key = s.throttle.UnsignedKey(operator)
		if wait, cause := s.throttle.Stranger(source, key, now); wait > 0 {
			return "", guard.Busy(wait, cause)
		}
		return key, nil
	}
	if err := s.nonces.use(nonce, now); errors.Is(err, errNonceFull) {
		return "", guard.Busy(time.Second, err.Error())
	} else if err != nil {
		return "", refused(err.Error())
	}
	key = s.throttle.SignedKey(operator)
	if wait := s.throttle.Begin(key, now); wait > 0 {
		return "", guard.Busy(wait, "account")
	}
	return key, nil
}

// whyNot names what the log may know and the client may not; empty means welcome.
func whyNot(known, signed, right, disabled bool) string {
	switch {
	case !known:
		return "unknown operator"
	case !signed:
		return "key file"
	case !right:
		return "password"
	case disabled:
		return "disabled operator"
	}
	return ""
}

func (s *Service) lookup(ctx context.Context, name string) (o Operator, known bool, err error) {
	if name == "" || len(name) > 64 {
		return s.dummy, false, nil
	}
	o, err = s.store.Operator(ctx, name)
	switch {
	case errors.Is(err, ErrNotFound):
		return s.dummy, false, nil
	case err != nil:
		return Operator{}, false, problem.Wrap(err, "store_failed", "cause", "operator could not be read")
	}
	return o, o.Name == name, nil
}

// verify waits for its turn and hashes.
func (s *Service) verify(ctx context.Context, stranger bool, hash, password string) (right bool, err error) {
	fits := len(password) <= 4*MaxPassword
	if !fits {
		password = ""
	}
	plain, _ := unwrap(hash, "")
	if _, _, _, err := parsePHC(plain); err != nil {
		hash = s.dummy.Password // an unreadable hash is nobody's password; it costs what every other one costs
	}
	werr := s.work(ctx, stranger, hash, func() { right, err = VerifyPassword(hash, password) })
	return right && fits, errors.Join(werr, err)
}

func (s *Service) open(ctx context.Context, o Operator, password string) (_ string, _ Session, _ Operator, err error) {
	if NeedsRehash(o.Password, s.opts.Params) {
		s.rehash(ctx, &o, password)
	}
	token := random(32)
	now := s.opts.Now().UTC().Truncate(time.Millisecond)
	sess := Session{
		TokenHash: tokenHash(token), Operator: o.Name,
		Created: now, LastUsed: now, Expires: now.Add(s.opts.Absolute),
	}
	if err := s.store.PutSession(ctx, sess); err != nil {
		return "", Session{}, Operator{}, problem.Wrap(err, "store_failed", "cause", "session could not be stored")
	}
	if sess.EnvelopeKey, err = envelopeKey(token); err != nil {
		return "", Session{}, Operator{}, err
	}
	return base64.RawURLEncoding.EncodeToString(token), sess, o, nil
}

// rehash brings an old hash to today's costs. If it cannot be stored, or was changed meanwhile, the stored one goes on
// being good.
func (s *Service) rehash(ctx context.Context, o *Operator, password string) {
	h, err := s.hash(ctx, password)
	if err == nil && s.store.ReplaceHash(ctx, o.Name, o.Password, h) == nil {
		o.Password = h
	}
}

// hash makes a new hash when it is its turn.
func (s *Service) hash(ctx context.Context, password string) (h string, err error) {
	werr := s.work(ctx, false, s.dummy.Password, func() { h, err = HashPassword(password, s.opts.Params) })
	return h, errors.Join(werr, err)
}

func refused(cause string) error { return problem.Wrap(errors.New(cause), "login_refused") }

// work waits for its turn and does what costs as much as the hash says.
func (s *Service) work(ctx context.Context, stranger bool, hash string, do func()) error {
	return s.queue.Run(ctx, stranger, func() { s.around(stranger, hash, do) })
}
