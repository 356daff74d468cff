// Package ssh is the engine that reaches servers by SSH, with strict host keys, warm connections and one
// constant remote command. Parameters travel on standard input only, never in a command line.
package ssh

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"omanager/app/engine"
)

// Config is how the engine logs in and how long it waits. Zero durations and limits take the defaults named.
type Config struct {
	User       string       // for hosts without a user of their own
	Signers    []ssh.Signer // keys to log in with; at least one signer or key file is needed
	KeyFiles   []string     // unencrypted private keys, read once by New
	KnownHosts string       // known_hosts file for hosts without a key of their own; read again when it changes

	DialTimeout      time.Duration // TCP connect; 5s
	HandshakeTimeout time.Duration // everything up to a finished login; 15s
	CommandTimeout   time.Duration // for tasks without a limit; 5m
	KeepAlive        time.Duration // pause between probes; three unanswered close the connection; 5s
	IdleTimeout      time.Duration // unused connections are closed after it; 5m
	StartTimeout     time.Duration // from sending the command to its first sign of life; 30s
	MaxDialing       int           // connections being made at the same time; 64
	DialTurn         time.Duration // after it a connection that is still being made does not count for MaxDialing; 2s
	MaxConns         int           // warm connections kept; beyond it idle ones are closed first; 4096
}

func (c Config) withDefaults() Config {
	d := func(v *time.Duration, def time.Duration) {
		if *v <= 0 {
			*v = def
		}
	}
	d(&c.DialTimeout, 5*time.Second)
	d(&c.HandshakeTimeout, 15*time.Second)
	d(&c.CommandTimeout, 5*time.Minute)
	d(&c.KeepAlive, 5*time.Second)
	d(&c.IdleTimeout, 5*time.Minute)
	d(&c.StartTimeout, 30*time.Second)
	d(&c.DialTurn, 2*time.Second)
	if c.MaxDialing <= 0 {
		c.MaxDialing = 64
	}
	if c.MaxConns <= 0 {
		c.MaxConns = 4096
	}
	return c
}

// Engine runs tasks by SSH. It is safe for concurrent use.
type Engine struct {
	cfg     Config
	pool    *pool
	buffers sync.Pool

	stop context.CancelFunc
	life context.Context // ends with Close

	mu     sync.Mutex
	closed bool
	runs   sync.WaitGroup
}

var _ engine.Engine = (*Engine)(nil)

// ErrClosed is returned by Run after Close.
var ErrClosed = errors.New("ssh engine is closed")

// New makes an engine. It opens no connection.
func New(cfg Config) (*Engine, error) {
	cfg = cfg.withDefaults()
	signers := append([]ssh.Signer(nil), cfg.Signers...)
	for _, f := range cfg.KeyFiles {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("read ssh key: %w", err)
		}
		s, err := ssh.ParsePrivateKey(b)
		if err != nil {
			return nil, fmt.Errorf("parse ssh key %s: %w", f, err)
		}
		signers = append(signers, s)
	}
	if len(signers) == 0 {
		return nil, errors.New("ssh engine needs at least one key to log in with")
	}
	e := &Engine{cfg: cfg}
	e.life, e.stop = context.WithCancel(context.Background())
	e.buffers.New = func() any { b := make([]byte, chunk); return &b }
	e.pool = newPool(cfg, signers)
	return e, nil
}

// Name is "ssh".
func (e *Engine) Name() string { return "ssh" }

// Close cancels what runs, waits for it, and closes every connection. It may be called again.
func (e *Engine) Close() error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.stop()
	e.runs.Wait()
	e.pool.close()
	return nil
}

func (e *Engine) enter() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return ErrClosed
	}
	e.runs.Add(1)
	return nil
}
