package oplog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"omanager/app/audit"
	"omanager/app/console"
	"omanager/app/console/oplog"
	"omanager/app/problem"
	"omanager/rpc/client"
	"omanager/rpc/serve"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type desk struct {
	*console.Console
	*oplog.Log
	t       *testing.T
	changed chan struct{}
}

// open is the page of a console that is logged in to a real control server; page makes the server's pages shorter.
func open(t *testing.T, kept string, page int) *desk {
	t.Helper()
	dir := t.TempDir()
	c := console.New(console.Config{
		NewJobID: client.NewJobID,
		Dial: func(addr, fp string) console.Server {
			return short{client.Dial(addr, fp), page}
		},
		Demo: func(ctx context.Context) (console.Embedded, error) {
			r, err := serve.Demo(ctx, serve.DemoOptions{Hosts: 2, Dir: dir})
			if err != nil {
				return console.Embedded{}, err
			}
			return console.Embedded{Addr: r.Addr, Fingerprint: r.Fingerprint, Operator: r.Operator, Password: r.Password, KeyFile: r.KeyFile, Close: r.Close}, nil
		},
	})
	d := &desk{c, oplog.New(c, kept), t, make(chan struct{}, 1)}
	c.OnChange(func(console.Topic) {
		select {
		case d.changed <- struct{}{}:
		default:
		}
	})
	t.Cleanup(c.Close)
	c.TryIt()
	d.until("in", func() bool { return c.Who().In && !c.IsBusy(console.OpLoad) })
	return d
}

// short asks for no more than a few records at once.
type short struct {
	*client.Client
	page int
}

func (s short) Audit(ctx context.Context, q audit.Query, export bool) ([]audit.Record, bool, error) {
	q.Limit = s.page
	return s.Client.Audit(ctx, q, export)
}

func (d *desk) until(what string, done func() bool) {
	d.t.Helper()
	limit := time.After(60 * time.Second)
	for !done() {
		select {
		case <-d.changed:
		case <-limit:
			d.t.Fatalf("%s: not reached; login %v, search %v, check %v, export %v", what,
				d.Err(console.OpLogin), d.Err(oplog.OpSearch), d.Err(oplog.OpCheck), d.Err(oplog.OpExport))
		}
	}
}

// found searches and waits for the answer.
func (d *desk) found(s oplog.Search) []audit.Record {
	d.t.Helper()
	d.SetSearch(s)
	d.Find()
	d.until("answer", func() bool { return d.View().Asked && !d.IsBusy(oplog.OpSearch) })
	if err := d.Err(oplog.OpSearch); err != nil {
		d.t.Fatal(err)
	}
	return d.View().Records
}

func code(err error) string {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p.Code
	}
	return ""
}

func TestSearchAndPages(t *testing.T) {
	d := open(t, "", 3)
	for range 7 { // each is recorded
		d.found(oplog.Search{})
	}
	reads := oplog.Search{Event: audit.EventAuditRead}
	if n := len(d.found(reads)); n != 3 || !d.View().More {
		t.Fatalf("%d records, more %v; want a page of 3 and more", n, d.View().More)
	}
	for d.View().More {
		n := len(d.View().Records)
		d.Older()
		d.until("older", func() bool { return len(d.View().Records) > n && !d.IsBusy(oplog.OpSearch) })
	}
	got := d.View().Records
	if len(got) < 8 || !slices.IsSortedFunc(got, func(a, b audit.Record) int { return int(b.Seq - a.Seq) }) {
		t.Errorf("%d records, newest first %v", len(got), got)
	}
	for i, r := range got {
		if r.Event != audit.EventAuditRead || i > 0 && r.Seq == got[i-1].Seq {
			t.Errorf("record %d is %+v", i, r)
		}
	}
	if rs := d.found(oplog.Search{Event: audit.EventLogin, Since: time.Now().Format("2006-01-02"), Operator: "demo"}); len(rs) != 1 {
		t.Errorf("%d logins today, want 1", len(rs))
	}
	if rs := d.found(oplog.Search{Until: time.Now().AddDate(0, 0, -1).Format("2006/1/2")}); len(rs) != 0 {
		t.Errorf("%d records up to the end of yesterday", len(rs))
	}
	d.Logout()
	if v := d.View(); v.Records != nil || v.Search != (oplog.Search{}) {
		t.Error("after logout records or the search are left")
	}
}

