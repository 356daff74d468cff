package modules

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"omanager/app/problem"
)

// Catalogue is all modules from several places, read again when they change. It is safe for concurrent use.
type Catalogue struct {
	sources []source

	reload sync.Mutex // held while reading
	cache  map[string]loaded

	mu       sync.RWMutex
	all      []*Module
	byID     map[string]*Module
	rejected []Rejection
	revision string
	changed  chan struct{} // closed when revision changes
}

// Rejection is a folder that was left out, and why.
type Rejection struct {
	Folder  string
	Problem *problem.Error
}

type source struct {
	fsys fs.FS
	dir  string // empty: built in
}

// loaded is what became of one entry when its files had the hash.
type loaded struct {
	hash   string
	module *Module
	reject *problem.Error
}

// Open reads the built-in modules and those of the folders. A module of a later folder takes the place of one with
// the same id that came before. A folder may be missing, or come later.
func Open(builtin fs.FS, dirs ...string) (*Catalogue, error) {
	c := &Catalogue{changed: make(chan struct{}), cache: map[string]loaded{}}
	if builtin != nil {
		if _, err := fs.ReadDir(builtin, "."); err != nil {
			return nil, fmt.Errorf("read built-in modules: %w", err)
		}
		c.sources = append(c.sources, source{fsys: builtin})
	}
	for _, d := range dirs {
		c.sources = append(c.sources, source{fsys: os.DirFS(d), dir: d})
	}
	c.Reload()
	return c, nil
}

// All lists the modules by category in the order of the menus, then by id. Nothing in it may be changed.
func (c *Catalogue) All() []*Module {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Clone(c.all)
}

// Get finds a module by its id.
func (c *Catalogue) Get(id string) (*Module, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	m, ok := c.byID[id]
	return m, ok
}

// Rejected lists what was left out, by folder.
func (c *Catalogue) Rejected() []Rejection {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Clone(c.rejected)
}

// Revision changes whenever the modules or the rejections do.
func (c *Catalogue) Revision() string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.revision
}

// Wait returns the revision as soon as it differs from the one given.
func (c *Catalogue) Wait(ctx context.Context, revision string) (string, error) {
	for {
		c.mu.RLock()
		now, changed := c.revision, c.changed
		c.mu.RUnlock()
		if now != revision {
			return now, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return now, ctx.Err()
		}
	}
}

// Reload reads every folder again and reports whether anything changed.
func (c *Catalogue) Reload() bool {
	c.reload.Lock()
	defer c.reload.Unlock()
	s := &scan{old: c.cache, cache: map[string]loaded{}, byID: map[string]*Module{}}
	for i, src := range c.sources {
		s.source(strconv.Itoa(i)+"/", src)
	}
	c.cache = s.cache
	all := make([]*Module, 0, len(s.byID))
	for _, m := range s.byID {
		all = append(all, m)
	}
	slices.SortFunc(all, compare)
	slices.SortStableFunc(s.rejected, func(a, b Rejection) int { return strings.Compare(a.Folder, b.Folder) })
	revision := Revision(all, s.rejected)

	c.mu.Lock()
	defer c.mu.Unlock()
	if revision == c.revision {
		return false
	}
	c.all, c.byID, c.rejected, c.revision = all, s.byID, s.rejected, revision
	close(c.changed)
	c.changed = make(chan struct{})
	return true
}

func compare(a, b *Module) int {
	order := []string{"bas", "app", "dba", "ser", "mid"}
	return cmp.Or(
		cmp.Compare(slices.Index(order, a.Category), slices.Index(order, b.Category)),
		cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID),
	)
}

// Revision names a list of modules and rejections.
func Revision(all []*Module, rejected []Rejection) string {
	h := sha256.New()
	for _, m := range all {
		fmt.Fprintf(h, "%q %s\n", m.Folder, m.Hash)
	}
	for _, r := range rejected {
		fmt.Fprintf(h, "%q %q\n", r.Folder, r.Problem.Error())
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}
