package store_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"omanager/app/audit"
	"omanager/app/job"
	"omanager/data/store"
	"omanager/data/store/storetest"
)

func smallDisk(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("SKIP: a small file system can only be mounted by root")
	}
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("SKIP: no small file system here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

func noise(t *testing.T, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestG05FullDisk fills a real file system: the store says so, keeps what it acknowledged, and goes on when
// there is room again.
func TestG05FullDisk(t *testing.T) {
	dir := smallDisk(t)
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, noise(t, 512<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "om.db")
	s := openAt(t, path)
	if err := s.CreateJob(t.Context(), storetest.NewJob("j"), audit.Entry{}); err != nil {
		t.Fatal(err)
	}
	var kept []job.Event
	var full error
	for full == nil {
		got, err := s.AppendEvents(t.Context(), "j", []job.Event{{Host: "a", Kind: job.Output, Data: noise(t, 16<<10)}})
		full = err
		kept = append(kept, got...)
	}
	if !isFull(full) {
		t.Fatalf("the full disk is reported as %v", full)
	}
	if len(kept) < 5 {
		t.Fatalf("only %d events fitted", len(kept))
	}
	if err := s.CreateJob(t.Context(), bigJob("k"), audit.Entry{}); !isFull(err) {
		t.Errorf("a new job on the full disk: %v", err)
	}
	compare(t, s, kept)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	got, err := s.AppendEvents(t.Context(), "j", []job.Event{{Host: "a", Kind: job.Output, Data: noise(t, 16<<10)}})
	if err != nil {
		t.Fatalf("after room was made: %v", err)
	}
	kept = append(kept, got...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	compare(t, s, kept)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestG05OpenOnFullDisk(t *testing.T) {
	dir := smallDisk(t)
	_ = os.WriteFile(filepath.Join(dir, "ballast"), noise(t, 4<<20), 0o600) // as much as fits
	s, err := store.OpenSQLite(t.Context(), filepath.Join(dir, "om.db"))
	if err == nil {
		s.Close()
	}
	if !isFull(err) {
		t.Fatalf("opening on a full disk: %v", err)
	}
}

func bigJob(id string) job.Job {
	j := storetest.NewJob(id)
	j.Title = string(bytes.Repeat([]byte("x"), 64<<10))
	return j
}

func compare(t *testing.T, s store.Store, want []job.Event) {
	t.Helper()
	got, err := s.Events(t.Context(), "j", 0, len(want)+100)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d events are there, %d were acknowledged", len(got), len(want))
	}
	for i := range want {
		if got[i].Seq != int64(i+1) || !bytes.Equal(got[i].Data, want[i].Data) {
			t.Fatalf("event %d differs", i+1)
		}
	}
}
