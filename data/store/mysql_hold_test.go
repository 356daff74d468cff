package store_test

import (
	"errors"
	"testing"
	"time"

	"omanager/app/audit"
	"omanager/app/job"
	"omanager/data/store"
	"omanager/data/store/mariadb"
	"omanager/data/store/storetest"
)

const lockHolder = `SELECT IS_USED_LOCK('omanager.serve.OManager')`

func aloneConfig(s *mariadb.Server) store.MySQLConfig {
	c := store.LookAfter(mysqlConfig(s), 20*time.Millisecond)
	c.Alone = true
	return c
}

// TestG17OneServerADatabase: a second control server is refused while the first runs, also after the first's lock was
// lost and taken again; a program beside it is not; and when the first ends the second may begin.
func TestG17OneServerADatabase(t *testing.T) {
	s := mariaServer(t)
	ok(t, s.Create(t.Context(), "OManager"))
	first := openWith(t, aloneConfig(s))
	refused := func() {
		t.Helper()
		second, err := store.OpenMySQL(t.Context(), aloneConfig(s))
		if !errors.Is(err, store.ErrHeld) {
			t.Fatalf("a second server: %v", err)
		}
		if second != nil {
			t.Fatal("it was given a store")
		}
	}
	refused()
	killLock(t, s)
	awaitLock(t, s)
	refused()
	ok(t, s.Kill())
	ok(t, s.Restart(t.Context()))
	awaitLock(t, s)
	refused()
	ok(t, first.Log(t.Context(), audit.Entry{Event: "first"}))
	ok(t, openWith(t, mysqlConfig(s)).Log(t.Context(), audit.Entry{Event: "beside"}))
	ok(t, first.Close())
	ok(t, openWith(t, aloneConfig(s)).Log(t.Context(), audit.Entry{Event: "second"}))
}

// TestG17TakenOver: while the first has lost its lock a second gets in. From then on nothing of the first is stored,
// whatever it had begun; the same without the guard is stored.
func TestG17TakenOver(t *testing.T) {
	s := mariaServer(t)
	ok(t, s.Create(t.Context(), "OManager"))
	c := store.LookAfter(aloneConfig(s), time.Hour) // it does not notice
	first := openWith(t, c)
	unguarded := openWith(t, mysqlConfig(s))
	ok(t, first.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{}))
	killLock(t, s)
	second := openWith(t, aloneConfig(s))
	ev := []job.Event{{Kind: job.Output, Host: "a"}}
	if _, err := first.AppendEvents(t.Context(), "j", ev); !errors.Is(err, store.ErrReplaced) {
		t.Errorf("events of the first: %v", err)
	}
	if err := first.Log(t.Context(), audit.Entry{}); !errors.Is(err, store.ErrReplaced) {
		t.Errorf("the first's log: %v", err)
	}
	got, err := second.AppendEvents(t.Context(), "j", ev)
	if err != nil || got[0].Seq != 1 {
		t.Errorf("the second: %+v, %v", got, err)
	}
	if _, err := unguarded.AppendEvents(t.Context(), "j", ev); err != nil {
		t.Errorf("without the guard: %v", err)
	}
	ok(t, second.Close())
	if err := first.Log(t.Context(), audit.Entry{}); !errors.Is(err, store.ErrReplaced) {
		t.Errorf("the first after the second ended: %v", err)
	}
}

func killLock(t *testing.T, s *mariadb.Server) {
	t.Helper()
	db := root(t, s)
	var id int64
	ok(t, db.QueryRow(lockHolder).Scan(&id))
	_, err := db.Exec("KILL ?", id)
	ok(t, err)
	for id == lockOf(t, s) {
		time.Sleep(time.Millisecond) // the server ends it soon
	}
}

func lockOf(t *testing.T, s *mariadb.Server) int64 {
	t.Helper()
	var id *int64
	ok(t, root(t, s).QueryRow(lockHolder).Scan(&id))
	if id == nil {
		return 0
	}
	return *id
}

func awaitLock(t *testing.T, s *mariadb.Server) {
	t.Helper()
	for lockOf(t, s) == 0 && t.Context().Err() == nil {
		time.Sleep(5 * time.Millisecond) // pace of the question, not a limit
	}
}
