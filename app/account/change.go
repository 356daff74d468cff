package account

import (
	"context"
	"errors"

	"omanager/app/account/guard"
	"omanager/app/problem"
)

// ChangePassword replaces the password of the session's operator. The old one is checked under the same count of
// guesses as a login's (password_wrong, login_busy); the new one by CheckPassword (password_weak, password_same). The
// operator's other sessions end, this one stays. Nothing is changed unless everything is.
func (s *Service) ChangePassword(ctx context.Context, sess Session, old, replacement string) error {
	if err := CheckPassword(sess.Operator, replacement); err != nil {
		return err
	}
	if old == replacement {
		return problem.New("password_same")
	}
	o, err := s.store.Operator(ctx, sess.Operator)
	if err != nil {
		return problem.Wrap(err, "store_failed", "cause", "operator could not be read")
	}
	key := s.throttle.SignedKey(o.Name)
	if wait := s.throttle.Begin(key, s.opts.Now()); wait > 0 {
		return guard.Busy(wait, "account")
	}
	right, err := s.verify(ctx, false, o.Password, old)
	if err != nil {
		s.throttle.Uncount(key)
		return err
	}
	if !right {
		return problem.New("password_wrong")
	}
	s.throttle.Succeed(key)
	hash, err := s.hash(ctx, replacement)
	if err != nil {
		return err
	}
	err = s.store.ChangePassword(ctx, o.Name, o.Password, hash, sess.TokenHash)
	s.cache.dropOf(o.Name)
	if errors.Is(err, ErrNotFound) {
		return problem.Wrap(err, "password_raced")
	}
	if err != nil {
		return problem.Wrap(err, "store_failed", "cause", "password could not be stored")
	}
	return nil
}
