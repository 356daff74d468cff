// Package config is the ini file of settings, compatible with the legacy client's: values are bytes up to the end
// of the line, nothing in them is a comment, an escape or a reference. Saving edits lines and replaces the file in
// one step; comments, unknown keys and hand edits stay.
package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"gopkg.in/ini.v1"

	"omanager/app/problem"
)

// Config is all settings. It is comparable with ==.
type Config struct {
	System System
	DB     DB
	SSH    SSH
	Audit  Audit
}

// Audit is the section [audit] of a control server: where checkpoints of the operation log go beside its database.
type Audit struct {
	CheckpointFile string
	Syslog         string // "yes" or "no"
}

// SSH is the section [ssh] of a control server: how the servers are reached. Legacy programs skip it.
type SSH struct {
	User       string // login user of servers that name none
	Key        string // private key file
	KnownHosts string
}

// System is the section [system]. The fields after UpgradeURL are unknown to legacy programs, which skip them.
type System struct {
	Height, Width int // window, px
	Version       string
	UpVersion     int // compared with the newest release's number
	IP            string
	Port          int
	Timeout       int // seconds
	MaxServers    int // most servers in one run
	SecretKey     string
	UpgradeURL    string

	Listen   string
	Envelope string // EnvelopeDefault or EnvelopeLegacy
	Language string // "en", "zh"; empty means the system's
	Theme    string // "light", "dark"; empty means the system's
}

// DB is the section [db].
type DB struct {
	IP, User, Pass, Name string
	TLS, CA              string // of a control server: "preferred" or "verify", and a file of authorities
}

// The kinds of envelope.
const (
	EnvelopeDefault = "default"
	EnvelopeLegacy  = "legacy"
)

const maxSize = 1 << 20

// Default is what holds for keys that a file does not have or leaves empty.
func Default() Config {
	return Config{System: System{Height: 765, Width: 1024, Port: 11511, Timeout: 10, MaxServers: 10, Envelope: EnvelopeDefault}}
}

// Load reads a file. Its problems are config_read and config_bad; the first wraps fs.ErrNotExist if there is none.
func Load(path string) (*Config, error) {
	b, err := read(path)
	if err != nil {
		return nil, problem.Wrap(err, "config_read", "file", path, "cause", reason(err))
	}
	c, err := judge(path, b)
	if err != nil {
		return nil, problem.Wrap(err, "config_bad", "file", path, "cause", err.Error())
	}
	return c, nil
}

// LoadGood is Load that goes back to the newest good text saved before when the file is damaged: empty, cut short, or
// no settings file at all. The notice, config_older, then says so; whoever calls must show it.
func LoadGood(path string) (c *Config, notice, err error) {
	if c, err = Load(path); err == nil {
		return c, nil, nil
	}
	if real, lerr := filepath.EvalSymlinks(path); lerr == nil {
		path = real
	}
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Code != "config_bad" {
		return nil, nil, err
	}
	backup, text := newestGood(path)
	if backup == "" {
		return nil, nil, err
	}
	c, perr := parse(text)
	return c, problem.Wrap(err, "config_older", "file", path, "cause", p.Args["cause"], "backup", backup), perr
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err == nil && len(b) > maxSize {
		err = errors.New("larger than 1 MiB")
	}
	return b, err
}

