package client_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"omanager/app/account"
	"omanager/app/problem"
	"omanager/rpc/client"
)

// cert makes a certificate for this machine, valid or expired, signed by itself or by an authority.
func cert(t *testing.T, ends time.Time, by *tls.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "OManager control server"},
		DNSNames: []string{"omanager", "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: ends.AddDate(-2, 0, 0), NotAfter: ends, IsCA: by == nil, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	parent, signer := c, any(key)
	if by != nil {
		parent, signer = by.Leaf, by.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	out := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
	if by != nil {
		out.Certificate = append(out.Certificate, by.Certificate...)
	}
	return out
}

// stranger is a server in the middle; it keeps everything that it is told.
type stranger struct {
	*httptest.Server

	mu    sync.Mutex
	heard bytes.Buffer
}

func newStranger(t *testing.T, conf *tls.Config) *stranger {
	t.Helper()
	s := &stranger{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what came counts
		s.mu.Lock()
		defer s.mu.Unlock()
		s.heard.WriteString(r.URL.Path + " " + r.Header.Get("Authorization") + " ")
		s.heard.Write(body)
	}))
	s.TLS = conf
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes are broken off on purpose
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *stranger) told() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard.String()
}

// TestA21OnlyThePinnedServerIsTold: whatever certificate somebody in the middle shows, it hears nothing.
func TestA21OnlyThePinnedServerIsTold(t *testing.T) {
	year := time.Now().AddDate(1, 0, 0)
	real := cert(t, year, nil)
	want := client.FingerprintOf(real.Certificate[0])
	authority := cert(t, year, nil)
	for what, conf := range map[string]*tls.Config{
		"self-signed":                         {Certificates: []tls.Certificate{cert(t, year, nil)}},
		"expired":                             {Certificates: []tls.Certificate{cert(t, time.Now().AddDate(0, 0, -1), nil)}},
		"signed by an authority":              {Certificates: []tls.Certificate{cert(t, year, &authority)}},
		"signed by the real one":              {Certificates: []tls.Certificate{cert(t, year, &real)}},
		"the real one behind another":         {Certificates: []tls.Certificate{{Certificate: [][]byte{authority.Certificate[0], real.Certificate[0]}, PrivateKey: authority.PrivateKey}}},
		"the real one, but an older protocol": {Certificates: []tls.Certificate{real}, MaxVersion: tls.VersionTLS12},
	} {
		s := newStranger(t, conf)
		addr := s.Listener.Addr().String()
		c := client.Dial(addr, want)
		c.Resume(client.Session{Token: "a token to be kept"})
		for _, err := range []error{c.Login(t.Context(), "demo", "a password to be kept", account.NewKeyFile()), watch(t.Context(), c)} {
			p, ok := errors.AsType[*problem.Error](err)
			if !ok || p.Code != "server_fingerprint" && p.Code != "server_unreachable" {
				t.Errorf("%s: %v", what, err)
			}
		}
		c.Close()
		if heard := s.told(); heard != "" {
			t.Errorf("%s: it was told %q", what, heard)
		}
		if got, err := client.Fingerprint(t.Context(), addr); err == nil && got == want {
			t.Errorf("%s: it shows the real fingerprint", what)
		}
		if heard := s.told(); heard != "" {
			t.Errorf("%s: to show its fingerprint it was told %q", what, heard)
		}
	}
}

func watch(ctx context.Context, c *client.Client) error {
	_, err := c.Jobs(ctx, 1)
	return err
}

// TestA21TheTestHears is the control: the pinned server is told, and so is anybody by a client that checks nothing.
func TestA21TheTestHears(t *testing.T) {
	real := cert(t, time.Now().AddDate(1, 0, 0), nil)
	s := newStranger(t, &tls.Config{Certificates: []tls.Certificate{real}})
	addr := s.Listener.Addr().String()
	c := client.Dial(addr, client.FingerprintOf(real.Certificate[0]))
	defer c.Close()
	c.Resume(client.Session{Token: "a token to be kept"})
	_ = watch(t.Context(), c) // the answer is none of our protocol's
	if s.told() == "" {
		t.Error("the pinned server heard nothing")
	}
	other := newStranger(t, &tls.Config{Certificates: []tls.Certificate{cert(t, time.Now().AddDate(1, 0, 0), nil)}})
	weak := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
	defer weak.CloseIdleConnections()
	res, err := (&http.Client{Transport: weak}).Post(other.URL, "text/plain", bytes.NewReader([]byte("a password")))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close() // nothing was asked of it
	if other.told() == "" {
		t.Error("a client that checks nothing told nothing")
	}
}
