package pictures

import (
	"maps"
	"sync"

	"omanager/app/console/prefs"
)

// unwritten is a settings file whose changes stay in memory: drawing pictures changes nothing on disk.
type unwritten struct {
	prefs.File

	mu      sync.Mutex
	changed map[string]string
}

// Path is not that of the file of whoever draws.
func (u *unwritten) Path() string { return "~/.config/omanager/config.ini" }

// Load gives the file's settings with the changes.
func (u *unwritten) Load() (map[string]string, error) {
	v, err := u.File.Load()
	if err != nil {
		return nil, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	maps.Copy(v, u.changed)
	return v, nil
}

// Save keeps the changes.
func (u *unwritten) Save(changed map[string]string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	maps.Copy(u.changed, changed)
	return nil
}
