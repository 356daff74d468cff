package modules

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	settle   = 200 * time.Millisecond // quiet time after the last change, so that half a copy is not read
	lookOver = 5 * time.Second        // for folders that appear later, and file systems that report nothing
)

// Run keeps the catalogue up to date until ctx ends. The files are also looked over from time to time, so a system
// without change notices only makes it slower.
func (c *Catalogue) Run(ctx context.Context) {
	var events chan fsnotify.Event
	var faults chan error
	w, err := fsnotify.NewWatcher()
	if err == nil {
		defer w.Close()
		events, faults = w.Events, w.Errors
	}
	c.watch(w)
	c.Reload()
	tick := time.NewTicker(lookOver)
	defer tick.Stop()
	quiet := time.NewTimer(settle)
	quiet.Stop()
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-events:
			if !open {
				events = nil
				continue
			}
			quiet.Reset(settle)
		case _, open := <-faults: // an overflow: something changed, it is not known what
			if !open {
				faults = nil
				continue
			}
			quiet.Reset(settle)
		case <-quiet.C:
			c.watch(w)
			c.Reload()
		case <-tick.C:
			c.watch(w)
			c.Reload()
		}
	}
}

// watch adds the folders and the module folders in them; what is watched already stays so.
func (c *Catalogue) watch(w *fsnotify.Watcher) {
	if w == nil {
		return
	}
	watched := map[string]bool{}
	for _, name := range w.WatchList() {
		watched[name] = true
	}
	add := func(dir string) {
		if !watched[dir] {
			_ = w.Add(dir) // a folder that cannot be watched is looked over by Run
		}
	}
	for _, s := range c.sources {
		if s.dir == "" {
			continue
		}
		entries, err := os.ReadDir(s.dir)
		if err != nil {
			continue
		}
		add(s.dir)
		for i, e := range entries {
			if i < maxEntries && e.IsDir() && !ignored(e.Name()) {
				add(filepath.Join(s.dir, e.Name()))
			}
		}
	}
}
