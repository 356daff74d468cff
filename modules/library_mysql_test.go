package modules

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omanager/data/store/mariadb"
)

// The questions to the database are asked of a real one, in which one statement waits for another's lock.
func TestDatabaseModulesOnMariaDB(t *testing.T) {
	if !needs(t, "mysql") {
		t.Skip("SKIPPED: the mysql client is not installed")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	server, err := mariadb.Start(ctx, mariadb.Options{})
	if errors.Is(err, mariadb.ErrMissing) {
		t.Skip("SKIPPED: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, ".my.cnf"), []byte("[client]\nuser=root\nsocket="+server.Socket+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", home)
	db, err := server.Root("")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, s := range []string{"CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB", "INSERT INTO shop.t VALUES (1, 1)"} {
		if _, err := db.ExecContext(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	for shell, run := range real(t) {
		good(t, shell, run("3303"), "no statement waits for a lock\n")
		good(t, shell, run("3304", "seconds=0"), "no write statement runs\n")
	}
	holder, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holder.ExecContext(ctx, "UPDATE shop.t SET v = 2 WHERE id = 1"); err != nil {
		t.Fatal(err)
	}
	waiter := make(chan error, 1)
	go func() {
		_, err := db.ExecContext(ctx, "UPDATE shop.t SET v = 3 WHERE id = 1")
		waiter <- err
	}()
	// InnoDB renews this table only when nobody read it for 0.1 s.
	pace := time.NewTicker(250 * time.Millisecond)
	defer pace.Stop()
	for n := 0; n == 0; <-pace.C {
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'").Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	for shell, run := range real(t) {
		good(t, shell, run("3303"), "\tUPDATE shop.t SET v = 3 WHERE id = 1\n")
		good(t, shell, run("3304", "seconds=0"), "\tUPDATE shop.t SET v = 3 WHERE id = 1\n")
		good(t, shell, run("3304", "seconds=86400"), "no write statement runs\n")
	}
	if err := errors.Join(holder.Rollback(), <-waiter); err != nil {
		t.Fatal(err)
	}
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	got := real(t)["sh"]("3303")
	wrong(t, "down", got, 1, "cannot be read: ERROR ")
	if strings.Contains(got.out, "no statement") {
		t.Errorf("a dead server looks idle: %+v", got)
	}
}
