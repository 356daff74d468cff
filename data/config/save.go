package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"gopkg.in/ini.v1"

	"omanager/app/problem"
)

// Save brings the file to the settings, or makes it. See Update; what somebody else saved since c was loaded is lost,
// so who changes single settings uses Update.
func Save(path string, c *Config) error {
	want := *c
	return Update(path, func(now *Config) error {
		*now = want
		return nil
	})
}

// Update changes the settings that are in the file now and saves them (mode 0600). Only lines whose value changes are
// touched. Those who save at once wait for each other, so none loses another's change. A value that the format cannot
// carry gives config_value. The new text is read back and compared before it takes the old one's place in one durable
// step; until then the old file stays as it was. The last good texts stay beside it, see LoadGood; a damaged one is
// kept with the ending .bad.
func Update(path string, change func(*Config) error) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	unlock, err := lock(path)
	if err != nil {
		return problem.Wrap(err, "config_save", "file", path, "cause", reason(err))
	}
	defer unlock()
	old, err := base(path)
	if err != nil {
		return problem.Wrap(err, "config_save", "file", path, "cause", reason(err))
	}
	c, err := parse(old)
	if err != nil {
		return problem.Wrap(err, "config_save", "file", path, "cause", err.Error())
	}
	if err := change(c); err != nil {
		return err
	}
	for _, d := range fields() {
		if err := d.check(c); err != nil {
			return problem.Wrap(err, "config_value", "key", d.key, "cause", err.Error())
		}
	}
	text, err := edit(old, c)
	if err == nil {
		err = replace(path, old, text, c)
	}
	if err != nil {
		return problem.Wrap(err, "config_save", "file", path, "cause", reason(err))
	}
	return nil
}

func (d field) check(c *Config) error {
	v := d.get(c)
	probe := Default()
	if err := d.set(&probe, v); err != nil {
		return err
	}
	if strings.ContainsAny(v, "\r\n\x00") {
		return errors.New("it contains a line break or a zero byte")
	}
	f, err := ini.LoadSources(options(), []byte("[s]\nk = "+v+"\n"))
	if err != nil || f.Section("s").Key("k").Value() != v {
		return errors.New("it begins or ends with spaces or quotes")
	}
	if got := d.get(&probe); got != v {
		return fmt.Errorf("empty means %q", got)
	}
	return nil
}

// edit gives the new text of the file.
func edit(old []byte, c *Config) ([]byte, error) {
	had, err := parse(old)
	if err != nil {
		return nil, err
	}
	f := split(old)
	def := Default()
	for _, d := range fields() {
		want := d.get(c)
		if want == d.get(had) {
			continue
		}
		f.endLine() // a text of ours ends with its last line's end, so that a torn one can be told
		if i := f.find(d.section, d.key); i >= 0 {
			f.setValue(i, want)
		} else if want != d.get(&def) {
			f.add(d.section, d.key, want)
		}
	}
	return f.bytes(), nil
}

// file is the text as lines with their ends.
type file struct {
	lines []string
	eol   string
}

const bom = "\ufeff"

func split(b []byte) *file {
	f := &file{eol: "\n"}
	if len(b) > 0 {
		f.lines = strings.SplitAfter(string(b), "\n")
		if last := len(f.lines) - 1; f.lines[last] == "" {
			f.lines = f.lines[:last]
		}
	}
	if len(f.lines) > 0 && strings.HasSuffix(f.lines[0], "\r\n") {
		f.eol = "\r\n"
	}
	return f
}

// fault says where the text is no ini. The library's own message would show the line, which may hold a secret.
func (f *file) fault() error {
	for i, line := range f.lines {
		line = strings.TrimSpace(strings.TrimPrefix(line, bom))
		if line == "" || line[0] == '#' || line[0] == ';' || line[0] == '[' && strings.LastIndexByte(line, ']') > 1 {
			continue
		}
		if strings.IndexByte(line, '=') < 1 {
			return fmt.Errorf("line %d is no section, no comment and not key = value", i+1)
		}
	}
	return errors.New("a value that begins with a quote is not closed")
}

func (f *file) bytes() []byte { return []byte(strings.Join(f.lines, "")) }

// walk calls each with every key line (key set) and every section line (key empty).
func (f *file) walk(each func(i int, section, key string)) {
	section := ini.DefaultSection
	for i, line := range f.lines {
		if i == 0 {
			line = strings.TrimPrefix(line, bom)
		}
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[':
			if end := strings.LastIndexByte(line, ']'); end > 0 {
				section = line[1:end]
				each(i, section, "")
			}
		default:
			if key, _, ok := strings.Cut(line, "="); ok {
				each(i, section, strings.TrimSpace(key))
			}
		}
	}
}

// find gives the line that counts: the last one with the key.
func (f *file) find(section, key string) int {
	at := -1
	f.walk(func(i int, s, k string) {
		if s == section && k == key {
			at = i
		}
	})
	return at
}

func (f *file) setValue(i int, v string) {
	head, tail, _ := strings.Cut(f.lines[i], "=")
	body := strings.TrimRight(tail, "\r\n")
	end := tail[len(body):]
	space := body[:len(body)-len(strings.TrimLeft(body, " \t"))]
	f.lines[i] = head + "=" + space + v + end
}

// endLine ends the last line.
func (f *file) endLine() {
	if n := len(f.lines); n > 0 && !strings.HasSuffix(f.lines[n-1], "\n") {
		f.lines[n-1] += f.eol
	}
}

// add puts the key behind the section's last line, or makes the section at the end.
func (f *file) add(section, key, v string) {
	at := -1
	f.walk(func(i int, s, _ string) {
		if s == section {
			at = i
		}
	})
	line := key + " = " + v + f.eol
	if at < 0 {
		if n := len(f.lines); n > 0 && strings.TrimSpace(f.lines[n-1]) != "" {
			f.lines = append(f.lines, f.eol)
		}
		f.lines = append(f.lines, "["+section+"]"+f.eol, line)
		return
	}
	f.lines = append(f.lines[:at+1], append([]string{line}, f.lines[at+1:]...)...)
}
