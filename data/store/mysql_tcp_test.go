package store_test

import (
	"io"
	"net"
	"sync"
	"testing"

	"omanager/app/audit"
)

// TestMySQLOverTCP reaches the server's socket through a TCP port; the server has no TLS, which is no obstacle.
func TestMySQLOverTCP(t *testing.T) {
	s := mariaServer(t)
	ok(t, openMySQL(t, s, s.Socket).Close())
	c := mysqlConfig(s)
	c.Addr, c.Socket = forward(t, s.Socket), ""
	st := openWith(t, c)
	ok(t, st.Log(t.Context(), audit.Entry{Event: "x"}))
	ok(t, st.Close())
}

func forward(t *testing.T, socket string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", socket)
			if err != nil {
				_ = client.Close()
				continue
			}
			pump := func(to, from net.Conn) {
				_, _ = io.Copy(to, from)
				_, _ = to.Close(), from.Close()
			}
			wg.Go(func() { pump(server, client) })
			wg.Go(func() { pump(client, server) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	return l.Addr().String()
}
