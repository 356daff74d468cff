package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"omanager/app/problem"
	"omanager/rpc/client"
)

// maxSecret bounds what is read as a password; the server's own limit is far below.
const maxSecret = 4096

func (a *app) passwdCommand() *cobra.Command {
	var oldFile, newFile string
	c := &cobra.Command{
		Use: "passwd", Short: "Change your own password", Args: exactly(0, "no argument"),
		Long: "Change your own password. Your other sessions end. Passwords are asked for on the terminal; scripts give files, - is\n" +
			"standard input (with both, the first line is the present password and the second the new one).",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.resolve(); err != nil {
				return err
			}
			lines := bufio.NewReader(io.LimitReader(a.in, 2*maxSecret))
			old, err := a.present(lines, oldFile)
			if err != nil {
				return err
			}
			replacement, err := a.replacement(lines, newFile)
			if err != nil {
				return err
			}
			return a.withSession(cmd.Context(), func(c *client.Client) error {
				return a.changePassword(cmd.Context(), c, old, replacement)
			})
		},
	}
	c.Flags().StringVar(&oldFile, "old-file", "", "file with the present password, - for standard input (default: OMCTL_PASSWORD or the terminal)")
	c.Flags().StringVar(&newFile, "new-file", "", "file with the new password, - for standard input (default: the terminal)")
	return c
}

func (a *app) changePassword(ctx context.Context, c *client.Client, old, replacement string) error {
	if err := c.ChangePassword(ctx, old, replacement); err != nil {
		return err
	}
	if saved := a.conn.Session; saved.Token != "" && saved.OneTime {
		a.conn.Session.OneTime = false
		if _, err := a.save(); err != nil {
			return fmt.Errorf("save the profile: %w", err)
		}
	}
	_, err := fmt.Fprintf(a.out, "The password of %s is changed; its other sessions have ended.\n", a.conn.Operator)
	return err
}

func (a *app) present(lines *bufio.Reader, file string) (string, error) {
	if file == "" {
		return a.password()
	}
	return secret(lines, file)
}

// replacement asks twice: what is typed unseen is easily mistyped.
func (a *app) replacement(lines *bufio.Reader, file string) (string, error) {
	if file != "" {
		return secret(lines, file)
	}
	if !term.IsTerminal(int(a.in.Fd())) {
		return "", problem.New("usage", "cause", "there is no terminal to ask for the new password. Give it with --new-file FILE, or - for standard input.")
	}
	first, err := a.ask("New password: ")
	if err != nil {
		return "", err
	}
	again, err := a.ask("The same again: ")
	if err == nil && again != first {
		err = problem.New("usage", "cause", "the two new passwords differ; nothing was changed. Try again.")
	}
	return first, err
}

// secret reads one line of a file, or the next one of standard input. Its end of line is no part of it.
func secret(lines *bufio.Reader, file string) (string, error) {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", problem.Wrap(err, "usage", "cause", "password file "+file+" cannot be read: "+cause(err))
		}
		defer f.Close()
		lines = bufio.NewReader(io.LimitReader(f, maxSecret))
	}
	line, err := lines.ReadString('\n')
	if line == "" {
		return "", problem.Wrap(err, "usage", "cause", "no password is in "+file+". Put it there as one line.")
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}
