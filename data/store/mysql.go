package store

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/mysql/*.sql
var mysqlMigrations embed.FS

const (
	mysqlPrefix      = "om_"
	mysqlConnections = 16
	dialTimeout      = 10 * time.Second
	answerTimeout    = 30 * time.Second
	schemaTimeout    = 10 * time.Minute // one statement of a migration
)

const mysqlOldLog = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'om_log'"

const mysqlUpsert = `ON DUPLICATE KEY UPDATE password=VALUES(password), public_key=VALUES(public_key),
	privileges=VALUES(privileges), disabled=VALUES(disabled), one_time=VALUES(one_time), created=VALUES(created), legacy_key=VALUES(legacy_key)`

// MySQLConfig says where the database is. Over the network TLS is used if the server has it; without Verify its
// certificate is not checked, so the path to it must be trusted.
type MySQLConfig struct {
	Addr   string // host or host:port
	Socket string // path of a Unix socket, instead of Addr
	User   string
	Pass   string
	Name   string // the database; it must exist
	Verify bool   // over the network: only with TLS, and a certificate for the host that an authority vouches for
	CA     string // PEM file of the authorities; empty means the system's
	// Alone makes this the database's one control server until Close: ErrHeld if there is another. A store that is not
	// alone may write beside it.
	Alone bool
	// Patience is how long a write waits for a server that is away, and again for its answer; 0 means 20 s.
	Patience time.Duration

	holdEvery time.Duration // for tests
}

// mysqlStore keeps everything in tables om_* of a MySQL or MariaDB database, beside whatever else is in it. A write
// rides out a short absence of the server; see mysql_write.go.
type mysqlStore struct {
	shared

	db       *sql.DB
	token    *sql.Stmt
	hold     *hold   // nil unless alone
	old      *oldLog // nil without one
	written  atomic.Int64
	patience time.Duration // how long a write waits for a server that is away, and again for its answer

	stop    chan struct{} // closed by Close: nobody waits for the server any more
	gate    sync.RWMutex  // held for reading by each write
	gone    bool
	closing sync.Once
	closed  error
}

// OpenMySQL connects, brings the schema up to date and checks that the server keeps what it acknowledges. It needs
// MariaDB 10.2 or MySQL 5.7 or newer and all rights on the one database.
func OpenMySQL(ctx context.Context, c MySQLConfig) (Store, error) {
	s := &mysqlStore{stop: make(chan struct{}), patience: cmp.Or(c.Patience, patience)}
	s.dialect = dialect{prefix: mysqlPrefix, oldLog: mysqlOldLog, forUpdate: " FOR UPDATE", upsert: mysqlUpsert, commit: s.write, named: mysqlErr}
	if err := s.open(ctx, c); err != nil {
		return nil, fmt.Errorf("open store %s at %s: %w", c.Name, c.Addr+c.Socket, errors.Join(mysqlErr(err), s.Close()))
	}
	return s, nil
}

func (s *mysqlStore) open(ctx context.Context, c MySQLConfig) (err error) {
	if err := prepareSchema(ctx, c); err != nil {
		return err
	}
	if s.db, err = connect(c, answerTimeout); err != nil {
		return err
	}
	s.db.SetMaxOpenConns(mysqlConnections)
	s.db.SetMaxIdleConns(mysqlConnections)
	s.db.SetConnMaxLifetime(3 * time.Minute)
	s.db.SetConnMaxIdleTime(time.Minute) // less than wait_timeout
	if s.maxBlob, err = checkServer(ctx, s.db); err != nil {
		return err
	}
	mark := "INSERT INTO om_writes (token, conn) VALUES (?, CONNECTION_ID())"
	if c.Alone {
		mark = "INSERT INTO om_writes (token, conn) SELECT ?, CONNECTION_ID() FROM om_server WHERE id = 1 AND epoch = ? LOCK IN SHARE MODE"
		if s.hold, err = takeHold(ctx, c); err != nil {
			return err
		}
	}
	if s.token, err = s.db.PrepareContext(ctx, mark); err != nil {
		return err
	}
	if s.old, err = openOldLog(ctx, s.db); err != nil {
		return err
	}
	if err := s.prepare(ctx, s.db, s.db); err != nil {
		return err
	}
	if err := guardAudit(ctx, s.db); err != nil {
		return err
	}
	return s.chainOld(ctx)
}

// connect makes the pool; nothing is dialled yet.
func connect(c MySQLConfig, answer time.Duration) (_ *sql.DB, err error) {
	d := mysql.NewConfig()
	d.User, d.Passwd, d.DBName = c.User, c.Pass, c.Name
	switch {
	case c.Name == "":
		return nil, errors.New("no database is named")
	case c.Socket != "":
		d.Net, d.Addr = "unix", c.Socket
	case c.Verify:
		d.Net, d.Addr = "tcp", c.Addr
		if d.TLS, err = verified(c); err != nil {
			return nil, err
		}
	default:
		d.Net, d.Addr, d.TLSConfig = "tcp", c.Addr, "preferred"
	}
	d.Timeout, d.ReadTimeout, d.WriteTimeout = dialTimeout, answer, answerTimeout
	d.RejectReadOnly = true  // after a failover the next connection may lead to the new primary
	d.ClientFoundRows = true // an UPDATE that changes nothing still found its row
	d.ParseTime = true       // goose reads a timestamp
	d.MaxAllowedPacket = 0   // what the server allows
	d.Logger = &mysql.NopLogger{}
	d.Params = map[string]string{ // of the session, whatever the server's defaults are
		"sql_mode":                 "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
		"foreign_key_checks":       "1",
		"innodb_lock_wait_timeout": "3",
		"wait_timeout":             "120", // a transaction whose client vanished ends by itself
	}
	made, err := mysql.NewConnector(d)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(made), nil
}

// verified is TLS that refuses a server without a certificate for its host name.
func verified(c MySQLConfig) (*tls.Config, error) {
	host := c.Addr
	if h, _, err := net.SplitHostPort(c.Addr); err == nil {
		host = h
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if c.CA == "" {
		return t, nil
	}
	pem, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, fmt.Errorf("read db_ca: %w", err)
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("db_ca %s holds no certificate", c.CA)
	}
	return t, nil
}

// prepareSchema lets one process at a time migrate the database.
func prepareSchema(ctx context.Context, c MySQLConfig) (err error) {
	db, err := connect(c, schemaTimeout)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	lock, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }() // which frees the lock, because the pool is closed next
	var got sql.NullInt64
	if err := lock.QueryRowContext(ctx, "SELECT GET_LOCK(LEFT(CONCAT('omanager.', DATABASE()), 64), 60)").Scan(&got); err != nil {
		return err
	}
	if got.Int64 != 1 {
		return errors.New("another process is changing its schema; try again when that has ended")
	}
	if err := mendSchema(ctx, db); err != nil {
		return err
	}
	err = migrate(ctx, db, goose.DialectMySQL, mysqlMigrations, "migrations/mysql", goose.WithTableName("om_schema"))
	if lostConnection(err) && readOnly(ctx, db) {
		return ErrReadOnly
	}
	return err
}

// mendSchema removes the table of versions that a program made which was killed before it wrote the first into it.
func mendSchema(ctx context.Context, db *sql.DB) error {
	var tables, versions int
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_name = 'om_schema'`).Scan(&tables)
	if err != nil || tables == 0 {
		return err
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM om_schema").Scan(&versions); err != nil || versions > 0 {
		return err
	}
	_, err = db.ExecContext(ctx, "DROP TABLE om_schema")
	return err
}

// checkServer refuses a server that acknowledges before the data is on its disk; it gives the longest value that can
// be stored.
func checkServer(ctx context.Context, db *sql.DB) (maxBlob int, err error) {
	var flush, binlog, syncBinlog, packet int
	err = db.QueryRowContext(ctx, `SELECT @@global.innodb_flush_log_at_trx_commit, @@global.log_bin, @@global.sync_binlog,
		@@global.max_allowed_packet`).Scan(&flush, &binlog, &syncBinlog, &packet)
	switch {
	case err != nil:
		return 0, err
	case flush != 1:
		return 0, fmt.Errorf("its innodb_flush_log_at_trx_commit is %d: results would be lost at a power cut; set it to 1", flush)
	case binlog != 0 && syncBinlog != 1:
		return 0, fmt.Errorf("its sync_binlog is %d: results would be lost at a power cut; set it to 1", syncBinlog)
	case packet < 1<<20:
		return 0, fmt.Errorf("its max_allowed_packet is %d; set it to 16777216 or more", packet)
	}
	return min(maxData, packet-64<<10), nil
}

// Close is safe to call more than once. Writes under way end first, but none waits for an absent server.
func (s *mysqlStore) Close() error {
	s.closing.Do(func() {
		close(s.stop)
		s.gate.Lock()
		s.gone = true
		s.gate.Unlock()
		s.closed = s.release()
		if s.token != nil {
			s.closed = errors.Join(s.closed, s.token.Close())
		}
		if s.db != nil {
			s.closed = errors.Join(s.closed, s.db.Close())
		}
		s.closed = errors.Join(s.closed, s.hold.close()) // last: until now its writes were guarded
	})
	return s.closed
}
