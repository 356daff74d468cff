package store_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"omanager/data/store"
	"omanager/data/store/mariadb"
)

// authority makes certificates for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	a.cert, a.key = a.issue(t, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, Subject: pkix.Name{CommonName: "test authority"}})
	return a
}

func (a *authority) issue(t *testing.T, c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(t, err)
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	if c.NotAfter.IsZero() {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	ok(t, err)
	made, err := x509.ParseCertificate(der)
	ok(t, err)
	return made, key
}

func writePEM(t *testing.T, path, kind string, der []byte) string {
	t.Helper()
	ok(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o644))
	return path
}

// secureServer is a MariaDB that shows the certificate.
func secureServer(t *testing.T, cert *x509.Certificate, key *ecdsa.PrivateKey) *mariadb.Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "om-tls-") //nolint:usetesting // a test's own folder is closed to the user that the server runs as
	ok(t, err)
	t.Cleanup(func() { ok(t, os.RemoveAll(dir)) })
	ok(t, os.Chmod(dir, 0o755)) // the server runs as another user
	der, err := x509.MarshalECPrivateKey(key)
	ok(t, err)
	s, err := mariadb.Start(t.Context(), mariadb.Options{Args: []string{
		"--ssl-cert=" + writePEM(t, filepath.Join(dir, "cert.pem"), "CERTIFICATE", cert.Raw),
		"--ssl-key=" + writePEM(t, filepath.Join(dir, "key.pem"), "EC PRIVATE KEY", der),
	}})
	if errors.Is(err, mariadb.ErrMissing) {
		t.Skipf("SKIP: %v", err)
	}
	ok(t, err)
	t.Cleanup(func() { ok(t, s.Close()) })
	ok(t, s.Create(context.Background(), "OManager"))
	return s
}

// TestA21DatabaseIsVerified: with Verify the store speaks only to a server whose certificate is for the host and by the
// authority; without it, which is the control, it speaks to every one of them.
func TestA21DatabaseIsVerified(t *testing.T) {
	ours, foreign := newAuthority(t), newAuthority(t)
	ca := writePEM(t, filepath.Join(t.TempDir(), "ca.pem"), "CERTIFICATE", ours.cert.Raw)
	here := []net.IP{net.IPv4(127, 0, 0, 1)}
	plain := func(*testing.T) *mariadb.Server { return mariaServer(t) }
	shows := func(a *authority, c *x509.Certificate) func(*testing.T) *mariadb.Server {
		return func(t *testing.T) *mariadb.Server {
			cert, key := a.issue(t, c)
			return secureServer(t, cert, key)
		}
	}
	for name, c := range map[string]struct {
		server func(*testing.T) *mariadb.Server
		good   bool
	}{
		"ours":          {shows(ours, &x509.Certificate{IPAddresses: here}), true},
		"no TLS":        {plain, false},
		"by another":    {shows(foreign, &x509.Certificate{IPAddresses: here}), false},
		"self-signed":   {shows(&authority{}, &x509.Certificate{IPAddresses: here}), false},
		"another host":  {shows(ours, &x509.Certificate{DNSNames: []string{"db.example.org"}}), false},
		"expired":       {shows(ours, &x509.Certificate{IPAddresses: here, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(-time.Hour)}), false},
		"not yet valid": {shows(ours, &x509.Certificate{IPAddresses: here, NotBefore: time.Now().Add(time.Hour), NotAfter: time.Now().Add(2 * time.Hour)}), false},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.server(t)
			ok(t, s.Create(t.Context(), "OManager"))
			conf := mysqlConfig(s)
			conf.Addr, conf.Socket = forward(t, s.Socket), ""
			weak, err := store.OpenMySQL(t.Context(), conf)
			ok(t, err) // the control
			ok(t, weak.Close())
			conf.Verify, conf.CA = true, ca
			st, err := store.OpenMySQL(t.Context(), conf)
			if (err == nil) != c.good {
				t.Errorf("verified: %v", err)
			}
			if err == nil {
				ok(t, st.Close())
			} else if strings.Contains(err.Error(), mariadb.Pass) {
				t.Error("the message holds the password")
			}
		})
	}
}
