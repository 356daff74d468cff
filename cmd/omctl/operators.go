package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"omanager/app/account"
	"omanager/app/rights"
	"omanager/rpc/client"
)

// operatorLine is the JSON form of an operator in a listing.
type operatorLine struct {
	Name       string    `json:"name"`
	Privileges string    `json:"privileges"`
	Roles      []string  `json:"roles"`
	State      string    `json:"state"`
	Created    time.Time `json:"created"`
}

func (a *app) operatorsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "operators", Short: "List the operators, if you may manage them", Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withSession(cmd.Context(), func(c *client.Client) error {
				all, err := c.Operators(cmd.Context())
				if err != nil {
					return err
				}
				list, rows := make([]operatorLine, 0, len(all)), make([][]string, 0, len(all))
				for _, o := range all {
					l := operatorLine{o.Name, o.Privileges, append([]string{}, o.Roles...), operatorState(o), o.Created}
					list = append(list, l)
					rows = append(rows, []string{l.Name, l.Privileges, strings.Join(l.Roles, " "), l.State, l.Created.Local().Format(time.DateTime)})
				}
				if a.asJSON {
					return lines(a.out, list)
				}
				return columns(a.out, []string{"OPERATOR", "PRIVILEGES", "ROLES", "STATE", "MADE"}, rows)
			})
		},
	}
}

func operatorState(o account.Listed) string {
	switch {
	case o.Disabled:
		return "disabled"
	case o.Legacy:
		return "taken over"
	case o.OneTime:
		return "one-time password"
	}
	return "active"
}

func (a *app) rolesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "roles", Short: "List the roles and what they allow, if you may manage them", Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withSession(cmd.Context(), func(c *client.Client) error {
				all, err := c.Roles(cmd.Context())
				if err != nil {
					return err
				}
				if a.asJSON {
					return lines(a.out, all)
				}
				return columns(a.out, []string{"ROLE", "MAY", "MODULES", "SERVERS", "NOTE"}, roleRows(all))
			})
		},
	}
}

// roleRows has a row for each grant and one for what the role manages.
func roleRows(all []rights.Role) (rows [][]string) {
	for _, r := range all {
		var own [][]string
		for _, g := range r.Grants {
			own = append(own, []string{r.Name, strings.Join(g.Verbs, " "), strings.Join(g.Modules, " "), strings.Join(g.Servers, " "), r.Note})
		}
		if len(r.Manage) > 0 {
			own = append(own, []string{r.Name, "manage " + strings.Join(r.Manage, " "), "", "", r.Note})
		}
		if len(own) == 0 {
			own = [][]string{{r.Name, "nothing", "", "", r.Note}}
		}
		rows = append(rows, own...)
	}
	return rows
}
