package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const (
	holdEvery = 5 * time.Second // how often the lock's connection is looked after
	holdWait  = time.Second     // for the lock of a process that is just ending
	holdLife  = 30              // s; the lock of a machine that vanished is free after this
	holdName  = "LEFT(CONCAT('omanager.serve.', DATABASE()), 64)"
)

// hold is the right to be the only control server of a database. A lock that ends with its connection refuses a second
// one that starts while the first runs. The epoch, which every new holder raises and every transaction of a holder reads
// under a shared lock, refuses the first's writes for good if a second got in while the first had lost its connection.
type hold struct {
	db    *sql.DB
	conn  *sql.Conn // holds the lock; nil while it is lost
	epoch int64
	stop  context.CancelFunc
	ended chan struct{} // closed when nobody looks after it any more
}

// takeHold gets the lock and a new epoch, or ErrHeld.
func takeHold(ctx context.Context, c MySQLConfig) (*hold, error) {
	db, err := connect(c, answerTimeout)
	if err != nil {
		return nil, err
	}
	db.SetMaxIdleConns(-1) // a connection that is given back is closed, and its lock is free
	h := &hold{db: db, ended: make(chan struct{})}
	if err := h.lock(ctx, holdWait); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := h.raise(ctx); err != nil {
		if lostConnection(err) && readOnly(ctx, db) {
			err = ErrReadOnly
		}
		return nil, errors.Join(err, h.conn.Close(), db.Close())
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.stop = stop
	go h.keep(work, cmp.Or(c.holdEvery, holdEvery))
	return h, nil
}

func (h *hold) lock(ctx context.Context, wait time.Duration) error {
	conn, err := h.db.Conn(ctx)
	if err != nil {
		return err
	}
	var got sql.NullInt64
	if _, err = conn.ExecContext(ctx, "SET SESSION wait_timeout = ?", holdLife); err == nil {
		err = conn.QueryRowContext(ctx, "SELECT GET_LOCK("+holdName+", ?)", wait.Seconds()).Scan(&got)
	}
	if err == nil && got.Int64 != 1 {
		err = fmt.Errorf("%w (%s)", ErrHeld, holder(ctx, conn))
	}
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	h.conn = conn
	return nil
}

// holder names the other process as well as the database server lets it be known.
func holder(ctx context.Context, conn *sql.Conn) string {
	var id sql.NullInt64
	var host string
	if conn.QueryRowContext(ctx, "SELECT IS_USED_LOCK("+holdName+")").Scan(&id) != nil || !id.Valid {
		return "which has just ended"
	}
	if conn.QueryRowContext(ctx, "SELECT host FROM information_schema.processlist WHERE id = ?", id.Int64).Scan(&host) != nil {
		host = "an unknown host"
	}
	return fmt.Sprintf("connection %d from %s", id.Int64, host)
}

// raise waits for the transactions of the holder before.
func (h *hold) raise(ctx context.Context) error {
	end := time.Now().Add(patience)
	for {
		res, err := h.conn.ExecContext(ctx, "UPDATE om_server SET epoch = LAST_INSERT_ID(epoch + 1) WHERE id = 1")
		if err == nil {
			h.epoch, err = res.LastInsertId()
			return err
		}
		if number(err) != errLockWait || time.Now().After(end) {
			return err
		}
	}
}

// keep takes the lock again whenever its connection is lost, until the context ends or another process has been faster.
func (h *hold) keep(ctx context.Context, every time.Duration) {
	defer close(h.ended)
	t := time.NewTicker(every)
	defer t.Stop()
	for !h.lostForGood(ctx) {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

func (h *hold) lostForGood(ctx context.Context) bool {
	if h.conn != nil {
		if h.conn.PingContext(ctx) == nil || ctx.Err() != nil {
			return false
		}
		h.letGo()
	}
	if h.lock(ctx, 0) != nil {
		return false // the next time
	}
	var epoch int64
	err := h.conn.QueryRowContext(ctx, "SELECT epoch FROM om_server WHERE id = 1").Scan(&epoch)
	if err == nil && epoch == h.epoch {
		return false
	}
	h.letGo()
	return err == nil
}

func (h *hold) letGo() {
	_ = h.conn.Close() // broken, or of no use
	h.conn = nil
}

func (h *hold) close() error {
	if h == nil {
		return nil
	}
	h.stop()
	<-h.ended
	if h.conn != nil {
		h.letGo()
	}
	return h.db.Close()
}
