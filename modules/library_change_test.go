package modules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// flow is a run of a script whose programs are stand-ins that share the folder $S.
type flow struct {
	name, id, env string
	commands      map[string]string
	exit          int
	out, err, log string // parts
}

func TestModulesThatChange(t *testing.T) {
	const apt = `case "$*" in *install*) echo "$@" >>$S/log; touch $S/there; echo noise ;; esac`
	deb := func(get, cache string) map[string]string {
		return map[string]string{"dpkg-query": `test -e $S/there && printf installed`, "apt-get": get, "apt-cache": cache, "touch": `: >"$1"`}
	}
	rpm := map[string]string{"rpm": `test -e $S/there`, "dnf": apt, "touch": `: >"$1"`}
	users := func(shadow string) map[string]string {
		return map[string]string{
			"id": `case "$2" in root) echo 0 ;; om-none) exit 1 ;; ops) echo 1000 ;; '') echo 1000 ;; *) echo 1001 ;; esac`, "usermod": `echo "$@" >>$S/log`,
			"getent": "echo 'wang:" + shadow + "'",
		}
	}
	const has = `test "$1" = cat && test "$2" = mariadb && exit 0; test "$1" = cat && exit 1; echo "$@" >>$S/log; `
	ports := map[string]string{
		"ss":   `printf 'tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=9,fd=3))\nudp UNCONN 0 0 [::]:68 [::]:*\ntcp LISTEN 0 1 127.0.0.1:25 0.0.0.0:*\n'`,
		"sort": `exec /usr/bin/sort "$@"`, "grep": `exec /bin/grep "$@"`, "tr": `exec /usr/bin/tr "$@"`,
	}
	query := func(rows string) map[string]string {
		return map[string]string{"mysql": `echo "$@" >>$S/log; ` + rows}
	}
	for _, f := range []flow{
		{"3200 apt", "3200", "OM_package=vim", deb(apt, "exit 0"), 10, "vim was installed\n", "", "-q -y install -- vim\n"},
		{"3200 apt, not known", "3200", "OM_package=vim", deb(apt, "echo E: no package; exit 100"), 1, "", "E: no package\nvim was not installed\n", ""},
		{"3200 apt fails", "3200", "OM_package=vim", deb("echo E: locked; exit 100", "exit 0"), 1, "", "E: locked\n", ""},
		{"3200 there", "3200", "OM_package=sh", map[string]string{"dpkg-query": "printf installed"}, 0, "sh is already installed\n", "", ""},
		{"3200 dnf", "3200", "OM_package=gcc-c++", rpm, 10, "gcc-c++ was installed\n", "", "-q -y install -- gcc-c++\n"},
		{"3200 no tool", "3200", "OM_package=vim", nil, 1, "", "no package tool", ""},
		{"3200 option", "3200", "OM_package=-oX=1", deb(apt, "exit 0"), 2, "", "not the name of a package", ""},
		{"3200 removal", "3200", "OM_package=vim-", deb(apt, "exit 0"), 2, "", "not the name of a package", ""},
		{"3610 lock", "3610", "OM_user=wang\nOM_action=lock", users("$6$x:19000:0:99999:7:::"), 10, "wang: lock done\n", "", "-L -e 1 wang\n"},
		{"3610 locked", "3610", "OM_user=wang\nOM_action=lock", users("!$6$x:19000:0:99999:7::1:"), 0, "nothing to do", "", ""},
		{"3610 only no password", "3610", "OM_user=wang\nOM_action=lock", users("!:19000:0:99999:7:::"), 10, "lock done", "", "-L -e 1 wang\n"},
		{"3610 unlock", "3610", "OM_user=wang\nOM_action=unlock", users("!$6$x:19000:0:99999:7::1:"), 10, "unlock done", "", "-e  wang\n-U wang\n"},
		{"3610 root", "3610", "OM_user=root\nOM_action=lock", users(""), 2, "", "never locked", ""},
		{"3610 itself", "3610", "OM_user=ops\nOM_action=lock", users(""), 2, "", "never locked", ""},
		{"3610 nobody", "3610", "OM_user=om-none\nOM_action=lock", users(""), 3, "", "does not exist", ""},
		{"3302", "3302", "", map[string]string{"systemctl": has, "mysqladmin": "exit 0"}, 0, "mariadb was restarted and answers\n", "", "restart mariadb\n"},
		{"3302 waits", "3302", "", map[string]string{"systemctl": has, "mysqladmin": "test -e $S/up", "sleep": ": >$S/up"}, 0, "answers\n", "", ""},
		{"3302 dead", "3302", "", map[string]string{"systemctl": has, "mysqladmin": "exit 1", "sleep": ""}, 1, "", "does not answer", ""},
		{"3302 fails", "3302", "", map[string]string{"systemctl": has + "exit 1"}, 1, "", "did not restart", ""},
		{"3302 absent", "3302", "", map[string]string{"systemctl": "exit 1"}, 3, "", "no MySQL or MariaDB", ""},
		{"3303 none", "3303", "", query("exit 0"), 0, "no statement waits", "", "--batch --skip-column-names"},
		{"3303 rows", "3303", "", query(`printf '7\troot\tshop\t12\tupdating\tUPDATE t\n'`), 0, "id\tuser\tdatabase\tseconds\tstate\tstatement\n7\troot", "", ""},
		{"3303 refused", "3303", "", query("echo 'ERROR 1045: Access denied' >&2; exit 1"), 1, "", "cannot be read: ERROR 1045", ""},
		{"3303 no client", "3303", "", nil, 3, "", "no mysql client", ""},
		{"3304", "3304", "OM_seconds=5", query("exit 0"), 0, "no write statement", "", "time >= 5 AND"},
		{"3304 injection", "3304", "OM_seconds=5; DROP TABLE x", query("exit 0"), 2, "", "not a number", ""},
		{"3609 chrony", "3609", "", map[string]string{"chronyc": `printf 'System time     : 0.000010 seconds slow of NTP time\nLeap status     : Normal\n'`, "sed": `exec /bin/sed "$@"`}, 0, "chrony: 0.000010 seconds slow", "", ""},
		{"3609 not synchronised", "3609", "", map[string]string{"chronyc": `echo "Leap status     : Not synchronised"`, "sed": `exec /bin/sed "$@"`}, 1, "offset unknown", "Not synchronised", ""},
		{"3609 nothing", "3609", "", map[string]string{"sed": "exit 0"}, 3, "", "cannot be read", ""},
		{"3602 up", "3602", "OM_service=nginx", map[string]string{"systemctl": `case "$1" in is-active) echo active ;; is-enabled) echo enabled ;; esac`}, 0, "nginx: active, enabled\n", "", ""},
		{"3602 down", "3602", "OM_service=nginx", map[string]string{"systemctl": `case "$1" in cat) ;; is-active) echo failed; exit 3 ;; *) echo disabled; exit 1 ;; esac`}, 1, "nginx: failed, disabled\n", "is not up", ""},
		{"3602 absent", "3602", "OM_service=nginx", nil, 3, "", "does not exist", ""},
		{"3611 dnf", "3611", "", map[string]string{"dnf": `printf '\nvim.x86_64  9.1  updates\nbash.x86_64 5.2 updates\nObsoleting Packages\nold.x86_64 1 x\n'; exit 100`, "sed": `exec /bin/sed "$@"`, "sort": `exec /usr/bin/sort "$@"`, "grep": `exec /bin/grep "$@"`}, 0, "bash.x86_64\nvim.x86_64\n", "", ""},
		{"3615 traceroute", "3615", "OM_host=h.example", map[string]string{"traceroute": `echo run "$@"`}, 0, "run -n -q 1 -w 2 -m 20 h.example\n", "", ""},
		{"3615 tracepath", "3615", "OM_host=h.example", map[string]string{"tracepath": `echo run "$@"`}, 0, "run -n -m 20 h.example\n", "", ""},
		{"3615 nothing", "3615", "OM_host=h.example", nil, 3, "", "no tool", ""},
		{"3615 option", "3615", "OM_host=-i", map[string]string{"traceroute": `echo run "$@"`}, 2, "", "not a host", ""},
		{"3616 same", "3616", "OM_allowed=tcp/22 udp/68", ports, 0, "same as allowed: 2 ports\n", "", ""},
		{"3616 extra", "3616", "OM_allowed=tcp/22", ports, 1, "extra udp/68 -\n", "not allowed", ""},
		{"3616 closed", "3616", "OM_allowed=tcp/2 tcp/22 udp/68", ports, 0, "closed tcp/2 -\n", "", ""},
		{"3616 nothing allowed", "3616", "OM_allowed=", ports, 1, "extra tcp/22 sshd\n", "not allowed", ""},
		{"3616 pattern", "3616", "OM_allowed=.*", ports, 2, "", "not of the form", ""},
		{"3618 clean", "3618", "OM_folder=/", map[string]string{"clamdscan": `echo "$@" >>$S/log; exit 0`}, 0, "/ is clean\n", "", "--no-summary -- /\n"},
		{"3618 found", "3618", "OM_folder=/", map[string]string{"clamdscan": `test "$1" = --ping && exit 1`, "clamscan": `echo "/a: Eicar FOUND"; exit 1`}, 1, "/a: Eicar FOUND\n", "was found", ""},
		{"3618 broken", "3618", "OM_folder=/", map[string]string{"clamscan": `echo "LibClamAV Error: no database"; exit 2`, "head": `exec /usr/bin/head "$@"`}, 4, "", "no database", ""},
		{"3618 nothing", "3618", "OM_folder=/", nil, 3, "", "no scanner", ""},
		{"3611 fails", "3611", "", map[string]string{"yum": `exit 1`, "sed": `exec /bin/sed "$@"`, "sort": `exec /usr/bin/sort "$@"`, "grep": `exec /bin/grep "$@"`}, 1, "", "could not list", ""},
	} {
		for _, shell := range []string{"sh", "bash", "interp"} {
			dir := t.TempDir()
			env := append([]string{stubs(t, f.commands), "S=" + dir, "LC_ALL=C"}, strings.Split(f.env, "\n")...)
			if f.env == "" {
				env = env[:3]
			}
			run, has := shells(t)[shell]
			if !has {
				continue
			}
			got := run(script(t, f.id), env)
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			if got.exit != f.exit || !strings.Contains(got.out, f.out) || !strings.Contains(got.err, f.err) || !strings.Contains(string(log), f.log) {
				t.Errorf("%s in %s: %+v, log %q", f.name, shell, got, log)
			}
			if f.err == "" && got.err != "" || f.exit != 0 && f.exit != 10 && f.err == "" {
				t.Errorf("%s in %s: stderr %q", f.name, shell, got.err)
			}
			if f.log == "" && f.exit == 2 && len(log) > 0 {
				t.Errorf("%s in %s acted: %q", f.name, shell, log)
			}
			if m, _ := shipped(t).Get(f.id); f.exit == 10 && (len(m.Changed) != 1 || m.Changed[0] != 10) {
				t.Errorf("%s: changed is %v", f.name, m.Changed)
			}
		}
	}
}