func TestTimesThatAreNone(t *testing.T) {
	d := open(t, "", 3)
	for _, c := range []struct {
		s           oplog.Search
		field, want string
	}{
		{oplog.Search{Since: "yesterday"}, "since", "time_bad"},
		{oplog.Search{Until: "2026-02-30"}, "until", "time_bad"},
		{oplog.Search{Since: "2026-03-02", Until: "2026-03-01"}, "until", "time_order"},
		{oplog.Search{Since: "2026-03-01 10:00", Until: "2026-03-01 10:00"}, "until", "time_order"},
	} {
		d.SetSearch(c.s)
		d.Find()
		if v := d.View(); code(v.Errors[c.field]) != c.want || v.Asked || d.IsBusy(oplog.OpSearch) {
			t.Errorf("%+v: errors %v, asked %v", c.s, v.Errors, v.Asked)
		}
	}
	d.SetSearch(oplog.Search{Since: "2026-3-1", Until: "2026-03-01"}) // one whole day
	if v := d.View(); len(v.Errors) != 0 {
		t.Errorf("errors %v", v.Errors)
	}
}

func TestExport(t *testing.T) {
	d := open(t, "", 2)
	for range 4 {
		d.found(oplog.Search{})
	}
	d.found(oplog.Search{Event: audit.EventAuditRead})
	path := filepath.Join(t.TempDir(), "log.json")
	d.Export(path, "en")
	d.until("written", func() bool { return d.View().Written == path || d.Err(oplog.OpExport) != nil })
	data, err := os.ReadFile(path)
	info, serr := os.Stat(path)
	if err != nil || serr != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v, mode %v", err, serr, info.Mode())
	}
	n := 0
	for line := range bytes.Lines(data) {
		var r struct{ Event string }
		if err := json.Unmarshal(line, &r); err != nil || r.Event != audit.EventAuditRead {
			t.Errorf("%v: %s", err, line)
		}
		n++
	}
	if n < 5 {
		t.Errorf("%d records exported, want all that match, not a page of 2", n)
	}
	d.until("idle", func() bool { return !d.IsBusy(oplog.OpExport) })
	d.Export(path, "en")
	d.until("refused", func() bool { return d.Err(oplog.OpExport) != nil })
	if again, _ := os.ReadFile(path); code(d.Err(oplog.OpExport)) != "export_write" || !bytes.Equal(again, data) {
		t.Errorf("a second export to the same file: %v", d.Err(oplog.OpExport))
	}
	if rs := d.found(oplog.Search{Event: audit.EventAuditExport}); len(rs) == 0 {
		t.Error("the export is not in the log")
	}
}

// A log that has fewer records than this console saw is told, every time; one that goes on is not.
func TestALogThatDoesNotContinueIsTold(t *testing.T) {
	kept := t.TempDir()
	d := open(t, kept, 3)
	check := func() error {
		t.Helper()
		d.Check()
		d.until("checked", func() bool { return !d.IsBusy(oplog.OpCheck) && d.View().Checked })
		return d.View().Broken
	}
	if err := check(); err != nil {
		t.Fatal(err)
	}
	d.found(oplog.Search{})
	if err := check(); err != nil {
		t.Fatalf("a log that grew: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(kept, "checkpoint-*.json"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var p map[string]any
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	p["count"] = p["count"].(float64) + 1000
	if data, err = json.Marshal(p); err == nil {
		err = os.WriteFile(files[0], data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		d.Check()
		d.until("told", func() bool { return code(d.View().Broken) == "audit_broken" && !d.IsBusy(oplog.OpCheck) })
	}
}
