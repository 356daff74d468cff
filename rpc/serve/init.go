package serve

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"omanager/app/account"
	"omanager/app/engine/ssh"
	"omanager/app/inventory"
	"omanager/app/problem"
	"omanager/data/store"
	"omanager/rpc/client"
)

// Created is what init made; Password is shown once and stored nowhere.
type Created struct {
	Dir         string `json:"dir"`
	Address     string `json:"address"`
	Fingerprint string `json:"fingerprint"`
	Operator    string `json:"operator"`
	Password    string `json:"password"`
	KeyFile     string `json:"keyfile"`
	SSHKey      string `json:"ssh_public_key"`
}

// DefaultListen is where a control server listens unless told otherwise; the port is the legacy one.
const DefaultListen = "0.0.0.0:11511"

// Init makes a data folder: TLS key, login key for the servers, database, and the first operator with a one-time
// password and a key file. It refuses a folder that has been made already.
func Init(ctx context.Context, dir, operator, listen string) (c Created, err error) {
	c = Created{Dir: dir, Operator: operator, Address: reachable(listen)}
	if _, err := os.Stat(filepath.Join(dir, "tls.key")); err == nil {
		return c, problem.New("data_folder", "dir", dir, "cause", "it has been initialised already")
	}
	for _, d := range []string{"", "assets", "modules", "lists", "files", "ssh", "keys"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return c, problem.Wrap(err, "data_folder", "dir", dir, "cause", err.Error())
		}
	}
	if err := writeSettings(dir, listen); err != nil {
		return c, fmt.Errorf("write omserver.ini: %w", err)
	}
	st, err := OpenStore(ctx, dir, Make) // before anything else is made: settings that are wrong can be mended
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if err := account.CheckNew(ctx, st, operator); err != nil {
		return c, err
	}
	if c.Fingerprint, err = makeTLS(dir); err != nil {
		return c, fmt.Errorf("make the TLS key: %w", err)
	}
	if c.SSHKey, err = makeSSHKey(dir); err != nil {
		return c, fmt.Errorf("make the SSH key: %w", err)
	}
	if err := emptyAssets(dir); err != nil {
		return c, fmt.Errorf("write the asset files: %w", err)
	}
	if c.Password, c.KeyFile, err = firstOperator(ctx, st, dir, operator); err != nil {
		return c, fmt.Errorf("make operator %s: %w", operator, err)
	}
	return c, nil
}

// reachable is the address to give to consoles: where the server listens on every address, the machine's first own one.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err != nil || host != "" && (ip == nil || !ip.IsUnspecified()) {
		return listen
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return listen
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() {
			return net.JoinHostPort(n.IP.String(), port)
		}
	}
	return net.JoinHostPort("127.0.0.1", port)
}

// makeTLS writes a self-signed certificate: consoles pin it by fingerprint, so names and dates in it decide nothing.
func makeTLS(dir string) (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return "", err
	}
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "OManager control server"}, DNSNames: []string{"omanager"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(20, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return "", err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	if err := writePEM(filepath.Join(dir, "tls.crt"), "CERTIFICATE", der); err != nil {
		return "", err
	}
	return client.FingerprintOf(der), writePEM(filepath.Join(dir, "tls.key"), "PRIVATE KEY", pkcs8)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

// makeSSHKey writes the key that logs in to the servers and gives its public line, to be put in their authorized_keys.
func makeSSHKey(dir string) (string, error) {
	private, line, err := ssh.NewKey("omanager")
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "ssh", "id_ed25519"), private, 0o600); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "ssh", "id_ed25519.pub"), []byte(line+"\n"), 0o600); err != nil {
		return "", err
	}
	return line, os.WriteFile(filepath.Join(dir, "ssh", "known_hosts"), nil, 0o600)
}

// emptyAssets writes asset files without servers, unless there are files already.
func emptyAssets(dir string) error {
	option, servers := inventory.Marshal(inventory.New([]inventory.Category{{ID: "1", Name: "应用服务器"}}, nil))
	for name, body := range map[string][]byte{"ServerOptioninfo.xml": option, "Serverinfo.xml": servers} {
		f, err := os.OpenFile(filepath.Join(dir, "assets", name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		if _, err := f.Write(body); err != nil {
			return errors.Join(err, f.Close())
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// firstOperator stores an operator with all privileges.
func firstOperator(ctx context.Context, st store.Store, dir, name string) (password, keyfile string, err error) {
	password, key, err := account.Admin{Store: st, Now: time.Now}.Add(ctx, name, "root")
	if err != nil {
		return "", "", err
	}
	keyfile = filepath.Join(dir, "keys", name+".key")
	return password, keyfile, os.WriteFile(keyfile, key, 0o600)
}
