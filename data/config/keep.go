package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/gofrs/flock"

	"omanager/app/problem"
)

// generations is how many good texts are kept: .1 is a copy of the present one, .2 and .3 are those before.
const generations = 3

const (
	lockTime = 30 * time.Second // for all savers together; one takes milliseconds
	lockPace = 5 * time.Millisecond
)

var (
	errTorn  = errors.New("it was cut short")
	errEmpty = errors.New("it is empty")
	errNUL   = errors.New("it contains zero bytes")
)

func generation(path string, n int) string { return path + "." + strconv.Itoa(n) }

// lock makes this the only saver of the file, in this process and others.
func lock(path string) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), lockTime)
	defer cancel()
	l := flock.New(beside(path, "lock"), flock.SetPermissions(0o600))
	got, err := l.TryLockContext(ctx, lockPace)
	if errors.Is(err, context.DeadlineExceeded) || err == nil && !got {
		return nil, errors.New("another program has been saving it for half a minute")
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = l.Close() }, nil // closing gives it up; there is nothing to do about an error
}

// beside is a hidden name next to the file.
func beside(path, ending string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+ending)
}

// judge reads a text as the file's, or says what is wrong with it.
func judge(path string, text []byte) (*Config, error) {
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, errNUL
	}
	newest, err := read(generation(path, 1))
	if err == nil && len(newest) > len(text) {
		switch {
		case len(bytes.TrimSpace(text)) == 0:
			return nil, errEmpty
		case bytes.HasPrefix(newest, text) && text[len(text)-1] != '\n': // whole lines are taken out by hand
			return nil, errTorn
		}
	}
	return parse(text)
}

// newestGood gives the newest text saved before that can be read, and its file; "" if there is none.
func newestGood(path string) (string, []byte) {
	for n := range generations {
		name := generation(path, n+1)
		text, err := read(name)
		if err != nil || len(bytes.TrimSpace(text)) == 0 || bytes.IndexByte(text, 0) >= 0 {
			continue
		}
		if _, err := parse(text); err == nil {
			return name, text
		}
	}
	return "", nil
}

// base is the text to edit: the file's, or if that is damaged the newest good one; the damaged one is set aside.
func base(path string) ([]byte, error) {
	text, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if _, fault := judge(path, text); fault != nil {
		backup, good := newestGood(path)
		if backup == "" {
			return nil, fault
		}
		return good, write(path, path+".bad", text, nil)
	}
	return text, nil
}

// replace keeps the old and the new text as generations and puts the new one in the file's place.
func replace(path string, old, text []byte, want *Config) error {
	if err := verify(text, want); err != nil {
		return err
	}
	for _, t := range [][]byte{old, text} {
		if err := keep(path, t); err != nil {
			return fmt.Errorf("keep a copy: %w", err)
		}
	}
	return write(path, path, text, want)
}

// Create makes the file with a first text, comments and all, unless there is one.
func Create(path string, text []byte) error {
	c, err := parse(text)
	if err != nil {
		return problem.Wrap(err, "config_bad", "file", path, "cause", err.Error())
	}
	return locked(path, func() error {
		if _, err := os.Stat(path); err == nil {
			return nil
		}
		return replace(path, nil, text, c)
	})
}

// Remember keeps the file's text as the newest good one if it is good: whoever edited it by hand and started a program
// with it can go back to it.
func Remember(path string) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return locked(path, func() error {
		text, err := read(path)
		if err != nil {
			return err
		}
		if _, err := judge(path, text); err != nil {
			return nil //nolint:nilerr // a damaged text is not kept, and that was said when it was loaded
		}
		return keep(path, text)
	})
}

// locked is f as the only saver, with its error worded.
func locked(path string, f func() error) error {
	unlock, err := lock(path)
	if err == nil {
		defer unlock()
		err = f()
	}
	if err != nil {
		return problem.Wrap(err, "config_save", "file", path, "cause", reason(err))
	}
	return nil
}

// keep makes the text the newest generation, unless it is already.
func keep(path string, text []byte) error {
	if len(text) == 0 {
		return nil
	}
	if newest, err := read(generation(path, 1)); err == nil && bytes.Equal(newest, text) {
		return nil
	}
	for n := generations; n > 1; n-- {
		if err := os.Rename(generation(path, n-1), generation(path, n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return write(path, generation(path, 1), text, nil)
}

// write writes beside the file, checks what was written if it is to hold settings, and renames to the target. The name
// beside is always the same, so that those who were killed leave one file at most; the lock makes it one writer's.
func write(path, target string, text []byte, want *Config) (err error) {
	tmp := beside(path, "tmp")
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil && want != nil {
		err = verifyFile(tmp, want)
	}
	if err == nil {
		err = os.Rename(tmp, target)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("the new file is in place but may not survive a power cut: %w", err)
	}
	return nil
}

func verifyFile(path string, want *Config) error {
	text, err := read(path)
	if err != nil {
		return err
	}
	return verify(text, want)
}

func verify(text []byte, want *Config) error {
	got, err := parse(text)
	if err != nil {
		return err
	}
	if *got != *want {
		return errors.New("what was written does not read back the same; some line of the file hides a setting")
	}
	return nil
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
