package serve

import (
	"os"
	"path/filepath"
	"strconv"

	"omanager/app/engine"
	"omanager/app/engine/ssh"
	"omanager/app/problem"
	"omanager/data/config"
)

// settings is what the control server reads from omserver.ini.
type settings struct {
	listen     string
	maxServers int
	sshUser    string
	sshKey     string
	knownHosts string
}

// readSettings reads omserver.ini; relative paths in it are below the data folder.
func readSettings(dir string) (settings, error) {
	s := settings{}
	path := filepath.Join(dir, "omserver.ini")
	c, err := config.Load(path)
	if err != nil {
		return s, problem.Wrap(err, "data_folder", "dir", dir, "cause", err.Error())
	}
	s.listen = c.Get("system", "listen")
	s.sshUser = c.Get("ssh", "user")
	s.sshKey = below(dir, c.Get("ssh", "key"))
	s.knownHosts = below(dir, c.Get("ssh", "known_hosts"))
	if v := c.Get("system", "max_servers"); v != "" {
		if s.maxServers, err = strconv.Atoi(v); err != nil || s.maxServers < 0 {
			return s, problem.New("usage", "cause", path+": max_servers is \""+v+"\", which is not a number. Correct it.")
		}
	}
	return s, nil
}

func below(dir, p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(dir, p)
}

// writeSettings writes the first omserver.ini; a file that is there is kept.
func writeSettings(dir, listen string) error {
	path := filepath.Join(dir, "omserver.ini")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	return os.WriteFile(path, []byte(`# Settings of this control server. Lines that begin with # are comments; values go to the end of the line.
[system]
listen = `+listen+`
# Most servers in one job; 0 means no limit.
max_servers = 0

[ssh]
# How the servers are reached. Paths are below this folder unless they begin with /.
user = root
key = ssh/id_ed25519
known_hosts = ssh/known_hosts
`), 0o600)
}

// sshEngine is the engine the data folder describes.
func sshEngine(_ string, s settings) (engine.Engine, error) {
	return newEngine(ssh.Config{User: s.sshUser, KeyFiles: []string{s.sshKey}, KnownHosts: s.knownHosts}, "ssh")
}

// named is the ssh engine under the name that operators see.
type named struct {
	engine.Engine
	name string
}

// Name implements engine.Engine.
func (n named) Name() string { return n.name }

func newEngine(c ssh.Config, name string) (engine.Engine, error) {
	e, err := ssh.New(c)
	if err != nil {
		return nil, err
	}
	return named{e, name}, nil
}
