package demo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

func systemTools() map[string]tool {
	return map[string]tool{
		"uname": uname, "hostname": hostname, "uptime": uptime, "date": date, "df": df, "free": free, "ps": ps, "lsmod": lsmod,
		"last": last, "who": who, "w": who, "id": id, "whoami": func(c *call) int { c.printf("%s\n", loginUser); return 0 },
		"groups": func(c *call) int { c.printf("%s wheel\n", loginUser); return 0 }, "systemctl": systemctl, "service": service, "journalctl": journalctl, "ss": ss,
		"netstat": ss, "ip": ip, "nproc": func(c *call) int { c.printf("%d\n", c.d.h.cpuCount); return 0 },
		"getent": getent, "crontab": func(c *call) int { return c.fail("no crontab for %s", loginUser) }, "pgrep": pgrep, "pidof": pgrep,
		"dmesg": func(c *call) int { c.printf("[    0.000000] Linux version %s\n", c.d.h.release.kernel); return 0 },
		"arch":  func(c *call) int { c.printf("%s\n", c.d.h.release.arch); return 0 },
	}
}

func uname(c *call) int {
	opts, _ := options(c.args, "")
	r := c.d.h.release
	var out []string
	add := func(v string, names ...string) {
		if has(opts, append(names, "a")...) {
			out = append(out, v)
		}
	}
	add("Linux", "s")
	add(c.d.h.name, "n")
	add(r.kernel, "r")
	add("#1 SMP", "v")
	add(r.arch, "m")
	if len(out) == 0 {
		out = []string{"Linux"}
	}
	c.printf("%s\n", strings.Join(out, " "))
	return 0
}

func hostname(c *call) int {
	opts, _ := options(c.args, "")
	if has(opts, "I", "i") {
		c.printf("%s\n", c.d.h.lip)
		return 0
	}
	c.printf("%s\n", c.d.h.name)
	return 0
}

func uptime(c *call) int {
	c.printf(" %s up 119 days,  0:07,  1 user,  load average: 0.%02d, 0.%02d, 0.20\n", time.Now().Format("15:04:05"), 11+c.d.h.index%37, 14+c.d.h.index%29)
	return 0
}

func date(c *call) int {
	now, layout := time.Now(), "Mon Jan _2 15:04:05 MST 2006"
	opts, rest := options(c.args, "d")
	if has(opts, "u") {
		now = now.UTC()
	}
	if has(opts, "R") {
		layout = time.RFC1123Z
	}
	if len(rest) > 0 && strings.HasPrefix(rest[0], "+") {
		c.printf("%s\n", strings.NewReplacer("%F", now.Format("2006-01-02"), "%T", now.Format("15:04:05"), "%Y", now.Format("2006"),
			"%m", now.Format("01"), "%d", now.Format("02"), "%H", now.Format("15"), "%M", now.Format("04"), "%S", now.Format("05"),
			"%s", strconv.FormatInt(now.Unix(), 10), "%N", now.Format("000000000"), "%z", now.Format("-0700"), "%Z", now.Format("MST"), "%%", "%").Replace(rest[0][1:]))
		return 0
	}
	c.printf("%s\n", now.Format(layout))
	return 0
}

func df(c *call) int {
	h := c.d.h
	used := h.diskGB * h.diskUsed / 100
	opts, _ := options(c.args, "t")
	if has(opts, "h") {
		c.printf("Filesystem      Size  Used Avail Use%% Mounted on\n/dev/vda1       %4dG %4dG %4dG %3d%% /\ntmpfs           %4dG     0 %4dG   0%% /run\n",
			h.diskGB, used, h.diskGB-used, h.diskUsed, h.memoryMB/2048, h.memoryMB/2048)
		return 0
	}
	c.printf("Filesystem     1K-blocks      Used Available Use%% Mounted on\n/dev/vda1      %d %d %d %3d%% /\n", h.diskGB<<20, used<<20, (h.diskGB-used)<<20, h.diskUsed)
	return 0
}

func free(c *call) int {
	opts, _ := options(c.args, "")
	unit, total := 1024, c.d.h.memoryMB
	switch {
	case has(opts, "m"):
		unit = 1
	case has(opts, "g", "h"):
		unit, total = 1, total/1024
	}
	t := total * unit
	c.printf("%15s %11s %11s %11s %11s %11s\n", "total", "used", "free", "shared", "buff/cache", "available")
	c.printf("Mem:  %9d %11d %11d %11d %11d %11d\nSwap: %9d %11d %11d\n", t, t*3/8, t/4, t/64, t*3/8, t/2, t/8, 0, t/8)
	return 0
}

