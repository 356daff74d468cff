package modules

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

const maxEntries = 2000 // of one folder of modules

// scan reads all sources once. What did not change since the last scan is taken over from it.
type scan struct {
	old, cache map[string]loaded
	byID       map[string]*Module
	rejected   []Rejection
}

func (s *scan) reject(folder string, err error) {
	s.rejected = append(s.rejected, Rejection{folder, bad(folder, err)})
}

// source reads one folder of modules; key makes its entries unique in the cache.
func (s *scan) source(key string, src source) {
	entries, err := fs.ReadDir(src.fsys, ".")
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		s.reject(src.dir, fmt.Errorf("read folder: %w", err))
		return
	}
	if len(entries) > maxEntries {
		s.reject(src.dir, fmt.Errorf("it has %d entries, at most %d are read", len(entries), maxEntries))
		entries = entries[:maxEntries]
	}
	taken := map[string]string{}
	for _, e := range entries {
		name := e.Name()
		if ignored(name) {
			continue
		}
		info, err := fs.Stat(src.fsys, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // went away just now
		case err != nil:
			s.reject(name, err)
			continue
		case !info.IsDir() && (!info.Mode().IsRegular() || !isBare(name)):
			continue
		}
		s.entry(key+name, name, src.fsys, info.IsDir(), taken)
	}
}

// entry loads one module folder or bare form. taken are the ids this source has given out.
func (s *scan) entry(key, name string, fsys fs.FS, isDir bool, taken map[string]string) {
	var files map[string][]byte
	var err error
	if isDir {
		files, err = readFolder(fsys, name)
	} else {
		var data []byte
		data, err = readFile(fsys, name)
		files = map[string][]byte{name: data}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return // went away just now
	}
	if err != nil {
		s.reject(name, err)
		return
	}
	l := s.load(key, name, isDir, files)
	if l.reject != nil {
		s.rejected = append(s.rejected, Rejection{name, l.reject})
		return
	}
	if other, twice := taken[l.module.ID]; twice {
		s.reject(name, fmt.Errorf("its id %s is already used by %s beside it", l.module.ID, other))
		return
	}
	taken[l.module.ID] = name
	s.byID[l.module.ID] = l.module
}

func (s *scan) load(key, name string, isDir bool, files map[string][]byte) loaded {
	l := loaded{hash: hashFiles(files)}
	if old, has := s.old[key]; has && old.hash == l.hash {
		s.cache[key] = old
		return old
	}
	var err error
	if isDir {
		l.module, err = ParseFolder(name, files)
	} else {
		l.module, err = ParseBare(name, files[name])
	}
	if err != nil && !errors.As(err, &l.reject) {
		l.reject = bad(name, err)
	}
	s.cache[key] = l
	return l
}

// ignored names are hidden files and what editors leave behind.
func ignored(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") || strings.HasSuffix(name, "~") {
		return true
	}
	switch path.Ext(name) {
	case ".swp", ".tmp", ".bak", ".part":
		return true
	}
	return false
}

// readFolder reads the plain files of a module folder; folders inside it are not part of the module.
func readFolder(fsys fs.FS, folder string) (map[string][]byte, error) {
	entries, err := fs.ReadDir(fsys, folder)
	if err != nil {
		return nil, err
	}
	files, total := map[string][]byte{}, 0
	for _, e := range entries {
		if ignored(e.Name()) {
			continue
		}
		info, err := fs.Stat(fsys, path.Join(folder, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // went away just now, or a link to nothing
		}
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			continue
		}
		if len(files) >= maxFiles || total > maxTotal {
			return nil, fmt.Errorf("it has more than %d files or %d bytes", maxFiles, maxTotal)
		}
		data, err := readFile(fsys, path.Join(folder, e.Name()))
		if err != nil {
			return nil, err
		}
		total += len(data)
		files[e.Name()] = data
	}
	return files, nil
}

// readFile reads no more than a module's file may have.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, maxFile)
	}
	return data, nil
}
