package rpyc_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"omanager/rpc/envelope"
	"omanager/rpc/legacy"
	"omanager/rpc/rpyc"
)

var update = flag.Bool("update", false, "record the transcripts anew from the real peers")

// tape is what went over some connections: lines "connection", "> frame of the client", "< frame of the server".
type tape struct {
	mu    sync.Mutex
	lines []string
}

// recorder cuts both directions of a connection into frames and puts them on the tape in the order seen.
type recorder struct {
	net.Conn
	tape    *tape
	in, out byte
	rest    map[byte][]byte
}

func (tp *tape) record(c net.Conn, in, out byte) net.Conn {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	tp.lines = append(tp.lines, "connection")
	return &recorder{Conn: c, tape: tp, in: in, out: out, rest: map[byte][]byte{}}
}

func (r *recorder) note(direction byte, b []byte) {
	r.tape.mu.Lock()
	defer r.tape.mu.Unlock()
	r.rest[direction] = append(r.rest[direction], b...)
	for {
		rest := r.rest[direction]
		if len(rest) < 5 {
			return
		}
		n := int(binary.BigEndian.Uint32(rest)) + 6
		if len(rest) < n {
			return
		}
		r.tape.lines = append(r.tape.lines, fmt.Sprintf("%c %x", direction, rest[:n]))
		r.rest[direction] = rest[n:]
	}
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.note(r.in, p[:n])
	return n, err
}

func (r *recorder) Write(p []byte) (int, error) {
	r.note(r.out, p)
	return r.Conn.Write(p)
}

type recordingListener struct {
	net.Listener
	tape *tape
}

func (l recordingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.tape.record(c, '>', '<'), nil
}

func transcript(kind string, p peer) string {
	return filepath.Join("testdata", "transcripts", kind+"-"+p.version+".txt")
}

