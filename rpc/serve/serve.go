// Package serve puts a control server together from a data folder: store, accounts, catalogue, inventory, engine, and
// the Connect API over TLS on one port. omserver runs it as a program; the console carries it inside for "Try it".
//
// The data folder holds omserver.ini, tls.crt and tls.key, omanager.db (unless omserver.ini names a MySQL database), assets/ (the two asset XML files), modules/
// (dropped-in modules), ssh/ (the login key and known_hosts for the servers) and keys/ (key files made here).
package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"omanager/app/account"
	"omanager/app/control"
	"omanager/app/engine"
	"omanager/app/inventory"
	"omanager/app/problem"
	"omanager/data/config"
	"omanager/modules"
	"omanager/rpc/client"
	"omanager/rpc/server"
)

// shutdownTime bounds how long Close waits for calls under way, after all jobs have ended.
const shutdownTime = 3 * time.Second

// noCache makes every message look its operator up: `omserver operator disable`, another process, counts at once.
const noCache = time.Nanosecond

// Options is how a control server is started.
type Options struct {
	Dir     string
	Listen  string // "host:port"; port 0 picks one
	Version string
	Log     *slog.Logger
	Engine  engine.Engine // nil: the ssh engine as the data folder describes it
	Forks   int
	// Patience is how long a write waits for a MySQL server that is away; 0 means the store's own.
	Patience time.Duration

	policy server.Policy // nil but in tests: who may call what
}

// Server is a running control server. Close ends everything it started and waits for it.
type Server struct {
	Addr        string
	Fingerprint string

	http    *http.Server
	control *control.Control
	closers []func() error // in the order they are to be called
	stop    context.CancelFunc
	wg      sync.WaitGroup
}

// Open starts a control server on the data folder. Only one process may hold a folder.
func Open(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	set, err := readSettings(o.Dir, o.Log)
	if err != nil {
		return nil, err
	}
	if set.System.Envelope == config.EnvelopeLegacy {
		o.Log.Warn("omserver.ini asks for the legacy envelope; this version has no listener for legacy clients, so it is not used")
	}
	s := &Server{}
	ok := false
	defer func() {
		if !ok {
			_ = s.Close() // the first error is the one to report
		}
	}()
	if err := s.lock(o.Dir); err != nil {
		return nil, err
	}
	cert, err := tls.LoadX509KeyPair(filepath.Join(o.Dir, "tls.crt"), filepath.Join(o.Dir, "tls.key"))
	if err != nil {
		return nil, problem.Wrap(err, "data_folder", "dir", o.Dir, "cause", "its TLS key or certificate is missing or damaged")
	}
	s.Fingerprint = client.FingerprintOf(cert.Certificate[0])
	if err := s.assemble(ctx, o, set); err != nil {
		return nil, err
	}
	if err := s.listen(first(o.Listen, set.System.Listen), o, cert); err != nil {
		return nil, err
	}
	ok = true
	return s, nil
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// lock keeps a second process from settling this one's running jobs.
func (s *Server) lock(dir string) error {
	l := flock.New(filepath.Join(dir, "lock"))
	got, err := l.TryLock()
	if err != nil {
		return problem.Wrap(err, "data_folder", "dir", dir, "cause", err.Error())
	}
	if !got {
		return problem.New("data_folder", "dir", dir, "cause", "another omserver uses it")
	}
	s.closers = append(s.closers, l.Unlock)
	return nil
}

// assemble opens the parts in the order they need each other; Close undoes it backwards.
func (s *Server) assemble(ctx context.Context, o Options, set *config.Config) error {
	st, err := openStore(ctx, o.Dir, set.DB, Alone, o.Patience)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, st.Close)
	inv, err := inventory.Open(filepath.Join(o.Dir, "assets"))
	if err != nil { // it starts all the same, says so to everybody who asks, and reads the files again when they change
		o.Log.Error("the asset files are not usable", "err", problem.Describe("en", err))
	}
	cat, err := modules.Open(modules.Library(), filepath.Join(o.Dir, "modules"))
	if err != nil {
		return fmt.Errorf("load the modules: %w", err)
	}
	eng := o.Engine
	if eng == nil {
		if eng, err = sshEngine(set); err != nil {
			return err
		}
		s.closers = append(s.closers, eng.Close)
	}
	key, err := AuditKey(o.Dir)
	if err != nil {
		return err
	}
	version := &newest{store: st, log: o.Log, now: time.Now}
	s.control, err = control.New(ctx, control.Deps{
		Store: st, Accounts: account.NewService(st, s.Fingerprint, account.Options{CacheFor: noCache}), Inventory: inv, Catalogue: cat, Engine: eng,
		Log: o.Log, ServerID: s.Fingerprint, Forks: o.Forks, MaxServers: set.System.MaxServers, StorePath: storePlace(o.Dir, set.DB),
		Newest: version.get, DataDir: o.Dir,
		AuditKey: key, Outside: outside(o.Dir, set.Audit), About: "version " + o.Version + ", " + settingsState(o.Dir),
	})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, s.control.Close)
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.goRun(func() { inv.Run(run) })
	s.goRun(func() { cat.Run(run) })
	return nil
}

func (s *Server) goRun(f func()) {
	s.wg.Go(func() {
		f()
	})
}

func (s *Server) listen(addr string, o Options, cert tls.Certificate) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return problem.Wrap(err, "listen", "addr", addr, "cause", err.Error())
	}
	s.Addr = ln.Addr().String()
	api := &server.Server{Control: s.control, Policy: o.policy, Version: o.Version, Log: o.Log, Now: time.Now}
	s.http = &http.Server{
		Handler: api.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert}},
		ErrorLog:  slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	s.goRun(func() {
		if err := s.http.ServeTLS(ln, "", ""); !errors.Is(err, http.ErrServerClosed) {
			o.Log.Error("the API stopped", "err", err)
		}
	})
	return nil
}

// Close cancels running jobs (each host's end is proved and stored), lets watchers see it, and closes everything.
func (s *Server) Close() error {
	var errs []error
	for i, v := range slices.Backward(s.closers) {
		if s.control != nil && i == len(s.closers)-1 {
			errs = append(errs, v()) // the control first: its jobs end, so watchers end
			s.shutdown()
			continue
		}
		errs = append(errs, v())
	}
	s.closers = nil
	return errors.Join(errs...)
}

func (s *Server) shutdown() {
	if s.http != nil {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		if s.http.Shutdown(ctx) != nil {
			_ = s.http.Close() // callers that hang are cut off
		}
	}
	if s.stop != nil {
		s.stop()
	}
	s.wg.Wait()
}
