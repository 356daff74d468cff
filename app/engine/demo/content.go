package demo

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"time"
)

// binFolders are where programs are found.
func binFolders() []string {
	return []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}
}

// newFiles makes a server's file tree. Servers of the same role and release have the same configuration files.
func newFiles(p profile, now time.Time, tools map[string]tool) *files {
	f := &files{nodes: map[string]*node{}, now: time.Now}
	built := now.AddDate(0, -4, -3)
	text := func(name, s string) { f.put(name, []byte(s), 0o644, built) }
	for name := range tools {
		if !strings.HasPrefix(name, "om-") && !p.lacks(name) {
			f.put("/usr/bin/"+name, nil, 0o755, built)
		}
	}
	f.put("/bin/sh", nil, 0o755, built)
	f.put("/bin/bash", nil, 0o755, built)
	for _, d := range []string{"/tmp/.", "/home/" + loginUser + "/.", "/run/systemd/system/.", "/var/tmp/.", "/root/."} {
		f.put(strings.TrimSuffix(d, "/."), nil, fs.ModeDir|0o755, built)
	}
	r := p.release
	text("/etc/os-release", fmt.Sprintf("NAME=%q\nVERSION=%q\nID=%q\nVERSION_ID=%q\nPRETTY_NAME=%q\n",
		strings.Fields(r.pretty)[0], strings.TrimPrefix(r.pretty, strings.Fields(r.pretty)[0]+" "), r.id, r.version, r.pretty))
	text("/etc/issue", r.issue)
	text("/etc/hostname", p.name+"\n")
	text("/etc/hosts", "127.0.0.1   localhost\n"+p.lip+"   "+p.name+"\n")
	text("/etc/resolv.conf", "nameserver 10.20.0.53\nnameserver 10.20.0.54\n")
	text("/etc/sysctl.conf", sysctl())
	text("/etc/rsyslog.conf", "module(load=\"imuxsock\")\nmodule(load=\"imjournal\")\n*.info;mail.none;authpriv.none  /var/log/messages\nauthpriv.*  /var/log/secure\n")
	text("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nbin:x:1:1:bin:/bin:/sbin/nologin\ndaemon:x:2:2:daemon:/sbin:/sbin/nologin\nnginx:x:990:990::/var/lib/nginx:/sbin/nologin\nops:x:1000:1000:ops:/home/ops:/bin/bash\n")
	text("/etc/group", "root:x:0:\nbin:x:1:\ndaemon:x:2:\nwheel:x:10:ops\nops:x:1000:\n")
	text("/etc/crontab", "SHELL=/bin/bash\nPATH=/sbin:/bin:/usr/sbin:/usr/bin\nMAILTO=root\n15 3 * * * root /usr/sbin/logrotate /etc/logrotate.conf\n")
	f.put("/etc/shadow", []byte("root:!::0:99999:7:::\n"), 0, built)
	text("/proc/modules", modulesOf(p))
	text("/proc/cpuinfo", strings.Repeat("model name\t: Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz\n", p.cpuCount))
	text("/proc/meminfo", fmt.Sprintf("MemTotal:       %8d kB\nMemFree:        %8d kB\nMemAvailable:   %8d kB\n", p.memoryMB*1024, p.memoryMB*256, p.memoryMB*512))
	text("/proc/loadavg", "0.18 0.22 0.20 1/412 4201\n")
	text("/proc/version", "Linux version "+r.kernel+"\n")
	text("/proc/uptime", "10281600.22 79112233.10\n")
	for name, s := range configs(p) {
		text(name, s)
	}
	moduleFiles(f, p, now)
	logs(f, p, now)
	return f
}

func sysctl() string {
	return "# kernel settings, kept equal on all servers\nnet.ipv4.ip_forward = 0\nnet.ipv4.tcp_syncookies = 1\nnet.core.somaxconn = 4096\nnet.ipv4.tcp_fin_timeout = 30\nvm.swappiness = 10\nfs.file-max = 1048576\n"
}

