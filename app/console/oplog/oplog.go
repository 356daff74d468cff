// Package oplog is the state of the page that shows the operation log: the search as it is typed, the records found so
// far, newest first, and whether the log still continues what this console saw of it before.
package oplog

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"omanager/app/audit"
	"omanager/app/console"
	"omanager/app/problem"
)

// Server is what this page needs of a control server; rpc/client satisfies it.
type Server interface {
	Audit(ctx context.Context, q audit.Query, export bool) (records []audit.Record, more bool, err error)
	// CheckLog holds the log against what is kept of it in the folder; a log that does not continue it is audit_broken.
	CheckLog(ctx context.Context, dir string) error
}

// The operations.
const (
	OpSearch console.Op = "log"
	OpCheck  console.Op = "log_check"
	OpExport console.Op = "log_export"
)

// pageSize is how many records are read at once.
const pageSize = 200

// Search is what a person looks for, as typed. Since and Until are local: a day, or a day and a time.
type Search struct {
	Operator, Event, Job, Text, Since, Until string
}

// Log is safe for use by many goroutines.
type Log struct {
	c    *console.Console
	kept string

	mu      sync.Mutex
	srv     console.Server // whose records these are
	search  Search
	errs    map[string]error
	records []audit.Record
	query   audit.Query // what the records answer
	more    bool
	asked   bool // a first answer is there
	checked bool
	broken  error
	written string // where the last export went
}

// New makes the state of the page. Kept is the folder where the newest checkpoint of each control server's log is kept;
// without one nothing is held against the log.
func New(c *console.Console, kept string) *Log {
	return &Log{c: c, kept: kept, errs: map[string]error{}}
}

// View is the page at one moment.
type View struct {
	Search  Search
	Errors  map[string]error // by field: "since", "until"
	Records []audit.Record
	More    bool // older records match too
	Asked   bool
	Checked bool   // the log was held against what is kept of it
	Broken  error  // it does not continue that
	Written string // the file that the last export made
}

// View returns a copy; the records are read-only.
func (l *Log) View() View {
	defer l.lock()()
	return View{Search: l.search, Errors: maps.Clone(l.errs), Records: l.records, More: l.more, Asked: l.asked, Checked: l.checked, Broken: l.broken, Written: l.written}
}

// lock forgets what belongs to another session.
func (l *Log) lock() func() {
	srv := l.c.Serving()
	l.mu.Lock()
	if l.srv != srv {
		l.srv, l.records, l.more, l.asked, l.checked, l.broken, l.written = srv, nil, false, false, false, nil, ""
		l.search, l.query = Search{}, audit.Query{}
		clear(l.errs)
	}
	return l.mu.Unlock
}

// SetSearch keeps what is typed and says at once what cannot be read in it.
func (l *Log) SetSearch(s Search) {
	unlock := l.lock()
	l.search = s
	_, l.errs = s.query()
	unlock()
	l.c.Notify(console.Log)
}

// Find reads the newest records that match what is typed.
func (l *Log) Find() {
	unlock := l.lock()
	q, errs := l.search.query()
	l.errs = errs
	unlock()
	if len(errs) > 0 {
		l.c.Notify(console.Log)
		return
	}
	l.c.Latest(OpSearch, console.Log, func(ctx context.Context, srv console.Server) error {
		return l.read(ctx, srv, q, nil)
	})
}

// Older reads the records that come before those on view.
func (l *Log) Older() {
	unlock := l.lock()
	q, have, more := l.query, l.records, l.more
	unlock()
	if !more || len(have) == 0 {
		return
	}
	q.Before = have[len(have)-1].Seq
	l.c.Do(OpSearch, console.Log, func(ctx context.Context, srv console.Server) error {
		return l.read(ctx, srv, q, have)
	})
}

// read asks for a page of records and puts it behind those that are there.
func (l *Log) read(ctx context.Context, srv console.Server, q audit.Query, have []audit.Record) error {
	s, err := serves(srv)
	if err != nil {
		return err
	}
	records, more, err := s.Audit(ctx, q, false)
	if err != nil {
		return err
	}
	defer l.lock()()
	if l.srv == srv {
		q.Before = 0
		l.query, l.more, l.asked = q, more, true
		l.records = slices.Concat(have, records)
	}
	return nil
}

// Check holds the log against what was kept of it when it was seen last, and keeps what is seen now.
func (l *Log) Check() {
	if l.kept == "" {
		return
	}
	l.c.Latest(OpCheck, console.Log, func(ctx context.Context, srv console.Server) error {
		s, err := serves(srv)
		if err != nil {
			return err
		}
		err = s.CheckLog(ctx, l.kept)
		p, told := errors.AsType[*problem.Error](err)
		broken := told && p.Code == "audit_broken"
		if err != nil && !broken {
			return err
		}
		defer l.lock()()
		if l.srv == srv {
			l.checked, l.broken = true, err
		}
		return nil
	})
}

func serves(srv console.Server) (Server, error) {
	s, ok := srv.(Server)
	if !ok {
		return nil, problem.New("page_unserved")
	}
	return s, nil
}

// query reads what is typed; the errors are by field.
func (s Search) query() (audit.Query, map[string]error) {
	errs := map[string]error{}
	q := audit.Query{
		Operator: strings.TrimSpace(s.Operator), Event: strings.TrimSpace(s.Event), Job: strings.TrimSpace(s.Job),
		Text: strings.TrimSpace(s.Text), Limit: pageSize,
	}
	var err error
	if q.Since, _, err = moment(s.Since); err != nil {
		errs["since"] = err
	}
	until, day, err := moment(s.Until)
	if err != nil {
		errs["until"] = err
	}
	if day {
		until = until.AddDate(0, 0, 1) // to the day's end
	}
	q.Until = until
	if len(errs) == 0 && !q.Since.IsZero() && !until.IsZero() && !q.Since.Before(until) {
		errs["until"] = problem.New("time_order")
	}
	return q, errs
}

// moment reads a day, or a day and a time, of the local calendar; nothing typed is no bound.
func moment(text string) (at time.Time, day bool, err error) {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "/", "-")), " ")
	if text == "" {
		return time.Time{}, false, nil
	}
	for _, layout := range []string{"2006-1-2 15:04:05", "2006-1-2 15:04", "2006-1-2"} {
		if at, err = time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, layout == "2006-1-2", nil
		}
	}
	return time.Time{}, false, problem.New("time_bad", "value", text)
}
