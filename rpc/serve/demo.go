package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"omanager/app/account"
	"omanager/app/engine"
	"omanager/app/engine/demo"
	"omanager/app/inventory"
)

// DemoOptions says how large the simulated fleet is and where its data folder lies.
type DemoOptions struct {
	Hosts   int    // 0 means 50
	Dir     string // empty: a temporary folder that Close removes
	Listen  string // empty: a free port of the loopback address
	Version string
	Log     *slog.Logger
}

// Running is a control server with a simulated fleet behind it.
type Running struct {
	Created
	Addr   string
	server *Server
	fleet  *demo.Fleet
	engine engine.Engine
	remove string
}

// Demo starts a fleet of simulated servers and a control server for it on the loopback address.
func Demo(ctx context.Context, o DemoOptions) (_ *Running, err error) {
	if o.Hosts == 0 {
		o.Hosts = 50
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	r := &Running{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("", "omanager-demo-"); err != nil {
			return nil, fmt.Errorf("make a folder for the demo: %w", err)
		}
		r.remove = o.Dir
	}
	if r.fleet, err = demo.Start(o.Hosts); err != nil {
		return nil, fmt.Errorf("start %d simulated servers: %w", o.Hosts, err)
	}
	if err = r.prepare(ctx, o); err != nil {
		return nil, err
	}
	if r.engine, err = r.fleet.Engine(); err != nil {
		return nil, err
	}
	r.server, err = Open(ctx, Options{Dir: o.Dir, Listen: o.Listen, Version: o.Version, Log: o.Log, Engine: r.engine})
	if err != nil {
		return nil, err
	}
	r.Addr, r.Address, r.Fingerprint = r.server.Addr, r.server.Addr, r.server.Fingerprint
	return r, nil
}

// prepare makes the data folder and writes the fleet's assets. A demo folder is used again for a new fleet: its ports
// and host keys change, its jobs stay, and its operator gets a new password.
func (r *Running) prepare(ctx context.Context, o DemoOptions) error {
	var err error
	made := false
	if _, serr := os.Stat(filepath.Join(o.Dir, "tls.key")); serr != nil {
		if r.Created, err = Init(ctx, o.Dir, "demo", o.Listen); err != nil {
			return err
		}
		made = true
	}
	if err := r.lasting(ctx, o.Dir, made); err != nil {
		return err
	}
	option, servers := inventory.Marshal(inventory.New(r.fleet.Inventory()))
	return errors.Join(
		os.WriteFile(filepath.Join(o.Dir, "assets", "ServerOptioninfo.xml"), option, 0o600),
		os.WriteFile(filepath.Join(o.Dir, "assets", "Serverinfo.xml"), servers, 0o600))
}

// lasting gives the operator a new password unless it was made just now, and one that need not be changed: whoever
// tries OManager is to see servers, not a form.
func (r *Running) lasting(ctx context.Context, dir string, made bool) (err error) {
	const operator = "demo"
	st, err := OpenStore(ctx, dir, Beside)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	admin := account.Admin{Store: st, Now: time.Now}
	if !made {
		r.Created = Created{Dir: dir, Operator: operator, KeyFile: filepath.Join(dir, "keys", operator+".key")}
		if r.Password, err = admin.NewPassword(ctx, operator); err != nil {
			return err
		}
	}
	return admin.KeepPassword(ctx, operator)
}

// Close stops the control server and the fleet, and removes a temporary folder.
func (r *Running) Close() error {
	var errs []error
	if r.server != nil {
		errs = append(errs, r.server.Close())
	}
	if r.engine != nil {
		errs = append(errs, r.engine.Close())
	}
	if r.fleet != nil {
		r.fleet.Close()
	}
	if r.remove != "" {
		errs = append(errs, os.RemoveAll(r.remove))
	}
	return errors.Join(errs...)
}
