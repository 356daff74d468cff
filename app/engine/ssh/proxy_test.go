package ssh

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"omanager/app/engine"
	"omanager/app/engine/enginetest"
)

// proxy forwards to a local port; when frozen it keeps its connections but passes nothing on.
type proxy struct {
	port int
	cold atomic.Bool
}

func (p *proxy) freeze() { p.cold.Store(true) }

func newProxy(t *testing.T, to int) *proxy {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{port: ln.Addr().(*net.TCPAddr).Port}
	var wg sync.WaitGroup
	var mu sync.Mutex
	open := []net.Conn{}
	pipe := func(a, b net.Conn) {
		buf := make([]byte, 32<<10)
		for {
			n, err := a.Read(buf)
			if err != nil {
				_ = b.Close()
				return
			}
			if !p.cold.Load() {
				if _, err := b.Write(buf[:n]); err != nil {
					_ = a.Close()
					return
				}
			}
		}
	}
	wg.Go(func() {
		for {
			a, err := ln.Accept()
			if err != nil {
				return
			}
			b, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", to))
			if err != nil {
				_ = a.Close()
				continue
			}
			mu.Lock()
			open = append(open, a, b)
			mu.Unlock()
			wg.Go(func() { pipe(a, b) })
			wg.Go(func() { pipe(b, a) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		mu.Lock()
		for _, c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return p
}

func task(script string) engine.Task {
	return engine.Task{JobID: "job", Script: []byte(script), Timeout: time.Minute}
}

func record(ctx context.Context, t *testing.T, e *Engine, h engine.Host, r *enginetest.Recorder) {
	t.Helper()
	if err := e.Run(ctx, task("true\n"), []engine.Host{h}, 1, r); err != nil {
		t.Fatal(err)
	}
}

func hostsLike(h engine.Host, n int) []engine.Host {
	out := make([]engine.Host, n)
	for i := range out {
		out[i] = h
		out[i].ID = fmt.Sprint(i)
	}
	return out
}
