package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"

	"omanager/app/job"
	"omanager/app/problem"
	"omanager/modules/author"
	"omanager/rpc/client"
	"omanager/rpc/serve"
)

// trial is one run of a module folder on the demo fleet.
type trial struct {
	order order
	data  string
	hosts int
}

func (a *app) moduleTestCommand() *cobra.Command {
	var t trial
	c := &cobra.Command{
		Use: "test FOLDER", Short: "Run a module folder on simulated servers", Args: exactly(1, "a module folder"),
		Long: "Starts a control server and simulated servers inside this program, puts the module there, and runs it as run does.\n" +
			"No server of yours is touched. Exit codes are those of run.",
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := a.onlyModule(args[0])
			if err != nil {
				return err
			}
			req, err := t.order.request(r.Module.ID)
			if err != nil {
				return err
			}
			return a.try(cmd.Context(), t, r, req)
		},
	}
	t.order.flags(c)
	a.valueFlags(c)
	a.results.flags(c)
	if f := c.Flags().Lookup("on"); f != nil {
		f.DefValue = "web01"
		t.order.on = f.DefValue
	}
	c.Flags().IntVar(&t.hosts, "hosts", 20, "how many simulated servers; some of them are slow, broken or down on purpose")
	c.Flags().StringVar(&t.data, "data", "", "folder whose lists/ and files/ the control server has")
	return c
}

func (a *app) try(ctx context.Context, t trial, r author.Report, req job.Request) (err error) {
	dir, err := os.MkdirTemp("", "omctl-test-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	abs, err := filepath.Abs(r.File)
	if err != nil {
		return err
	}
	from := map[string]string{filepath.Join("modules", filepath.Base(abs)): abs}
	if t.data != "" {
		for _, name := range []string{"lists", "files"} {
			from[name] = filepath.Join(t.data, name)
		}
	}
	for to, path := range from {
		if err := os.CopyFS(filepath.Join(dir, to), os.DirFS(path)); err != nil && (path == abs || !errors.Is(err, os.ErrNotExist)) {
			return problem.New("usage", "cause", path+" cannot be copied: "+cause(err)+".")
		}
	}
	if err := ungate(filepath.Join(dir, "modules", filepath.Base(abs), "module.yaml")); err != nil {
		return err
	}
	s, err := serve.Demo(ctx, serve.DemoOptions{Hosts: t.hosts, Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	key, err := readKeyFile(s.KeyFile)
	if err != nil {
		return err
	}
	c := client.Dial(s.Addr, s.Fingerprint)
	defer c.Close()
	if err := c.Login(ctx, s.Operator, s.Password, key); err != nil {
		return err
	}
	return a.run(ctx, c, req, gate{yes: true})
}

// ungate lets the copy of a module run without a confirmation or a second operator: its servers are simulated.
func ungate(manifest string) error {
	b, err := os.ReadFile(manifest)
	if err != nil {
		return err
	}
	return os.WriteFile(manifest, regexp.MustCompile(`(?m)^danger:.*$`).ReplaceAll(b, []byte("danger: low")), 0o600)
}
