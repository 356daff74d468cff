package control

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"omanager/app/engine"
	"omanager/app/problem"
	"omanager/modules"
	"omanager/modules/value"
)

// The bounds of what is offered.
const (
	maxList   = 256 << 10 // bytes of a list
	maxOffers = 2000      // files of the folder files/
)

// know is what this server knows about values of parameters, for the caller.
func (c *Control) know(who Caller) modules.Lookup {
	return modules.Lookup{
		List:   c.list,
		Source: c.source,
		Hosts: func(expr string) ([]modules.HostName, error) {
			inv, err := c.View(who)
			if err != nil {
				return nil, err
			}
			chosen, err := inv.Select(expr)
			if err != nil {
				return nil, err
			}
			out := make([]modules.HostName, len(chosen))
			for i, ch := range chosen {
				out[i] = modules.HostName{ID: ch.Server.ID, Addr: ch.Server.DialAddr()}
			}
			return out, nil
		},
	}
}

// task makes the engine's task of a module and the values its operator gave.
func (c *Control) task(who Caller, m *modules.Module, given map[string]string) (*engine.Task, error) {
	know := c.know(who)
	params, err := m.CheckWith(given, know)
	if err != nil {
		return nil, err
	}
	vars, files, err := m.Input(params, know)
	if err != nil {
		return nil, err
	}
	return &engine.Task{
		Params: vars, Files: files, OK: m.OK, Changed: m.Changed, Timeout: m.Timeout,
		Secrets: m.Secrets(params), ChangedIf: m.Rules.Changed, FailedIf: m.Rules.Failed,
	}, nil
}

// markKey is for marks alone, and the same after a restart, so that an approval holds as long as its plan does.
func markKey(audit ed25519.PrivateKey) []byte {
	h := hmac.New(sha256.New, audit.Seed())
	h.Write([]byte("marks of secrets in plans"))
	return h.Sum(nil)
}

// marks bind a plan to secrets that it does not show; without the key they tell nothing about them.
func (c *Control) marks(secrets []string) []string {
	out := make([]string, len(secrets))
	for i, s := range secrets {
		h := hmac.New(sha256.New, c.key)
		h.Write([]byte(s))
		out[i] = hex.EncodeToString(h.Sum(nil))
	}
	return out
}

// Offers are the values this server has for the module's parameters, by name.
func (c *Control) Offers(m *modules.Module) map[string][]string {
	out := map[string][]string{}
	for _, p := range m.Params {
		switch p.Type {
		case modules.List:
			if values, err := c.list(p.List); err == nil {
				out[p.Name] = values
			}
		case modules.Source:
			out[p.Name] = c.sources(p.Under)
		}
	}
	return out
}

// list reads a list of the data folder: a value a line.
func (c *Control) list(name string) ([]string, error) {
	data, err := c.read("lists", name, maxList)
	if err != nil {
		return nil, problem.Wrap(err, "list_read", "list", name, "cause", err.Error())
	}
	if !utf8.Valid(data) {
		return nil, problem.New("list_read", "list", name, "cause", "it is not UTF-8 text")
	}
	var out []string
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		if v := strings.TrimSpace(line); v != "" {
			out = append(out, v)
		}
	}
	return out, nil
}

// source reads a file of the folder files/.
func (c *Control) source(path string) ([]byte, error) {
	data, err := c.read("files", path, value.LargestFile)
	if err != nil {
		return nil, problem.Wrap(err, "source_read", "file", path, "cause", err.Error())
	}
	return data, nil
}

// read reads a plain file below a folder of the data folder; links that lead out of it are not followed.
func (c *Control) read(folder, name string, limit int64) ([]byte, error) {
	if c.DataDir == "" {
		return nil, errors.New("this control server has no data folder")
	}
	root, err := os.OpenRoot(filepath.Join(c.DataDir, folder))
	if err != nil {
		return nil, cause(err)
	}
	defer func() { _ = root.Close() }() // only read
	st, err := root.Stat(filepath.FromSlash(name))
	if err != nil {
		return nil, cause(err)
	}
	if !st.Mode().IsRegular() {
		return nil, errors.New("it is not a plain file")
	}
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, cause(err)
	}
	defer func() { _ = f.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, cause(err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("it is larger than %d bytes", limit)
	}
	return data, nil
}

// cause leaves the paths of this machine out of what operators read.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// sources lists the plain files in the folders, or all of them.
func (c *Control) sources(under []string) []string {
	var out []string
	if c.DataDir == "" {
		return nil
	}
	dir := os.DirFS(filepath.Join(c.DataDir, "files"))
	_ = fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, _ error) error {
		switch {
		case path == ".": // its entry is nil if it cannot be read
		case len(out) >= maxOffers:
			return fs.SkipAll
		case strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.Type().IsRegular():
			clean, ok := value.Relative(path)
			if ok && len(under) > 0 {
				_, ok = value.Path("/"+clean, under)
			}
			if ok {
				out = append(out, clean)
			}
		}
		return nil
	})
	return out
}
