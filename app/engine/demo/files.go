package demo

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// maxFiles and maxBytes bound what scripts may write on one pretend server.
const (
	maxFiles = 1000
	maxBytes = 4 << 20
)

// node is one file or folder.
type node struct {
	data []byte
	mode fs.FileMode
	time time.Time
}

// files is the file tree of one pretend server, in memory. Data of a node is replaced, never changed in place.
type files struct {
	mu    sync.Mutex
	nodes map[string]*node
	now   func() time.Time
}

// resolve makes a clean absolute path; on Windows the interpreter hands over drive letters and backslashes.
func resolve(dir, name string) string {
	slash := func(s string) string {
		s = strings.ReplaceAll(s, `\`, "/")
		if len(s) > 1 && s[1] == ':' {
			s = s[2:]
		}
		return s
	}
	name = slash(name)
	if !strings.HasPrefix(name, "/") {
		name = path.Join("/", slash(dir), name)
	}
	return path.Clean(name)
}

func (f *files) put(name string, data []byte, mode fs.FileMode, t time.Time) {
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		if f.nodes[dir] == nil {
			f.nodes[dir] = &node{mode: fs.ModeDir | 0o755, time: t}
		}
		if dir == "/" {
			break
		}
	}
	f.nodes[name] = &node{data: data, mode: mode, time: t}
}

func (f *files) get(op, name string) (*node, error) {
	n := f.nodes[name]
	if n == nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return n, nil
}

func (f *files) read(name string) ([]byte, error) {
	if name == "/dev/null" {
		return nil, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.get("open", name)
	if err != nil {
		return nil, err
	}
	if n.mode.IsDir() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
	}
	if n.mode&0o444 == 0 {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return n.data, nil
}

func (f *files) write(name string, data []byte, mode fs.FileMode) error {
	if name == "/dev/null" {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch old := f.nodes[name]; {
	case old != nil && old.mode.IsDir():
		return &fs.PathError{Op: "open", Path: name, Err: syscall.EISDIR}
	case old != nil:
		mode = old.mode
	case f.nodes[path.Dir(name)] == nil:
		return &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	case len(f.nodes) >= maxFiles:
		return &fs.PathError{Op: "open", Path: name, Err: syscall.ENOSPC}
	}
	if len(data) > maxBytes {
		return &fs.PathError{Op: "write", Path: name, Err: syscall.ENOSPC}
	}
	f.nodes[name] = &node{data: data, mode: mode, time: f.now()}
	return nil
}

func (f *files) mkdir(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.nodes[name] != nil {
		return &fs.PathError{Op: "mkdir", Path: name, Err: fs.ErrExist}
	}
	if len(f.nodes) >= maxFiles {
		return &fs.PathError{Op: "mkdir", Path: name, Err: syscall.ENOSPC}
	}
	f.put(path.Join(name, "."), nil, fs.ModeDir|0o755, f.now())
	return nil
}

// remove takes a file or a folder with all in it away.
func (f *files) remove(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.get("remove", name); err != nil {
		return err
	}
	for k := range f.nodes {
		if k == name || strings.HasPrefix(k, strings.TrimSuffix(name, "/")+"/") {
			delete(f.nodes, k)
		}
	}
	return nil
}

func (f *files) chmod(name string, mode fs.FileMode) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.get("chmod", name)
	if err != nil {
		return err
	}
	c := *n
	c.mode = c.mode&fs.ModeDir | mode
	f.nodes[name] = &c
	return nil
}

func (f *files) stat(name string) (fs.FileInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.get("stat", name)
	if err != nil {
		return nil, err
	}
	return info{name: path.Base(name), node: *n}, nil
}

func (f *files) readDir(name string) ([]fs.DirEntry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.get("open", name); err != nil {
		return nil, err
	}
	var out []fs.DirEntry
	for k, n := range f.nodes {
		if k != "/" && path.Dir(k) == name {
			out = append(out, fs.FileInfoToDirEntry(info{name: path.Base(k), node: *n}))
		}
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out, nil
}

// open gives a file to a redirection. What is written is kept when it is closed.
func (f *files) open(name string, flag int, perm fs.FileMode) (io.ReadWriteCloser, error) {
	if flag&(os.O_WRONLY|os.O_RDWR) == 0 {
		b, err := f.read(name)
		return &handle{Reader: bytes.NewReader(b)}, err
	}
	h := &handle{Reader: bytes.NewReader(nil), f: f, name: name, perm: perm}
	old, err := f.read(name)
	if err != nil && (!errors.Is(err, fs.ErrNotExist) || flag&os.O_CREATE == 0) {
		return nil, err
	}
	if flag&os.O_TRUNC == 0 {
		h.buf = bytes.Clone(old)
	}
	return h, f.write(name, h.buf, perm)
}

type handle struct {
	*bytes.Reader
	f    *files
	name string
	perm fs.FileMode
	mu   sync.Mutex
	buf  []byte
}

func (h *handle) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.f == nil {
		return 0, fs.ErrPermission
	}
	if h.name == "/dev/null" {
		return len(b), nil
	}
	if len(h.buf)+len(b) > maxBytes {
		return 0, syscall.ENOSPC
	}
	h.buf = append(h.buf, b...)
	return len(b), h.f.write(h.name, h.buf, h.perm)
}

func (h *handle) Close() error { return nil }

// info is a node as the standard library shows files.
type info struct {
	name string
	node node
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return int64(len(i.node.data)) }
func (i info) Mode() fs.FileMode  { return i.node.mode }
func (i info) ModTime() time.Time { return i.node.time }
func (i info) IsDir() bool        { return i.node.mode.IsDir() }
func (i info) Sys() any           { return nil }

// reason says an error as a program on Linux would, on any system.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "No such file or directory"
	case errors.Is(err, fs.ErrPermission):
		return "Permission denied"
	case errors.Is(err, fs.ErrExist):
		return "File exists"
	case errors.Is(err, syscall.EISDIR):
		return "Is a directory"
	case errors.Is(err, syscall.ENOSPC):
		return "No space left on device"
	}
	return err.Error()
}