func ps(c *call) int {
	if opts, _ := options(c.args, "o"); opts["o"] != "" {
		return psColumns(c, opts["o"])
	}
	c.printf("%-8s %7s %7s %s\n", "UID", "PID", "PPID", "CMD")
	c.printf("%-8s %7d %7d %s\n", "root", 1, 0, "/usr/lib/systemd/systemd --switched-root --system")
	for i, s := range c.d.h.units.running() {
		c.printf("%-8s %7d %7d %s\n", "root", 812+i*61, 1, "/usr/sbin/"+s)
	}
	return 0
}

func pgrep(c *call) int {
	_, names := options(c.args, "u")
	for i, s := range c.d.h.units.running() {
		if len(names) > 0 && strings.Contains(s, names[len(names)-1]) {
			c.printf("%d\n", 812+i*61)
			return 0
		}
	}
	return 1
}

func lsmod(c *call) int {
	data, err := c.d.h.files.read("/proc/modules")
	if err != nil {
		return c.fail("libkmod: ERROR: could not open /proc/modules: %s", reason(err))
	}
	c.printf("%-23s %8s  %s\n", "Module", "Size", "Used by")
	for _, l := range lines(data) {
		f := strings.Fields(l)
		c.printf("%-23s %8s  %s\n", f[0], f[1], strings.TrimRight(f[2]+" "+strings.Trim(f[3], "-,"), " "))
	}
	return 0
}

func last(c *call) int {
	opts, _ := options(numbered(c.args), "n")
	n, _, err := count(opts["n"])
	if err != nil || n > 12 {
		n = 12
	}
	now := time.Now().Truncate(24 * time.Hour)
	for i := range n {
		at := now.Add(-time.Duration(i*5+c.d.h.index%4) * time.Hour)
		c.printf("%-8s pts/0        10.20.0.%-8d %s - %s  (00:%02d)\n", loginUser, 20+(i+c.d.h.index)%8, at.Format("Mon Jan _2 15:04"), at.Add(20*time.Minute).Format("15:04"), 20)
	}
	return 0
}

func who(c *call) int {
	c.printf("%-8s pts/0        %s (10.20.0.%d)\n", loginUser, time.Now().Format("2006-01-02 15:04"), 20+c.d.h.index%8)
	return 0
}

func id(c *call) int {
	opts, names := options(c.args, "")
	if len(names) > 0 {
		data, _ := c.d.h.files.read("/etc/passwd")
		for _, l := range lines(data) {
			if f := strings.Split(l, ":"); f[0] == names[0] && len(f) > 2 {
				c.printf("%s\n", f[2])
				return 0
			}
		}
		return c.fail("id: '%s': no such user", names[0])
	}
	switch {
	case has(opts, "u") && !has(opts, "n"):
		c.printf("1000\n")
	case has(opts, "n"):
		c.printf("%s\n", loginUser)
	default:
		c.printf("uid=1000(%s) gid=1000(%s) groups=1000(%s),10(wheel)\n", loginUser, loginUser, loginUser)
	}
	return 0
}

func getent(c *call) int {
	if len(c.args) == 0 {
		return 1
	}
	if len(c.args) > 1 && strings.HasSuffix(c.args[0], "hosts") {
		return getentHosts(c, c.args[len(c.args)-1])
	}
	data, err := c.d.h.files.read("/etc/" + c.args[0])
	if err != nil {
		return 1
	}
	code := 2
	for _, l := range lines(data) {
		if len(c.args) == 1 || strings.HasPrefix(l, c.args[1]+":") {
			c.printf("%s\n", l)
			code = 0
		}
	}
	return code
}

func ports() map[string]int {
	return map[string]int{"nginx": 80, "httpd": 80, "haproxy": 80, "resin": 8080, "mysqld": 3306, "sshd": 22}
}

