package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const (
	patience   = 20 * time.Second
	firstPause = 10 * time.Millisecond
	longPause  = time.Second
	keepTokens = 100_000
	purgeEvery = 1_000
)

var errClosed = errors.New("store is closed")

// write runs f in one transaction. What fails before COMMIT is certainly not stored and is tried again while the cause
// may pass. Once COMMIT is sent, only the server knows: it is asked until it answers. The context ends the waiting, not
// a transaction.
func (s *mysqlStore) write(ctx context.Context, what string, f func(ctx context.Context, tx txn) error) error {
	s.gate.RLock()
	defer s.gate.RUnlock()
	err := ctx.Err()
	if s.gone {
		err = errClosed
	}
	if err == nil {
		err = s.persist(ctx, f)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, mysqlErr(err))
	}
	return nil
}

func (s *mysqlStore) persist(ctx context.Context, f func(ctx context.Context, tx txn) error) error {
	work := context.WithoutCancel(ctx)
	end := time.Now().Add(s.patience)
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		token := newToken()
		sent, err := s.attempt(work, token, f)
		if err == nil {
			return nil
		}
		if sent {
			there, lost := s.settle(work, token)
			if lost != nil {
				return fmt.Errorf("%w: %w (%w)", ErrUnknown, err, lost)
			}
			if there {
				return nil
			}
		}
		if !passing(err) {
			return err
		}
		if lostConnection(err) && readOnly(work, s.db) {
			return ErrReadOnly
		}
		if time.Now().After(end) {
			return err
		}
		if stopped := s.pause(ctx, pause); stopped != nil {
			return fmt.Errorf("%w (%w)", stopped, err)
		}
	}
}

// attempt says whether COMMIT was sent: then an error does not mean that nothing is stored.
func (s *mysqlStore) attempt(ctx context.Context, token []byte, f func(ctx context.Context, tx txn) error) (sent bool, err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	var mark int64
	if mark, err = s.leave(ctx, tx, token); err == nil {
		err = f(ctx, txn{Tx: tx, prefix: s.prefix, old: s.old})
	}
	if err != nil {
		_ = tx.Rollback() // the first error counts; a lost connection rolls back by itself
		return false, err
	}
	if err = tx.Commit(); err == nil && s.written.Add(1)%purgeEvery == 0 {
		_, _ = s.db.ExecContext(ctx, "DELETE FROM om_writes WHERE n <= ?", mark-keepTokens) // what is left goes next time
	}
	return true, err
}

func (s *mysqlStore) leave(ctx context.Context, tx *sql.Tx, token []byte) (int64, error) {
	args := []any{token}
	if s.hold != nil {
		args = append(args, s.hold.epoch)
	}
	res, err := tx.StmtContext(ctx, s.token).ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return 0, errors.Join(err, ErrReplaced)
	}
	return res.LastInsertId()
}

// settle finds out whether the transaction with the token was committed. The reading waits for the row's lock, so a
// COMMIT that is still on its way is waited for; one that never arrived is ended with its connection.
func (s *mysqlStore) settle(ctx context.Context, token []byte) (there bool, err error) {
	end := time.Now().Add(s.patience)
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		var one int
		err = s.db.QueryRowContext(ctx, "SELECT 1 FROM om_writes WHERE token = ? LOCK IN SHARE MODE", token).Scan(&one)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, sql.ErrNoRows):
			return false, nil
		case number(err) == errLockWait:
			s.killWriter(ctx, token)
		}
		if time.Now().After(end) {
			return false, err
		}
		if stopped := s.pause(ctx, pause); stopped != nil {
			return false, fmt.Errorf("%w (%w)", stopped, err)
		}
	}
}

// killWriter ends the connection whose transaction still holds the token's row, which a dirty read shows. Its failure
// shows in the next reading.
func (s *mysqlStore) killWriter(ctx context.Context, token []byte) {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadUncommitted})
	if err != nil {
		return
	}
	var conn int64
	if tx.QueryRowContext(ctx, "SELECT conn FROM om_writes WHERE token = ?", token).Scan(&conn) == nil {
		_, _ = tx.ExecContext(ctx, fmt.Sprintf("KILL %d", conn)) // KILL takes no placeholder
	}
	_ = tx.Rollback()
}

// readOnly asks for the cause of a connection that the driver gave up: it does so at a read-only server's refusal.
func readOnly(ctx context.Context, db *sql.DB) bool {
	var on bool
	return db.QueryRowContext(ctx, "SELECT @@global.read_only").Scan(&on) == nil && on
}

func (s *mysqlStore) pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stop:
		return errClosed
	}
}

func newToken() []byte {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return b
}
