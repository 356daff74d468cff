package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/png" // the format of the pictures
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// screen is an X server with the console's window on it and nothing else.
type screen struct {
	out, home string
	env       []string
	x, app    *exec.Cmd
}

const statusBar = 26 // rows at the bottom that change by themselves: the clock

// newScreen starts Xvfb and the console with an empty home folder, and waits for the window.
func newScreen(ctx context.Context, bin, out string) (*screen, error) {
	s := &screen{out: out}
	var err error
	if s.home, err = os.MkdirTemp("", "omanager-window-"); err != nil {
		return nil, err
	}
	number, err := s.server(ctx)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.env = append(os.Environ(), "DISPLAY=:"+number, "HOME="+s.home, "TMPDIR="+s.home, "XDG_CONFIG_HOME="+s.home, "XDG_CACHE_HOME="+s.home,
		"LIBGL_ALWAYS_SOFTWARE=1", "LANG=en_US.UTF-8")
	path, err := filepath.Abs(bin)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.app = exec.CommandContext(ctx, path, "--lang", "en", "--theme", "light")
	s.app.Env, s.app.Stderr = s.env, os.Stderr
	if err := s.app.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the console: %w", err), s.close())
	}
	if _, err := s.tool(ctx, "xdotool", "search", "--sync", "--onlyvisible", "--name", "OManager"); err != nil {
		return nil, errors.Join(fmt.Errorf("wait for the window: %w", err), s.close())
	}
	_, err = s.tool(ctx, "xdotool", "search", "--name", "OManager", "windowmove", "0", "0")
	return s, err
}

// server starts Xvfb, which says its display number on file descriptor 3.
func (s *screen) server(ctx context.Context) (string, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	s.x = exec.CommandContext(ctx, "Xvfb", "-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp")
	s.x.ExtraFiles = []*os.File{w}
	err = s.x.Start()
	_ = w.Close() // the child has its own
	if err != nil {
		return "", fmt.Errorf("start Xvfb (packaging/deps.sh --test installs it): %w", err)
	}
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("read the display that Xvfb chose: %w", err)
	}
	return strings.TrimSpace(line), nil
}

func (s *screen) tool(ctx context.Context, name string, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = s.env
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w %s", name, strings.Join(args, " "), err, stderr.String())
	}
	return out, nil
}

func (s *screen) click(ctx context.Context, p place) error {
	_, err := s.tool(ctx, "xdotool", "mousemove", strconv.Itoa(p.x), strconv.Itoa(p.y), "sleep", "0.1", "click", "1")
	if err != nil {
		return fmt.Errorf("click %s: %w", p.name, err)
	}
	return nil
}

func (s *screen) grab(ctx context.Context) ([]byte, image.Image, error) {
	raw, err := s.tool(ctx, "import", "-window", "root", "png:-")
	if err != nil {
		return nil, nil, err
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	return raw, img, err
}

func (s *screen) picture(ctx context.Context, name string) error {
	raw, _, err := s.grab(ctx)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.out, name+".png"), raw, 0o600)
}

// still waits until the window is drawn and two pictures a moment apart are equal above the status bar, and keeps the last.
func (s *screen) still(ctx context.Context, name string) error {
	_, before, err := s.grab(ctx)
	for err == nil && ctx.Err() == nil {
		time.Sleep(300 * time.Millisecond) // pace of the comparison
		var raw []byte
		var now image.Image
		if raw, now, err = s.grab(ctx); err != nil {
			break
		}
		if colours(now) > 30 && equal(before, now) {
			return os.WriteFile(filepath.Join(s.out, name+".png"), raw, 0o600)
		}
		before = now
	}
	return fmt.Errorf("wait for a still window (%s): %w", name, errors.Join(err, ctx.Err()))
}

func equal(a, b image.Image) bool {
	r := a.Bounds()
	for y := r.Min.Y; y < r.Max.Y-statusBar; y += 2 {
		for x := r.Min.X; x < r.Max.X; x += 2 {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}

func colours(img image.Image) int {
	seen := map[any]bool{}
	r := img.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y += 3 {
		for x := r.Min.X; x < r.Max.X; x += 3 {
			seen[img.At(x, y)] = true
		}
	}
	return len(seen)
}

// close ends what was started and removes the home folder.
func (s *screen) close() error {
	for _, c := range []*exec.Cmd{s.app, s.x} {
		if c != nil && c.Process != nil {
			_ = c.Process.Signal(os.Interrupt) // it may have ended
			done := time.AfterFunc(5*time.Second, func() { _ = c.Process.Kill() })
			_ = c.Wait() // ended by our signal
			done.Stop()
		}
	}
	return os.RemoveAll(s.home)
}
