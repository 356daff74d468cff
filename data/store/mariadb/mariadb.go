// Package mariadb runs a real MariaDB server for tests: in a folder of its own, on a Unix socket only, as durable as
// the store asks for. It can be killed, started again on the same data, and reached through a Proxy that cuts
// connections at COMMIT.
package mariadb

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// ErrMissing is wrapped by Start when the server is not installed.
var ErrMissing = errors.New("MariaDB's server is not on this machine (see packaging/deps.sh --test)")

// The account that Create gives rights to; it has no rights on the server as a whole.
const (
	User = "om"
	Pass = `p@ss:/?#[]&'"%\(=^;` //nolint:gosec // of a test server that only its test reaches
)

// Options says what to start. The zero value is a server in a folder of its own.
type Options struct {
	Dir  string   // an empty folder; empty makes a temporary one that Close removes. The socket's path must stay short.
	Args []string // more arguments for the server
}

// Server is a running MariaDB.
type Server struct {
	Dir    string
	Socket string

	program string
	args    []string
	ownsDir bool
	cmd     *exec.Cmd
	ended   chan struct{} // closed when the process is gone
}

// Start makes a new database folder and returns when the server accepts connections. ctx bounds the start only.
func Start(ctx context.Context, o Options) (*Server, error) {
	program, err := find("mariadbd")
	if err != nil {
		return nil, err
	}
	install, err := find("mariadb-install-db")
	if err != nil {
		return nil, err
	}
	s := &Server{Dir: o.Dir, program: program}
	if s.Dir == "" {
		if s.Dir, err = os.MkdirTemp("", "om-mariadb-"); err != nil {
			return nil, fmt.Errorf("start mariadb: %w", err)
		}
		s.ownsDir = true
	}
	if err := s.prepare(ctx, install, o.Args); err != nil {
		return nil, errors.Join(fmt.Errorf("start mariadb: %w", err), s.Close())
	}
	if err := s.Restart(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func find(name string) (string, error) {
	if p, err := exec.LookPath(name); err == nil {
		return p, nil
	}
	p, err := exec.LookPath(filepath.Join("/usr/sbin", name)) // not in an ordinary user's PATH
	if err != nil {
		return "", fmt.Errorf("look for %s: %w", name, ErrMissing)
	}
	return p, nil
}

func (s *Server) prepare(ctx context.Context, install string, more []string) error {
	s.Socket = filepath.Join(s.Dir, "sock")
	data := filepath.Join(s.Dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	s.args = []string{"--no-defaults", "--datadir=" + data, "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=16M", "--skip-name-resolve"}
	if os.Getuid() == 0 {
		account := "mysql"
		if _, err := user.Lookup(account); err != nil { // the core package makes no account
			account = "nobody"
		}
		s.args = append(s.args, "--user="+account)
		if err := give(account, s.Dir, data); err != nil {
			return err
		}
	}
	args := append(append([]string{}, s.args...), "--auth-root-authentication-method=normal", "--skip-test-db")
	if out, err := exec.CommandContext(ctx, install, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", install, err, out)
	}
	// Without native AIO no write of a killed server is still on its way when the next one starts.
	s.args = append(s.args, "--innodb-use-native-aio=0", "--socket="+s.Socket, "--skip-networking", "--pid-file="+filepath.Join(s.Dir, "pid"), "--tmpdir="+data,
		"--innodb-flush-log-at-trx-commit=1", "--performance-schema=OFF")
	s.args = append(s.args, more...)
	return nil
}

func give(name string, paths ...string) error {
	u, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	for _, p := range paths {
		if err := os.Chown(p, uid, gid); err != nil {
			return err
		}
	}
	return nil
}

// Restart starts the server on the data that is there, after a Kill, and returns when it accepts connections.
func (s *Server) Restart(ctx context.Context) error {
	cmd := exec.Command(s.program, s.args...)
	says, err := cmd.StderrPipe()
	if err != nil {
		return fmt.Errorf("start mariadb: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start mariadb: %w", err)
	}
	s.cmd, s.ended = cmd, make(chan struct{})
	ready := make(chan struct{})
	var last strings.Builder
	go func(ended chan struct{}) {
		defer close(ended)
		if lines := bufio.NewScanner(says); awaitReady(lines, &last) {
			close(ready)
		}
		_, _ = io.Copy(io.Discard, says)
		_ = cmd.Wait() // how it ended is known to whoever ended it
	}(s.ended)
	select {
	case <-ready:
		return nil
	case <-s.ended:
		return fmt.Errorf("start mariadb: it ended: %s", last.String())
	case <-ctx.Done():
		return fmt.Errorf("start mariadb: %w", ctx.Err())
	}
}

func awaitReady(lines *bufio.Scanner, last *strings.Builder) bool {
	for lines.Scan() {
		last.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "ready for connections") {
			return true
		}
	}
	return false
}

// Kill ends the server with SIGKILL and waits until it is gone.
func (s *Server) Kill() error {
	if s.cmd == nil {
		return nil
	}
	err := s.cmd.Process.Kill()
	<-s.ended
	s.cmd = nil
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill mariadb: %w", err)
	}
	return nil
}

// Close kills the server and removes a folder that Start made. It may be called again.
func (s *Server) Close() error {
	err := s.Kill()
	if s.ownsDir {
		err = errors.Join(err, os.RemoveAll(s.Dir))
		s.ownsDir = false
	}
	return err
}

// Create makes an empty database, dropping what had its name, and gives User all rights on it.
func (s *Server) Create(ctx context.Context, database string) error {
	return s.Exec(ctx, "DROP DATABASE IF EXISTS `"+database+"`", "CREATE DATABASE `"+database+"` CHARACTER SET utf8",
		"CREATE USER IF NOT EXISTS "+User+"@localhost IDENTIFIED BY '"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(Pass)+"'",
		"GRANT ALL ON `"+database+"`.* TO "+User+"@localhost")
}

// Exec runs statements as root.
func (s *Server) Exec(ctx context.Context, statements ...string) (err error) {
	db, err := s.Root("")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, st := range statements {
		if _, err := db.ExecContext(ctx, st); err != nil {
			return fmt.Errorf("%.80s: %w", st, err)
		}
	}
	return nil
}

// Root is a connection as root, to the database if one is named; the caller closes it.
func (s *Server) Root(database string) (*sql.DB, error) {
	c := mysql.NewConfig()
	c.User, c.Net, c.Addr, c.DBName = "root", "unix", s.Socket, database
	made, err := mysql.NewConnector(c)
	if err != nil {
		return nil, fmt.Errorf("reach mariadb: %w", err)
	}
	return sql.OpenDB(made), nil
}
