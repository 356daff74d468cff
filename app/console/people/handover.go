package people

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"omanager/app/console"
	"omanager/app/problem"
	"omanager/rpc/client"
)

// Handover is what was just made for an operator. It is stored nowhere: once it is closed it is gone.
type Handover struct {
	Name     string
	Password string // empty: none was made
	KeyFile  []byte // nil: none was made
	Saved    string // where the key file was written
}

func handed(name string, m client.Made) *Handover {
	return &Handover{Name: name, Password: m.Password, KeyFile: m.KeyFile}
}

// Handover returns a copy of what waits to be handed over, or nil.
func (p *People) Handover() *Handover {
	defer p.lock()()
	if p.handover == nil {
		return nil
	}
	h := *p.handover
	return &h
}

// EndHandover forgets the password and the key file.
func (p *People) EndHandover() {
	p.mu.Lock()
	p.handover = nil
	p.mu.Unlock()
	p.c.Notify(console.People)
}

// SaveKey writes the key file, readable by its owner alone. A file that is there already is never replaced.
func (p *People) SaveKey(path string) {
	h := p.Handover()
	if h == nil || h.KeyFile == nil {
		return
	}
	p.c.Local(OpKey, console.People, func() error {
		if now := p.Handover(); now == nil || now.Saved == path {
			return nil
		}
		if err := writeNew(path, h.KeyFile); err != nil {
			return problem.Wrap(err, "file_write", "file", path, "cause", reason(err))
		}
		defer p.lock()()
		if p.handover != nil && p.handover.Name == h.Name {
			p.handover.Saved = path
		}
		return nil
	})
}

func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(path)) // half a key file is none
	}
	return nil
}

func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrExist):
		return "there is a file of that name already"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case errors.Is(err, fs.ErrNotExist):
		return "the folder does not exist"
	}
	return err.Error()
}

// KeyName is the name proposed for an operator's key file.
func (h Handover) KeyName() string { return filepath.Base(h.Name) + ".key" }