// reason is the error without the path, which the sentence names already.
func reason(err error) string {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// options keep every value as its bytes: with the library's own, values are cut at # and ;.
func options() ini.LoadOptions {
	return ini.LoadOptions{
		IgnoreInlineComment: true, IgnoreContinuation: true, KeyValueDelimiters: "=",
		SkipUnrecognizableLines: false, Insensitive: false,
	}
}

func parse(b []byte) (*Config, error) {
	f, err := ini.LoadSources(options(), b)
	if err != nil {
		return nil, split(b).fault()
	}
	c := Default()
	for _, d := range fields() {
		s, err := f.GetSection(d.section)
		if err != nil || !s.HasKey(d.key) {
			continue
		}
		// Value, not String: the latter replaces %(name)s.
		if err := d.set(&c, s.Key(d.key).Value()); err != nil {
			return nil, fmt.Errorf("[%s] %s: %w", d.section, d.key, err)
		}
	}
	return &c, nil
}

// field ties a key to its place in Config.
type field struct {
	section, key string
	text         func(*Config) *string
	number       func(*Config) *int
	max          int
	allowed      []string
}

func fields() []field {
	const sys, db = "system", "db"
	return []field{
		{section: sys, key: "height", number: func(c *Config) *int { return &c.System.Height }, max: 100_000},
		{section: sys, key: "width", number: func(c *Config) *int { return &c.System.Width }, max: 100_000},
		{section: sys, key: "version", text: func(c *Config) *string { return &c.System.Version }},
		{section: sys, key: "upversion", number: func(c *Config) *int { return &c.System.UpVersion }, max: 1<<31 - 1},
		{section: sys, key: "ip", text: func(c *Config) *string { return &c.System.IP }},
		{section: sys, key: "port", number: func(c *Config) *int { return &c.System.Port }, max: 65535},
		{section: sys, key: "timeout", number: func(c *Config) *int { return &c.System.Timeout }, max: 86_400},
		{section: sys, key: "max_servers", number: func(c *Config) *int { return &c.System.MaxServers }, max: 1_000_000},
		{section: sys, key: "secret_key", text: func(c *Config) *string { return &c.System.SecretKey }},
		{section: sys, key: "upgrade_url", text: func(c *Config) *string { return &c.System.UpgradeURL }},
		{section: sys, key: "listen", text: func(c *Config) *string { return &c.System.Listen }},
		{section: sys, key: "envelope", text: func(c *Config) *string { return &c.System.Envelope }, allowed: []string{EnvelopeDefault, EnvelopeLegacy}},
		{section: sys, key: "language", text: func(c *Config) *string { return &c.System.Language }, allowed: []string{"en", "zh"}},
		{section: sys, key: "theme", text: func(c *Config) *string { return &c.System.Theme }, allowed: []string{"light", "dark"}},
		{section: db, key: "db_ip", text: func(c *Config) *string { return &c.DB.IP }},
		{section: db, key: "db_user", text: func(c *Config) *string { return &c.DB.User }},
		{section: db, key: "db_pass", text: func(c *Config) *string { return &c.DB.Pass }},
		{section: db, key: "db_name", text: func(c *Config) *string { return &c.DB.Name }},
		{section: db, key: "db_tls", text: func(c *Config) *string { return &c.DB.TLS }, allowed: []string{"preferred", "verify"}},
		{section: db, key: "db_ca", text: func(c *Config) *string { return &c.DB.CA }},
		{section: "ssh", key: "user", text: func(c *Config) *string { return &c.SSH.User }},
		{section: "ssh", key: "key", text: func(c *Config) *string { return &c.SSH.Key }},
		{section: "audit", key: "checkpoint_file", text: func(c *Config) *string { return &c.Audit.CheckpointFile }},
		{section: "audit", key: "syslog", text: func(c *Config) *string { return &c.Audit.Syslog }, allowed: []string{"yes", "no"}},
		{section: "ssh", key: "known_hosts", text: func(c *Config) *string { return &c.SSH.KnownHosts }},
	}
}

// set takes a value from the file; an empty one leaves the default.
func (d field) set(c *Config, v string) error {
	if v == "" {
		return nil
	}
	if d.number != nil {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > d.max {
			return fmt.Errorf("%q is not a number from 0 to %d", v, d.max)
		}
		*d.number(c) = n
		return nil
	}
	if slices.Contains(d.allowed, v) {
		*d.text(c) = v
		return nil
	}
	if d.allowed != nil {
		return fmt.Errorf("%q is none of %v", v, d.allowed)
	}
	*d.text(c) = v
	return nil
}

func (d field) get(c *Config) string {
	if d.number != nil {
		return strconv.Itoa(*d.number(c))
	}
	return *d.text(c)
}
