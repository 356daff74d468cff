package openssh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
)

const testUser = "omtest"

// serverConfig leaves nothing to the machine's own configuration and lets bursts through: a default sshd drops
// simultaneous logins beyond ten, and every address here shares one sshd with fifteen others.
const serverConfig = `HostKey %s
AuthorizedKeysFile %s
PidFile none
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
AllowUsers %s
MaxStartups 4000
MaxSessions 1000
MaxAuthTries 20
AllowTcpForwarding yes
PrintMotd no
PrintLastLog no
Subsystem sftp internal-sftp
AcceptEnv LANG LC_* OM_*
LogLevel INFO
`

const clientConfig = `Host *
  User %s
  Port %d
  IdentityFile %s
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile %s
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  UpdateHostKeys no
  BatchMode yes
  PreferredAuthentications publickey
  ControlMaster no
  ControlPath none
  LogLevel ERROR
`

// prepare makes the account, the keys and the server's configuration.
func (s *Servers) prepare(ctx context.Context, name string) error {
	if s.Dir == "" {
		dir, err := os.MkdirTemp("", "openssh-")
		if err != nil {
			return fmt.Errorf("make a folder for sshd: %w", err)
		}
		s.Dir, s.ownsDir = dir, true
	}
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return fmt.Errorf("make a folder for sshd: %w", err)
	}
	dir, err := filepath.Abs(s.Dir)
	if err != nil {
		return fmt.Errorf("make a folder for sshd: %w", err)
	}
	s.Dir = dir
	account, err := ensureUser(ctx, name)
	if err != nil {
		return err
	}
	s.User = account.Username
	s.KeyFile = filepath.Join(s.Dir, "client_key")
	client, err := makeKey(ctx, s.KeyFile)
	if err != nil {
		return err
	}
	hostKey := filepath.Join(s.Dir, "host_key")
	if s.HostKeyLine, err = makeKey(ctx, hostKey); err != nil {
		return err
	}
	if err := s.authorize(account, client); err != nil {
		return err
	}
	config := fmt.Sprintf(serverConfig, hostKey, s.authorized, s.User)
	return writeFile(filepath.Join(s.Dir, "sshd_config"), config)
}

// allowBursts turns off the penalties that OpenSSH 9.8 and later give an address with many failures: all clients
// here share one. Older ones do not know the option.
func (s *Servers) allowBursts(ctx context.Context, sshd string) error {
	config := filepath.Join(s.Dir, "sshd_config")
	const option = "PerSourcePenalties no"
	if err := run(ctx, sshd, "-t", "-f", config, "-o", option); err != nil {
		return nil //nolint:nilerr // an older sshd, which has nothing to turn off
	}
	text, err := os.ReadFile(config)
	if err != nil {
		return fmt.Errorf("read sshd_config: %w", err)
	}
	return writeFile(config, string(text)+option+"\n")
}

// authorize writes the account's authorized keys. sshd reads them as that account, which cannot enter a folder
// made for root alone, so the file stands in the account's home under a name of its own.
func (s *Servers) authorize(account *user.User, key string) error {
	dir := filepath.Join(account.HomeDir, ".ssh")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("authorize the client key: %w", err)
	}
	f, err := os.CreateTemp(dir, "openssh-rig-")
	if err != nil {
		return fmt.Errorf("authorize the client key: %w", err)
	}
	s.authorized = f.Name()
	_, err = f.WriteString(key + "\n")
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err != nil {
		return fmt.Errorf("authorize the client key: %w", err)
	}
	return nil
}

// Authorize lets one more key log in to all servers; line is in authorized_keys form.
func (s *Servers) Authorize(line string) error {
	f, err := os.OpenFile(s.authorized, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("authorize a key: %w", err)
	}
	_, err = f.WriteString(strings.TrimSpace(line) + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("authorize a key: %w", err)
	}
	return nil
}

func (s *Servers) writeClientFiles() error {
	s.KnownHosts = filepath.Join(s.Dir, "known_hosts")
	s.SSHConfig = filepath.Join(s.Dir, "ssh_config")
	var known strings.Builder
	for _, a := range s.Addrs {
		fmt.Fprintf(&known, "[%s]:%d %s\n", a, s.Port, s.HostKeyLine)
	}
	if err := writeFile(s.KnownHosts, known.String()); err != nil {
		return err
	}
	return writeFile(s.SSHConfig, fmt.Sprintf(clientConfig, s.User, s.Port, s.KeyFile, s.KnownHosts))
}

// ensureUser finds the account, and makes it when the caller may.
func ensureUser(ctx context.Context, name string) (*user.User, error) {
	if os.Geteuid() != 0 {
		u, err := user.Current()
		if err != nil {
			return nil, fmt.Errorf("find the current user: %w", err)
		}
		if name != "" && name != u.Username {
			return nil, fmt.Errorf("serve account %s: only root can, this is %s", name, u.Username)
		}
		return u, nil
	}
	if name == "" {
		name = testUser
	}
	// The daemon's privilege separation needs this folder; a machine without a running sshd may lack it.
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
		return nil, fmt.Errorf("prepare privilege separation: %w", err)
	}
	if u, err := user.Lookup(name); err == nil {
		return u, nil
	}
	// "*" is no password but, unlike useradd's "!", not a locked account, which sshd refuses.
	err := run(ctx, "useradd", "--system", "--create-home", "--shell", "/bin/sh", "--password", "*", name)
	u, lookupErr := user.Lookup(name)
	if lookupErr == nil { // made now, or by somebody else at the same moment
		return u, nil
	}
	return nil, fmt.Errorf("make account %s: %w", name, errors.Join(err, lookupErr))
}

// makeKey makes an Ed25519 key pair, replacing an earlier one, and returns the public half without its comment.
func makeKey(ctx context.Context, path string) (string, error) {
	for _, p := range []string{path, path + ".pub"} {
		if err := os.Remove(p); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("replace key: %w", err)
		}
	}
	if err := run(ctx, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path); err != nil {
		return "", err
	}
	pub, err := os.ReadFile(path + ".pub")
	if err != nil {
		return "", fmt.Errorf("read key: %w", err)
	}
	fields := strings.Fields(string(pub))
	if len(fields) < 2 {
		return "", fmt.Errorf("read key %s: it has %d fields", path, len(fields))
	}
	return fields[0] + " " + fields[1], nil
}

func run(ctx context.Context, name string, args ...string) error {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run %s: %w: %s", name, err, strings.TrimSpace(out.String()))
	}
	return nil
}

func writeFile(path, text string) error {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

// descendants lists the processes below pid, nearest first. Where there is no /proc it lists none.
func descendants(pid int) []int {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil
	}
	children := map[int][]int{}
	for _, f := range stats {
		data, err := os.ReadFile(f)
		if err != nil {
			continue // it ended meanwhile
		}
		// "pid (name) state ppid": the name may hold anything, so look behind its last bracket.
		fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		if err != nil || len(fields) < 2 {
			continue
		}
		if parent, err := strconv.Atoi(fields[1]); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	var found []int
	for queue := children[pid]; len(queue) > 0; queue = queue[1:] {
		found = append(found, queue[0])
		queue = append(queue, children[queue[0]]...)
	}
	return found
}
