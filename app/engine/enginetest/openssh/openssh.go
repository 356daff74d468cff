// Package openssh runs real OpenSSH servers on loopback addresses for tests and measurements: up to 200 addresses,
// one account, one host key, and the key, known_hosts and ssh_config that a client needs to reach them.
package openssh

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// MaxServers is the most addresses Start can serve.
const MaxServers = 200

// listenersEach is how many addresses one sshd can listen on (its MAX_LISTEN_SOCKS).
const listenersEach = 16

// ErrMissing is wrapped by Start when a program of OpenSSH is not installed.
var ErrMissing = errors.New("OpenSSH is not complete on this machine (see packaging/deps.sh --test)")

// Options says what to start. The zero value is one server in a folder of its own.
type Options struct {
	Dir  string // for keys, configuration and logs; empty makes a temporary one that Close removes
	User string // account; empty means omtest (created) for root, otherwise the current user
	N    int    // servers, at most MaxServers; 0 means 1
}

// Servers is a running set. All addresses share port, account and host key.
type Servers struct {
	Dir         string
	Addrs       []string // 127.0.1.1 to 127.0.1.N
	Port        int
	User        string
	KeyFile     string // private key that may log in
	HostKeyLine string // authorized_keys form
	KnownHosts  string // file
	SSHConfig   string // file for ssh -F: strict, no agent, no multiplexing

	authorized string
	ownsDir    bool
	procs      []*process
}

// Start brings the servers up and returns when every address is listening. ctx bounds the start only; Close ends
// the servers.
func Start(ctx context.Context, o Options) (*Servers, error) {
	if o.N == 0 {
		o.N = 1
	}
	if o.N < 0 || o.N > MaxServers {
		return nil, fmt.Errorf("start sshd: %d servers asked for, at most %d can be", o.N, MaxServers)
	}
	sshd, err := find("sshd", "ssh", "ssh-keygen")
	if err != nil {
		return nil, err
	}
	s := &Servers{Dir: o.Dir}
	for i := range o.N {
		s.Addrs = append(s.Addrs, fmt.Sprintf("127.0.1.%d", i+1))
	}
	if err := s.prepare(ctx, o.User); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.listen(ctx, sshd); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close kills the servers with every session they hold, waits for them, and removes what Start made outside Dir. It
// may be called again.
func (s *Servers) Close() error {
	stop(s.procs)
	s.procs = nil
	var err error
	if s.authorized != "" {
		err = os.Remove(s.authorized)
		s.authorized = ""
	}
	if s.ownsDir {
		err = errors.Join(err, os.RemoveAll(s.Dir))
		s.ownsDir = false
	}
	return err
}

// find looks the programs up and returns the path of the first.
func find(names ...string) (string, error) {
	var first string
	for _, n := range names {
		p, err := exec.LookPath(n)
		if err != nil {
			p, err = exec.LookPath(filepath.Join("/usr/sbin", n)) // not in an ordinary user's PATH
		}
		if err != nil {
			return "", fmt.Errorf("look for %s: %w", n, ErrMissing)
		}
		if first == "" {
			first = p
		}
	}
	return first, nil
}

// listen starts the daemons on a free port. Between finding the port and binding it somebody else may take it,
// so it tries a few.
func (s *Servers) listen(ctx context.Context, sshd string) error {
	var last error
	if err := s.allowBursts(ctx, sshd); err != nil {
		return err
	}
	for range 5 {
		port, err := freePort(s.Addrs)
		if err != nil {
			return err
		}
		s.Port = port
		if last = s.startAll(ctx, sshd); last == nil {
			return s.writeClientFiles()
		}
		stop(s.procs)
		s.procs = nil
		if !errors.Is(last, errPortTaken) {
			return last
		}
	}
	return last
}

func (s *Servers) startAll(ctx context.Context, sshd string) error {
	for i := 0; i < len(s.Addrs); i += listenersEach {
		addrs := s.Addrs[i:min(i+listenersEach, len(s.Addrs))]
		p, err := startProcess(ctx, sshd, filepath.Join(s.Dir, "sshd_config"), addrs, s.Port)
		if err != nil {
			return err
		}
		s.procs = append(s.procs, p)
	}
	return nil
}

// freePort finds a port that nobody holds on any of the addresses.
func freePort(addrs []string) (int, error) {
	var last error
	for range 20 {
		l, err := net.Listen("tcp", addrs[0]+":0")
		if err != nil {
			return 0, fmt.Errorf("look for a free port on %s: %w", addrs[0], err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		last = l.Close()
		for _, a := range addrs[1:] {
			probe, err := net.Listen("tcp", fmt.Sprintf("%s:%d", a, port))
			if err != nil {
				last = err
				break
			}
			last = errors.Join(last, probe.Close())
		}
		if last == nil {
			return port, nil
		}
	}
	return 0, fmt.Errorf("look for a port free on %d addresses: %w", len(addrs), last)
}

var errPortTaken = errors.New("port was taken meanwhile")

// process is one sshd and the goroutine that reads its log.
type process struct {
	cmd  *exec.Cmd
	done sync.WaitGroup
}

func startProcess(ctx context.Context, sshd, config string, addrs []string, port int) (*process, error) {
	args := []string{"-D", "-e", "-f", config}
	for _, a := range addrs {
		args = append(args, "-o", fmt.Sprintf("ListenAddress=%s:%d", a, port))
	}
	p := &process{cmd: exec.Command(sshd, args...)}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("start sshd: %w", err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start sshd: %w", err)
	}
	ready := make(chan error, 1)
	p.done.Go(func() { follow(bufio.NewScanner(stderr), len(addrs), ready) })
	select {
	case err = <-ready:
	case <-ctx.Done():
		err = fmt.Errorf("wait for sshd to listen: %w", ctx.Err())
	}
	if err != nil {
		stop([]*process{p})
		return nil, err
	}
	return p, nil
}

// follow reads sshd's log to its end and reports once: nil when all addresses are bound, otherwise why not.
func follow(log *bufio.Scanner, want int, ready chan<- error) {
	var said []string
	reported := false
	report := func(err error) {
		if !reported {
			reported = true
			ready <- err
		}
	}
	for log.Scan() {
		line := log.Text()
		if reported {
			continue
		}
		said = append(said, line)
		switch {
		case strings.Contains(line, "Address already in use"):
			report(fmt.Errorf("start sshd: %w", errPortTaken))
		case strings.HasPrefix(line, "Server listening on "):
			if want--; want == 0 {
				report(nil)
			}
		}
	}
	report(fmt.Errorf("start sshd: it ended at once: %s", strings.Join(said, "; ")))
}

// stop kills the processes and all that descends from them (a session is a process group of its own), and waits.
func stop(procs []*process) {
	for _, p := range procs {
		pid := p.cmd.Process.Pid
		sessions := descendants(pid)
		_ = p.cmd.Process.Kill()
		// A connection accepted between the two looks is only in the second.
		for _, child := range append(sessions, descendants(pid)...) {
			if c, err := os.FindProcess(child); err == nil {
				_ = c.Kill()
			}
		}
	}
	for _, p := range procs {
		p.done.Wait()
		_ = p.cmd.Wait() // it was killed: its status says nothing new
	}
}
