package modules

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// real are the shells that run scripts with this machine's own programs.
func real(t *testing.T) map[string]func(id string, params ...string) result {
	t.Helper()
	out := map[string]func(string, ...string) result{}
	for name, run := range shells(t) {
		if name == "dash" || name == "interp" {
			continue
		}
		out[name] = func(id string, params ...string) result {
			t.Helper()
			env := []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=" + os.Getenv("HOME"), "TMPDIR=" + t.TempDir()}
			for _, p := range params {
				env = append(env, "OM_"+p)
			}
			return run(script(t, id), env)
		}
	}
	return out
}

// good and bad check an ending: nothing on stderr and some output, or one line of reason and a code.
func good(t *testing.T, name string, got result, says string) {
	t.Helper()
	if got.exit != 0 || got.err != "" || !strings.Contains(got.out, says) || got.out == "" {
		t.Errorf("%s: %+v, want %q", name, got, says)
	}
}

func wrong(t *testing.T, name string, got result, exit int, says string) {
	t.Helper()
	if got.exit != exit || strings.Count(got.err, "\n") != 1 || !strings.Contains(got.err, says) {
		t.Errorf("%s: %+v, want exit %d and %q", name, got, exit, says)
	}
}

func needs(t *testing.T, programs ...string) bool {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Logf("SKIPPED a part: %s is not installed", p)
			return false
		}
	}
	return true
}

func TestListsOfThisMachine(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	port := strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
	for shell, run := range real(t) {
		good(t, shell+" 3105", run("3105"), ":"+port+" ")
		good(t, shell+" 3106", run("3106"), "root uid=0 gid=0 /root ")
		good(t, shell+" 3107", run("3107"), "root gid=0 \n")
		good(t, shell+" 3109", run("3109"), "")
		good(t, shell+" 3110", run("3110"), "")
		good(t, shell+" 3601", run("3601", "percent=0"), "% of space\n")
		good(t, shell+" 3601 none", run("3601", "percent=101"), "no file system is filled to 101% or more\n")
		if got := run("3201"); !strings.HasPrefix(got.out, "processor: ") || !strings.Contains(got.out, " GiB\n") || (got.exit == 0) != (got.err == "") {
			t.Errorf("%s 3201: %+v", shell, got)
		}
		if needs(t, "sysctl") {
			good(t, shell+" 3612", run("3612", "filter=net.core.somaxconn"), "net.core.somaxconn = ")
			wrong(t, shell+" 3612", run("3612", "filter=no such parameter"), 1, "no kernel parameter")
		}
		if shell == "sh" && needs(t, "apt-get") { // it takes seconds
			good(t, shell+" 3611", run("3611"), "")
		}
		if shell == "busybox" {
			continue // its own ps comes before PATH and cannot sort
		}
		for _, order := range []string{"cpu", "memory"} {
			got := run("3600", "sort="+order, "count=3")
			good(t, shell+" 3600", got, "CPU% MEM%")
			if n := strings.Count(got.out, "\n"); n < 2 || n > 4 {
				t.Errorf("%s 3600: %d lines", shell, n)
			}
		}
	}
}

// The same list comes in each way a server may offer it.
func TestPortsByOtherPrograms(t *testing.T) {
	const ss = `printf 'Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\nudp UNCONN 0 0 0.0.0.0:68 0.0.0.0:*\ntcp LISTEN 0 128 [::]:22 [::]:* users:(("sshd",pid=9,fd=3))\n'`
	const netstat = `printf 'Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address Foreign Address State PID/Program name\ntcp6 0 0 :::22 :::* LISTEN 9/sshd: /usr/sbin/s\nudp 0 0 0.0.0.0:68 0.0.0.0:* -\n'`
	const proc = `echo "  sl  local_address rem_address   st"; echo "   0: 00000000:0016 00000000:0000 0A 0"; echo "   1: 00000000:0017 00000000:0000 01 0"`
	for want, commands := range map[string]map[string]string{
		"tcp [::]:22 sshd\nudp 0.0.0.0:68 -\n": {"ss": ss},
		"tcp :::22 sshd\nudp 0.0.0.0:68 -\n":   {"netstat": netstat},
		"tcp port 22\n":                        {"cat": proc},
	} {
		commands["sort"] = `exec /usr/bin/sort "$@"`
		for _, shell := range []string{"sh", "interp"} {
			got := shells(t)[shell](script(t, "3105"), []string{stubs(t, commands)})
			if got.out != want || got.exit != 0 {
				t.Errorf("%s: %+v, want %q", shell, got, want)
			}
		}
	}
}