func ss(c *call) int {
	c.printf("%-6s %-6s %-6s %-6s %-22s %-20s %s\n", "Netid", "State", "Recv-Q", "Send-Q", "Local Address:Port", "Peer Address:Port", "Process")
	for i, s := range c.d.h.units.running() {
		if p := ports()[s]; p > 0 {
			c.printf("%-6s %-6s %-6d %-6d %-22s %-20s users:((%q,pid=%d,fd=6))\n", "tcp", "LISTEN", 0, 128, fmt.Sprintf("0.0.0.0:%d", p), "0.0.0.0:*", s, 812+i*61)
		}
	}
	return 0
}

func ip(c *call) int {
	if len(c.args) > 0 && strings.HasPrefix(c.args[len(c.args)-1], "r") {
		c.printf("default via 10.20.%s.1 dev eth0\n", strings.Split(c.d.h.lip, ".")[2])
		return 0
	}
	c.printf("1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n    inet 127.0.0.1/8 scope host lo\n2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n    inet %s/24 brd 10.20.255.255 scope global eth0\n", c.d.h.lip)
	return 0
}

// units are the services of one pretend server.
type units struct {
	mu    sync.Mutex
	names []string
	up    map[string]bool
	since map[string]time.Time
}

func newUnits(p profile) *units {
	u := &units{names: append([]string{"crond", "chronyd", "rsyslog", "sshd"}, p.services...), up: map[string]bool{}, since: map[string]time.Time{}}
	for _, n := range u.names {
		u.up[n], u.since[n] = true, time.Now().Add(-119*24*time.Hour)
	}
	return u
}

func (u *units) running() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	var out []string
	for _, n := range u.names {
		if u.up[n] {
			out = append(out, n)
		}
	}
	return out
}

// do carries out a verb; it returns systemctl's exit code.
func (u *units) do(c *call, verb, name string) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	name = strings.TrimSuffix(name, ".service")
	if !slices.Contains(u.names, name) {
		switch verb {
		case "is-active":
			c.printf("inactive\n")
			return 3
		case "status":
			_ = c.fail("Unit %s.service could not be found.", name)
			return 4
		case "cat":
			return c.fail("No files found for %s.service.", name)
		}
		_ = c.fail("Failed to %s %s.service: Unit %s.service not found.", verb, name, name)
		return 5
	}
	switch verb {
	case "start", "restart", "reload", "try-restart", "reload-or-restart":
		u.up[name], u.since[name] = true, time.Now()
	case "stop":
		u.up[name] = false
	}
	return u.show(c, verb, name)
}

func (u *units) show(c *call, verb, name string) int {
	state, code := "active", 0
	if !u.up[name] {
		state, code = "inactive", 3
	}
	switch verb {
	case "is-active":
		c.printf("%s\n", state)
		return code
	case "is-enabled":
		c.printf("enabled\n")
	case "cat":
		c.printf("# /usr/lib/systemd/system/%s.service\n[Unit]\nDescription=%s\n\n[Service]\nExecStart=/usr/sbin/%s\n", name, name, name)
	case "status":
		c.printf("● %s.service - %s\n     Loaded: loaded (/usr/lib/systemd/system/%s.service; enabled)\n     Active: %s since %s\n", name, name, name, state, u.since[name].Format("Mon 2006-01-02 15:04:05 MST"))
		return code
	}
	return 0
}

func systemctl(c *call) int {
	opts, words := options(c.args, "pt")
	if opts["type"] == "timer" {
		c.printf("%-28s enabled %-28s enabled\n", "logrotate.timer", "systemd-tmpfiles-clean.timer")
		return 0
	}
	if len(words) == 0 || words[0] == "list-units" || words[0] == "list-unit-files" {
		for _, s := range c.d.h.units.running() {
			c.printf("%-24s loaded active running %s\n", s+".service", s)
		}
		return 0
	}
	if words[0] == "daemon-reload" {
		return 0
	}
	code := 0
	for _, n := range words[1:] {
		code = max(code, c.d.h.units.do(c, words[0], n))
	}
	return code
}

func service(c *call) int {
	if len(c.args) < 2 {
		return c.fail("Usage: service < option > | --status-all | [ service_name [ command ] ]")
	}
	return c.d.h.units.do(c, c.args[1], c.args[0])
}

func journalctl(c *call) int {
	opts, _ := options(c.args, "nu")
	n := opts["n"]
	if n == "" {
		n = "20"
	}
	c.name, c.args = "tail", []string{"-n", n, "/var/log/messages"}
	return tail(c)
}
