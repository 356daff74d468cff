package inventory

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func write(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// put replaces a file by renaming, as careful programs do.
func put(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	write(t, dir, name+".new", data)
	if err := os.Rename(filepath.Join(dir, name+".new"), filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

// running starts Run and ends it, waited for, with the test.
func running(t *testing.T, s *Source) {
	t.Helper()
	s.every = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { s.Run(ctx) })
	t.Cleanup(func() { cancel(); wg.Wait() })
}

// until waits for a state; it ends only with the state or with the whole test run.
func until(t *testing.T, s *Source, ok func() bool) {
	t.Helper()
	for {
		ch := s.Changed()
		if ok() {
			return
		}
		select {
		case <-ch:
		case <-t.Context().Done():
			t.Fatal("the state was never reached")
		}
	}
}

func has(s *Source, id string) func() bool {
	return func() bool {
		_, ok := s.Current().Get(id)
		return ok && s.Err() == nil
	}
}

func TestReload(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, OptionFile, wml(option("1", "网站")))
	write(t, dir, ServerFile, wml(server("a", "10.0.0.1", "1", "")))
	s, err := Open(dir)
	if err != nil || !has(s, "a")() {
		t.Fatal(err)
	}
	running(t, s)

	put(t, dir, ServerFile, wml(server("b", "10.0.0.1", "1", "")))
	until(t, s, has(s, "b"))
	write(t, dir, ServerFile, wml(server("c", "10.0.0.1", "1", "")))
	until(t, s, has(s, "c"))
	put(t, dir, OptionFile, wml(option("1", "页面")))
	until(t, s, func() bool { return s.Current().CategoryName("1") == "页面" })

	good := s.Current()
	write(t, dir, ServerFile, wml(server("d", "10.0.0.1", "1", ""))[:60])
	until(t, s, func() bool { return s.Err() != nil })
	wantProblem(t, s.Err(), "inventory_xml", ServerFile)
	if s.Current() != good {
		t.Error("a bad file replaced the good list")
	}
	put(t, dir, ServerFile, wml(server("c", "10.0.0.1", "1", "")))
	until(t, s, func() bool { return s.Err() == nil })
	if s.Current() != good {
		t.Error("the same content made a new list")
	}

	if err := os.Remove(filepath.Join(dir, OptionFile)); err != nil {
		t.Fatal(err)
	}
	until(t, s, func() bool { return s.Err() != nil })
	wantProblem(t, s.Err(), "inventory_read", OptionFile)
	if s.Current() != good {
		t.Error("a missing file emptied the list")
	}
	put(t, dir, OptionFile, wml(option("1", "又")))
	until(t, s, func() bool { return s.Current().CategoryName("1") == "又" && s.Err() == nil })
}

// TestSameStamp: a second write of equal size within one tick of the clock is seen too.
func TestSameStamp(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, OptionFile, wml(""))
	write(t, dir, ServerFile, wml(server("a", "10.0.0.1", "1", "")))
	info, err := os.Stat(filepath.Join(dir, ServerFile))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, ServerFile, wml(server("b", "10.0.0.1", "1", "")))
	if err := os.Chtimes(filepath.Join(dir, ServerFile), info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	running(t, s)
	until(t, s, has(s, "b"))
}

func TestOpenBad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	s, err := Open(dir)
	wantProblem(t, err, "inventory_read", filepath.Join(dir, OptionFile), "no such file")
	if s.Current() == nil || len(s.Current().Servers()) != 0 {
		t.Fatal("no empty inventory")
	}
	running(t, s)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, dir, ServerFile, wml(server("a", "10.0.0.1", "1", "")))
	write(t, dir, OptionFile, wml(""))
	until(t, s, has(s, "a"))
}

func TestOpenNotAFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, OptionFile), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir)
	wantProblem(t, err, "inventory_read", "regular file")
}
