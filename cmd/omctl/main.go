// Command omctl is OManager's command line: the same client as the console, for scripts, CI and people over SSH.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"omanager/app/problem"
	"omanager/app/safetext"
)

// version is set by the build.
var version = "dev"

func main() {
	sig := make(chan os.Signal, 2)
	signal.Notify(sig, os.Interrupt, syscall.SIGTERM)
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, signals: sig, lang: language(os.Getenv)}
	os.Exit(a.main(context.Background(), os.Args[1:]))
}

// app is one call of the program.
type app struct {
	in      *os.File
	out     io.Writer
	err     io.Writer
	signals <-chan os.Signal
	lang    string
	conn    connection // filled from flags
	asJSON  bool
	files   []string // of --param-file
	results results
}

// errSomeBad ends run with exit code 1 without a further message: the result has been printed.
var errSomeBad = errors.New("some targets did not end well")

func (a *app) main(ctx context.Context, args []string) int {
	root := a.commands()
	root.SetArgs(args)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	if errors.Is(err, errSomeBad) {
		return 1
	}
	if err != nil {
		_, _ = fmt.Fprintln(a.err, "omctl: "+safetext.Line(problem.Describe(a.lang, err)))
	}
	return problem.ExitCode(err)
}

func (a *app) commands() *cobra.Command {
	root := &cobra.Command{Use: "omctl", Short: "OManager from the command line", Version: version, SilenceUsage: true, SilenceErrors: true}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return problem.Wrap(err, "usage", "cause", err.Error()+". See: "+c.CommandPath()+" --help")
	})
	f := root.PersistentFlags()
	f.StringVar(&a.conn.Addr, "server", "", "address of the control server, host:port")
	f.StringVar(&a.conn.Fingerprint, "fingerprint", "", "fingerprint of its certificate, SHA256:...")
	f.StringVar(&a.conn.Operator, "operator", "", "operator name")
	f.StringVar(&a.conn.KeyFile, "keyfile", "", "the operator's key file")
	f.StringVar(&a.conn.profile, "profile", "default", "name of the saved profile to use")
	f.BoolVar(&a.asJSON, "json", false, "print JSON, one object a line")
	root.AddCommand(a.loginCommand(), a.logoutCommand(), a.passwdCommand(), a.serversCommand(), a.modulesCommand(), a.planCommand(),
		a.runCommand(), a.approvalsCommand(),
		a.decideCommand("approve", "Approve what another operator asked for", true),
		a.decideCommand("refuse", "Refuse what another operator asked for (with --note)", false), a.jobsCommand(), a.showCommand(),
		a.cancelCommand(), a.auditCommand(), a.operatorsCommand(), a.rolesCommand(), a.moduleCommand())
	return root
}

// language follows the usual variables; anything that is not Chinese is English.
func language(env func(string) string) string {
	for _, k := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(k); v != "" {
			if strings.HasPrefix(v, "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}

// exactly states how many arguments a command takes, in the program's own words.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return problem.New("usage", "cause", fmt.Sprintf("%s takes %s. See: %s --help", c.Name(), what, c.CommandPath()))
		}
		return nil
	}
}

func atMostOne(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > 1 {
			return problem.New("usage", "cause", fmt.Sprintf("%s takes one argument, %s. See: %s --help", c.Name(), what, c.CommandPath()))
		}
		return nil
	}
}
