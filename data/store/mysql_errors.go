package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// Error numbers of the server, by what follows from them.
const (
	errDuplicate    = 1062
	errNoParent     = 1452
	errHasChild     = 1451
	errDiskFull     = 1021
	errTableFull    = 1114
	errFileWrite    = 1026
	errFromEngine   = 1030
	errAtCommit     = 1180
	errReadTable    = 1036
	errOption       = 1290
	errReadTx       = 1792
	errReadMode     = 1836
	errReadEngine   = 1874
	errTooMany      = 1040
	errShutdown     = 1053
	errKilled       = 1927
	errLockWait     = 1205
	errDeadlock     = 1213
	errAborting     = 1152
	errUserTooMany  = 1203
	errStmtUnknown  = 1243
	errQueryStopped = 1317
)

func number(err error) uint16 {
	if me, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return me.Number
	}
	return 0
}

// mysqlErr turns what the driver says into the package's errors, keeping its text.
func mysqlErr(err error) error {
	switch number(err) {
	case 0:
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if lostConnection(err) && !errors.Is(err, ErrUnknown) {
			return fmt.Errorf("%w: %w", ErrUnreachable, err)
		}
	case errDuplicate:
		return fmt.Errorf("%w: %w", ErrExists, err)
	case errNoParent:
		return fmt.Errorf("what it belongs to is %w: %w", ErrNotFound, err)
	case errHasChild:
		return fmt.Errorf("%w: %w", ErrInUse, err)
	case errDiskFull, errTableFull:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case errFileWrite, errFromEngine, errAtCommit:
		if noSpaceText(err.Error()) {
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
	case errReadTable, errOption, errReadTx, errReadMode, errReadEngine:
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return err
}

// noSpaceText knows the ways in which the servers pass ENOSPC on.
func noSpaceText(text string) bool {
	for _, t := range []string{"No space left", "errno: 28", "error 28", "error number 28"} {
		if strings.Contains(text, t) {
			return true
		}
	}
	return false
}

// passing reports whether the same transaction may well succeed a little later.
func passing(err error) bool {
	switch number(err) {
	case errTooMany, errUserTooMany, errShutdown, errKilled, errLockWait, errDeadlock, errAborting, errStmtUnknown, errQueryStopped:
		return true
	}
	return lostConnection(err)
}

// lostConnection reports whether the server could not be asked or did not answer.
func lostConnection(err error) bool {
	var op *net.OpError
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, io.EOF) || errors.As(err, &op)
}

// guardAudit makes the database itself refuse to change or remove records. An account that may not make triggers works
// without: the chain shows what was done.
func guardAudit(ctx context.Context, db *sql.DB) error {
	var there int
	if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM information_schema.TRIGGERS
		WHERE TRIGGER_SCHEMA = DATABASE() AND TRIGGER_NAME IN ('om_audit_stays', 'om_audit_kept')`).Scan(&there); err != nil || there == 2 {
		return err
	}
	for _, statement := range []string{
		`CREATE TRIGGER om_audit_stays BEFORE UPDATE ON om_audit FOR EACH ROW
			SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'records of the operation log are not changed'`,
		`CREATE TRIGGER om_audit_kept BEFORE DELETE ON om_audit FOR EACH ROW
			IF OLD.seq > (SELECT COALESCE(MAX(count), 0) FROM om_checkpoints WHERE stub = 1) THEN
				SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'records of the operation log are removed by retention only';
			END IF`,
	} {
		_, err := db.ExecContext(ctx, statement)
		if e := (*mysql.MySQLError)(nil); errors.As(err, &e) {
			switch e.Number {
			case 1359, 1235, 1142, 1044, 1227, 1419: // it is there, or may not be made
				continue
			}
		}
		if err != nil {
			return fmt.Errorf("guard the operation log: %w", err)
		}
	}
	return nil
}
