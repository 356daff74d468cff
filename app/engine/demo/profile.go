package demo

import (
	"fmt"
	"time"

	"omanager/app/inventory"
)

// fault is what is wrong with a pretend server as a whole.
type fault int

const (
	faultNone fault = iota
	faultClosed
	faultKey
)

// release is an operating system as its files and programs name it.
type release struct {
	inventory, pretty, id, version, kernel, arch, issue string
}

// profile is what makes one pretend server itself.
type profile struct {
	index                                int
	name, role, category, app            string
	lip, wip, locate                     string
	release                              release
	services                             []string // units that run
	delay                                time.Duration
	fault                                fault
	says                                 string // printed instead of running anything
	exit                                 int
	memoryMB, diskGB, diskUsed, cpuCount int
}

func euler() release {
	return release{
		inventory: "openEuler 22.03", pretty: "openEuler 22.03 (LTS-SP3)", id: "openEuler", version: "22.03",
		kernel: "5.10.0-182.0.0.95.oe2203sp3.x86_64", arch: "x86_64", issue: "\nAuthorized users only. All activities may be monitored and reported.\n",
	}
}

func centos() release {
	return release{
		inventory: "CentOS 7.9", pretty: "CentOS Linux 7 (Core)", id: "centos", version: "7",
		kernel: "3.10.0-1160.el7.x86_64", arch: "x86_64", issue: "\\S\nKernel \\r on an \\m\n\n",
	}
}

func kylin() release {
	return release{
		inventory: "Kylin V10", pretty: "Kylin Linux Advanced Server V10 (Lance)", id: "kylin", version: "V10",
		kernel: "4.19.90-52.22.v2207.ky10.x86_64", arch: "x86_64", issue: "\nAuthorized users only. All activities may be monitored and reported.\n",
	}
}

func categories() []inventory.Category {
	return []inventory.Category{
		{ID: "1", Name: "应用服务器"}, {ID: "2", Name: "数据库服务器", Level: inventory.Guarded}, {ID: "3", Name: "负载均衡服务器"},
	}
}

// profiles makes n servers: about six web to three database to one balancer, in that order.
func profiles(n int) []profile {
	db, lb := n*3/10, n/10
	if n >= 3 {
		db, lb = max(db, 1), max(lb, 1)
	}
	out := make([]profile, 0, n)
	for i := range n {
		switch {
		case i < n-db-lb:
			out = append(out, web(i, i+1))
		case i < n-lb:
			out = append(out, database(i, i+1-(n-db-lb)))
		default:
			out = append(out, balancer(i, i+1-(n-lb)))
		}
	}
	if n >= 50 {
		trouble(out)
	}
	return out
}

// base is what all roles share; net is the third octet of the made-up addresses.
func base(index, k, net int, role string) profile {
	return profile{
		index: index, role: role, name: fmt.Sprintf("%s%02d", role, k), release: euler(),
		lip: fmt.Sprintf("10.20.%d.%d", net+(k-1)/200, 11+(k-1)%200), wip: fmt.Sprintf("203.0.113.%d", 1+index%250),
		locate: fmt.Sprintf("%02d-%02d-%02d", net/10, 1+(k-1)/20, 1+(k-1)%20*2), diskGB: 200, diskUsed: 31 + (k*7)%40,
	}
}

func web(index, k int) profile {
	p := base(index, k, 10, "web")
	p.category, p.memoryMB, p.cpuCount = "1", 16384, 8
	p.services = []string{"nginx", "resin"}
	switch k % 3 {
	case 1:
		p.app = "www.example.com"
	case 2:
		p.app = "pay.example.com"
	default:
		p.app, p.release = "bbs.example.com", centos()
		p.services = []string{"httpd"}
	}
	return p
}

func database(index, k int) profile {
	p := base(index, k, 20, "db")
	p.category, p.memoryMB, p.cpuCount, p.diskGB = "2", 65536, 16, 2000
	p.services = []string{"mysqld"}
	p.app = "订单库"
	if k%2 == 0 {
		p.app, p.release = "会员库", kylin()
	}
	return p
}

func balancer(index, k int) profile {
	p := base(index, k, 30, "lb")
	p.category, p.memoryMB, p.cpuCount = "3", 8192, 4
	p.services = []string{"haproxy"}
	p.app = "入口"
	return p
}

// trouble spreads what goes wrong in real fleets.
func trouble(all []profile) {
	by := map[string]*profile{}
	for i := range all {
		by[all[i].name] = &all[i]
	}
	by["web05"].delay = 2 * time.Second
	by["web17"].delay = 3 * time.Second
	by["db03"].delay = 4 * time.Second
	by["web09"].says, by["web09"].exit = "sh: cannot create temp file for here-document: No space left on device", 1
	by["web09"].diskUsed = 100
	by["db05"].says, by["db05"].exit = "sh: /etc/profile.d/env.sh: Permission denied", 126
	by["web13"].fault = faultClosed
	by["lb03"].fault = faultKey
}