// configs are the application files of a role.
func configs(p profile) map[string]string {
	out := map[string]string{}
	for _, s := range p.services {
		switch s {
		case "nginx":
			out["/etc/nginx/nginx.conf"] = "user nginx;\nworker_processes auto;\nevents {\n    worker_connections 4096;\n}\nhttp {\n    include mime.types;\n    keepalive_timeout 65;\n    include conf.d/*.conf;\n}\n"
			out["/etc/nginx/conf.d/default.conf"] = "server {\n    listen 80;\n    server_name " + p.app + ";\n    location / {\n        proxy_pass http://127.0.0.1:8080;\n    }\n}\n"
		case "resin":
			out["/etc/resin/resin.xml"] = "<resin xmlns=\"http://caucho.com/ns/resin\">\n  <cluster id=\"app\">\n    <server id=\"a\" address=\"127.0.0.1\" port=\"6800\"/>\n  </cluster>\n</resin>\n"
			out["/usr/local/resin/bin/httpd.sh"] = "#!/bin/sh\nJAVA_OPTS=\"-Xms2g -Xmx4g\"\nexec java $JAVA_OPTS -jar /usr/local/resin/lib/resin.jar \"$@\"\n"
		case "httpd":
			out["/etc/httpd/conf/httpd.conf"] = "ServerRoot \"/etc/httpd\"\nListen 80\nServerName " + p.app + "\nDocumentRoot \"/var/www/html\"\n"
		case "haproxy":
			out["/etc/haproxy/haproxy.cfg"] = "global\n    maxconn 20000\ndefaults\n    mode http\n    timeout connect 5s\n    timeout client 30s\n    timeout server 30s\nfrontend www\n    bind *:80\n    default_backend web\nbackend web\n    balance roundrobin\n    server web01 10.20.10.11:80 check\n    server web02 10.20.10.12:80 check\n"
		case "mysqld":
			out["/etc/my.cnf"] = "[mysqld]\ndatadir=/var/lib/mysql\nmax_connections=2000\ninnodb_buffer_pool_size=40G\nslow_query_log=1\n"
		}
	}
	return out
}

// modulesOf is /proc/modules: equal for servers of one release and role.
func modulesOf(p profile) string {
	type module struct {
		name string
		size int
		by   string
	}
	list := []module{
		{"xfs", 1724416, ""}, {"libcrc32c", 16384, "xfs"}, {"sd_mod", 57344, ""}, {"virtio_net", 61440, ""},
		{"net_failover", 24576, "virtio_net"}, {"virtio_blk", 24576, ""}, {"dm_mirror", 28672, ""}, {"dm_log", 20480, "dm_mirror"},
		{"nfit", 77824, ""}, {"sunrpc", 602112, ""}, {"ip_tables", 28672, ""}, {"nf_conntrack", 176128, ""},
	}
	if p.release.id == "centos" {
		list = append(list[:9:9], module{"ablk_helper", 13597, ""}, module{"cryptd", 21190, "ablk_helper"}, module{"ip_tables", 27126, ""})
	}
	if p.role == "lb" {
		list = append(list, module{"ip_vs", 172032, ""}, module{"ip_vs_rr", 16384, ""})
	}
	var b strings.Builder
	for _, m := range list {
		n, by := 0, "-"
		if m.by != "" {
			n, by = 1, m.by+","
		}
		fmt.Fprintf(&b, "%s %d %d %s Live 0x0000000000000000\n", m.name, m.size, n, by)
	}
	return b.String()
}

// logs writes the log files: the same on every start for one server, apart from the clock.
func logs(f *files, p profile, now time.Time) {
	rnd := rand.New(rand.NewPCG(uint64(p.index), 20))
	var messages, secure strings.Builder
	at := now.Add(-26 * time.Hour)
	for i := range 200 {
		at = at.Add(time.Duration(200+rnd.IntN(500)) * time.Second)
		if at.After(now) {
			at = now
		}
		stamp := at.Format("Jan _2 15:04:05")
		unit := append([]string{"sshd", "crond"}, p.services...)[rnd.IntN(2+len(p.services))]
		lines := []string{
			fmt.Sprintf("systemd[1]: Started Session %d of User root.", 1200+i),
			fmt.Sprintf("systemd[1]: %s.service: Succeeded.", "logrotate"),
			fmt.Sprintf("%s[%d]: worker finished in %d ms", unit, 900+rnd.IntN(3000), 3+rnd.IntN(400)),
			fmt.Sprintf("chronyd[811]: Selected source 10.20.0.%d", 1+rnd.IntN(3)),
			"kernel: TCP: request_sock_TCP: Possible SYN flooding on port 80. Sending cookies.",
		}
		fmt.Fprintf(&messages, "%s %s %s\n", stamp, p.name, lines[rnd.IntN(len(lines))])
		from := fmt.Sprintf("10.20.0.%d port %d", 20+rnd.IntN(8), 40000+rnd.IntN(20000))
		says := []string{"Accepted publickey for ops from " + from + " ssh2", "Disconnected from user ops " + from, "Failed password for invalid user admin from " + from + " ssh2"}
		fmt.Fprintf(&secure, "%s %s sshd[%d]: %s\n", stamp, p.name, 2000+rnd.IntN(9000), says[rnd.IntN(len(says))])
	}
	f.put("/var/log/messages", []byte(messages.String()), 0o644, now)
	f.put("/var/log/secure", []byte(secure.String()), 0o644, now)
	f.put("/var/log/cron", []byte{}, 0o644, now)
}
