// Package client is the typed client of a control server that the console and omctl share: it pins the server's
// certificate, logs in with both factors, seals jobs, and watches a job through broken connections.
package client

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"connectrpc.com/connect"

	"omanager/app/account"
	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/modules"
	"omanager/rpc/convert"
	v1 "omanager/rpc/omanager/v1"
	"omanager/rpc/omanager/v1/omanagerv1connect"
)

// dialTimeout bounds the TCP and TLS handshakes with the control server.
const dialTimeout = 5 * time.Second

// Session is what a login gives. It is a secret: keep it in files of mode 0600 only.
type Session struct {
	Operator    string    `json:"operator"`
	Privileges  string    `json:"privileges"`
	Server      string    `json:"server"` // the server's id
	Token       string    `json:"token"`
	EnvelopeKey []byte    `json:"envelope_key"`
	Expires     time.Time `json:"expires"`
	OneTime     bool      `json:"one_time,omitempty"` // the password must be changed before anything else
	Manage      []string  `json:"manage,omitempty"`   // what the operator may manage: rights.ManageOperators, ...
}

// Client is safe for use by many goroutines.
type Client struct {
	addr, want string
	http       *http.Client
	rpc        omanagerv1connect.ControlServiceClient

	mu      sync.Mutex
	session Session
	notice  error
	newest  string
}

// FingerprintOf is how a certificate's fingerprint is written everywhere.
func FingerprintOf(der []byte) string {
	sum := sha256.Sum256(der)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// Fingerprint asks what certificate the server shows. Nothing is sent over the connection: a person decides first.
func Fingerprint(ctx context.Context, addr string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	got := ""
	conf := pinned("", addr)
	conf.VerifyConnection = func(s tls.ConnectionState) error {
		got = FingerprintOf(s.PeerCertificates[0].Raw)
		return nil
	}
	conn, err := (&tls.Dialer{Config: conf}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return "", problem.Wrap(err, "server_unreachable", "addr", addr, "cause", reason(err))
	}
	return got, conn.Close()
}

// pinned trusts exactly one certificate, by fingerprint: the usual chain check is replaced, not left out.
func pinned(want, addr string) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS13,
		InsecureSkipVerify: true, //nolint:gosec // the fingerprint check below is stricter than a chain
		VerifyConnection: func(s tls.ConnectionState) error { // unlike VerifyPeerCertificate also called on resumption
			got := FingerprintOf(s.PeerCertificates[0].Raw)
			if subtle.ConstantTimeCompare([]byte(got), []byte(want)) != 1 {
				return problem.New("server_fingerprint", "addr", addr, "got", got, "want", want)
			}
			return nil
		},
	}
}

// Dial makes a client for the server whose certificate has the fingerprint. It does no I/O.
func Dial(addr, fingerprint string) *Client {
	c := &Client{addr: addr, want: fingerprint, http: HTTPClient(addr, fingerprint)}
	c.rpc = omanagerv1connect.NewControlServiceClient(c.http, "https://"+addr, connect.WithInterceptors(bearer{c}))
	return c
}

// HTTPClient gives the pinned transport alone, for callers that speak to the API themselves.
func HTTPClient(addr, fingerprint string) *http.Client {
	d := &net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}
	t := &http.Transport{
		DialContext: d.DialContext, TLSClientConfig: pinned(fingerprint, addr), TLSHandshakeTimeout: dialTimeout,
		ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute, Proxy: nil,
		HTTP2: &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second},
	}
	return &http.Client{Transport: t}
}

// Close drops idle connections. Calls under way go on.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Session gives the present session, for saving.
func (c *Client) Session() Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// Resume goes on with a saved session; the server decides whether it still holds.
func (c *Client) Resume(s Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session = s
}

// Login proves both factors. Neither the key file nor its hash leaves this function, with one exception: to an account
// that was taken over from a legacy database the file is proved once by its MD5, after the server found the password
// right. The server's id is its pinned fingerprint, so a signature made for one server is of no use to another.
func (c *Client) Login(ctx context.Context, operator, password string, keyfile []byte) error {
	key, err := account.KeyFromFile(keyfile)
	if err != nil {
		return err
	}
	r := &v1.LoginRequest{Operator: operator, Password: password}
	err = c.login(ctx, key, r)
	if p, ok := errors.AsType[*problem.Error](err); ok && p.Code == "login_legacy" {
		r.LegacyKeyMd5, r.PublicKey = account.LegacyKeyMD5(keyfile), key.Public().(ed25519.PublicKey)
		err = c.login(ctx, key, r)
	}
	return err
}

