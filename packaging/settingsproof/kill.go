package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"omanager/data/config"
)

// The child is this program again, told by its environment what to do.
const (
	childFile = "OMANAGER_SETTINGSPROOF_FILE"
	childWay  = "OMANAGER_SETTINGSPROOF_WAY"
	ourWay    = "config"
	inPlace   = "in-place"
)

// mostFiles: the settings, three copies, the lock, and what one killed write left.
const mostFiles = 6

const note = "# a comment by hand\r\n[system]\r\nown_key = kept # as it is\r\n"

func isChild() bool { return os.Getenv(childFile) != "" }

// child saves one change after another until it is killed; each number is printed when its change is safe.
func child() int {
	path := os.Getenv(childFile)
	save := map[string]func(string, int) error{ourWay: save, inPlace: saveInPlace}[os.Getenv(childWay)]
	c, _, err := config.LoadGood(path)
	n := 0
	if err == nil {
		n = c.System.UpVersion
	}
	for err == nil || errors.Is(err, fs.ErrNotExist) {
		n++
		if err = save(path, n); err == nil {
			_, err = fmt.Println(n)
		}
	}
	fmt.Fprintln(os.Stderr, "save:", err)
	return 1
}

// secret belongs to the change n: both arrive, or neither.
func secret(n int) string { return "#" + strings.Repeat(strconv.Itoa(n)+";&=(^%", 200) }

func save(path string, n int) error {
	return config.Update(path, func(c *config.Config) error {
		c.System.UpVersion, c.DB.Pass = n, secret(n)
		return nil
	})
}

// saveInPlace is how the earlier program did it: the file is opened for writing and written line by line.
func saveInPlace(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	for _, line := range []string{note, "upversion = ", strconv.Itoa(n), "\r\n", "[db]\r\n", "db_pass = ", secret(n), "\r\n"} {
		if _, err := f.WriteString(line); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return f.Close()
}

// result counts what the kills did.
type result struct {
	asked, kills, saves                        int
	unloadable, older, lost, readable, foreign int
	files                                      int
	faults                                     []string // the first few, in words
}

func (r *result) faultf(n *int, format string, args ...any) {
	*n++
	if len(r.faults) < 10 {
		r.faults = append(r.faults, fmt.Sprintf("kill %d: ", r.kills)+fmt.Sprintf(format, args...))
	}
}

// run kills a child so many times in one folder, which goes on from kill to kill.
func run(ctx context.Context, dir, way string, kills int, seed uint64) (result, error) {
	r := result{asked: kills}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return r, fmt.Errorf("make a folder: %w", err)
	}
	path := filepath.Join(dir, "config.ini")
	if err := os.WriteFile(path, []byte(note), 0o600); err != nil {
		return r, fmt.Errorf("write the first settings: %w", err)
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	last := 0
	for r.kills < kills {
		acked, err := killOnce(ctx, path, way, rng)
		if err != nil {
			return r, err
		}
		r.kills++
		if acked > last {
			r.saves += acked - last
			last = acked
		}
		last = r.look(path, last)
	}
	return r, nil
}

// killOnce lets a child save, kills it a random moment after its first change, and gives the last one it said was safe.
func killOnce(ctx context.Context, path, way string, rng *rand.Rand) (acked int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), childFile+"="+path, childWay+"="+way)
	said, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return 0, fmt.Errorf("start a child: %w", err)
	}
	lines := bufio.NewScanner(said)
	if !lines.Scan() {
		return 0, fmt.Errorf("a child saved nothing: %w", cmd.Wait())
	}
	first := lines.Text()
	after := time.AfterFunc(time.Duration(rng.Int64N(int64(20*time.Millisecond))), func() { _ = cmd.Process.Kill() }) // it runs until then
	defer after.Stop()
	acked, err = strconv.Atoi(first)
	for err == nil && lines.Scan() {
		acked, err = strconv.Atoi(lines.Text())
	}
	_ = cmd.Wait() // "signal: killed" is what was asked for
	if err != nil {
		return 0, fmt.Errorf("read what a child said: %w", err)
	}
	return acked, ctx.Err()
}

// look judges the folder after a kill and gives the change the settings hold.
func (r *result) look(path string, acked int) int {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		r.faultf(&r.unloadable, "%v", err)
	}
	r.files = len(entries)
	for _, e := range entries {
		if fi, err := e.Info(); err != nil || fi.Mode().Perm()&0o077 != 0 {
			r.faultf(&r.readable, "%s: %v", e.Name(), err)
		}
	}
	c, notice, err := config.LoadGood(path)
	if err != nil {
		r.faultf(&r.unloadable, "%v", err)
		return acked
	}
	if notice != nil {
		r.faultf(&r.older, "%v", notice)
	}
	n := c.System.UpVersion
	if n < acked || n > acked+1 || c.DB.Pass != secret(n) {
		r.faultf(&r.lost, "change %d was safe, %d is there, whole: %v", acked, n, c.DB.Pass == secret(n))
	}
	if text, err := os.ReadFile(path); err != nil || !bytes.HasPrefix(text, []byte(note)) {
		r.faultf(&r.foreign, "%v", err)
	}
	return max(n, acked)
}
