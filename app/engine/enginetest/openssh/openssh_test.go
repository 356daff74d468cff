package openssh

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, n int) *Servers {
	t.Helper()
	s, err := Start(t.Context(), Options{Dir: t.TempDir(), N: n})
	if errors.Is(err, ErrMissing) {
		t.Skipf("no OpenSSH here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestRealSSHReachesEveryDaemon(t *testing.T) {
	s := start(t, 40) // three daemons
	for _, i := range []int{0, 20, 39} {
		out, err := exec.CommandContext(t.Context(), "ssh", "-F", s.SSHConfig, s.Addrs[i],
			`echo "$(id -un) $SSH_CONNECTION"`).CombinedOutput()
		if err != nil {
			t.Fatalf("ssh %s: %v: %s", s.Addrs[i], err, out)
		}
		fields := strings.Fields(string(out))
		if len(fields) != 5 || fields[0] != s.User || fields[3] != s.Addrs[i] {
			t.Errorf("ssh %s said %q, want account %s and that address", s.Addrs[i], out, s.User)
		}
	}
}

func TestAnotherHostKeyIsRefused(t *testing.T) {
	s := start(t, 1)
	other, err := makeKey(t.Context(), filepath.Join(t.TempDir(), "other"))
	if err != nil {
		t.Fatal(err)
	}
	if err := writeFile(s.KnownHosts, fmt.Sprintf("[%s]:%d %s\n", s.Addrs[0], s.Port, other)); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "ssh", "-F", s.SSHConfig, s.Addrs[0], "true").CombinedOutput(); err == nil {
		t.Fatalf("ssh accepted a wrong host key: %s", out)
	}
}

func TestAuthorizeAddsAKey(t *testing.T) {
	s := start(t, 1)
	other := filepath.Join(t.TempDir(), "other")
	line, err := makeKey(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	login := func(key string) error {
		config := filepath.Join(t.TempDir(), "config")
		text, err := os.ReadFile(s.SSHConfig)
		if err != nil {
			t.Fatal(err)
		}
		if err := writeFile(config, strings.ReplaceAll(string(text), s.KeyFile, key)); err != nil {
			t.Fatal(err)
		}
		return exec.CommandContext(t.Context(), "ssh", "-F", config, s.Addrs[0], "true").Run()
	}
	if login(other) == nil {
		t.Error("a key that nobody authorised logged in")
	}
	if err := s.Authorize(line + " comment"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(login(other), login(s.KeyFile)); err != nil {
		t.Errorf("after Authorize: %v", err)
	}
}

// A session that is running when the servers close must not outlive them.
func TestCloseEndsSessions(t *testing.T) {
	s, err := Start(t.Context(), Options{N: 2})
	if errors.Is(err, ErrMissing) {
		t.Skipf("no OpenSSH here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "ssh", "-F", s.SSHConfig, s.Addrs[1], "echo up; exec sleep 600")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := stdout.Read(make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	dir := s.Dir
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the session ended well, want it cut off")
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	if c, err := net.DialTimeout("tcp", fmt.Sprintf("%s:%d", s.Addrs[0], s.Port), time.Second); err == nil {
		t.Errorf("something still listens: %v", c.Close())
	}
}

func TestAssetsNameEveryServer(t *testing.T) {
	s := &Servers{Port: 2222, User: "u", HostKeyLine: "ssh-ed25519 AAAA"}
	for i := range 12 {
		s.Addrs = append(s.Addrs, fmt.Sprintf("127.0.1.%d", i+1))
	}
	dir := t.TempDir()
	if err := s.WriteAssets(dir); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "Serverinfo.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(raw, []byte(bom)) {
		t.Error("no byte-order mark, which the legacy files begin with")
	}
	var got struct {
		Servers []assetServer `xml:"server"`
	}
	if err := xml.Unmarshal(bytes.TrimPrefix(raw, []byte(bom)), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Servers) != 12 {
		t.Fatalf("%d servers, want 12", len(got.Servers))
	}
	last := got.Servers[11]
	if last.LIP != "127.0.1.12" || last.Serial != "SN-012" || last.Port != 2222 || last.HostKey != s.HostKeyLine || last.Option != 2 {
		t.Errorf("last server is %+v", last)
	}
}

func TestTooManyServersIsRefused(t *testing.T) {
	if _, err := Start(context.Background(), Options{N: MaxServers + 1}); err == nil {
		t.Fatal("started more servers than there can be")
	}
}
