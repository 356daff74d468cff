package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/problem"
	"omanager/data/store"
	"omanager/rpc/client"
	v1 "omanager/rpc/omanager/v1"
	"omanager/rpc/omanager/v1/omanagerv1connect"
)

const operator = "victim"

// made is what omserver init and serve say.
type made struct {
	Address     string `json:"address"`
	Fingerprint string `json:"fingerprint"`
	Password    string `json:"password"`
	KeyFile     string `json:"keyfile"`
}

// run starts a control server of its own in dir and floods it.
func (f flood) run(ctx context.Context, omserver, dir string) (r result, err error) {
	out, err := exec.CommandContext(ctx, omserver, "init", "--data", dir, "--operator", operator, "--json").Output()
	if err != nil {
		return r, fmt.Errorf("omserver init: %w", err)
	}
	var m made
	if err := json.Unmarshal(out, &m); err != nil {
		return r, fmt.Errorf("read what omserver init said: %w", err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return r, fmt.Errorf("make the log: %w", err)
	}
	defer log.Close()
	cmd := exec.CommandContext(ctx, omserver, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	cmd.Stderr = log
	ready, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return r, fmt.Errorf("start omserver: %w", err)
	}
	ended := false
	defer func() {
		if !ended {
			_ = cmd.Process.Kill() // the error that brought us here is the one to report
			_ = cmd.Wait()
		}
	}()
	line, err := bufio.NewReader(ready).ReadBytes('\n')
	if err == nil || errors.Is(err, io.EOF) {
		err = json.Unmarshal(line, &m)
	}
	if err != nil {
		return r, fmt.Errorf("read where omserver listens: %w", err)
	}
	if err := f.attack(ctx, cmd.Process.Pid, m, &r); err != nil {
		return r, err
	}
	ended = true
	if err := errors.Join(cmd.Process.Signal(os.Interrupt), cmd.Wait()); err != nil {
		return r, fmt.Errorf("end omserver: %w", err)
	}
	return r, count(ctx, dir, &r)
}

// attack readies every login and lets them go at once; in the middle of it the owner logs in, unless its key is stolen.
func (f flood) attack(ctx context.Context, pid int, m made, r *result) (err error) {
	file := account.NewKeyFile()
	owners, err := os.ReadFile(m.KeyFile)
	if err != nil {
		return fmt.Errorf("read the key file: %w", err)
	}
	if f.stolen {
		file = owners
	}
	key, err := account.KeyFromFile(file)
	if err != nil {
		return err
	}
	shots := make([]*shot, f.n)
	for i := range shots {
		if shots[i], err = f.load(ctx, i, m, key); err != nil {
			return err
		}
		defer shots[i].http.CloseIdleConnections()
	}
	if r.before, err = memory(pid, "VmRSS"); err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, f.n)
	began := time.Now()
	for i, s := range shots {
		wg.Go(func() { errs[i] = s.fire(ctx) })
	}
	if !f.stolen {
		c := client.Dial(m.Address, m.Fingerprint)
		defer c.Close()
		r.owner = c.Login(ctx, operator, m.Password, owners)
	}
	wg.Wait()
	r.took = time.Since(began)
	r.peak, err = memory(pid, "VmHWM")
	return errors.Join(errors.Join(errs...), err)
}

// shot is one wrong login, ready to be sent.
type shot struct {
	http *http.Client
	rpc  omanagerv1connect.ControlServiceClient
	req  *v1.LoginRequest
}

// load opens the connection and fetches the nonce, so that nothing but the login itself is left to do.
func (f flood) load(ctx context.Context, i int, m made, key ed25519.PrivateKey) (*shot, error) {
	h := client.HTTPClient(m.Address, m.Fingerprint)
	if t, ok := h.Transport.(*http.Transport); ok && f.spread {
		from := &net.TCPAddr{IP: net.IPv4(127, 1, byte(i/250), byte(1+i%250))} // all of 127/8 is this machine's on Linux
		t.DialContext = (&net.Dialer{LocalAddr: from}).DialContext
	}
	s := &shot{http: h, rpc: omanagerv1connect.NewControlServiceClient(h, "https://"+m.Address)}
	ch, err := s.rpc.Challenge(ctx, &v1.ChallengeRequest{})
	if err != nil {
		return nil, fmt.Errorf("ask for a nonce: %w", err)
	}
	name := f.operator(i)
	sig := ed25519.Sign(key, account.LoginMessage(ch.ServerId, name, ch.Nonce))
	s.req = &v1.LoginRequest{Operator: name, Password: "guess number " + strconv.Itoa(i), Nonce: ch.Nonce, Signature: sig}
	return s, nil
}

// fire sends it; that it is refused or turned away is as it should be.
func (s *shot) fire(ctx context.Context) error {
	_, err := s.rpc.Login(ctx, s.req)
	switch connect.CodeOf(err) {
	case connect.CodePermissionDenied, connect.CodeUnavailable:
		return nil
	}
	if err == nil {
		return errors.New("a wrong login was let in")
	}
	return fmt.Errorf("a wrong login: %w", err)
}

// memory reads a line of /proc/PID/status, in MiB.
func memory(pid int, key string) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("measure memory: %w", err)
	}
	found := regexp.MustCompile(`(?m)^` + key + `:\s+(\d+) kB$`).FindSubmatch(text)
	if found == nil {
		return 0, fmt.Errorf("measure memory: no %s", key)
	}
	kib, err := strconv.ParseFloat(string(found[1]), 64)
	return kib / 1024, err
}

// causes are the ones the server gives after it evaluated a login; a refusal for another, such as an old nonce, costs
// no hash.
var causes = regexp.MustCompile(`msg=refused code=login_refused err=("key file"|"unknown operator"|"disabled operator"|password)`)

// count reads what the server wrote down: in its own log with the cause, and in its operation log.
func count(ctx context.Context, dir string, r *result) (err error) {
	text, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	r.evaluated = len(causes.FindAll(text, -1))
	r.turnedAway = strings.Count(string(text), "msg=refused code=login_busy")
	st, err := store.OpenSQLite(ctx, filepath.Join(dir, "omanager.db"))
	if err != nil {
		return fmt.Errorf("read the operation log: %w", err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	entries, err := st.AuditRecords(ctx, audit.Query{Limit: 100_000})
	if err != nil {
		return fmt.Errorf("read the operation log: %w", err)
	}
	for _, e := range entries {
		if e.Event == "login_refused" && e.Detail == problem.Text("en", "login_refused", nil) {
			r.logged++
		}
	}
	return nil
}