func (tp *tape) save(t *testing.T, kind string, p peer) {
	t.Helper()
	tp.mu.Lock()
	defer tp.mu.Unlock()
	text := fmt.Sprintf("# %s, rpyc %s on %s: > from the client, < from the server\n%s\n", kind, p.version, p.python, strings.Join(tp.lines, "\n"))
	if err := os.MkdirAll(filepath.Dir(transcript(kind, p)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(transcript(kind, p), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// step is one frame of a transcript.
type step struct {
	from byte
	data []byte
}

func readTranscript(t *testing.T, kind string, p peer) (connections [][]step) {
	t.Helper()
	b, err := os.ReadFile(transcript(kind, p))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		switch {
		case line == "connection":
			connections = append(connections, nil)
		case line != "" && line[0] != '#':
			frame, err := hex.DecodeString(line[2:])
			if err != nil {
				t.Fatal(err)
			}
			last := len(connections) - 1
			connections[last] = append(connections[last], step{line[0], frame})
		}
	}
	return connections
}

// play takes the part of one side: it sends that side's frames and expects the other's, compared after
// decompression because compressors differ.
func play(c net.Conn, side byte, steps []step) error {
	r := bufio.NewReader(c)
	for i, s := range steps {
		if s.from == side {
			if _, err := c.Write(s.data); err != nil {
				return fmt.Errorf("frame %d: %w", i, err)
			}
			continue
		}
		head, err := r.Peek(5)
		if err != nil {
			return fmt.Errorf("frame %d: %w", i, err)
		}
		frame := make([]byte, binary.BigEndian.Uint32(head)+6)
		if _, err := io.ReadFull(r, frame); err != nil {
			return fmt.Errorf("frame %d: %w", i, err)
		}
		got, err := rpyc.Unframe(frame)
		want, err2 := rpyc.Unframe(s.data)
		if err != nil || err2 != nil || !bytes.Equal(got, want) {
			return fmt.Errorf("frame %d: %q, want %q, %w", i, got, want, errors.Join(err, err2))
		}
	}
	return nil
}

// dialSession is the console's side of a day at an old control server.
func dialSession(t *testing.T, addr string, o rpyc.Options) {
	t.Helper()
	c := dial(t, addr, o)
	hosts := []envelope.JobHost{{LIP: "10.0.0.1", Serial: "a"}, {LIP: "10.0.0.9", Serial: "b"}}
	r := legacy.ParseReply(run(t, c, "1004@@10.0.0.1*a@@"), hosts[:1]).Results[0]
	if r.Outcome != legacy.Succeeded || r.Output != "内核 of 10.0.0.1\nline 2\n" {
		t.Errorf("one: %+v", r)
	}
	many := legacy.ParseReply(run(t, c, "9000@@10.0.0.1*a,10.0.0.9*b@@30@@"), hosts).Results
	if many[0].Outcome != legacy.Succeeded || many[1].Outcome != legacy.Failed || strings.Count(many[1].Output, "abcdefg\n") != 2000/11 {
		t.Errorf("many: %+v", many)
	}
	if got := run(t, c, "4242@@a*b@@"); got != legacy.ModuleMissing("4242") {
		t.Errorf("module: %q", got)
	}
	if _, err := c.Runcommands(t.Context(), seal("9002@@a*b@@")); code(err) != "legacy_exception" || !strings.Contains(err.Error(), "模块 boom") {
		t.Errorf("exception: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func serveSteps() []string {
	return []string{"run:1004@@a*b@@", "login:OMuser,secret", "run:1004@@10.0.0.1*a@@", "run:9000@@10.0.0.1*a,10.0.0.2*b@@30@@", "run:9002@@a*b@@", "ping"}
}

// TestRecord writes the transcripts of both directions when told to by -update.
func TestRecord(t *testing.T) {
	if !*update {
		t.Skip("SKIP: the transcripts are recorded only with -update")
	}
	eachPeer(t, func(t *testing.T, p peer) {
		var dialed, served tape
		o := rpyc.Options{DialContext: dialer(func(c net.Conn) net.Conn { return dialed.record(c, '<', '>') })}
		dialSession(t, p.serve(t, "quiet"), o)
		dialed.save(t, "dial", p)
		d, port := serve(t, rpyc.Limits{}, func(ln net.Listener) net.Listener { return recordingListener{ln, &served} })
		p.client(t, port, serveSteps()...)
		<-d.closed
		served.save(t, "serve", p)
	})
}

// TestReplayDial plays the recorded Python servers to Dial; no Python is needed.
func TestReplayDial(t *testing.T) {
	for _, p := range peers() {
		t.Run(p.version, func(t *testing.T) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			played := make(chan error, 1)
			go func() {
				var errs []error
				for _, steps := range readTranscript(t, "dial", p) {
					c, err := ln.Accept()
					if err != nil {
						errs = append(errs, err)
						break
					}
					errs = append(errs, play(c, '<', steps))
					_ = c.Close()
				}
				played <- errors.Join(errs...)
			}()
			dialSession(t, ln.Addr().String(), rpyc.Options{})
			if err := <-played; err != nil {
				t.Error(err)
			}
		})
	}
}

// TestReplayServe plays the recorded Python clients to Serve; no Python is needed. The clients of 3.2.3 on
// Python 2 are also what the legacy web front end sends.
func TestReplayServe(t *testing.T) {
	for _, p := range peers() {
		t.Run(p.version, func(t *testing.T) {
			d, port := serve(t, rpyc.Limits{}, nil)
			for _, steps := range readTranscript(t, "serve", p) {
				c, err := net.Dial("tcp", "127.0.0.1:"+port)
				if err != nil {
					t.Fatal(err)
				}
				if err := play(c, '>', steps); err != nil {
					t.Error(err)
				}
				_ = c.Close()
				if err := <-d.closed; err != nil {
					t.Errorf("closed: %v", err)
				}
			}
			if n := d.notes(); n != "login 127.0.0.1 OMuser; OMuser runs 1004 on 1; OMuser runs 9000 on 2; OMuser runs 9002 on 1" {
				t.Errorf("noted %s", n)
			}
		})
	}
}
