package main

import (
	"context"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"omanager/app/audit"
	"omanager/app/auditfile"
	"omanager/app/problem"
	"omanager/rpc/client"
)

// auditCall is one call of omctl audit.
type auditCall struct {
	q            audit.Query
	since, until string
	limit        int
	format, out  string
}

func (a *app) auditCommand() *cobra.Command {
	var call auditCall
	c := &cobra.Command{
		Use: "audit", Short: "Search and export the operation log", Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if call.q.Since, err = moment("--since", call.since); err != nil {
				return err
			}
			if call.q.Until, err = moment("--until", call.until); err != nil {
				return err
			}
			return a.withSession(cmd.Context(), func(c *client.Client) error { return a.audit(cmd.Context(), c, call) })
		},
	}
	f := c.Flags()
	f.StringVar(&call.q.Operator, "by", "", "only what this operator did")
	f.StringVar(&call.q.Event, "event", "", "only this event, for example login_refused")
	f.StringVar(&call.q.Job, "job", "", "only this job")
	f.StringVar(&call.q.Text, "text", "", "only records that contain this text")
	f.StringVar(&call.since, "since", "", "from this time on: 2006-01-02, 2006-01-02T15:04, or a duration such as 36h")
	f.StringVar(&call.until, "until", "", "before this time")
	f.IntVar(&call.limit, "limit", 100, "at most so many records, the newest; 0 means all")
	f.StringVar(&call.format, "format", "table", "table, csv, json or xlsx")
	f.StringVar(&call.out, "out", "", "write to this file instead of the terminal")
	return c
}

// moment reads a time of this machine's clock, or a duration before now.
func moment(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return time.Now().Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, problem.New("usage", "cause", flag+" "+strconv.Quote(s)+" is not a time; write 2006-01-02, 2006-01-02T15:04 or 36h")
}

func (a *app) audit(ctx context.Context, c *client.Client, call auditCall) error {
	if a.asJSON {
		call.format = "json"
	}
	records := func(yield func(audit.Record) error) error { return call.pages(ctx, c, yield) }
	switch {
	case call.format == "table" && call.out == "":
		return a.auditTable(records)
	case call.format == "table":
		return problem.New("usage", "cause", "--out needs --format csv, json or xlsx")
	case call.out != "":
		return auditfile.Save(call.out, call.format, a.lang, records)
	case call.format == "xlsx":
		return problem.New("usage", "cause", "an xlsx is not for a terminal; name a file with --out")
	}
	w, err := auditfile.New(writerOnly{a.out}, call.format, a.lang)
	if err != nil {
		return err
	}
	if err := records(w.Write); err != nil {
		return err
	}
	return w.Close()
}

// writerOnly hides that the output can be closed.
type writerOnly struct{ io.Writer }

// pages asks for the records page by page, newest first.
func (call auditCall) pages(ctx context.Context, c *client.Client, yield func(audit.Record) error) error {
	q, left := call.q, call.limit
	for {
		q.Limit = 1000
		if call.limit > 0 {
			q.Limit = min(q.Limit, left)
		}
		found, more, err := c.Audit(ctx, q, call.format != "table")
		if err != nil {
			return err
		}
		for _, r := range found {
			if err := yield(r); err != nil {
				return err
			}
		}
		left -= len(found)
		if !more || len(found) == 0 || call.limit > 0 && left <= 0 {
			return nil
		}
		q.Before = found[len(found)-1].Seq
	}
}

func (a *app) auditTable(records func(func(audit.Record) error) error) error {
	var rows [][]string
	err := records(func(r audit.Record) error {
		rows = append(rows, []string{
			strconv.FormatInt(r.Seq, 10), r.Time.Local().Format("2006-01-02 15:04:05"), r.Operator, r.Source,
			audit.Title(a.lang, r.Event), r.Job, r.Detail,
		})
		return nil
	})
	if err != nil {
		return err
	}
	return columns(a.out, []string{"NUMBER", "TIME", "OPERATOR", "FROM", "EVENT", "JOB", "DETAIL"}, rows)
}
