package demo_test

import (
	"strings"
	"testing"

	"omanager/app/engine"
	"omanager/app/job"
)

// Every module of the catalogue ends well on so many of ten servers (six web, three database, one balancer), with
// output that an operator would believe; the others give one line of reason.
func TestModulesOnTheFleet(t *testing.T) {
	e, all := fleet(t, 10)
	for _, c := range []struct {
		folder, params string
		good           int
		says           string
		groups         int // most different outputs
	}{
		{"bas_3105_listening_ports", "", 10, "tcp 0.0.0.0:22 sshd\n", 4},
		{"bas_3106_system_users", "", 10, "ops uid=1000 gid=1000 /home/ops /bin/bash\n", 1},
		{"bas_3107_system_groups", "", 10, "wheel gid=10 ops\n", 1},
		{"bas_3109_cron_jobs", "", 10, "timer logrotate.timer: enabled\n", 2},
		{"bas_3110_logged_in_users", "", 10, "ops ", 8},
		{"app_3201_hardware_check", "", 10, "processor: ", 3},
		{"dba_3303_lock_waits", "", 3, "", 2},
		{"dba_3304_write_statements", "seconds=0", 3, "", 2},
		{"dba_3305_backup_freshness", "folder=/backup hours=24", 2, "/backup/orders-", 1},
		{"ser_3400_background_check", "process=/usr/sbin/resin", 4, "1 running\n", 1},
		{"mid_3500_message_service_check", "kind=redis port=8080", 4, "redis: listens on port 8080\n", 1},
		{"bas_3600_process_top", "sort=cpu count=3", 10, "CPU% MEM% RSS-KiB USER PID COMMAND\n", 10},
		{"bas_3601_disk_usage", "percent=10", 10, "/: ", 10},
		{"bas_3601_disk_usage", "percent=99", 10, "no file system is filled to 99% or more\n", 1},
		{"bas_3602_service_status", "service=nginx", 4, "nginx: active, enabled\n", 1},
		{"bas_3603_journal_search", "text=systemd[1] hours=24 lines=5", 10, "systemd[1]: ", 10},
		{"bas_3604_ping_check", "host=10.20.0.1 count=3", 10, "3 packets transmitted, 3 received", 10},
		{"bas_3604_ping_check", "host=none.invalid count=3", 0, "", 0},
		{"bas_3605_tcp_check", "host=10.20.0.1 port=443", 10, "10.20.0.1 port 443 is open, ", 10},
		{"bas_3605_tcp_check", "host=10.20.0.1 port=444", 0, "", 0},
		{"bas_3606_dns_check", "host=www.example.com", 10, "203.0.113.25\n", 10},
		{"bas_3607_http_check", "url=https://www.example.com/health", 10, "status 200, ", 10},
		{"bas_3608_certificate_expiry", "host=www.example.com port=443 file= days=30", 10, "notAfter=", 1},
		{"bas_3609_time_offset", "", 10, "seconds slow of NTP time\n", 10},
		{"bas_3611_updates_waiting", "", 10, "bash.x86_64\nglibc.x86_64\nopenssl-libs.x86_64\n", 1},
		{"bas_3612_kernel_parameters", "filter=net.core", 10, "net.core.somaxconn = 4096\n", 1},
		{"bas_3613_folder_checksum", "folder=/etc/cron.d", 10, " files, sha256 ", 2},
		{"bas_3614_run_script", "interpreter=sh script=hostname", 10, "0", 10},
		{"bas_3100_controllable_servers", "", 10, " ops ", 10},
		{"bas_3616_port_audit", "allowed=tcp/22", 0, "", 0},
		{"bas_3617_folder_difference", "folder=/etc/cron.d reference= reference_sha256=", 10, "  ./", 2},
		{"dba_3300_edit_config", "file=/etc/hosts text=x action=preview check=none was=", 10, "\n+x\n/etc/hosts would be changed", 10},
		{"dba_3300_edit_config", "file=/etc/om.conf text=x action=write check=none was=", 10, "/etc/om.conf was written", 1},
		{"app_3200_install_package", "package=bash", 10, "bash is already installed\n", 1},
		{"app_3200_install_package", "package=nosuch", 0, "", 0},
		{"dba_3302_restart_mysql", "", 3, "mysqld was restarted and answers\n", 1},
	} {
		params := map[string]string{}
		for p := range strings.FieldsSeq(c.params) {
			k, v, _ := strings.Cut(p, "=")
			params[k] = v
		}
		got := run(t.Context(), t, e, all, engine.Task{Script: script(t, c.folder), Params: params, Changed: []int{10}})
		ok := 0
		for id, r := range got {
			out, says := string(r.Out[job.Stdout]), string(r.Out[job.Stderr])
			if r.Result.Outcome.Good() {
				ok++
				if !strings.Contains(out, c.says) || out == "" || says != "" {
					t.Errorf("%s %s on %s said %q %q", c.folder, c.params, id, out, says)
				}
				continue
			}
			if r.Result.Problem != "host_exit" || says == "" || strings.Count(says, "\n") != 1 && c.params != "package=nosuch" {
				t.Errorf("%s %s on %s: %+v %q", c.folder, c.params, id, r.Result, says)
			}
		}
		if ok != c.good || len(groups(got)) > c.groups {
			t.Errorf("%s %s: %d ended well, want %d, in %d groups", c.folder, c.params, ok, c.good, len(groups(got)))
		}
	}
}
