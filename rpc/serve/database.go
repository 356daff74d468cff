package serve

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"omanager/app/problem"
	"omanager/data/config"
	"omanager/data/store"
)

// Use is what a data folder's database is opened for.
type Use int

// The uses.
const (
	Beside Use = iota // to read or change something beside a control server that may be running
	Make              // to make the first operator
	Alone             // to be the database's only control server
)

// OpenStore opens the database that the data folder's omserver.ini names: the legacy keys of [db], or with an empty
// db_ip the file omanager.db. Every program that touches a folder's database comes through here. Its problems are
// data_folder, db_settings, db_open, db_unreachable, db_read_only and db_in_use.
func OpenStore(ctx context.Context, dir string, use Use) (store.Store, error) {
	set, err := readSettings(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return openStore(ctx, dir, set.DB, use, 0)
}

func openStore(ctx context.Context, dir string, db config.DB, use Use, patience time.Duration) (store.Store, error) {
	if db.IP == "" {
		return openFile(ctx, dir, use)
	}
	c, err := mysqlConfig(dir, db)
	if err != nil {
		return nil, err
	}
	c.Alone, c.Patience = use == Alone, patience
	st, err := store.OpenMySQL(ctx, c)
	if err != nil {
		return nil, openProblem(err, db)
	}
	return st, nil
}

func openFile(ctx context.Context, dir string, use Use) (store.Store, error) {
	path := filepath.Join(dir, "omanager.db")
	if _, err := os.Stat(path); err != nil && use == Beside {
		return nil, problem.Wrap(err, "data_folder", "dir", dir, "cause", "it holds no omanager.db")
	}
	st, err := store.OpenSQLite(ctx, path)
	if err != nil {
		return nil, problem.Wrap(err, "data_folder", "dir", dir, "cause", "its database does not open: "+err.Error())
	}
	return st, nil
}

// mysqlConfig reads db_ip as a host, host:port or the absolute path of a socket.
func mysqlConfig(dir string, db config.DB) (store.MySQLConfig, error) {
	c := store.MySQLConfig{User: db.User, Pass: db.Pass, Name: db.Name, Verify: db.TLS == "verify", CA: below(dir, db.CA)}
	cause := ""
	switch {
	case db.Name == "":
		cause = "db_name is empty"
	case db.User == "":
		cause = "db_user is empty"
	case strings.HasPrefix(db.IP, "/"):
		c.Socket = db.IP
	case net.ParseIP(db.IP) != nil:
		c.Addr = net.JoinHostPort(db.IP, "3306")
	default:
		c.Addr = db.IP
		if _, port, err := net.SplitHostPort(db.IP); err != nil && strings.Contains(db.IP, ":") || err == nil && port == "" {
			cause = "db_ip is \"" + db.IP + "\", which is neither a host, host:port nor the path of a socket"
		}
	}
	if cause != "" {
		return c, problem.New("db_settings", "file", filepath.Join(dir, "omserver.ini"), "cause", cause)
	}
	return c, nil
}

func openProblem(err error, db config.DB) error {
	args := []string{"name", db.Name, "addr", db.IP, "cause", err.Error()}
	switch {
	case errors.Is(err, store.ErrHeld):
		return problem.Wrap(err, "db_in_use", args...)
	case errors.Is(err, store.ErrReadOnly):
		return problem.Wrap(err, "db_read_only")
	case errors.Is(err, store.ErrUnreachable):
		return problem.Wrap(err, "db_unreachable", args...)
	}
	return problem.Wrap(err, "db_open", args...)
}

// storePlace is what the settings say of where results lie, for messages.
func storePlace(dir string, db config.DB) string {
	if db.IP == "" {
		return filepath.Join(dir, "omanager.db")
	}
	return "database " + db.Name + " at " + db.IP
}
