package rpyc

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// recordedFrames gives the frames of all transcripts.
func recordedFrames(tb testing.TB) [][]byte {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "transcripts", "*.txt"))
	if err != nil {
		tb.Fatal(err)
	}
	var out [][]byte
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		for line := range strings.SplitSeq(string(b), "\n") {
			if len(line) > 2 && (line[0] == '>' || line[0] == '<') {
				frame, err := hex.DecodeString(line[2:])
				if err != nil {
					tb.Fatalf("%s: %v", name, err)
				}
				out = append(out, frame)
			}
		}
	}
	return out
}

func TestFrameRoundTrip(t *testing.T) {
	var b bytes.Buffer
	w := frameWriter{w: &b}
	sizes := []int{0, 1, compressThreshold, compressThreshold + 1, 1 << 20, compressThreshold + 1}
	for _, n := range sizes {
		if err := w.write(bytes.Repeat([]byte("a"), n)); err != nil {
			t.Fatal(err)
		}
	}
	if b.Len() > 20000 {
		t.Errorf("%d bytes: not compressed", b.Len())
	}
	r := bufio.NewReader(&b)
	for _, n := range sizes {
		got, err := readFrame(r, Limits{}.withDefaults())
		if err != nil || len(got) != n || strings.Trim(string(got), "a") != "" {
			t.Errorf("%d: %d bytes, %v", n, len(got), err)
		}
	}
	if _, err := readFrame(r, Limits{}.withDefaults()); !errors.Is(err, io.EOF) || errors.Is(err, ErrFrame) {
		t.Errorf("at the end: %v", err)
	}
}

func header(n uint32, compressed byte) string {
	return string(append(binary.BigEndian.AppendUint32(nil, n), compressed))
}

func bomb(size int) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = io.CopyN(z, zeros{}, int64(size))
	_ = z.Close()
	return header(uint32(b.Len()), 1) + b.String() + "\n"
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestE04FramesAreBounded(t *testing.T) {
	whole := string(Frame([]byte("abc")))
	cases := map[string]struct {
		in   string
		want error
	}{
		"4 GiB":               {header(0xffffffff, 0) + "abc", ErrLimit},
		"just too large":      {header(4<<20+1, 0) + "abc", ErrLimit},
		"bomb of 256 MiB":     {bomb(256 << 20), ErrLimit},
		"cut in the header":   {whole[:3], io.ErrUnexpectedEOF},
		"cut in the data":     {whole[:7], io.ErrUnexpectedEOF},
		"cut before its end":  {whole[:8], io.ErrUnexpectedEOF},
		"promises 4 MiB":      {header(4<<20, 0) + "abc", io.ErrUnexpectedEOF},
		"wrong end":           {whole[:8] + "x", ErrFrame},
		"flag 2":              {header(3, 2) + "abc\n", ErrFrame},
		"not zlib":            {header(3, 1) + "abc\n", ErrFrame},
		"web request":         {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", ErrFrame},
		"secure shell":        {"SSH-2.0-OpenSSH_9.6\r\n", ErrFrame},
		"end in zlib's midst": {strings.Replace(bomb(100), "\n", "\x00\n", 1)[:20], io.ErrUnexpectedEOF},
	}
	for name, c := range cases {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		data, err := readFrame(bufio.NewReader(strings.NewReader(c.in)), Limits{}.withDefaults())
		runtime.ReadMemStats(&after)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %.20q, %v", name, data, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
			t.Errorf("%s: %d bytes of memory", name, used)
		}
	}
}

func FuzzFrame(f *testing.F) {
	for _, frame := range recordedFrames(f) {
		f.Add(frame)
	}
	f.Add([]byte(header(0xffffffff, 1)))
	f.Add([]byte(bomb(100000)))
	lim := Limits{Frame: 1 << 16, Message: 1 << 16}.withDefaults()
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReader(bytes.NewReader(b))
		for {
			data, err := readFrame(r, lim)
			if err != nil {
				return
			}
			if len(data) > lim.Message {
				t.Fatalf("%d bytes", len(data))
			}
			back, err := Unframe(Frame(data))
			if err != nil || !bytes.Equal(back, data) {
				t.Fatalf("%x became %x, %v", data, back, err)
			}
		}
	})
}
