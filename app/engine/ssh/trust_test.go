package ssh

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"omanager/app/engine"
	"omanager/app/engine/enginetest"
	"omanager/app/job"
)

// TestS01KeyTakenBack: a standing connection is not used any more once known_hosts does not hold the key it was made
// with, nor one that goes through such a jump host. While nothing changes there, connections are used again, which is
// what makes the check necessary.
func TestS01KeyTakenBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "known_hosts")
	e, hosts, s := real(t, 2, func(c *Config) { c.KnownHosts = file })
	right, _, _, _, err := ssh.ParseAuthorizedKey([]byte(s.HostKeyLine))
	if err != nil {
		t.Fatal(err)
	}
	wrong := newSigner(t).PublicKey()
	hop, target := hosts[0], hosts[1]
	hop.HostKey, target.HostKey = "", ""
	behind := target
	behind.Jump = fmt.Sprintf("%s@%s:%d", s.User, hop.Addr, s.Port)
	trust := func(targetKey, hopKey ssh.PublicKey) {
		t.Helper()
		text := knownhosts.Line([]string{joinPort(target.Addr, s.Port)}, targetKey) + "\n" +
			knownhosts.Line([]string{joinPort(hop.Addr, s.Port)}, hopKey) + "\n"
		if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	run := func(h engine.Host) enginetest.Record { return one(t.Context(), t, e, h, "true\n", time.Minute) }

	trust(right, right)
	want(t, run(target), job.OK, "")
	want(t, run(behind), job.OK, "")
	trust(right, right) // another file that says the same
	want(t, run(target), job.OK, "")
	want(t, run(behind), job.OK, "")
	e.pool.mu.Lock()
	total := e.pool.total
	e.pool.mu.Unlock()
	if total != 3 {
		t.Errorf("%d connections, want one for the target, the hop and the target behind it", total)
	}
	trust(wrong, right)
	want(t, run(target), job.Unreachable, "host_key_changed")
	trust(right, wrong)
	want(t, run(behind), job.Unreachable, "host_unreachable")
	want(t, run(target), job.OK, "")
}
