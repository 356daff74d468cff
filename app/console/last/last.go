// Package last remembers what an operator filled in last for each module, in a file that its owner alone can read.
// Secrets and files are never kept.
package last

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"omanager/app/problem"
	"omanager/app/wholefile"
	"omanager/modules"
)

// The bounds of what is kept: the oldest entries go first, a longer value is left out.
const (
	MaxEntries = 200
	maxValue   = 4096
	maxFile    = 16 << 20
)

// Values is safe for use by many goroutines.
type Values struct {
	path string

	mu      sync.Mutex
	broken  error
	entries []entry // the newest first
}

type entry struct {
	Who    string            `json:"who"` // operator@address
	Module string            `json:"module"`
	Values map[string]string `json:"values"`
}

// Open reads the file; one that is not there holds nothing. An empty path keeps the values in memory.
func Open(path string) *Values {
	v := &Values{path: path}
	if path == "" {
		return v
	}
	entries, err := read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		v.broken = problem.Wrap(err, "last_values_read", "file", path, "cause", err.Error())
	default:
		v.entries = entries[:min(len(entries), MaxEntries)]
	}
	return v
}

func read(path string) ([]entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, errors.New("it is too large")
	}
	var entries []entry
	return entries, json.Unmarshal(data, &entries)
}

// Broken is why the file was ignored, nil if it was not or has been replaced.
func (v *Values) Broken() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.broken
}

// Of is what was filled in last, by parameter: those that the module still has and that may be kept.
func (v *Values) Of(operator, addr string, m *modules.Module) map[string]string {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := map[string]string{}
	for _, e := range v.entries {
		if e.Who == operator+"@"+addr && e.Module == m.ID {
			maps.Copy(out, kept(m, e.Values))
			break
		}
	}
	return out
}

// Keep remembers the values in the place of those before.
func (v *Values) Keep(operator, addr string, m *modules.Module, values map[string]string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := entry{Who: operator + "@" + addr, Module: m.ID, Values: kept(m, values)}
	rest := slices.DeleteFunc(slices.Clone(v.entries), func(e entry) bool { return e.Who == now.Who && e.Module == now.Module })
	if len(now.Values) > 0 {
		rest = slices.Insert(rest, 0, now)
	}
	v.entries = rest[:min(len(rest), MaxEntries)]
	if v.path == "" {
		return nil
	}
	data, err := json.MarshalIndent(v.entries, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(v.path), 0o700)
	}
	if err == nil {
		err = wholefile.WriteBytes(v.path, data)
	}
	if err != nil {
		return problem.Wrap(err, "last_values_write", "file", v.path, "cause", err.Error())
	}
	v.broken = nil
	return nil
}

// kept is the values that may be remembered.
func kept(m *modules.Module, values map[string]string) map[string]string {
	out := map[string]string{}
	for _, p := range m.Params {
		val := values[p.Name]
		if p.Type == modules.Secret || p.Type == modules.File || val == "" || len(val) > maxValue {
			continue
		}
		out[p.Name] = val
	}
	return out
}
