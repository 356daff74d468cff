package inventory

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"omanager/app/problem"
)

const (
	pollEvery = time.Second
	// racyFor is how long after its time stamp a file is read again even though its stamp stays the same: two
	// writes within one tick of the file system's clock look alike.
	racyFor = 2 * time.Second
)

// Source is a folder with the two asset files, and the last good inventory read from it.
type Source struct {
	dir   string
	every time.Duration

	mu      sync.Mutex
	inv     *Inventory
	err     error
	changed chan struct{}

	seen [2]stamp // this and below only in Open and Run
	racy bool
	sum  [sha256.Size]byte
}

// stamp tells two states of a file apart; a nil info means it cannot be looked at.
type stamp struct{ info fs.FileInfo }

func (a stamp) same(b stamp) bool {
	if a.info == nil || b.info == nil {
		return a.info == nil && b.info == nil
	}
	return os.SameFile(a.info, b.info) && a.info.Size() == b.info.Size() && a.info.ModTime().Equal(b.info.ModTime())
}

// Open reads the folder. The Source is never nil: with an error it holds an empty inventory and may be run all the
// same, until the files are mended.
func Open(dir string) (*Source, error) {
	s := &Source{dir: dir, every: pollEvery, inv: New(nil, nil), changed: make(chan struct{})}
	s.check()
	return s, s.Err()
}

// Current is the last good inventory, never nil.
func (s *Source) Current() *Inventory {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inv
}

// Err is why the files as they are now are not in use; nil means they are, though Inventory.Notice may still complain.
func (s *Source) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Changed is closed when Current or Err becomes different. Take it before you look at them.
func (s *Source) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// Run looks at the files every second until ctx ends. Looking, unlike being notified, also sees files on network
// file systems, behind links, and put in place by renaming. Only one Run at a time.
func (s *Source) Run(ctx context.Context) {
	t := time.NewTicker(s.every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			s.check()
		}
	}
}

// check reads the files if they may have changed. The stamps are taken first, so that a write during the reading
// is seen by the next check.
func (s *Source) check() {
	now := [2]stamp{s.stat(OptionFile), s.stat(ServerFile)}
	if !s.racy && s.seen[0].same(now[0]) && s.seen[1].same(now[1]) && now[0].info != nil && now[1].info != nil {
		return
	}
	s.seen, s.racy = now, now[0].racy() || now[1].racy()
	option, err := s.read(OptionFile)
	if err != nil {
		s.set(nil, err)
		return
	}
	server, err := s.read(ServerFile)
	if err != nil {
		s.set(nil, err)
		return
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d ", len(option))
	h.Write(option)
	h.Write(server)
	sum := [sha256.Size]byte(h.Sum(nil))
	if sum == s.sum {
		return
	}
	inv, err := Parse(option, server)
	s.set(inv, err)
	s.sum = sum
}

func (s *Source) stat(name string) stamp {
	info, err := os.Stat(filepath.Join(s.dir, name))
	if err != nil {
		return stamp{}
	}
	return stamp{info}
}

func (a stamp) racy() bool { return a.info != nil && time.Since(a.info.ModTime()) < racyFor }

// set takes a good inventory over, or keeps the last good one beside the error.
func (s *Source) set(inv *Inventory, err error) {
	if err != nil {
		s.sum = [sha256.Size]byte{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	same := text(err) == text(s.err)
	if err == nil && (inv.Revision() != s.inv.Revision() || text(inv.Notice()) != text(s.inv.Notice())) {
		s.inv, same = inv, false
	}
	s.err = err
	if !same {
		close(s.changed)
		s.changed = make(chan struct{})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// read takes the whole of a regular file of bearable size.
func (s *Source) read(name string) ([]byte, error) {
	path := filepath.Join(s.dir, name)
	data, err := readRegular(path)
	if err != nil {
		cause := err
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			cause = pe.Err
		}
		return nil, problem.Wrap(fmt.Errorf("read %s: %w", path, err), "inventory_read", "file", path, "cause", cause.Error())
	}
	return data, nil
}

func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxFile+1))
}
