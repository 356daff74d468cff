package wholefile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"omanager/app/wholefile"
)

func TestWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "settings.json")
	for _, text := range []string{"first", "second, longer", "x"} {
		if err := wholefile.WriteBytes(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != text {
			t.Fatalf("%q, %v; want %q", b, err, text)
		}
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", fi.Mode(), err)
	}
	stop := errors.New("no more")
	err := wholefile.Write(path, func(w io.Writer) error {
		_, err := w.Write([]byte("half of it"))
		return errors.Join(err, stop)
	})
	if b, rerr := os.ReadFile(path); !errors.Is(err, stop) || rerr != nil || string(b) != "x" {
		t.Errorf("after a failure: %v; the file is %q, %v", err, b, rerr)
	}
	if err := wholefile.WriteBytes(filepath.Join(dir, "nowhere", "f"), nil); err == nil {
		t.Error("a folder that is not there was no problem")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
