package rpyc

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A frame is the same in every version: length and compression flag, data, a newline.
const (
	frameHeader       = 5
	frameEnd          = '\n'
	compressThreshold = 3000
)

// readFrame reads one frame and decompresses it. io.EOF is returned only between two frames. Memory grows with
// what arrives, not with what the header promises.
func readFrame(r *bufio.Reader, lim Limits) ([]byte, error) {
	var header [frameHeader]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%w: ends in its header: %w", ErrFrame, err)
		}
		return nil, err
	}
	size, compressed := binary.BigEndian.Uint32(header[:4]), header[4]
	if compressed > 1 {
		return nil, fmt.Errorf("%w: compression flag %d", ErrFrame, compressed)
	}
	if uint64(size) > uint64(lim.Frame) {
		return nil, fmt.Errorf("frame of %d bytes: %w", size, ErrLimit)
	}
	data, err := readBody(r, int(size)+1)
	if err != nil {
		return nil, err
	}
	if data[size] != frameEnd {
		return nil, fmt.Errorf("%w: ends with %#02x", ErrFrame, data[size])
	}
	data = data[:size]
	if compressed == 1 {
		return decompress(data, lim.Message)
	}
	if len(data) > lim.Message {
		return nil, fmt.Errorf("message of %d bytes: %w", len(data), ErrLimit)
	}
	return data, nil
}

// readBody reads n bytes. More than a little is taken from memory only as it arrives.
func readBody(r io.Reader, n int) ([]byte, error) {
	var buf bytes.Buffer
	if n <= 16<<10 {
		small := make([]byte, n)
		got, err := io.ReadFull(r, small)
		return small, cutShort(err, got, n)
	}
	_, err := io.CopyN(&buf, r, int64(n))
	return buf.Bytes(), cutShort(err, buf.Len(), n)
}

func cutShort(err error, got, n int) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %d of %d bytes: %w", ErrFrame, got, n, err)
}

func decompress(data []byte, limit int) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFrame, err)
	}
	var out bytes.Buffer
	if _, err := io.Copy(&out, io.LimitReader(z, int64(limit)+1)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFrame, err)
	}
	if out.Len() > limit {
		return nil, fmt.Errorf("message after decompression: %w", ErrLimit)
	}
	return out.Bytes(), nil
}

// frameWriter writes frames, one Write to w each. It is not for use by several goroutines.
type frameWriter struct {
	w   io.Writer
	buf bytes.Buffer
	z   *zlib.Writer

	header [frameHeader]byte // always zero
}

func (f *frameWriter) write(data []byte) error {
	f.buf.Reset()
	f.buf.Write(f.header[:])
	var compressed byte
	if len(data) > compressThreshold {
		compressed = 1
		if err := f.compress(data); err != nil {
			return err
		}
	} else {
		f.buf.Write(data)
	}
	b := f.buf.Bytes()
	binary.BigEndian.PutUint32(b, uint32(len(b)-frameHeader))
	b[frameHeader-1] = compressed
	_, err := f.w.Write(append(b, frameEnd))
	return err
}

func (f *frameWriter) compress(data []byte) error {
	if f.z == nil {
		z, err := zlib.NewWriterLevel(&f.buf, zlib.BestSpeed)
		if err != nil {
			return fmt.Errorf("compress frame: %w", err)
		}
		f.z = z
	} else {
		f.z.Reset(&f.buf)
	}
	if _, err := f.z.Write(data); err != nil {
		return fmt.Errorf("compress frame: %w", err)
	}
	if err := f.z.Close(); err != nil {
		return fmt.Errorf("compress frame: %w", err)
	}
	return nil
}
