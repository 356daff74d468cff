package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/control"
	"omanager/app/problem"
	"omanager/app/rights"
	"omanager/data/store"
)

// maxRoleFile is far more than the largest role.
const maxRoleFile = 1 << 20

// roleCommand is the command line's way to change roles of a data folder, whether its control server runs or not.
func roleCommand(stdout io.Writer) *cobra.Command {
	o := &operators{out: stdout}
	c := &cobra.Command{Use: "role", Short: "Make, list and delete roles", Args: noArgs}
	c.PersistentFlags().StringVar(&o.dir, "data", "", "data folder made by init")
	c.AddCommand(
		&cobra.Command{Use: "list", Short: "List roles", Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			return o.withStore(cmd.Context(), "", "", func(st store.Store) error { return o.listRoles(cmd.Context(), st) })
		}},
		&cobra.Command{Use: "show NAME", Short: "Print a role as put takes it", Args: oneRole, RunE: func(cmd *cobra.Command, args []string) error {
			return o.withStore(cmd.Context(), "", "", func(st store.Store) error { return o.showRole(cmd.Context(), st, args[0]) })
		}},
		&cobra.Command{Use: "put FILE", Short: "Make or replace a role from a JSON file (- is standard input)", Args: oneRole, RunE: func(cmd *cobra.Command, args []string) error {
			r, err := readRole(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			text, err := json.Marshal(r)
			if err != nil {
				return err
			}
			return o.withStore(cmd.Context(), audit.EventRolePut, string(text), func(st store.Store) error { return st.PutRole(cmd.Context(), r) })
		}},
		&cobra.Command{Use: "delete NAME", Short: "Delete a role that nobody holds", Args: oneRole, RunE: func(cmd *cobra.Command, args []string) error {
			return o.withStore(cmd.Context(), audit.EventRoleDelete, args[0], func(st store.Store) error {
				return control.DropRole(cmd.Context(), st, args[0])
			})
		}})
	return c
}

func oneRole(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return problem.New("usage", "cause", fmt.Sprintf("%s is not understood. See: %s --help", c.Use, c.CommandPath()))
	}
	return nil
}

// readRole is strict: a word that nobody understands is a mistake in the file, never a right.
func readRole(path string, stdin io.Reader) (rights.Role, error) {
	in := stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return rights.Role{}, problem.Wrap(err, "role_file", "file", path, "cause", "it cannot be read")
		}
		defer f.Close()
		in = f
	}
	d := json.NewDecoder(io.LimitReader(in, maxRoleFile))
	d.DisallowUnknownFields()
	var r rights.Role
	if err := d.Decode(&r); err != nil {
		return r, problem.Wrap(err, "role_file", "file", path, "cause", err.Error())
	}
	if d.More() {
		return r, problem.New("role_file", "file", path, "cause", "something follows the role")
	}
	return r, r.Check()
}

func (o *operators) listRoles(ctx context.Context, st store.Store) error {
	all, err := st.Roles(ctx)
	if err != nil {
		return err
	}
	ops, err := st.Operators(ctx)
	if err != nil {
		return err
	}
	t := table.NewWriter()
	t.SetStyle(table.Style{Box: table.BoxStyle{PaddingRight: "  "}})
	t.AppendHeader(table.Row{"ROLE", "GRANTS", "MANAGES", "HELD BY", "NOTE"})
	for _, r := range all {
		t.AppendRow(table.Row{r.Name, len(r.Grants), strings.Join(r.Manage, " "), holders(ops, r.Name), r.Note})
	}
	return o.say("%s\n", t.Render())
}

func holders(all []account.Operator, role string) string {
	var out []string
	for _, o := range all {
		for _, r := range o.Roles {
			if r == role {
				out = append(out, o.Name)
			}
		}
	}
	return strings.Join(out, " ")
}

func (o *operators) showRole(ctx context.Context, st store.Store, name string) error {
	r, err := st.Role(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return problem.Wrap(err, "role_unknown", "role", name)
	}
	if err != nil {
		return err
	}
	e := json.NewEncoder(o.out)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
