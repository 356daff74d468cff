package store

import (
	"context"
	"fmt"
	"time"

	"omanager/app/account"
)

const operatorColumns = "name, password, public_key, privileges, disabled, one_time, created, legacy_key"

func (s *shared) PutOperator(ctx context.Context, o account.Operator) error {
	return s.commit(ctx, "store operator "+o.Name, func(ctx context.Context, tx txn) error {
		if err := s.putOperator(ctx, tx, o); err != nil {
			return err
		}
		return putRoles(ctx, tx, o)
	})
}

// putOperator leaves the roles as they are.
func (s *shared) putOperator(ctx context.Context, tx txn, o account.Operator) error {
	_, err := tx.exec(ctx, "INSERT INTO @operators ("+operatorColumns+")"+values(1, 8)+" "+s.upsert,
		o.Name, o.Password, blob(o.PublicKey), o.Privileges, o.Disabled, o.OneTime, toMS(o.Created), o.LegacyKey)
	return err
}

func (s *shared) ReplaceLegacy(ctx context.Context, name, legacyKey, password string, publicKey []byte) error {
	what := "replace the legacy key of " + name
	n, err := s.exec(ctx, what, `UPDATE @operators SET password = ?, public_key = ?, legacy_key = ''
		WHERE name = ? AND legacy_key = ? AND legacy_key <> ''`, password, blob(publicKey), name, legacyKey)
	return found(n, err, what)
}

// operatorRows is followed by what narrows or orders it; one statement, so that an operator and its roles belong together.
const operatorRows = "SELECT " + operatorColumns + ", role FROM @operators LEFT JOIN @operator_roles ON operator = name "

func (s *shared) Operator(ctx context.Context, name string) (account.Operator, error) {
	rows, err := s.rows(ctx, operatorRows+"WHERE name = ? ORDER BY role", name)
	out, err := collect(rows, err, scanOperator)
	if err == nil && len(out) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return account.Operator{}, fmt.Errorf("read operator %s: %w", name, s.named(err))
	}
	return joined(out)[0], nil
}

func (s *shared) Operators(ctx context.Context) ([]account.Operator, error) {
	rows, err := s.rows(ctx, operatorRows+"ORDER BY name, role")
	out, err := collect(rows, err, scanOperator)
	if err != nil {
		return nil, fmt.Errorf("read operators: %w", s.named(err))
	}
	return joined(out), nil
}

func (s *shared) ReplaceHash(ctx context.Context, operator, old, replacement string) error {
	n, err := s.exec(ctx, "replace hash of "+operator, "UPDATE @operators SET password = ? WHERE name = ? AND password = ?", replacement, operator, old)
	return found(n, err, "replace hash of "+operator)
}

func (s *shared) ChangePassword(ctx context.Context, operator, old, replacement string, keep []byte) error {
	what := "change password of " + operator
	var n int64
	err := s.commit(ctx, what, func(ctx context.Context, tx txn) error {
		res, err := tx.exec(ctx, "UPDATE @operators SET password = ?, one_time = ? WHERE name = ? AND password = ?", replacement, false, operator, old)
		if err != nil {
			return err
		}
		if n, err = res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		_, err = tx.exec(ctx, "DELETE FROM @sessions WHERE operator = ? AND token_hash <> ?", operator, blob(keep))
		return err
	})
	return found(n, err, what)
}

func (s *shared) PutSession(ctx context.Context, e account.Session) error {
	what := "store session of " + e.Operator
	return s.commit(ctx, what, func(ctx context.Context, tx txn) error {
		// Sessions past their end go when a new one comes, so the table needs no keeper.
		if _, err := tx.exec(ctx, "DELETE FROM @sessions WHERE expires < ?", toMS(e.Created)); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `INSERT INTO @sessions (token_hash, operator, envelope_key, created, last_used, expires)
			VALUES (?,?,?,?,?,?)`, blob(e.TokenHash), e.Operator, blob(e.EnvelopeKey), toMS(e.Created), toMS(e.LastUsed), toMS(e.Expires))
		return err
	})
}

func (s *shared) Session(ctx context.Context, tokenHash []byte) (account.Session, error) {
	var e account.Session
	var created, used, expires int64
	err := s.row(ctx, `SELECT token_hash, operator, envelope_key, created, last_used, expires
		FROM @sessions WHERE token_hash = ?`, tokenHash).Scan(&e.TokenHash, &e.Operator, &e.EnvelopeKey, &created, &used, &expires)
	if err != nil {
		return account.Session{}, fmt.Errorf("read session: %w", s.named(err))
	}
	e.Created, e.LastUsed, e.Expires = fromMS(created), fromMS(used), fromMS(expires)
	return e, nil
}

func (s *shared) TouchSession(ctx context.Context, tokenHash []byte, at time.Time) error {
	n, err := s.exec(ctx, "touch session", `UPDATE @sessions
		SET last_used = CASE WHEN last_used < ? THEN ? ELSE last_used END WHERE token_hash = ?`, toMS(at), toMS(at), tokenHash)
	return found(n, err, "touch session")
}

func (s *shared) DeleteSession(ctx context.Context, tokenHash []byte) error {
	n, err := s.exec(ctx, "delete session", "DELETE FROM @sessions WHERE token_hash = ?", tokenHash)
	return found(n, err, "delete session")
}

func (s *shared) DeleteSessionsOf(ctx context.Context, operator string) error {
	_, err := s.exec(ctx, "delete sessions of "+operator, "DELETE FROM @sessions WHERE operator = ?", operator)
	return err
}

// UseOnce forgets expired nonces once a minute.
func (s *shared) UseOnce(ctx context.Context, nonce []byte, expires time.Time) error {
	return s.commit(ctx, "record nonce", func(ctx context.Context, tx txn) error {
		if now := time.Now(); s.purgeDue(now) {
			if _, err := tx.exec(ctx, "DELETE FROM @nonces WHERE expires < ?", toMS(now)); err != nil {
				return err
			}
		}
		_, err := tx.exec(ctx, "INSERT INTO @nonces (nonce, expires) VALUES (?,?)", blob(nonce), toMS(expires))
		return err
	})
}

func (s *shared) purgeDue(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.purged) <= time.Minute {
		return false
	}
	s.purged = now
	return true
}

func scanOperator(r scanner) (o operatorRow, err error) {
	var created int64
	err = r.Scan(&o.Name, &o.Password, &o.PublicKey, &o.Privileges, &o.Disabled, &o.OneTime, &created, &o.LegacyKey, &o.role)
	o.Created = fromMS(created)
	return o, err
}
