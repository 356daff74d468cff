// Package wholefile replaces small files in one step: whoever opens the name finds the old content or the whole new one,
// also after a crash or a power cut, and nobody but the owner may read it.
package wholefile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// Write puts what fill writes in the file's place. If anything fails, the file stays as it was and nothing else is left.
// The folder must exist.
func Write(path string, fill func(w io.Writer) error) (err error) {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	f, err := os.CreateTemp(dir, "."+name+"-*") // mode 0600
	if err != nil {
		return fmt.Errorf("make a file beside %s: %w", path, err)
	}
	err = fill(f)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(dir)
}

// WriteBytes is Write of bytes that are there already.
func WriteBytes(path string, b []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// syncDir makes the new name durable; Windows has no such call and needs none.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("make the name durable: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
