package serve

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"omanager/app/audit"
	"omanager/app/control"
	"omanager/app/problem"
	"omanager/app/wholefile"
	"omanager/data/config"
	"omanager/rpc/client"
)

// AuditKey reads the key that signs checkpoints of the operation log, or makes it (audit.key, mode 0600).
func AuditKey(dir string) (ed25519.PrivateKey, error) {
	key, err := readAuditKey(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return makeAuditKey(dir, filepath.Join(dir, "audit.key"))
	}
	return key, err
}

func readAuditKey(dir string) (ed25519.PrivateKey, error) {
	b, err := os.ReadFile(filepath.Join(dir, "audit.key"))
	if err != nil {
		return nil, problem.Wrap(err, "data_folder", "dir", dir, "cause", "its audit.key is missing or cannot be read")
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, problem.New("data_folder", "dir", dir, "cause", "its audit.key is damaged")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if k, ok := key.(ed25519.PrivateKey); ok && err == nil {
		return k, nil
	}
	return nil, problem.Wrap(err, "data_folder", "dir", dir, "cause", "its audit.key is damaged")
}

// makeAuditKey puts the key in place in one step: a torn one would make every checkpoint look forged.
func makeAuditKey(dir, path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the audit key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("make the audit key: %w", err)
	}
	err = wholefile.Write(path, func(w io.Writer) error { return pem.Encode(w, &pem.Block{Type: "PRIVATE KEY", Bytes: der}) })
	if err != nil {
		return nil, problem.Wrap(err, "data_folder", "dir", dir, "cause", err.Error())
	}
	return key, nil
}

// AuditSigner is what signs for the operation log of a data folder whose control server has run. A key that is not there
// is not made: nothing would be signed by it.
func AuditSigner(dir string) (audit.Signer, error) {
	cert, err := tls.LoadX509KeyPair(filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"))
	if err != nil {
		return audit.Signer{}, problem.Wrap(err, "data_folder", "dir", dir, "cause", "its TLS key or certificate is missing or damaged")
	}
	key, err := readAuditKey(dir)
	return audit.Signer{Server: client.FingerprintOf(cert.Certificate[0]), Key: key}, err
}

// outside is where checkpoints go beside the database and the clients, by the settings.
func outside(dir string, c config.Audit) []control.Outside {
	var out []control.Outside
	if path := below(dir, c.CheckpointFile); path != "" {
		out = append(out, func(p audit.Checkpoint) error { return appendLine(path, p) })
	}
	if c.Syslog == "yes" {
		out = append(out, toSyslog)
	}
	return out
}

// appendLine opens the file for each checkpoint, so that it may be rotated.
func appendLine(path string, p audit.Checkpoint) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

// Checkpoints reads a file of checkpoints, one a line: omserver's own or one that a client keeps.
func Checkpoints(path string) ([]audit.Checkpoint, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, problem.Wrap(err, "audit_kept", "file", path, "cause", err.Error())
	}
	var out []audit.Checkpoint
	for n, line := range bytes.Split(bytes.TrimSpace(b), []byte("\n")) {
		var p audit.Checkpoint
		if err := json.Unmarshal(line, &p); err != nil {
			return nil, problem.Wrap(err, "audit_kept", "file", path, "cause", fmt.Sprintf("line %d is not a checkpoint", n+1))
		}
		out = append(out, p)
	}
	return out, nil
}

// settingsState names the state of the settings without telling them.
func settingsState(dir string) string {
	b, err := os.ReadFile(filepath.Join(dir, "omserver.ini"))
	if err != nil {
		return "settings not readable"
	}
	sum := sha256.Sum256(b)
	return "settings sha256 " + hex.EncodeToString(sum[:])
}
