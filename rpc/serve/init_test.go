package serve

import (
	"net"
	"testing"
)

func TestReachable(t *testing.T) {
	for _, same := range []string{"127.0.0.1:1", "10.1.2.3:11511", "om.example.com:11511", "nonsense"} {
		if got := reachable(same); got != same {
			t.Errorf("reachable(%q) = %q", same, got)
		}
	}
	for _, every := range []string{"0.0.0.0:11511", ":11511", "[::]:11511"} {
		host, port, err := net.SplitHostPort(reachable(every))
		if ip := net.ParseIP(host); err != nil || port != "11511" || ip == nil || ip.IsUnspecified() {
			t.Errorf("reachable(%q) = %s:%s, nobody can connect there", every, host, port)
		}
	}
}
