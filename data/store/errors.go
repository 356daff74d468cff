package store

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// mapErr turns what the driver says into the package's errors, keeping its text.
func (s *sqlite) mapErr(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	var se *driver.Error
	if !errors.As(err, &se) {
		return fileError(err)
	}
	switch code := se.Code(); {
	case code == codes.SQLITE_CONSTRAINT_PRIMARYKEY || code == codes.SQLITE_CONSTRAINT_UNIQUE || code == codes.SQLITE_CONSTRAINT_ROWID:
		return fmt.Errorf("%w: %w", ErrExists, err)
	case code == codes.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fmt.Errorf("what it belongs to is %w: %w", ErrNotFound, err)
	case code&0xff == codes.SQLITE_FULL:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case code&0xff == codes.SQLITE_IOERR && noSpace(filepath.Dir(s.path)):
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

func fileError(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
