// Command omserver is the control server: init makes a data folder, serve runs on it, demo runs with a simulated fleet.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"omanager/app/account"
	"omanager/app/problem"
	"omanager/rpc/serve"
)

// version is set by the build.
var version = "dev"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := commands(stdout, stderr)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "omserver: "+problem.Describe("en", err))
	}
	return problem.ExitCode(err)
}

func commands(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use: "omserver", Short: "OManager control server", Version: version, SilenceUsage: true, SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return problem.Wrap(err, "usage", "cause", err.Error()+". See: "+c.CommandPath()+" --help")
	})
	root.AddCommand(initCommand(stdout), serveCommand(stdout, stderr), demoCommand(stdout, stderr), operatorCommand(stdout),
		roleCommand(stdout), auditCommand(stdout), migrateCommand(stdout))
	return root
}

func initCommand(stdout io.Writer) *cobra.Command {
	var dir, operator, listen string
	var asJSON bool
	c := &cobra.Command{
		Use: "init --data DIR", Short: "Make a data folder, the TLS key and the first operator", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := account.CheckName(operator); err != nil {
				return err
			}
			made, err := serve.Init(cmd.Context(), dir, operator, listen)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(stdout).Encode(made)
			}
			_, err = fmt.Fprintf(stdout, initText, made.Dir, made.Address, made.Fingerprint, made.Operator, made.Password, made.KeyFile, made.SSHKey)
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&dir, "data", "", "data folder to make")
	f.StringVar(&operator, "operator", "admin", "name of the first operator")
	f.StringVar(&listen, "listen", serve.DefaultListen, "address to listen on")
	f.BoolVar(&asJSON, "json", false, "print one JSON object")
	required(c, "data")
	return c
}

const initText = `Control server made in %s

  address        %s
  fingerprint    %s
  operator       %s
  password       %s   (shown once: note it now)
  key file       %s   (give it to the operator over a safe way)

Put this line into ~/.ssh/authorized_keys of the login user on your servers:
  %s

Next: put your asset files into the folder "assets", then start it with: omserver serve --data DIR
`

func serveCommand(stdout, stderr io.Writer) *cobra.Command {
	var o serve.Options
	c := &cobra.Command{
		Use: "serve --data DIR", Short: "Run the control server", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Version, o.Log = version, logger(stderr)
			s, err := serve.Open(cmd.Context(), o)
			if err != nil {
				return err
			}
			line := map[string]string{"address": s.Addr, "fingerprint": s.Fingerprint}
			return until(cmd.Context(), stdout, line, s)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Dir, "data", "", "data folder made by init")
	f.StringVar(&o.Listen, "listen", "", "address to listen on (default: as in omserver.ini)")
	f.IntVar(&o.Forks, "forks", 0, "servers worked on at once in one job (0: the default)")
	required(c, "data")
	return c
}

func demoCommand(stdout, stderr io.Writer) *cobra.Command {
	var o serve.DemoOptions
	c := &cobra.Command{
		Use: "demo", Short: "Run with simulated servers, to try everything", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Hosts < 1 || o.Hosts > 20000 {
				return problem.New("usage", "cause", fmt.Sprintf("--hosts is %d; allowed is 1 to 20000", o.Hosts))
			}
			o.Version, o.Log = version, logger(stderr)
			r, err := serve.Demo(cmd.Context(), o)
			if err != nil {
				return err
			}
			line := map[string]string{
				"address": r.Addr, "fingerprint": r.Fingerprint, "operator": r.Operator, "password": r.Password, "keyfile": r.KeyFile,
			}
			return until(cmd.Context(), stdout, line, r)
		},
	}
	f := c.Flags()
	f.IntVar(&o.Hosts, "hosts", 50, "how many simulated servers")
	f.StringVar(&o.Dir, "data", "", "data folder (default: a temporary one)")
	f.StringVar(&o.Listen, "listen", "", "address to listen on (default: a free port of 127.0.0.1)")
	return c
}

// until prints the one line that says the server is ready, and waits for a signal.
func until(ctx context.Context, stdout io.Writer, line map[string]string, s io.Closer) error {
	if err := json.NewEncoder(stdout).Encode(line); err != nil {
		_ = s.Close() // nobody listens; the write error is the one to report
		return fmt.Errorf("print the address: %w", err)
	}
	<-ctx.Done()
	return s.Close()
}

func logger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return problem.New("usage", "cause", fmt.Sprintf("%q is not understood. See: %s --help", args[0], c.CommandPath()))
	}
	return nil
}

// required marks flags that the same function defined; cobra errs only for ones that do not exist, which a test runs into.
func required(c *cobra.Command, names ...string) {
	for _, n := range names {
		if err := c.MarkFlagRequired(n); err != nil {
			c.RunE = func(*cobra.Command, []string) error { return err }
		}
	}
}
