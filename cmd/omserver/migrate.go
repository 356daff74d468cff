package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"omanager/data/store/legacy"
	"omanager/rpc/serve"
)

func migrateCommand(stdout io.Writer) *cobra.Command {
	var dir string
	var finish, yes, skip bool
	c := &cobra.Command{
		Use: "migrate --data DIR", Short: "Take over the database of an earlier OManager, in place", Args: noArgs,
		Long: "Take over the database of an earlier OManager that omserver.ini names in [db]: operators, operation log, newest\n" +
			"version. It may be stopped and run again at any time. Stop the control server first.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := migrate(cmd.Context(), dir, legacy.Options{SkipBad: skip}, finish, yes)
			if err != nil {
				return err
			}
			_, err = io.WriteString(stdout, told(r, finish))
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&dir, "data", "", "data folder made by init")
	f.BoolVar(&skip, "skip-bad", false, "leave out rows that cannot be taken over, and list them")
	f.BoolVar(&finish, "finish", false, "drop the old tables users and user_logs afterwards")
	f.BoolVar(&yes, "yes", false, "with --finish: really drop them")
	required(c, "data")
	return c
}

func migrate(ctx context.Context, dir string, o legacy.Options, finish, yes bool) (r legacy.Report, err error) {
	st, err := serve.OpenStore(ctx, dir, serve.Alone)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if finish {
		return legacy.Finish(ctx, st, o, yes)
	}
	return legacy.TakeOver(ctx, st, o)
}

// told is the report for a person.
func told(r legacy.Report, finish bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "operators    %d taken over, %d before\n", r.Operators, r.Before)
	fmt.Fprintf(&b, "user_logs    %d entries carried over\n", r.Logs)
	if r.Mended {
		b.WriteString("user_logs    widths mended; it goes on being written\n")
	}
	for _, l := range r.Left {
		fmt.Fprintf(&b, "left out     %s\n", l)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note         %s\n", n)
	}
	switch {
	case len(r.Dropped) > 0:
		fmt.Fprintf(&b, "dropped      %s\n", strings.Join(r.Dropped, ", "))
	case finish:
		b.WriteString("Nothing is left to finish.\n")
	default:
		b.WriteString("\nOperators log in as before, with their old password and key file. When reports do without the old\n" +
			"tables, drop them, the weak hashes of users first of all: omserver migrate --finish --data DIR\n")
	}
	return b.String()
}
