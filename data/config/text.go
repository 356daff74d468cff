package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"omanager/app/problem"
)

// File is a settings file as a form shows it: every setting a text under its key. The keys of all sections differ.
type File struct{ path string }

// At names a file; it need not exist.
func At(path string) File { return File{path} }

// Path is where the file is.
func (f File) Path() string { return f.path }

// Load gives every setting, the default for what the file leaves open. A file that does not exist holds defaults.
func (f File) Load() (map[string]string, error) {
	c, err := f.load()
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, d := range fields() {
		out[d.key] = d.get(c)
	}
	return out, nil
}

func (f File) load() (*Config, error) {
	c, err := Load(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		d := Default()
		return &d, nil
	}
	return c, err
}

// Check says what is wrong with a value: config_value, or nil.
func (f File) Check(key, value string) error {
	c := Default()
	return put(&c, key, value)
}

// Save changes the settings named, makes the file and its folder if need be, and leaves all others as the file has them.
func (f File) Save(values map[string]string) error {
	c, err := f.load()
	if err != nil {
		return err
	}
	for k, v := range values {
		if err := put(c, k, v); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return problem.Wrap(err, "config_save", "file", f.path, "cause", reason(err))
	}
	return Save(f.path, c)
}

// put sets one value; an empty one is the default.
func put(c *Config, key, value string) error {
	for _, d := range fields() {
		if d.key != key {
			continue
		}
		def := Default()
		text := value
		if text == "" {
			text = d.get(&def)
		}
		if d.text != nil {
			*d.text(c) = text
		}
		err := d.set(c, text)
		if err == nil {
			err = d.check(c)
		}
		if err != nil {
			return problem.Wrap(err, "config_value", "key", key, "cause", err.Error())
		}
		return nil
	}
	return problem.New("config_value", "key", key, "cause", "there is no such setting")
}
