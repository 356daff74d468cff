package store

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"

	"omanager/app/account"
	"omanager/app/audit"
)

const errNoTable = 1146

// Tables is what package legacy needs of a MySQL store to take over the tables of the earlier system beside it.
type Tables struct{ s *mysqlStore }

// TablesOf is false for a store that has no room for legacy tables.
func TablesOf(st Store) (Tables, bool) {
	s, ok := st.(*mysqlStore)
	return Tables{s}, ok
}

// DB is the store's pool, for reading and for statements that make up a transaction of their own.
func (t Tables) DB() *sql.DB { return t.s.db }

// Named turns what the driver says into the package's errors.
func (t Tables) Named(err error) error { return t.s.named(err) }

// Commit runs f in one transaction as every write of the store: it is safe when it returns nil, and f may run again.
func (t Tables) Commit(ctx context.Context, what string, f func(ctx context.Context, tx *sql.Tx) error) error {
	return t.s.commit(ctx, what, func(ctx context.Context, tx txn) error { return f(ctx, tx.Tx) })
}

// Log adds to the operation log, and to it alone.
func (t Tables) Log(ctx context.Context, tx *sql.Tx, entries ...audit.Entry) error {
	return t.s.chain(ctx, txn{Tx: tx, prefix: t.s.prefix}, entries...)
}

// PutOperator inserts or replaces an operator.
func (t Tables) PutOperator(ctx context.Context, tx *sql.Tx, o account.Operator) error {
	return t.s.putOperator(ctx, txn{Tx: tx, prefix: t.s.prefix}, o)
}

// oldLog is the legacy table user_logs, once it has been taken over: old reports go on reading it.
type oldLog struct{ gone atomic.Bool }

// openOldLog gives nil where there is no such table or it has not been mended.
func openOldLog(ctx context.Context, db *sql.DB) (*oldLog, error) {
	var n int
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND
		table_name = 'user_logs' AND (column_name = 'user' AND column_type = 'varchar(64)' OR
		column_name = 'event' AND data_type = 'mediumtext')`).Scan(&n)
	if err != nil || n != 2 {
		return nil, err
	}
	return &oldLog{}, nil
}

// write adds what the earlier system wrote there: logins, logouts and runs. The row's number is noted, so that it is
// not taken for a row of the earlier system. A table that was dropped is not missed.
func (o *oldLog) write(ctx context.Context, tx txn, e audit.Entry) error {
	if o == nil || o.gone.Load() {
		return nil
	}
	event, err := oldEvent(ctx, tx, e)
	if err != nil || event == "" {
		return err
	}
	at := e.Time.Unix()
	if at < 1 || at > 1<<31-1 { // what a timestamp holds
		at = time.Now().Unix()
	}
	res, err := tx.exec(ctx, "INSERT INTO user_logs (user, event, Datatime) VALUES (?, ?, FROM_UNIXTIME(?))", clip(text(e.Operator), 64), event, at)
	if number(err) == errNoTable {
		o.gone.Store(true)
		return nil
	}
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, "INSERT INTO @legacy_logs (id) VALUES (?)", id)
	return err
}

// oldEvent is the text of 2014 for an entry; empty for what was not logged then.
func oldEvent(ctx context.Context, tx txn, e audit.Entry) (string, error) {
	switch e.Event {
	case audit.EventLogin:
		return "登录 " + text(e.Source), nil
	case audit.EventLogout:
		return "注销 " + text(e.Source), nil
	case audit.EventJobStart:
		return oldRun(ctx, tx, e.Job)
	}
	return "", nil
}

// oldRun names the module and the servers of a job that this transaction stores.
func oldRun(ctx context.Context, tx txn, id string) (string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT j.module, t.addr FROM om_jobs j JOIN om_targets t ON t.job = j.n
		WHERE j.id = ? ORDER BY t.ord`, id)
	module, servers := "", ""
	_, err = collect(rows, err, func(r scanner) (string, error) {
		var addr string
		err := r.Scan(&module, &addr)
		servers += "," + addr
		return addr, err
	})
	if err != nil || servers == "" {
		return "", err
	}
	return "运行 " + text(module) + " " + text(servers[1:]), nil
}

// clip keeps the first characters.
func clip(s string, most int) string {
	for i := range s {
		if most--; most < 0 {
			return s[:i]
		}
	}
	return s
}
