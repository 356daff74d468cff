package console

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"omanager/app/wholefile"
)

// Profile remembers one control server. Passwords are never kept.
type Profile struct {
	Address     string `json:"address"`
	Fingerprint string `json:"fingerprint"`
	Operator    string `json:"operator"`
	KeyFile     string `json:"key_file"`
}

// SettingsFile is what the console remembers between runs. Profiles has the last used first.
type SettingsFile struct {
	Language string    `json:"language,omitempty"` // "en", "zh", or empty for the system's
	Theme    string    `json:"theme,omitempty"`    // "light", "dark", or empty for the system's
	Profiles []Profile `json:"profiles,omitempty"`
}

// maxProfiles bounds the list; the least recently used go first.
const maxProfiles = 20

// SettingsPath is where the settings are kept for this person.
func SettingsPath() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "omanager", "console.json")
}

// IniPath is where the settings that a person may edit are kept; empty when the system names no folder for them.
func IniPath() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "omanager", "config.ini")
}

func readSettings(path string) SettingsFile {
	var s SettingsFile
	if path == "" {
		return s
	}
	data, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(data, &s) != nil {
		return SettingsFile{}
	}
	return s
}

// writeSettings replaces the file in one step, readable by its owner alone.
func writeSettings(path string, s SettingsFile) error {
	if path == "" {
		return nil
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return wholefile.WriteBytes(path, data)
}

// Settings returns a copy of what is remembered.
func (c *Console) Settings() SettingsFile {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.settings
	s.Profiles = slices.Clone(s.Profiles)
	return s
}

// SetLanguage remembers the language.
func (c *Console) SetLanguage(lang string) {
	c.change(func(s *SettingsFile) { s.Language = lang })
}

// SetTheme remembers the theme.
func (c *Console) SetTheme(theme string) {
	c.change(func(s *SettingsFile) { s.Theme = theme })
}

// remember puts the profile first.
func (c *Console) remember(p Profile) {
	c.change(func(s *SettingsFile) {
		rest := slices.DeleteFunc(slices.Clone(s.Profiles), func(o Profile) bool { return o.Address == p.Address })
		s.Profiles = append([]Profile{p}, rest...)
		if len(s.Profiles) > maxProfiles {
			s.Profiles = s.Profiles[:maxProfiles]
		}
	})
}

// change alters the settings and writes them. A settings file that cannot be written costs only the memory of
// them, so it stops nothing.
func (c *Console) change(f func(*SettingsFile)) {
	c.mu.Lock()
	f(&c.settings)
	_ = writeSettings(c.cfg.Settings, c.settings)
	c.mu.Unlock()
	c.notify(Settings)
}

func (c *Console) profile(addr string) (Profile, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.settings.Profiles {
		if p.Address == addr {
			return p, true
		}
	}
	return Profile{}, false
}
