package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"omanager/app/audit"
	"omanager/app/job"
	"omanager/data/store"
	"omanager/data/store/storetest"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("OMANAGER_STORE_CHILD"); path != "" {
		os.Exit(appendForever(path))
	}
	code := m.Run()
	if err := closeMaria(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func openAt(t testing.TB, path string) store.Store {
	t.Helper()
	s, err := store.OpenSQLite(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return openAt(t, filepath.Join(t.TempDir(), "om.db")) })
}

func TestReopenKeepsEverythingAndGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "odd name #1 %41?&数据;.db")
	s := openAt(t, path)
	if err := s.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{Event: "x"}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		got, err := s.AppendEvents(t.Context(), "j", []job.Event{{Kind: job.Output}, {Kind: job.Output}})
		if err != nil || got[1].Seq != int64(2*i+2) {
			t.Fatalf("%+v, %v", got, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openAt(t, path)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
}

// TestTwoStoresOnOneFile: another process may append to the same job; the cached place is then stale.
func TestTwoStoresOnOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "om.db")
	a, b := openAt(t, path), openAt(t, path)
	if err := a.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{}); err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		s := []store.Store{a, b}[i%2]
		got, err := s.AppendEvents(t.Context(), "j", []job.Event{{Kind: job.Output}})
		if err != nil || got[0].Seq != int64(i+1) {
			t.Fatalf("append %d: %+v, %v", i, got, err)
		}
	}
}

func TestFileModes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "om.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, path)
	if err := s.Log(t.Context(), audit.Entry{Event: "x"}); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{path, path + "-wal", path + "-shm"} {
		fi, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		if fi.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f, fi.Mode())
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	junk := filepath.Join(dir, "junk.db")
	if err := os.WriteFile(junk, bytes.Repeat([]byte("not a database. "), 500), 0o600); err != nil {
		t.Fatal(err)
	}
	newer := filepath.Join(dir, "newer.db")
	if err := openAt(t, newer).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", newer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	for path, text := range map[string]string{
		junk: "not a database", newer: "newer program", filepath.Join(dir, "no", "folder.db"): "no such file", dir: "directory",
	} {
		s, err := store.OpenSQLite(t.Context(), path)
		if err == nil {
			s.Close()
			t.Errorf("%s was opened", path)
		} else if !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestG16DamageIsFound spoils one page in the middle of a filled file.
func TestG16DamageIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "om.db")
	s := openAt(t, path)
	for i := range 500 {
		if err := s.Log(t.Context(), audit.Entry{Event: "login", Detail: strings.Repeat("x", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(b[len(b)-3*4096:], bytes.Repeat([]byte{0xa5}, 4096))
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := store.OpenSQLite(t.Context(), path); err == nil {
		s.Close()
		t.Fatal("a damaged file was opened")
	}
}

func TestDataIsPackedAndSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "om.db")
	s := openAt(t, path)
	if err := s.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{}); err != nil {
		t.Fatal(err)
	}
	data := bytes.Repeat([]byte("the same line again\n"), 50_000)
	if _, err := s.AppendEvents(t.Context(), "j", []job.Event{{Kind: job.Output, Data: data}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	fi, err := os.Stat(path)
	if err != nil || fi.Size() > int64(len(data)/4) {
		t.Fatalf("%d bytes of output take %d in the file, %v", len(data), fi.Size(), err)
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, batch := range []int{1, 50, 500} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			s := openAt(b, filepath.Join(b.TempDir(), "om.db"))
			benchmarkAppend(b, s, batch)
		})
	}
}

func benchmarkAppend(b *testing.B, s store.Store, batch int) {
	b.Helper()
	ok(b, s.CreateJob(b.Context(), storetest.NewJob("j"), audit.Entry{}))
	ev := make([]job.Event, batch)
	for i := range ev {
		ev[i] = job.Event{Host: fmt.Sprintf("web%03d", i), Kind: job.Output, Time: time.Now(), Stream: job.Stdout, Data: []byte("one line of usual output, eighty characters or so, as a command prints it\n")}
	}
	for b.Loop() {
		if _, err := s.AppendEvents(b.Context(), "j", ev); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "events/s")
}

func isFull(err error) bool { return errors.Is(err, store.ErrFull) }
