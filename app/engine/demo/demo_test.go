package demo_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"omanager/app/engine"
	"omanager/app/engine/demo"
	"omanager/app/engine/enginetest"
	"omanager/app/engine/ssh"
	"omanager/app/inventory"
	"omanager/app/job"

	xssh "golang.org/x/crypto/ssh"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fleet starts n servers and an engine for them.
func fleet(t *testing.T, n int) (*ssh.Engine, []engine.Host) {
	t.Helper()
	f, err := demo.Start(n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	e, err := ssh.New(ssh.Config{Signers: []xssh.Signer{f.Signer()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	_, servers := f.Inventory()
	return e, hosts(servers)
}

func hosts(servers []inventory.Server) []engine.Host {
	out := make([]engine.Host, 0, len(servers))
	for _, s := range servers {
		out = append(out, engine.Host{ID: s.ID, Addr: s.DialAddr(), Port: s.Port, User: s.User, HostKey: s.HostKey})
	}
	return out
}

func TestSuite(t *testing.T) {
	e, all := fleet(t, 8)
	enginetest.Run(t, enginetest.Setup{Engine: e, Hosts: all, Dead: engine.Host{ID: "dead", Addr: "127.0.0.1", Port: 1, User: "ops", HostKey: all[0].HostKey}})
}

// run runs a script and gives each host's record.
func run(ctx context.Context, t *testing.T, e engine.Engine, hosts []engine.Host, task engine.Task) map[string]enginetest.Record {
	t.Helper()
	task.JobID, task.Timeout = "job", time.Minute
	r := enginetest.NewRecorder()
	if err := e.Run(ctx, task, hosts, 0, r); err != nil {
		t.Fatal(err)
	}
	out := map[string]enginetest.Record{}
	for _, h := range hosts {
		out[h.ID] = r.Host(h.ID)
	}
	return out
}

// groups counts equal outputs of the hosts that ended well.
func groups(got map[string]enginetest.Record) map[string]int {
	out := map[string]int{}
	for _, r := range got {
		if r.Result.Outcome.Good() {
			out[string(r.Out[job.Stdout])]++
		}
	}
	return out
}

func TestFiftyServersShowEveryKindOfEnd(t *testing.T) {
	e, all := fleet(t, 50)
	got := run(t.Context(), t, e, all, engine.Task{Script: script(t, "bas_1003_os_version")})
	counts := map[job.Outcome]int{}
	problems := map[string]string{}
	for id, r := range got {
		counts[r.Result.Outcome]++
		if r.Result.Problem != "" {
			problems[id] = r.Result.Problem
		}
	}
	if counts[job.OK] != 46 || counts[job.Failed] != 2 || counts[job.Unreachable] != 2 {
		t.Errorf("outcomes %v, problems %v", counts, problems)
	}
	want := map[string]string{"web09": "host_exit", "db05": "host_exit", "web13": "host_unreachable", "lb03": "host_key_changed"}
	for id, p := range want {
		if problems[id] != p {
			t.Errorf("%s has problem %q, want %q", id, problems[id], p)
		}
	}
	g := groups(got)
	if len(g) != 3 {
		t.Errorf("%d groups of versions, want 3: %v", len(g), g)
	}
	for text := range g {
		if !strings.Contains(text, "kernel ") {
			t.Errorf("odd version %q", text)
		}
	}
}

// script reads a shipped module's task.
func script(t *testing.T, folder string) []byte {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	b, err := os.ReadFile(filepath.Join(filepath.Dir(here), "..", "..", "..", "modules", "library", folder, "ssh.sh"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestShippedModules(t *testing.T) {
	e, all := fleet(t, 10)
	for _, c := range []struct {
		folder string
		params map[string]string
		ok     int // hosts that end well
		says   string
	}{
		{"bas_1000_command", map[string]string{"command": "cat /proc/modules | grep -c . && echo \"$(hostname)\" | wc -l"}, 10, "1\n"},
		{"bas_1001_system_log", map[string]string{"lines": "7"}, 10, "]: "},
		{"bas_1002_latest_logins", map[string]string{"lines": "7"}, 10, "sshd"},
		{"bas_1003_os_version", nil, 10, "kernel "},
		{"bas_1004_kernel_modules", nil, 10, "Module"},
		{"app_1006_show_config", map[string]string{"app": "sysctl"}, 10, "vm.swappiness"},
		{"app_1006_show_config", map[string]string{"app": "haproxy"}, 1, "balance"},
		{"bas_1007_restart_service", map[string]string{"service": "mysql"}, 3, "mysqld was restarted and is up"},
	} {
		got := run(t.Context(), t, e, all, engine.Task{Script: script(t, c.folder), Params: c.params})
		ok := 0
		for id, r := range got {
			if !r.Result.Outcome.Good() {
				if r.Result.Problem != "host_exit" {
					t.Errorf("%s on %s: %+v", c.folder, id, r.Result)
				}
				continue
			}
			ok++
			if text := string(r.Out[job.Stdout]); !strings.Contains(text, c.says) || len(r.Out[job.Stderr]) > 0 {
				t.Errorf("%s on %s said %q", c.folder, id, r.Out)
			}
		}
		if ok != c.ok {
			t.Errorf("%s %v: %d ended well, want %d", c.folder, c.params, ok, c.ok)
		}
	}
}

func TestCommandsPeopleTry(t *testing.T) {
	e, all := fleet(t, 1)
	for command, want := range map[string]string{
		"tail -3 /var/log/messages | wc -l":                                                 "3\n",
		"head -n1 /etc/hostname":                                                            "web01\n",
		"grep -c nginx /etc/passwd":                                                         "1\n",
		"cut -d: -f1,3 /etc/group | sort -t: -k2 -n | head -n 2":                            "root:0\nbin:1\n",
		"printf 'b\\na\\nb\\n' | sort | uniq -c | sort -rn":                                 "      2 b\n      1 a\n",
		"echo hello | tr a-z A-Z":                                                           "HELLO\n",
		"sed -n '2p' /etc/group":                                                            "bin:x:1:\n",
		"echo 'a=1' | sed 's/\\(.\\)=\\(.\\)/\\2=\\1/'":                                     "1=a\n",
		"awk -F: '$3==\"0\" {print $1, $7}' /etc/passwd":                                    "root /bin/bash\n",
		"command -v nginx systemctl; echo $?":                                               "/usr/bin/systemctl\n1\n",
		"systemctl is-active nginx":                                                         "active\n",
		"systemctl stop nginx; systemctl is-active nginx; echo $?; systemctl start nginx":   "inactive\n3\n",
		"d=$(mktemp -d); echo x >$d/f; cat $d/f; rm -rf $d; ls $d 2>/dev/null || echo gone": "x\ngone\n",
		"f=/tmp/s.sh; printf '#!/bin/sh\\necho \"got $1\"\\n' >$f; chmod +x $f; $f arg":     "got arg\n",
		"cd /etc && ls -d hos*":                                                             "hostname\nhosts\n",
		"for i in $(seq 3); do echo $i; done":                                               "1\n2\n3\n",
		"sh -c 'echo $0 $1; exit 4' a b || echo $?":                                         "sh b\n4\n",
		"[ -x /usr/bin/uname ] && [ ! -e /nope ] && [ -d /etc ] && echo ok":                 "ok\n",
		"kill -0 1 || echo no":                                                              "no\n",
		"cat /nope; echo $?":                                                                "1\n",
		"nosuch; echo $?":                                                                   "127\n",
		"cat <<EOF\nuser $(whoami)\nEOF":                                                    "user ops\n",
		"echo a >>/tmp/l; echo b >>/tmp/l; cat /tmp/l":                                      "a\nb\n",
		"id -u; nproc; uname -s":                                                            "1000\n8\nLinux\n",
		"yes=1; test \"$yes\" = 1 && timeout 5 echo in time":                                "in time\n",
	} {
		got := run(t.Context(), t, e, all, engine.Task{Script: []byte(command + "\n")})["web01"]
		if string(got.Out[job.Stdout]) != want {
			t.Errorf("%s\n got %q %+v\nwant %q", command, got.Out, got.Result, want)
		}
	}
}

func TestNothingReachesTheRealMachine(t *testing.T) {
	e, all := fleet(t, 1)
	dir := t.TempDir()
	marker, secret := filepath.ToSlash(filepath.Join(dir, "marker")), filepath.ToSlash(filepath.Join(dir, "secret"))
	if err := os.WriteFile(secret, []byte("real"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{
		"echo x >" + marker, "touch " + marker, "cp /etc/hosts " + marker, "/bin/sh -c 'echo x >" + marker + "'",
		"cat " + secret, "cat <" + secret, ". " + secret, "ls " + dir + "/*", "cat <(cat " + secret + ")",
		"echo x > >(cat >" + marker + ")", "[ -e " + secret + " ] && echo real", "cd " + dir + " && echo real", "command -v " + secret,
		"type " + secret, "command " + secret, "exec " + secret, "read x <" + secret + "; echo $x", "mapfile x <" + secret + "; echo $x",
		"builtin type go", "command kill -9 1", "mkdir -p " + dir + "; echo x | tee " + marker,
		"f() { f; }; f", "f() { g; }; g() { f; }; f", "echo 'sh /tmp/me' >/tmp/me; sh /tmp/me",
	} {
		got := run(t.Context(), t, e, all, engine.Task{Script: []byte(command + "\n")})["web01"]
		if _, err := os.Stat(marker); err == nil {
			t.Fatalf("%s wrote a real file", command)
		}
		if strings.Contains(string(got.Out[job.Stdout]), "real") {
			t.Errorf("%s read a real file: %q", command, got.Out)
		}
	}
}

func TestFleetRefusesOtherKeys(t *testing.T) {
	f, err := demo.Start(1)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	other, err := demo.Start(1)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	e, err := ssh.New(ssh.Config{Signers: []xssh.Signer{other.Signer()}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	_, servers := f.Inventory()
	got := run(t.Context(), t, e, hosts(servers), engine.Task{Script: []byte("echo in\n")})["web01"]
	if got.Result.Outcome != job.Unreachable || got.Result.Problem != "host_auth" {
		t.Errorf("ended %+v", got.Result)
	}
}
