package store_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"omanager/app/audit"
	"omanager/app/job"
	"omanager/data/store/mariadb"
	"omanager/data/store/storetest"
)

// TestG05FullDiskOfTheDatabase fills the file system of a real server: the store says so, keeps what it acknowledged,
// and goes on when there is room again.
func TestG05FullDiskOfTheDatabase(t *testing.T) {
	mariaServer(t) // skips without MariaDB
	if os.Getuid() != 0 {
		t.Skip("SKIP: a small file system can only be mounted by root")
	}
	dir, err := os.MkdirTemp("", "om-full-") //nolint:usetesting // a socket's path must be short
	ok(t, err)
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=160m"); err != nil {
		ok(t, os.Remove(dir))
		t.Skipf("SKIP: no small file system here: %v", err)
	}
	t.Cleanup(func() { // the kernel may still be closing files of the killed server
		ok(t, syscall.Unmount(dir, syscall.MNT_DETACH))
		ok(t, os.Remove(dir))
	})
	s, err := mariadb.Start(t.Context(), mariadb.Options{Dir: dir})
	ok(t, err)
	t.Cleanup(func() { ok(t, s.Close()) })
	st := openMySQL(t, s, s.Socket)
	ok(t, st.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{}))
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast, dir)
	var kept []job.Event
	var full error // the events are small: at a large one MariaDB 10.11 ends itself, out of space in its rollback
	for full == nil {
		got, err := st.AppendEvents(t.Context(), "j", []job.Event{{Host: "a", Kind: job.Output, Data: noise(t, 4<<10)}})
		full = err
		kept = append(kept, got...)
	}
	if !isFull(full) {
		t.Fatalf("the full disk is reported as %v", full)
	}
	compare(t, st, kept)
	ok(t, os.Remove(ballast))
	got, err := st.AppendEvents(t.Context(), "j", []job.Event{{Host: "a", Kind: job.Output, Data: noise(t, 4<<10)}})
	if err != nil {
		t.Fatalf("after room was made: %v", err)
	}
	kept = append(kept, got...)
	ok(t, s.Kill())
	ok(t, s.Restart(t.Context()))
	compare(t, st, kept)
	ok(t, st.Close())
}

// fill leaves a few megabytes.
func fill(t *testing.T, ballast, dir string) {
	t.Helper()
	var fs syscall.Statfs_t
	ok(t, syscall.Statfs(dir, &fs))
	ok(t, os.WriteFile(ballast, make([]byte, int64(fs.Bavail)*fs.Bsize-4<<20), 0o600))
}
