package demo

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

// moduleTools are the programs that the shipped modules ask beyond what people type.
func moduleTools() map[string]tool {
	return map[string]tool{
		"mysql": mysql, "mysqladmin": func(c *call) int { c.printf("mysqld is alive\n"); return 0 },
		"rpm": rpm, "dnf": dnf, "yum": dnf, "usermod": quietly,
		"ping": ping, "curl": curl, "openssl": openssl, "chronyc": chronyc,
	}
}

// lacks says which programs a server of this kind does not have.
func (p profile) lacks(program string) bool {
	switch program {
	case "mysql", "mysqladmin":
		return p.role != "db"
	case "dnf":
		return p.release.id == "centos"
	}
	return false
}

// few is a small number that stays the same for a server and a text.
func (c *call) few(text string, below int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(c.d.h.name + text))
	return int(h.Sum32() % uint32(below))
}

// mysql answers the questions of the modules: on the first of five servers one statement writes and one waits.
func mysql(c *call) int {
	if !slices.Contains(c.d.h.units.running(), "mysqld") {
		return c.fail("ERROR 2002 (HY000): Can't connect to local server through socket '/var/lib/mysql/mysql.sock' (2)")
	}
	sql := strings.ToUpper(strings.Join(c.args, " "))
	switch {
	case c.few("", 5) != 0 || !strings.Contains(sql, "PROCESSLIST"):
	case strings.Contains(sql, "LOCK WAIT"):
		c.printf("4711\tshop\torders\t6\tupdating\tUPDATE orders SET state = 3 WHERE id = 88213\n")
	default:
		c.printf("4708\tshop\torders\t41\tALTER TABLE orders ADD INDEX (paid_at)\n")
	}
	return 0
}

const rpmFolder = "/var/lib/rpm/"

func rpm(c *call) int {
	_, names := options(c.args, "")
	for _, n := range names {
		if _, err := c.d.h.files.stat(resolve(rpmFolder, n)); err != nil {
			c.printf("package %s is not installed\n", n)
			return 1
		}
		c.printf("%s-1.0-1.%s\n", n, c.d.h.release.arch)
	}
	return 0
}

// dnf installs anything but names that begin with "no", and always knows of the same updates.
func dnf(c *call) int {
	_, words := options(c.args, "")
	if slices.Contains(words, "check-update") {
		c.printf("\nbash.x86_64        5.1.8-9       updates\nglibc.x86_64       2.34-143      updates\nopenssl-libs.x86_64  3.0.12-2    updates\n")
		return 100
	}
	if len(words) < 2 || words[0] != "install" {
		return 0
	}
	for _, n := range words[1:] {
		if strings.HasPrefix(n, "no") {
			return c.fail("Error: Unable to find a match: %s", n)
		}
		c.d.h.files.mu.Lock()
		c.d.h.files.put(resolve(rpmFolder, n), nil, 0o644, time.Now())
		c.d.h.files.mu.Unlock()
	}
	return 0
}

// unknown hosts are those a pretend server cannot find.
func unknown(host string) bool { return strings.HasSuffix(host, ".invalid") || host == "" }

func ping(c *call) int {
	opts, rest := options(c.args, "cW")
	if len(rest) == 0 || unknown(rest[0]) {
		return c.fail("ping: %s: Name or service not known", strings.Join(rest, " "))
	}
	n := opts["c"]
	ms := float64(20+c.few(rest[0], 60)) / 100
	c.printf("PING %s (%s) 56(84) bytes of data.\n\n--- %s ping statistics ---\n%s packets transmitted, %s received, 0%% packet loss, time 2003ms\nrtt min/avg/max/mdev = %.3f/%.3f/%.3f/0.020 ms\n",
		rest[0], rest[0], rest[0], n, n, ms-0.05, ms, ms+0.07)
	return 0
}

func curl(c *call) int {
	for _, a := range c.args {
		if host, ok := strings.CutPrefix(a, "http"); ok {
			host = strings.TrimPrefix(strings.TrimPrefix(host, "s"), "://")
			if host, _, _ = strings.Cut(host, "/"); unknown(host) {
				return 6
			}
			ms := 4 + c.few(host, 30)
			c.printf("status 200, name 0.001 s, connection 0.00%d s, total 0.0%02d s, 5120 bytes\n", 1+ms%4, ms)
			return 0
		}
	}
	return 2
}

