package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"omanager/app/job"
	"omanager/app/problem"
	"omanager/app/safetext"
	"omanager/modules"
	"omanager/modules/table"
	"omanager/rpc/client"
)

// results is the form in which outputs are wanted; the zero value is groups of equal text.
type results struct {
	table, csv bool
	sort       string
	module     *modules.Module   // set when a table is wanted
	out        map[string][]byte // standard output, by server
}

// maxOutput bounds what is held of one server's output for its table.
const maxOutput = 16 << 20

func (r *results) flags(c *cobra.Command) {
	c.Flags().BoolVar(&r.table, "table", false, "print the rows and columns that the module's results declare")
	c.Flags().BoolVar(&r.csv, "csv", false, "the same as CSV, for other programs")
	c.Flags().StringVar(&r.sort, "sort", "", "column to sort the table by, -column for downwards")
}

// ready finds the module's table before the job is watched.
func (r *results) ready(ctx context.Context, c *client.Client, id string, asJSON bool) error {
	switch {
	case !r.table && !r.csv:
		return nil
	case r.table && r.csv || asJSON:
		return problem.New("usage", "cause", "--table, --csv and --json exclude each other")
	}
	m, err := module(ctx, c, id)
	if err != nil {
		return err
	}
	if m == nil || m.Table == nil {
		return problem.New("no_table", "module", id)
	}
	names := []string{"server"}
	for _, col := range m.Table.Columns {
		names = append(names, col.Name)
	}
	if r.sort != "" && !slices.Contains(names, strings.TrimPrefix(r.sort, "-")) {
		return problem.New("no_column", "module", id, "column", r.sort, "columns", strings.Join(names, ", "))
	}
	r.module, r.out = m, map[string][]byte{}
	return nil
}

// collect keeps the standard output: what a task says beside it is no part of the table.
func (r *results) collect(events []job.Event) {
	for _, e := range events {
		if r.module != nil && e.Kind == job.Output && e.Stream == job.Stdout && len(r.out[e.Host]) < maxOutput {
			r.out[e.Host] = append(r.out[e.Host], e.Data...)
		}
	}
}

// rows are those of all servers, the server first. Bad is what did not end well, and lines that are no rows.
func (r *results) rows(v *job.View, lang string) (rows []table.Row, bad []string) {
	for _, h := range v.Rows() {
		if !h.Outcome.Good() {
			text := string(h.Outcome)
			if h.Problem != "" {
				text = problem.Text(lang, h.Problem, h.Args)
			}
			bad = append(bad, h.Host+": "+text)
		}
		got, left := r.module.Table.Parse(r.out[h.Host])
		if left > 0 {
			bad = append(bad, h.Host+": "+strconv.Itoa(left)+" lines are not rows of the table")
		}
		for _, row := range got {
			rows = append(rows, append(table.Row{{Text: h.Host}}, row...))
		}
	}
	column := 0
	name, down := strings.CutPrefix(r.sort, "-")
	if i := slices.IndexFunc(r.module.Table.Columns, func(c table.Column) bool { return c.Name == name }); i >= 0 {
		column = i + 1
	}
	table.Sort(rows, column, down)
	return rows, bad
}

func (a *app) printTable(v *job.View) error {
	rows, bad := a.results.rows(v, a.lang)
	for _, b := range bad {
		_, _ = fmt.Fprintln(a.err, "omctl: "+safetext.Line(b))
	}
	head, texts := []string{"server"}, make([][]string, len(rows))
	for _, c := range a.results.module.Table.Columns {
		title := c.Name
		if !a.results.csv {
			title = c.Title(a.lang)
		}
		head = append(head, title)
	}
	for i, row := range rows {
		for _, c := range row {
			texts[i] = append(texts[i], c.Text)
		}
	}
	if !a.results.csv {
		head[0] = "SERVER"
		return columns(a.out, head, texts)
	}
	w := csv.NewWriter(a.out)
	for _, row := range append([][]string{head}, texts...) {
		for i := range row {
			row[i] = sheet(safetext.Line(row[i]))
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// sheet keeps a spreadsheet from taking what a server printed for a formula.
func sheet(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		if _, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64); err != nil {
			return "'" + s
		}
	}
	return s
}
