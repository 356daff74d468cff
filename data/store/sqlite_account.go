package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"omanager/app/account"
)

const operatorColumns = "name, password, public_key, privileges, disabled, one_time, created"

func (s *sqlite) PutOperator(ctx context.Context, o account.Operator) error {
	_, err := s.exec(ctx, "store operator "+o.Name, `INSERT INTO operators (`+operatorColumns+`) VALUES (?,?,?,?,?,?,?)
		ON CONFLICT (name) DO UPDATE SET password=excluded.password, public_key=excluded.public_key,
		privileges=excluded.privileges, disabled=excluded.disabled, one_time=excluded.one_time, created=excluded.created`,
		o.Name, o.Password, blob(o.PublicKey), o.Privileges, o.Disabled, o.OneTime, toMS(o.Created))
	return err
}

func (s *sqlite) Operator(ctx context.Context, name string) (account.Operator, error) {
	o, err := scanOperator(s.r.QueryRowContext(ctx, "SELECT "+operatorColumns+" FROM operators WHERE name = ?", name))
	if err != nil {
		return account.Operator{}, fmt.Errorf("read operator %s: %w", name, s.mapErr(err))
	}
	return o, nil
}

func (s *sqlite) Operators(ctx context.Context) ([]account.Operator, error) {
	rows, err := s.r.QueryContext(ctx, "SELECT "+operatorColumns+" FROM operators ORDER BY name")
	out, err := collect(rows, err, scanOperator)
	if err != nil {
		return nil, fmt.Errorf("read operators: %w", s.mapErr(err))
	}
	return out, nil
}

func (s *sqlite) PutSession(ctx context.Context, e account.Session) error {
	what := "store session of " + e.Operator
	return s.write(ctx, what, func(ctx context.Context, tx *sql.Tx) error {
		// Sessions past their end go when a new one comes, so the table needs no keeper.
		if _, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE expires < ?", toMS(e.Created)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO sessions (token_hash, operator, envelope_key, created, last_used, expires)
			VALUES (?,?,?,?,?,?)`, blob(e.TokenHash), e.Operator, blob(e.EnvelopeKey), toMS(e.Created), toMS(e.LastUsed), toMS(e.Expires))
		return err
	})
}

func (s *sqlite) Session(ctx context.Context, tokenHash []byte) (account.Session, error) {
	var e account.Session
	var created, used, expires int64
	err := s.r.QueryRowContext(ctx, `SELECT token_hash, operator, envelope_key, created, last_used, expires
		FROM sessions WHERE token_hash = ?`, tokenHash).Scan(&e.TokenHash, &e.Operator, &e.EnvelopeKey, &created, &used, &expires)
	if err != nil {
		return account.Session{}, fmt.Errorf("read session: %w", s.mapErr(err))
	}
	e.Created, e.LastUsed, e.Expires = fromMS(created), fromMS(used), fromMS(expires)
	return e, nil
}

func (s *sqlite) TouchSession(ctx context.Context, tokenHash []byte, at time.Time) error {
	n, err := s.exec(ctx, "touch session", "UPDATE sessions SET last_used = max(last_used, ?) WHERE token_hash = ?", toMS(at), tokenHash)
	return found(n, err, "touch session")
}

func (s *sqlite) DeleteSession(ctx context.Context, tokenHash []byte) error {
	n, err := s.exec(ctx, "delete session", "DELETE FROM sessions WHERE token_hash = ?", tokenHash)
	return found(n, err, "delete session")
}

func (s *sqlite) DeleteSessionsOf(ctx context.Context, operator string) error {
	_, err := s.exec(ctx, "delete sessions of "+operator, "DELETE FROM sessions WHERE operator = ?", operator)
	return err
}

// UseOnce forgets expired nonces once a minute.
func (s *sqlite) UseOnce(ctx context.Context, nonce []byte, expires time.Time) error {
	return s.write(ctx, "record nonce", func(ctx context.Context, tx *sql.Tx) error {
		if now := time.Now(); now.Sub(s.purged) > time.Minute { // only the writer touches purged
			if _, err := tx.ExecContext(ctx, "DELETE FROM nonces WHERE expires < ?", toMS(now)); err != nil {
				return err
			}
			s.purged = now
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO nonces (nonce, expires) VALUES (?,?)", blob(nonce), toMS(expires))
		return err
	})
}

type scanner interface{ Scan(dest ...any) error }

func scanOperator(r scanner) (o account.Operator, err error) {
	var created int64
	err = r.Scan(&o.Name, &o.Password, &o.PublicKey, &o.Privileges, &o.Disabled, &o.OneTime, &created)
	o.Created = fromMS(created)
	return o, err
}

func collect[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func found(n int64, err error, what string) error {
	if err == nil && n == 0 {
		return fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	return err
}

// blob keeps nil from becoming NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