// openssl knows one certificate, which is good for some months.
func openssl(c *call) int {
	switch {
	case len(c.args) > 0 && c.args[0] == "s_client":
		if len(c.args) > 2 && unknown(strings.Split(c.args[2], ":")[0]) {
			return 1
		}
		c.printf("-----BEGIN CERTIFICATE-----\nZGVtbw==\n-----END CERTIFICATE-----\n")
	case slices.Contains(c.args, "-enddate"):
		var in bytes.Buffer
		if _, err := in.ReadFrom(c.in); err != nil || !strings.Contains(in.String(), "BEGIN CERTIFICATE") {
			return c.fail("Could not read certificate")
		}
		end := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 143)
		c.printf("notAfter=%s\nissuer=C = CN, O = Example, CN = Example CA\n", end.Format("Jan _2 15:04:05 2006 GMT"))
	}
	return 0
}

func chronyc(c *call) int {
	c.printf("Reference ID    : 0A140001 (10.20.0.1)\nStratum         : 3\nSystem time     : 0.0000%02d000 seconds slow of NTP time\nLeap status     : Normal\n", 10+c.few("clock", 60))
	return 0
}

// psColumns prints the processes in the columns that were asked for with -o.
func psColumns(c *call, asked string) int {
	columns := strings.FieldsFunc(asked, func(r rune) bool { return r == '\n' || r == ',' || r == '=' })
	row := func(pid int, name, args string, cpu, kilobytes int) {
		values := map[string]string{
			"pid": fmt.Sprint(pid), "ppid": "1", "user": "root", "comm": name, "args": args, "cmd": args, "rss": fmt.Sprint(kilobytes),
			"pcpu": fmt.Sprintf("%d.%d", cpu/10, cpu%10), "pmem": fmt.Sprintf("%d.%d", kilobytes/c.d.h.memoryMB/10, kilobytes/c.d.h.memoryMB%10),
		}
		out := make([]string, len(columns))
		for i, k := range columns {
			out[i] = values[k]
		}
		c.printf("%s\n", strings.Join(out, " "))
	}
	for i, s := range slices.Backward(c.d.h.units.running()) {
		row(812+i*61, s, "/usr/sbin/"+s, 4+i*i*7, 6200+i*i*41000)
	}
	row(1, "systemd", "/usr/lib/systemd/systemd --switched-root --system", 1, 9120)
	return 0
}

// getentHosts resolves a name as getent ahosts does.
func getentHosts(c *call, name string) int {
	if unknown(name) {
		return 2
	}
	addr := fmt.Sprintf("203.0.113.%d", 10+len(name))
	if name == "localhost" {
		addr = "127.0.0.1"
	}
	if name == c.d.h.name {
		addr = c.d.h.lip
	}
	c.printf("%s STREAM %s\n%s DGRAM\n%s RAW\n", addr, name, addr, addr)
	return 0
}

// moduleFiles are what the modules read: hardware, ports, jobs, packages and, on databases, backups.
func moduleFiles(f *files, p profile, now time.Time) {
	built := now.AddDate(0, -4, -3)
	text := func(name, s string) { f.put(name, []byte(s), 0o644, built) }
	text("/sys/block/vda/size", fmt.Sprintf("%d\n", p.diskGB*2097152))
	text("/sys/class/thermal/thermal_zone0/temp", "47000\n")
	text("/etc/cron.d/0hourly", "# run the hourly jobs\n01 * * * * root run-parts /etc/cron.hourly\n")
	f.put("/etc/cron.daily/logrotate", []byte("#!/bin/sh\n"), 0o755, built)
	for _, n := range []string{"bash", "coreutils", "openssh-server", "chrony", "rsyslog"} {
		text(rpmFolder+n, "")
	}
	var table strings.Builder
	table.WriteString("  sl  local_address rem_address   st\n   0: 00000000:0016 00000000:0000 0A\n")
	for i, s := range p.services {
		fmt.Fprintf(&table, "   %d: 00000000:%04X 00000000:0000 0A\n", i+1, ports()[s])
	}
	text("/proc/net/tcp", table.String())
	if p.role != "db" {
		return
	}
	text("/etc/cron.d/backup", "30 2 * * * root /usr/local/sbin/backup-mysql /backup\n")
	text("/proc/mdstat", "Personalities : [raid1]\nmd0 : active raid1 sdb1[1] sda1[0]\n      2096128 blocks [2/2] [UU]\n\nunused devices: <none>\n")
	age := 5 * time.Hour
	if p.index%10 == 8 {
		age = 53 * time.Hour
	}
	at := now.Add(-age)
	f.put("/backup/orders-"+at.Format("2006-01-02")+".sql.gz", []byte("demo"), 0o640, at)
}
