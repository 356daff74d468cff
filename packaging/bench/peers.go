package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"omanager/app/engine/enginetest/openssh"
)

// command is what every contender runs on every server. Its output names the kernel, which good looks for.
const command = "uname -a"

// contender is a program under measurement.
type contender interface {
	name() string
	// prepare brings the contender to the state to be measured; it is not timed.
	prepare(ctx context.Context, warm bool) error
	// run does the command on all servers and returns how many answered well; it is timed.
	run(ctx context.Context, warm bool) (int, error)
}

// peer is one of the usual tools, each driving one ssh a server.
type peer struct {
	title string
	rig   *rig
	args  func(config, hosts string, n int) []string
	env   func(config string) []string
	line  *regexp.Regexp
}

// rig is the servers and the two configurations of ssh for the peers.
type rig struct {
	servers *openssh.Servers
	dir     string
	cold    string // ssh_config: a connection a command
	warm    string // ssh_config: connections kept by ControlMaster
}

func newRig(ctx context.Context, n int) (*rig, error) {
	// The path is short because ssh's control sockets stand in it and have 108 bytes at most.
	dir, err := os.MkdirTemp("", "omb")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the rig: %w", err)
	}
	s, err := openssh.Start(ctx, openssh.Options{Dir: filepath.Join(dir, "sshd"), N: n})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	r := &rig{servers: s, dir: dir, cold: s.SSHConfig, warm: filepath.Join(dir, "warm_config")}
	text, err := os.ReadFile(s.SSHConfig)
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	// ssh takes the first value of an option, so the kept connections go before the rest.
	keep := fmt.Sprintf("Host *\n  ControlMaster auto\n  ControlPath %s/%%C\n  ControlPersist 3600\n", dir)
	if err := os.WriteFile(r.warm, []byte(keep+string(text)), 0o600); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *rig) close() error {
	err := r.servers.Close() // the kept connections end with the servers
	return errors.Join(err, os.RemoveAll(r.dir))
}

func (r *rig) config(warm bool) string {
	if warm {
		return r.warm
	}
	return r.cold
}

// peers lists the tools that are installed, and names those that are not.
func peers(r *rig) (found []contender, missing []string) {
	plain := regexp.MustCompile(`(?m)^127\.0\.1\.\d+: Linux `)
	all := []*peer{
		{title: "pdsh", line: plain,
			args: func(_, hosts string, n int) []string {
				return []string{"pdsh", "-R", "ssh", "-f", fmt.Sprint(n), "-w", hosts, command}
			},
			env: func(config string) []string { return []string{"PDSH_SSH_ARGS_APPEND=-F " + config} }},
		{title: "clush", line: plain,
			args: func(config, hosts string, n int) []string {
				return []string{"clush", "-S", "-f", fmt.Sprint(n), "-o", "-F " + config, "-w", hosts, command}
			}},
		{title: "parallel-ssh", line: regexp.MustCompile(`(?m)\[SUCCESS\] 127\.0\.1\.\d+\nLinux `),
			args: func(config, hosts string, n int) []string {
				return []string{"parallel-ssh", "-i", "-p", fmt.Sprint(n), "-x", "-F " + config,
					"-H", strings.ReplaceAll(hosts, ",", " "), command}
			}},
	}
	for _, p := range all {
		p.rig = r
		if _, err := exec.LookPath(p.title); err != nil {
			missing = append(missing, p.title)
			continue
		}
		found = append(found, p)
	}
	return found, missing
}

func (p *peer) name() string { return p.title }

// prepare leaves kept connections open when warm: whichever peer ran first has made them for all.
func (p *peer) prepare(ctx context.Context, warm bool) error {
	if !warm {
		return nil
	}
	_, err := p.run(ctx, true)
	return err
}

func (p *peer) run(ctx context.Context, warm bool) (int, error) {
	config := p.rig.config(warm)
	args := p.args(config, strings.Join(p.rig.servers.Addrs, ","), len(p.rig.servers.Addrs))
	var env []string
	if p.env != nil {
		env = p.env(config)
	}
	out, err := output(ctx, env, args...)
	return len(p.line.FindAllString(out, -1)), err
}

// output runs a program and returns what it printed; its complaints are part of the error.
func output(ctx context.Context, env []string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// A kept connection inherits the pipes and would hold them open for ever.
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	if err != nil {
		text := strings.TrimSpace(stderr.String())
		return stdout.String(), fmt.Errorf("run %s: %w: %s", args[0], err, text[:min(len(text), 400)])
	}
	return stdout.String(), nil
}
