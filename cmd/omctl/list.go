package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/app/safetext"
	"omanager/modules"
	"omanager/rpc/client"
)

// columns writes aligned columns (Chinese characters are two cells wide); every cell is made safe for a terminal.
func columns(w io.Writer, head []string, rows [][]string) error {
	t := table.NewWriter()
	st := table.StyleDefault
	st.Options = table.OptionsNoBordersAndSeparators
	st.Box.PaddingLeft, st.Box.PaddingRight = "", "  "
	st.Format.Header = text.FormatDefault
	t.SetStyle(st)
	t.SuppressTrailingSpaces()
	t.AppendHeader(cells(head))
	for _, r := range rows {
		t.AppendRow(cells(r))
	}
	_, err := fmt.Fprintln(w, t.Render())
	return err
}

func cells(texts []string) table.Row {
	out := make(table.Row, len(texts))
	for i, c := range texts {
		out[i] = safetext.Line(c)
	}
	return out
}

// lines prints one JSON object a line.
func lines[T any](w io.Writer, items []T) error {
	e := json.NewEncoder(w)
	for _, it := range items {
		if err := e.Encode(it); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) serversCommand() *cobra.Command {
	var on string
	c := &cobra.Command{
		Use: "servers", Short: "List the servers you may see", Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withSession(cmd.Context(), func(c *client.Client) error {
				inv, err := c.Inventory(cmd.Context())
				if err != nil {
					return err
				}
				if n := c.Notice(); n != nil {
					_, _ = fmt.Fprintln(a.err, "omctl: "+safetext.Line(problem.Describe(a.lang, n)))
				}
				servers := inv.Servers()
				if on != "" {
					chosen, err := inv.Select(on)
					if err != nil {
						return err
					}
					servers = nil
					for _, ch := range chosen {
						servers = append(servers, ch.Server)
					}
				}
				return a.printServers(inv, servers)
			})
		},
	}
	c.Flags().StringVar(&on, "on", "", "only those that this target expression chooses")
	return c
}

func (a *app) printServers(inv *inventory.Inventory, servers []inventory.Server) error {
	if a.asJSON {
		return lines(a.out, servers)
	}
	rows := make([][]string, 0, len(servers))
	for _, s := range servers {
		rows = append(rows, []string{s.ID, s.DialAddr(), s.WIP, inv.CategoryName(s.CategoryID), s.App, s.OS, s.Locate})
	}
	return columns(a.out, []string{"SERVER", "ADDRESS", "WAN", "CATEGORY", "APPLICATION", "OS", "RACK"}, rows)
}

// moduleLine is the JSON form of a module in a listing.
type moduleLine struct {
	ID       string           `json:"id"`
	Category string           `json:"category"`
	Slug     string           `json:"slug"`
	Title    string           `json:"title"`
	Danger   modules.Danger   `json:"danger"`
	Params   []moduleLineParm `json:"params"`
}

type moduleLineParm struct {
	Name     string       `json:"name"`
	Type     modules.Type `json:"type"`
	Default  string       `json:"default,omitempty"`
	Required bool         `json:"required"`
	Min      *float64     `json:"min,omitempty"`
	Max      *float64     `json:"max,omitempty"`
	Values   []string     `json:"values,omitempty"`
}

func (a *app) modulesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "modules", Short: "List the modules", Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withSession(cmd.Context(), func(c *client.Client) error {
				all, rejected, err := c.Modules(cmd.Context())
				if err != nil {
					return err
				}
				for _, r := range rejected {
					_, _ = fmt.Fprintln(a.err, "omctl: "+safetext.Line(r))
				}
				return a.printModules(all)
			})
		},
	}
}

func (a *app) printModules(all []*modules.Module) error {
	var out []moduleLine
	var rows [][]string
	for _, m := range all {
		l := moduleLine{ID: m.ID, Category: m.Category, Slug: m.Slug, Title: m.Title(a.lang), Danger: m.Danger, Params: []moduleLineParm{}}
		var params []string
		for _, p := range m.Params {
			l.Params = append(l.Params, moduleLineParm{p.Name, p.Type, p.Default, p.Required, p.Min, p.Max, p.Values})
			params = append(params, p.Name)
		}
		out = append(out, l)
		rows = append(rows, []string{m.ID, m.Category, m.Title(a.lang), string(m.Danger), strings.Join(params, " ")})
	}
	if a.asJSON {
		return lines(a.out, out)
	}
	return columns(a.out, []string{"MODULE", "MENU", "TITLE", "DANGER", "PARAMETERS"}, rows)
}

func (a *app) jobsCommand() *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use: "jobs", Short: "List the newest jobs", Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withSession(cmd.Context(), func(c *client.Client) error {
				jobs, err := c.Jobs(cmd.Context(), limit)
				if err != nil {
					return err
				}
				if a.asJSON {
					return lines(a.out, jobs)
				}
				var rows [][]string
				for _, j := range jobs {
					rows = append(rows, []string{j.ID, j.Created.Local().Format(time.DateTime), j.Operator, j.Module, j.Title, string(j.State), countText(j.Counts)})
				}
				return columns(a.out, []string{"JOB", "STARTED", "OPERATOR", "MODULE", "TITLE", "STATE", "OUTCOMES"}, rows)
			})
		},
	}
	c.Flags().IntVar(&limit, "limit", 20, "how many")
	return c
}

func (a *app) cancelCommand() *cobra.Command {
	return &cobra.Command{
		Use: "cancel JOB", Short: "Stop a running job", Args: exactly(1, "the id of a job"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSession(cmd.Context(), func(c *client.Client) error {
				if err := c.Cancel(cmd.Context(), args[0]); err != nil {
					return err
				}
				return a.follow(cmd.Context(), c, args[0], nil)
			})
		},
	}
}

func countText(counts map[job.Outcome]int) string {
	var parts []string
	for _, o := range job.Outcomes() {
		if n := counts[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", o, n))
		}
	}
	return strings.Join(parts, ", ")
}
