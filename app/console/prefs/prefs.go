// Package prefs is the state of the settings page: what the client's settings file holds, what a person has changed in
// it and not saved, and what is wrong with that.
package prefs

import (
	"errors"
	"maps"
	"sync"

	"omanager/app/console"
	"omanager/app/problem"
)

// File is the client's settings file, each setting a text under its key; data/config has it.
type File interface {
	Path() string
	Load() (map[string]string, error) // every key; a file that does not exist holds defaults
	Check(key, value string) error
	Save(changed map[string]string) error
}

// The operations.
const (
	OpLoad console.Op = "settings"
	OpSave console.Op = "settings_save"
)

// Prefs is safe for use by many goroutines.
type Prefs struct {
	c    *console.Console
	file File

	writing sync.Mutex // one change of the file after the other

	mu    sync.Mutex
	saved map[string]string // as the file holds it; nil: not read yet
	draft map[string]string // what differs from it
	errs  map[string]error
	done  bool // saved by this page, and nothing changed since
}

// New makes the state of the page; without a file there is nothing to set.
func New(c *console.Console, file File) *Prefs {
	return &Prefs{c: c, file: file, draft: map[string]string{}, errs: map[string]error{}}
}

// Form is the page at one moment.
type Form struct {
	Path   string
	Loaded bool
	Values map[string]string
	Errors map[string]error // by key
	Dirty  bool
	Saved  bool // saved, and nothing changed since
}

// Form returns a copy.
func (p *Prefs) Form() Form {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := Form{Loaded: p.saved != nil, Values: map[string]string{}, Errors: maps.Clone(p.errs), Dirty: len(p.draft) > 0, Saved: p.done}
	if p.file != nil {
		f.Path = p.file.Path()
	}
	maps.Copy(f.Values, p.saved)
	maps.Copy(f.Values, p.draft)
	return f
}

// Load reads the file. What a person has changed meanwhile stays.
func (p *Prefs) Load() {
	p.c.Local(OpLoad, console.Settings, func() error {
		if p.file == nil {
			return problem.New("config_none")
		}
		values, err := p.file.Load()
		if err != nil {
			return err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.saved = values
		p.settle()
		return nil
	})
}

// settle drops from the draft what the file holds already. The lock is held.
func (p *Prefs) settle() {
	maps.DeleteFunc(p.draft, func(k, v string) bool { return p.saved[k] == v })
	maps.DeleteFunc(p.errs, func(k string, _ error) bool { _, changed := p.draft[k]; return !changed })
}

// Set changes a value in the form.
func (p *Prefs) Set(key, value string) {
	p.mu.Lock()
	was, known := p.draft[key]
	if !known {
		was = p.saved[key]
	}
	if p.saved == nil || was == value {
		p.mu.Unlock()
		return
	}
	p.draft[key], p.done = value, false
	delete(p.errs, key)
	if err := p.file.Check(key, value); err != nil {
		p.errs[key] = err
	}
	p.settle()
	p.mu.Unlock()
	p.c.Notify(console.Settings)
}

// Undo takes the form back to what the file holds.
func (p *Prefs) Undo() {
	p.mu.Lock()
	clear(p.draft)
	clear(p.errs)
	p.mu.Unlock()
	p.c.Notify(console.Settings)
}

// Save writes what was changed, if nothing is wrong with it.
func (p *Prefs) Save() {
	p.mu.Lock()
	changed, bad := maps.Clone(p.draft), errors.Join(values(p.errs)...)
	p.mu.Unlock()
	if bad != nil || len(changed) == 0 {
		return
	}
	p.c.Local(OpSave, console.Settings, func() error { return p.write(changed) })
}

// Keep writes one value at once, beside what a person is changing in the form: a choice made elsewhere in the window.
// Without a settings file it is kept by the console alone.
func (p *Prefs) Keep(key, value string) {
	if p.file == nil {
		return
	}
	p.c.Local(console.Op("keep_"+key), console.Settings, func() error {
		p.writing.Lock()
		defer p.writing.Unlock()
		if err := p.file.Save(map[string]string{key: value}); err != nil {
			return err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.saved != nil {
			p.saved[key] = value
			p.settle()
		}
		return nil
	})
}

func (p *Prefs) write(changed map[string]string) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	if err := p.file.Save(changed); err != nil {
		return err
	}
	values, err := p.file.Load()
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.saved = values
	maps.DeleteFunc(p.draft, func(k, v string) bool { return changed[k] == v })
	p.settle()
	p.done = len(p.draft) == 0
	return nil
}

func values(m map[string]error) []error {
	var out []error
	for _, err := range m {
		out = append(out, err)
	}
	return out
}