// login answers one challenge.
func (c *Client) login(ctx context.Context, key ed25519.PrivateKey, r *v1.LoginRequest) error {
	ch, err := c.rpc.Challenge(ctx, &v1.ChallengeRequest{})
	if err != nil {
		return c.worded(err)
	}
	if ch.ServerId != c.want {
		return problem.New("server_fingerprint", "addr", c.addr, "got", ch.ServerId, "want", c.want)
	}
	r.Nonce, r.Signature = ch.Nonce, ed25519.Sign(key, account.LoginMessage(ch.ServerId, r.Operator, ch.Nonce))
	res, err := c.rpc.Login(ctx, r)
	if err != nil {
		return c.worded(err)
	}
	c.Resume(Session{
		Operator: r.Operator, Privileges: res.Privileges, Server: ch.ServerId, Token: res.Token,
		EnvelopeKey: res.EnvelopeKey, Expires: time.Unix(res.ExpiresUnix, 0), OneTime: res.OneTime, Manage: res.Manage,
	})
	c.mu.Lock()
	c.newest = ch.Newest
	c.mu.Unlock()
	return nil
}

// Newest is the newest version number as the server named it at the last login; empty if it named none.
func (c *Client) Newest() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.newest
}

// Logout ends the session on the server.
func (c *Client) Logout(ctx context.Context) error {
	_, err := c.rpc.Logout(ctx, &v1.LogoutRequest{})
	c.Resume(Session{})
	return c.worded(err)
}

// Inventory is what the operator may see.
func (c *Client) Inventory(ctx context.Context) (*inventory.Inventory, error) {
	r, err := c.rpc.Inventory(ctx, &v1.InventoryRequest{})
	if err != nil {
		return nil, c.worded(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notice = nil
	if r.Problem != nil {
		c.notice = &problem.Error{Code: r.Problem.Code, Args: r.Problem.Args}
	}
	return convert.InventoryFromWire(r), nil
}

// Notice is why the list that Inventory last gave is an older one, or nil.
func (c *Client) Notice() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.notice
}

// Modules is the catalogue, without tasks, and why folders were left out of it.
func (c *Client) Modules(ctx context.Context) ([]*modules.Module, []string, error) {
	r, err := c.rpc.Modules(ctx, &v1.ModulesRequest{})
	if err != nil {
		return nil, nil, c.worded(err)
	}
	out := make([]*modules.Module, 0, len(r.Modules))
	for _, w := range r.Modules {
		m, err := modules.ParseWire(w.Folder, w.Files, w.Engines, w.Hash)
		if err != nil {
			r.Rejected = append(r.Rejected, problem.Describe("en", err))
			continue
		}
		out = append(out, m)
	}
	return out, r.Rejected, nil
}

// Plan asks what Start would do.
func (c *Client) Plan(ctx context.Context, r job.Request) (job.Plan, error) {
	p, err := c.rpc.Plan(ctx, &v1.PlanRequest{Module: r.Module, On: r.On, Params: r.Params})
	if err != nil {
		return job.Plan{}, c.worded(err)
	}
	plan := convert.PlanFromWire(p)
	plan.Given = r.Params
	return plan, nil
}

// Jobs lists the newest jobs.
func (c *Client) Jobs(ctx context.Context, limit int) ([]job.Job, error) {
	r, err := c.rpc.Jobs(ctx, &v1.JobsRequest{Limit: int32(limit)})
	if err != nil {
		return nil, c.worded(err)
	}
	out := make([]job.Job, 0, len(r.Jobs))
	for _, w := range r.Jobs {
		out = append(out, convert.JobFromWire(w))
	}
	return out, nil
}

// Job gives one job with its targets.
func (c *Client) Job(ctx context.Context, id string) (job.Job, error) {
	r, err := c.rpc.Job(ctx, &v1.JobRequest{JobId: id})
	if err != nil {
		return job.Job{}, c.worded(err)
	}
	return convert.JobFromWire(r.Job), nil
}

// Cancel asks the control server to stop a job; the outcomes arrive as events.
func (c *Client) Cancel(ctx context.Context, id string) error {
	_, err := c.rpc.Cancel(ctx, &v1.CancelRequest{JobId: id})
	return c.worded(err)
}

// worded turns a transport's error into a problem a person can read.
func (c *Client) worded(err error) error {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p // our own check, for example the fingerprint
	}
	if ce, ok := errors.AsType[*connect.Error](err); ok {
		for _, d := range ce.Details() {
			if m, derr := d.Value(); derr == nil {
				if e, ok := m.(*v1.ErrorDetail); ok {
					return &problem.Error{Code: e.Code, Args: e.Args, Err: err}
				}
			}
		}
		switch ce.Code() {
		case connect.CodeCanceled:
			return context.Canceled
		case connect.CodeResourceExhausted: // the transport stopped reading before anybody could word it
			return problem.Wrap(err, "request_large", "limit", "4 MiB")
		}
	}
	return problem.Wrap(err, "server_unreachable", "addr", c.addr, "cause", reason(err))
}

// reason is the innermost cause, without the layers of prefixes.
func reason(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}
