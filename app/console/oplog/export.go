package oplog

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"omanager/app/audit"
	"omanager/app/auditfile"
	"omanager/app/console"
	"omanager/app/problem"
)

// exportPage is how many records an export reads at once.
const exportPage = 1000

// Export writes every record that matches the search on view into a new file whose name ends in .csv, .json or .xlsx,
// with column titles in the language. A file that is there already is never replaced. The control server records it.
func (l *Log) Export(path, lang string) {
	unlock := l.lock()
	q := l.query
	l.written = ""
	unlock()
	l.c.Do(OpExport, console.Log, func(ctx context.Context, srv console.Server) error {
		s, err := serves(srv)
		if err != nil {
			return err
		}
		if _, err := os.Lstat(path); err == nil {
			return problem.New("export_write", "file", path, "cause", "there is a file of that name already")
		}
		format := strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")
		if err := auditfile.Save(path, format, lang, func(yield func(audit.Record) error) error { return pages(ctx, s, q, yield) }); err != nil {
			return err
		}
		defer l.lock()()
		if l.srv == srv {
			l.written = path
		}
		return nil
	})
}

// pages reads all that matches, newest first.
func pages(ctx context.Context, s Server, q audit.Query, yield func(audit.Record) error) error {
	q.Before, q.Limit = 0, exportPage
	for {
		found, more, err := s.Audit(ctx, q, true)
		if err != nil {
			return err
		}
		for _, r := range found {
			if err := yield(r); err != nil {
				return err
			}
		}
		if !more || len(found) == 0 {
			return nil
		}
		q.Before = found[len(found)-1].Seq
	}
}
