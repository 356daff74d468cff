package serve

import (
	"log/slog"
	"path/filepath"

	"omanager/app/engine"
	"omanager/app/engine/ssh"
	"omanager/app/problem"
	"omanager/data/config"
)

// readSettings reads omserver.ini; relative paths in it are below the data folder. A damaged file does not stop the
// server: it goes on with the last good one and says so.
func readSettings(dir string, log *slog.Logger) (*config.Config, error) {
	path := filepath.Join(dir, "omserver.ini")
	c, notice, err := config.LoadGood(path)
	if err != nil {
		return nil, problem.Wrap(err, "data_folder", "dir", dir, "cause", problem.Describe("en", err))
	}
	if notice != nil {
		log.Error(problem.Describe("en", notice))
	} else if err := config.Remember(path); err != nil {
		log.Warn("omserver.ini could not be copied", "err", problem.Describe("en", err))
	}
	c.SSH.Key, c.SSH.KnownHosts = below(dir, c.SSH.Key), below(dir, c.SSH.KnownHosts)
	return c, nil
}

func below(dir, p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(dir, p)
}

// writeSettings writes the first omserver.ini; a file that is there is kept.
func writeSettings(dir, listen string) error {
	return config.Create(filepath.Join(dir, "omserver.ini"), []byte(`# Settings of this control server. Lines that begin with # are comments; values go to the end of the line.
[system]
listen = `+listen+`
# Most servers in one job; 0 means no limit.
max_servers = 0

[ssh]
# How the servers are reached. Paths are below this folder unless they begin with /.
user = root
key = ssh/id_ed25519
known_hosts = ssh/known_hosts

[db]
# Where operators, jobs and results are kept. An empty db_ip means the file omanager.db in this folder; otherwise a MySQL
# or MariaDB database, which must exist: db_ip is a host, host:port or the path of a socket. Look at docs/migrate.md to
# take over the database of an earlier OManager.
db_ip =
db_user =
db_pass =
db_name =
# verify: only over TLS, with a certificate for the host in db_ip that db_ca (a PEM file; empty: the system's authorities)
# vouches for. preferred, or empty: TLS if the server has it, unchecked, for a network that is trusted.
db_tls =
db_ca =
`))
}

// sshEngine is the engine that the settings describe.
func sshEngine(c *config.Config) (engine.Engine, error) {
	return ssh.New(ssh.Config{User: c.SSH.User, KeyFiles: []string{c.SSH.Key}, KnownHosts: c.SSH.KnownHosts})
}
