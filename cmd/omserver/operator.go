package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/problem"
	"omanager/data/store"
	"omanager/rpc/serve"
)

// operators is the command line's way to change operators of a data folder, whether its control server runs or not: a
// running one sees each change at the next message.
type operators struct {
	dir string
	out io.Writer
}

func operatorCommand(stdout io.Writer) *cobra.Command {
	o := &operators{out: stdout}
	c := &cobra.Command{Use: "operator", Short: "Add, list and change operators", Args: noArgs}
	c.PersistentFlags().StringVar(&o.dir, "data", "", "data folder made by init")
	c.AddCommand(
		o.add(), o.list(),
		o.change("disable NAME", "Lock an operator out; running sessions end", func(ctx context.Context, a account.Admin, n string) error { return a.SetDisabled(ctx, n, true) }),
		o.change("enable NAME", "Let a disabled operator in again", func(ctx context.Context, a account.Admin, n string) error { return a.SetDisabled(ctx, n, false) }),
		o.change("passwd NAME", "Give an operator a new one-time password", o.passwd),
		o.change("newkey NAME", "Give an operator a new key file; the old one stops working", o.newkey),
		o.privileges())
	return c
}

// with is withStore for changes of operators.
func (o *operators) with(ctx context.Context, event, name string, f func(account.Admin) error) error {
	return o.withStore(ctx, event, name, func(st store.Store) error { return f(account.Admin{Store: st, Now: time.Now}) })
}

// withStore opens the store and runs f. Unless event is empty, it is written to the operation log first, and what came of it
// if it did not succeed.
func (o *operators) withStore(ctx context.Context, event, name string, f func(store.Store) error) (err error) {
	if o.dir == "" {
		return problem.New("usage", "cause", "--data is not given. Name the data folder made by omserver init.")
	}
	st, err := serve.OpenStore(ctx, o.dir, serve.Beside)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	e := audit.Entry{Time: time.Now(), Source: "omserver operator", Event: event, Detail: name}
	if event != "" {
		if err := st.Log(ctx, e); err != nil {
			return fmt.Errorf("record in the operation log: %w", err)
		}
	}
	err = f(st)
	if err != nil && event != "" {
		e.Event, e.Detail = audit.EventRefused, event+" "+name+": "+problem.Describe("en", err)
		err = errors.Join(err, st.Log(ctx, e))
	}
	return err
}

func oneName(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return problem.New("usage", "cause", fmt.Sprintf("%s takes one operator name. See: %s --help", c.Name(), c.CommandPath()))
	}
	return nil
}

func (o *operators) change(use, short string, f func(context.Context, account.Admin, string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: oneName, RunE: func(cmd *cobra.Command, args []string) error {
		return o.with(cmd.Context(), changeEvent(cmd.Name()), args[0]+": "+cmd.Name(), func(a account.Admin) error { return f(cmd.Context(), a, args[0]) })
	}}
}

func changeEvent(command string) string {
	switch command {
	case "passwd":
		return audit.EventNewPassword
	case "newkey":
		return audit.EventNewKey
	}
	return audit.EventOperatorState
}

func (o *operators) add() *cobra.Command {
	var privileges string
	var roles []string
	c := &cobra.Command{Use: "add NAME --privileges P", Short: "Make an operator with a one-time password and a key file", Args: oneName,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.with(cmd.Context(), audit.EventOperatorAdd, args[0]+" "+rightsText(privileges, roles), func(a account.Admin) error {
				password, key, err := a.Add(cmd.Context(), args[0], privileges, roles...)
				if err != nil {
					return err
				}
				if err := o.keep(args[0], key); err != nil {
					return err
				}
				return o.say("password  %s   (shown once)\n", password)
			})
		}}
	c.Flags().StringVar(&privileges, "privileges", "", "root, zhiban (look only), or category numbers joined by commas")
	c.Flags().StringSliceVar(&roles, "role", nil, "a role that it holds beside them; may be given several times")
	required(c, "privileges")
	return c
}

func (o *operators) privileges() *cobra.Command {
	var roles []string
	c := &cobra.Command{Use: "privileges NAME P [--role R]...", Short: "Replace what an operator may do, its roles too; its sessions end",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return problem.New("usage", "cause", "privileges takes an operator name and the privileges. See: "+c.CommandPath()+" --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.with(cmd.Context(), audit.EventRights, args[0]+" "+rightsText(args[1], roles), func(a account.Admin) error {
				return a.SetPrivileges(cmd.Context(), args[0], args[1], roles...)
			})
		}}
	c.Flags().StringSliceVar(&roles, "role", nil, "a role that it holds from now on; without any it holds none")
	return c
}

func rightsText(privileges string, roles []string) string {
	return "privileges " + privileges + " roles " + strings.Join(roles, ",")
}

func (o *operators) list() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List operators", Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return o.with(cmd.Context(), "", "", func(a account.Admin) error {
			all, err := a.Store.Operators(cmd.Context())
			if err != nil {
				return err
			}
			t := table.NewWriter()
			t.SetStyle(table.Style{Box: table.BoxStyle{PaddingRight: "  "}})
			t.AppendHeader(table.Row{"OPERATOR", "PRIVILEGES", "ROLES", "STATE", "MADE"})
			for _, op := range all {
				t.AppendRow(table.Row{op.Name, op.Privileges, strings.Join(op.Roles, " "), state(op), op.Created.Local().Format(time.DateTime)})
			}
			return o.say("%s\n", t.Render())
		})
	}}
}

func state(o account.Operator) string {
	switch {
	case o.Disabled:
		return "disabled"
	case o.LegacyKey != "":
		return "legacy, not logged in yet"
	case o.OneTime:
		return "one-time password"
	default:
		return "active"
	}
}

func (o *operators) passwd(ctx context.Context, a account.Admin, name string) error {
	password, err := a.NewPassword(ctx, name)
	if err != nil {
		return err
	}
	return o.say("password  %s   (shown once)\n", password)
}

func (o *operators) newkey(ctx context.Context, a account.Admin, name string) error {
	key, err := a.NewKey(ctx, name)
	if err != nil {
		return err
	}
	return o.keep(name, key)
}

// keep writes a key file for the administrator to hand over.
func (o *operators) keep(name string, key []byte) error {
	path := filepath.Join(o.dir, "keys", name+".key")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return problem.Wrap(err, "data_folder", "dir", o.dir, "cause", err.Error())
	}
	if err := os.WriteFile(path, key, 0o600); err != nil {
		return problem.Wrap(err, "data_folder", "dir", o.dir, "cause", err.Error())
	}
	return o.say("key file  %s   (give it to the operator over a safe way, then delete it here)\n", path)
}

func (o *operators) say(format string, args ...any) error {
	_, err := fmt.Fprintf(o.out, format, args...)
	return err
}
