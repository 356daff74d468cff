package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// omanager measures the whole way of a job: omctl, TLS, the control server with its store, the ssh engine.
type omanager struct {
	omserver, omctl string
	data            string // the control server's folder
	listen          string
	env             []string
	server          *control
}

// newOManager makes a control server for the rig's servers, starts it and logs in.
func newOManager(ctx context.Context, r *rig, bin string) (*omanager, error) {
	o := &omanager{data: filepath.Join(r.dir, "data"), listen: "127.0.0.1:0"}
	var err error
	if o.omserver, err = program(bin, "omserver"); err != nil {
		return nil, err
	}
	if o.omctl, err = program(bin, "omctl"); err != nil {
		return nil, err
	}
	var made struct {
		Operator string `json:"operator"`
		Password string `json:"password"`
		KeyFile  string `json:"keyfile"`
		SSHKey   string `json:"ssh_public_key"`
	}
	out, err := output(ctx, nil, o.omserver, "init", "--data", o.data, "--operator", "bench", "--json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		return nil, fmt.Errorf("read what omserver init said: %w", err)
	}
	if err := errors.Join(r.servers.Authorize(made.SSHKey), r.servers.WriteAssets(filepath.Join(o.data, "assets"))); err != nil {
		return nil, err
	}
	if err := o.start(ctx); err != nil {
		return nil, err
	}
	o.env = []string{"OMCTL_CONFIG_DIR=" + filepath.Join(r.dir, "profiles"), "OMCTL_PASSWORD=" + made.Password}
	if err = o.login(ctx, made.Operator, made.KeyFile); err != nil {
		return nil, errors.Join(err, o.close())
	}
	return o, nil
}

// login saves a session; the first password is good for one use and is replaced.
func (o *omanager) login(ctx context.Context, operator, keyfile string) error {
	_, err := output(ctx, o.env, o.omctl, "login", "--server", o.listen, "--fingerprint", o.server.Fingerprint,
		"--operator", operator, "--keyfile", keyfile)
	if err != nil {
		return err
	}
	replacement := filepath.Join(o.data, "password")
	if err := os.WriteFile(replacement, []byte("a password of this measurement\n"), 0o600); err != nil {
		return fmt.Errorf("write a password: %w", err)
	}
	_, err = output(ctx, o.env, o.omctl, "passwd", "--new-file", replacement)
	return err
}

func (o *omanager) name() string { return ours }

// start starts the control server; after the first time on the same address, which the profile names.
func (o *omanager) start(ctx context.Context) error {
	var err error
	if o.server, err = startControl(ctx, o.omserver, "serve", "--data", o.data, "--listen", o.listen); err != nil {
		return err
	}
	o.listen = o.server.Address
	return nil
}

func (o *omanager) close() error {
	if o.server == nil {
		return nil
	}
	err := o.server.stop()
	o.server = nil
	return err
}

// prepare starts the control server anew when cold, which drops every connection it kept. When warm it runs once.
func (o *omanager) prepare(ctx context.Context, warm bool) error {
	if warm {
		_, err := o.run(ctx, true)
		return err
	}
	if err := o.close(); err != nil {
		return err
	}
	return o.start(ctx)
}

// run counts the servers in groups of equal output that ended well and named their kernel.
func (o *omanager) run(ctx context.Context, _ bool) (int, error) {
	out, err := output(ctx, o.env, o.omctl, "run", "1000", "--on", "all", "--param", "command="+command, "--yes")
	good := 0
	for _, group := range regexp.MustCompile(`(?m)^── ok × (\d+): .*\nLinux `).FindAllStringSubmatch(out, -1) {
		n, err := strconv.Atoi(group[1])
		if err != nil {
			return 0, fmt.Errorf("count the servers of a group: %w", err)
		}
		good += n
	}
	return good, err
}

// control is a running control server.
type control struct {
	Address     string `json:"address"`
	Fingerprint string `json:"fingerprint"`

	cmd *exec.Cmd
	log *strings.Builder
}

// startControl returns when the control server has said where it listens.
func startControl(ctx context.Context, args ...string) (*control, error) {
	c := &control{cmd: exec.CommandContext(ctx, args[0], args[1:]...), log: &strings.Builder{}}
	c.cmd.Stderr = c.log
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(os.Interrupt) }
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start omserver: %w", err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start omserver: %w", err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err == nil {
		err = json.Unmarshal([]byte(line), c)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(fmt.Errorf("read where omserver listens: %w", err), c.stop())
	}
	if c.Address == "" {
		err := c.cmd.Wait()
		return nil, fmt.Errorf("start omserver: it ended at once: %w: %s", err, c.log)
	}
	return c, nil
}

func (c *control) stop() error {
	_ = c.cmd.Process.Signal(os.Interrupt) // it may have ended: Wait tells
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("end omserver: %w: %s", err, c.log)
	}
	return nil
}
