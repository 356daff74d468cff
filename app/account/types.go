// Package account is who may log in and what they may touch: operators, the two factors (password and key-file
// hash), sessions, throttling, and privileges. The same key derivation runs in the client (to sign) and in the
// control server (to check). It stores nothing itself: Store is what it needs of a store.
package account

import (
	"context"
	"errors"
	"time"

	"omanager/app/rights"
)

// ErrNotFound is returned by a Store for an operator or session it does not have.
var ErrNotFound = errors.New("not stored")

// Operator is a person who logs in. PublicKey is the Ed25519 key derived from the key file's hash; neither the
// file nor its hash is known to the control server.
type Operator struct {
	Name       string
	Password   string // argon2id, PHC string
	PublicKey  []byte
	Privileges string // "root", "zhiban" (look, not run) or category ids joined by commas
	Roles      []string
	Disabled   bool
	OneTime    bool // the password was made by init and has not been changed
	Created    time.Time
	// LegacyKey is set while an account taken over from a legacy database has no PublicKey: LegacyKeyHash of the MD5
	// of its key file.
	LegacyKey string
}

// Listed is an operator as others may know it.
type Listed struct {
	Name       string
	Privileges string
	Roles      []string
	Disabled   bool
	OneTime    bool // the password was made by somebody else and has not been changed
	Legacy     bool // taken over from a legacy database, not logged in since
	Created    time.Time
}

// Session is a logged-in operator. TokenHash is SHA-256 of the token; the token itself is never stored.
type Session struct {
	TokenHash   []byte
	Operator    string
	EnvelopeKey []byte // key of this session's sealed jobs; derived from the token, not stored
	Created     time.Time
	LastUsed    time.Time
	Expires     time.Time // absolute
}

// Store is what this package needs of the control server's store.
type Store interface {
	PutOperator(ctx context.Context, o Operator) error // insert or replace
	Operator(ctx context.Context, name string) (Operator, error)
	Operators(ctx context.Context) ([]Operator, error)
	Role(ctx context.Context, name string) (rights.Role, error)
	// ReplaceHash stores a new password hash if the stored one is still old, and changes nothing else; ErrNotFound if not.
	ReplaceHash(ctx context.Context, operator, old, replacement string) error
	// ChangePassword is ReplaceHash that also clears OneTime and ends the operator's sessions but the kept one, in one step.
	ChangePassword(ctx context.Context, operator, old, replacement string, keep []byte) error
	// ReplaceLegacy gives an operator who still has exactly this LegacyKey a password hash and a public key, in one step;
	// ErrNotFound if there is none.
	ReplaceLegacy(ctx context.Context, name, legacyKey, password string, publicKey []byte) error

	PutSession(ctx context.Context, s Session) error
	Session(ctx context.Context, tokenHash []byte) (Session, error)
	TouchSession(ctx context.Context, tokenHash []byte, at time.Time) error
	DeleteSession(ctx context.Context, tokenHash []byte) error
	DeleteSessionsOf(ctx context.Context, operator string) error
}
