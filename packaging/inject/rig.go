package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"omanager/app/engine"
	"omanager/app/engine/enginetest"
	"omanager/app/engine/enginetest/openssh"
	"omanager/app/engine/ssh"
)

// rig is a real OpenSSH server whose login has one shell.
type rig struct {
	shell   string
	user    string
	dir     string // the login may write here, and makes its marker here if it can be tricked
	servers *openssh.Servers
	engine  engine.Engine
	host    engine.Host
}

func (r *rig) marker() string { return filepath.Join(r.dir, "marker") }

// newRig makes an account with the login shell and a server for it. The error of a shell that cannot be tried wraps
// errSkip.
func newRig(ctx context.Context, shell string) (_ *rig, err error) {
	path, err := exec.LookPath(shell)
	if err != nil {
		return nil, fmt.Errorf("%w: %s is not installed", errSkip, shell)
	}
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("%w: %s: only root can make accounts with this login shell", errSkip, shell)
	}
	r := &rig{shell: shell, user: "om-inject-" + shell}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if r.dir, err = os.MkdirTemp("", "om-inject-"); err != nil {
		return r, err
	}
	if err = os.Chmod(r.dir, 0o777); err != nil { //nolint:gosec // another account works in it
		return r, err
	}
	if shell == "busybox" { // called by the name of its shell
		link := filepath.Join(r.dir, "ash")
		if err = os.Symlink(path, link); err != nil {
			return r, err
		}
		path = link
	}
	_ = exec.CommandContext(ctx, "userdel", "--remove", r.user).Run() // left by a run that was killed
	out, err := exec.CommandContext(ctx, "useradd", "--system", "--create-home", "--home-dir", filepath.Join(r.dir, "home"),
		"--shell", path, "--password", "*", r.user).CombinedOutput()
	if err != nil {
		return r, fmt.Errorf("make account %s: %w: %s", r.user, err, out)
	}
	if r.servers, err = openssh.Start(ctx, openssh.Options{User: r.user}); err != nil {
		if errors.Is(err, openssh.ErrMissing) {
			err = fmt.Errorf("%w: %w", errSkip, err)
		}
		return r, err
	}
	r.engine, err = ssh.New(ssh.Config{User: r.user, KeyFiles: []string{r.servers.KeyFile}, KnownHosts: r.servers.KnownHosts, CommandTimeout: time.Minute})
	r.host = engine.Host{ID: "h", Addr: r.servers.Addrs[0], Port: r.servers.Port}
	return r, err
}

var errSkip = errors.New("SKIPPED")

func (r *rig) close() error {
	var errs []error
	if r.engine != nil {
		errs = append(errs, r.engine.Close())
	}
	if r.servers != nil {
		errs = append(errs, r.servers.Close())
	}
	_ = exec.Command("userdel", "--remove", "--force", r.user).Run() // it may never have been made
	if r.dir != "" {
		errs = append(errs, os.RemoveAll(r.dir))
	}
	return errors.Join(errs...)
}

// run runs one task and says how it ended.
func (r *rig) run(ctx context.Context, t engine.Task) (*enginetest.Record, error) {
	rec := enginetest.NewRecorder()
	t.JobID = "inject"
	if err := r.engine.Run(ctx, t, []engine.Host{r.host}, 1, rec); err != nil {
		return nil, err
	}
	got := rec.Host("h")
	return &got, nil
}

// made reports whether a marker is there, and removes it.
func (r *rig) made() bool {
	if _, err := os.Lstat(r.marker()); err != nil {
		return false
	}
	return os.Remove(r.marker()) == nil
}