func TestNetworkChecks(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/no" {
			http.NotFound(w, r)
		}
	}))
	defer srv.Close()
	tls := httptest.NewTLSServer(http.NotFoundHandler())
	defer tls.Close()
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, closed, _ := net.SplitHostPort(dead.Addr().String())
	dead.Close()
	_, open, _ := net.SplitHostPort(srv.Listener.Addr().String())
	_, secure, _ := net.SplitHostPort(tls.Listener.Addr().String())
	for shell, run := range real(t) {
		good(t, shell+" 3605", run("3605", "host=127.0.0.1", "port="+open), "port "+open+" is open, ")
		wrong(t, shell+" 3605", run("3605", "host=127.0.0.1", "port="+closed), 1, "cannot be reached")
		good(t, shell+" 3606", run("3606", "host=localhost"), " ms\n")
		wrong(t, shell+" 3606", run("3606", "host=no-such-host.invalid"), 1, "cannot be resolved")
		if needs(t, "curl") {
			good(t, shell+" 3607", run("3607", "url="+srv.URL+"/a?b=1&c=2"), "status 200, ")
			wrong(t, shell+" 3607", run("3607", "url="+srv.URL+"/no"), 1, "answers with an error")
			wrong(t, shell+" 3607", run("3607", "url=http://127.0.0.1:"+closed+"/"), 1, "does not answer")
		}
		if needs(t, "openssl") {
			good(t, shell+" 3608", run("3608", "host=127.0.0.1", "port="+secure, "file=", "days=30"), "notAfter=")
			wrong(t, shell+" 3608", run("3608", "host=127.0.0.1", "port="+closed, "file=", "days=30"), 1, "no certificate")
		}
		if got := run("3604", "host=127.0.0.1", "count=1"); got.exit == 0 && !strings.Contains(got.out, "packets") || got.exit != 0 && strings.Count(got.err, "\n") != 1 {
			t.Errorf("%s 3604: %+v", shell, got)
		}
		good(t, shell+" 3500", run("3500", "kind=redis", "port="+open), "redis: ")
		wrong(t, shell+" 3500", run("3500", "kind=kafka", "port="+closed), 1, "nothing listens on port "+closed)
	}
}

func TestCertificateOfAFile(t *testing.T) {
	if !needs(t, "openssl") {
		t.Skip("SKIPPED: openssl is not installed")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "om test"}, NotAfter: time.Now().Add(72 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a certificate; with $(signs).pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	for shell, run := range real(t) {
		good(t, shell, run("3608", "host=", "port=443", "file="+file, "days=2"), "om test")
		wrong(t, shell, run("3608", "host=", "port=443", "file="+file, "days=4"), 1, "ends within 4 days")
		wrong(t, shell, run("3608", "host=", "port=443", "file=/no/such", "days=4"), 1, "no certificate")
		wrong(t, shell, run("3608", "host=", "port=443", "file=", "days=4"), 2, "neither")
	}
}

func TestFoldersOfThisMachine(t *testing.T) {
	write := func(name, text string, age time.Duration) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(t.TempDir(), "-a 'folder'")
	write(dir+"/x/new.sql", "1", time.Hour)
	write(dir+"/x/old.sql", "1", 48*time.Hour)
	write(dir+"/x/empty.sql", "", time.Hour)
	same := t.TempDir()
	write(same+"/x/new.sql", "1", time.Hour)
	write(same+"/x/old.sql", "1", time.Hour)
	write(same+"/x/empty.sql", "", time.Hour)
	other := t.TempDir()
	write(other+"/x/new.sql", "2", time.Hour)
	for shell, run := range real(t) {
		if got := run("3305", "folder="+dir, "hours=24"); got.out != dir+"/x/new.sql\n" || got.exit != 0 {
			t.Errorf("%s 3305: %+v", shell, got)
		}
		wrong(t, shell+" 3305", run("3305", "folder="+dir, "hours=1"), 1, "younger than 1 hours")
		wrong(t, shell+" 3305", run("3305", "folder=/no/such", "hours=1"), 1, "does not exist")
		a, b, c := run("3613", "folder="+dir), run("3613", "folder="+same), run("3613", "folder="+other)
		good(t, shell+" 3613", a, "3 files, sha256 ")
		if a.out != b.out || a.out == c.out {
			t.Errorf("%s 3613: %q %q %q", shell, a.out, b.out, c.out)
		}
		wrong(t, shell+" 3613", run("3613", "folder=/no/such"), 1, "cannot be opened")
	}
}

func TestBackgroundCheck(t *testing.T) {
	const odd = "31536000.4711"
	cmd := exec.CommandContext(t.Context(), "sleep", odd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	for shell, run := range real(t) {
		good(t, shell, run("3400", "process=sleep "+odd), "1 running\n")
		wrong(t, shell, run("3400", "process=sleep [0-9]*.4711"), 1, "no process runs")
	}
}

func TestRunScript(t *testing.T) {
	for shell, run := range real(t) {
		for _, c := range []struct{ interpreter, script, out string }{
			{"sh", "read -r x || echo \"empty '$0'\" | cut -c 1-5\nexit 7", "empty\n"},
			{"bash", "a=(1 2 3)\necho \"${#a[@]}\"\nexit 7", "3\n"},
			{"python3", "import sys\nprint('系统')\nsys.exit(7)", "系统\n"},
		} {
			if !needs(t, c.interpreter) {
				continue
			}
			got := run("3614", "interpreter="+c.interpreter, "script="+c.script, "x=", "PYTHONUTF8=1")
			if c.interpreter == "python3" && strings.Contains(got.err, "codec") {
				t.Errorf("%s: %q", shell, got.err)
			}
			if got.out != c.out || got.exit != 7 {
				t.Errorf("%s %s: %+v", shell, c.interpreter, got)
			}
		}
		wrong(t, shell, run("3614", "interpreter=perl", "script=1"), 2, "not in the list")
	}
}
