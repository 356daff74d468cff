package rpyc_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"

	"omanager/rpc/rpyc"
)

// BenchmarkCalls gives calls a second of Serve and of the Python server, asked the same by the same clients:
//
//	go test -run '^$' -bench Calls -benchtime 2s ./rpc/rpyc/
//
// "calls" wait for each answer before the next; "pipelined" ones do not, which leaves the server as the only
// thing measured; "jobs" connect, log in, run and close, as the old desktop did for each job; "large" is a job with
// an answer of 1 MB.
func BenchmarkCalls(b *testing.B) {
	python := peer{"5.3.0", "python3"}
	small, large := seal("1004@@10.0.0.1*a@@"), seal("9001@@10.0.0.1*a@@")
	run := func(c *rpyc.Client, job string) error { _, err := c.Runcommands(context.Background(), job); return err }
	ways := []struct {
		name string
		run  func(b *testing.B, addr string)
	}{
		{"calls", func(b *testing.B, addr string) { calls(b, addr, func(c *rpyc.Client) error { return run(c, small) }) }},
		{"pipelined", pipelined},
		{"jobs", func(b *testing.B, addr string) {
			share(b, func(int) error {
				c, err := connect(addr)
				if err != nil {
					return err
				}
				defer c.Close()
				return run(c, small)
			})
		}},
		{"large", func(b *testing.B, addr string) { calls(b, addr, func(c *rpyc.Client) error { return run(c, large) }) }},
	}
	for _, w := range ways {
		b.Run(w.name+"/serve", func(b *testing.B) {
			d, port := serve(b, rpyc.Limits{Logins: 1 << 30}, nil)
			d.quiet = true
			w.run(b, "127.0.0.1:"+port)
		})
		b.Run(w.name+"/python-"+python.version, func(b *testing.B) { w.run(b, python.serve(b)) })
	}
}

const connections = 8

func connect(addr string) (*rpyc.Client, error) {
	c, err := rpyc.Dial(context.Background(), addr, rpyc.Options{})
	if err != nil {
		return nil, err
	}
	return c, c.Login(context.Background(), "OMuser", "secret")
}

// share divides b.N calls among some goroutines.
func share(b *testing.B, call func(worker int) error) {
	b.Helper()
	b.ResetTimer()
	var all sync.WaitGroup
	for i := range connections {
		all.Go(func() {
			for n := i; n < b.N; n += connections {
				if err := call(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
	b.StopTimer()
}

func calls(b *testing.B, addr string, call func(*rpyc.Client) error) {
	b.Helper()
	clients := make([]*rpyc.Client, connections)
	for i := range clients {
		c, err := connect(addr)
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		clients[i] = c
	}
	share(b, func(i int) error { return call(clients[i]) })
}

// pipelined sends logins made beforehand, a hundred at a time, and counts the answers.
func pipelined(b *testing.B, addr string) {
	const batch = 100
	type side struct {
		c        net.Conn
		r        *bufio.Reader
		requests []byte
	}
	sides := make([]side, connections)
	for i := range sides {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		s := side{c, bufio.NewReaderSize(c, 64<<10), nil}
		r := rpyc.NewRaw(c)
		_ = r.Send(rpyc.Request, 0, tuple{rpyc.HandleGetRoot, value(tuple{})})
		_, _, body, err := r.Receive()
		if err != nil {
			b.Fatal(err)
		}
		root := tuple{rpyc.LabelLocalRef, body.(tuple)[1]}
		data, err := rpyc.Dump(tuple{rpyc.Request, 1, tuple{rpyc.HandleCallAttr, boxed(root, value("login"), value(tuple{"OMuser", "secret"}), value(tuple{}))}})
		if err != nil {
			b.Fatal(err)
		}
		s.requests = bytes.Repeat(rpyc.Frame(data), batch)
		sides[i] = s
	}
	share(b, func() func(int) error {
		asked := make([]int, connections)
		return func(i int) error {
			s := &sides[i]
			if asked[i]%batch == 0 { // each call is one answer; the requests go out before the first of a hundred
				if _, err := s.c.Write(s.requests); err != nil {
					return err
				}
			}
			asked[i]++
			head, err := s.r.Peek(5)
			if err != nil {
				return err
			}
			_, err = io.CopyN(io.Discard, s.r, int64(binary.BigEndian.Uint32(head))+6)
			return err
		}
	}())
}
