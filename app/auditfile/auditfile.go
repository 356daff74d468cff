// Package auditfile writes records of the operation log for people and programs elsewhere: CSV, JSON and XLSX. Records
// come in one at a time, so that a long log needs little memory.
package auditfile

import (
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"omanager/app/audit"
	"omanager/app/problem"
	"omanager/app/safetext"
	"omanager/app/wholefile"
)

// Formats lists the formats.
func Formats() []string { return []string{"csv", "json", "xlsx"} }

// Writer takes records; Close finishes the file's content, not the destination.
type Writer interface {
	Write(r audit.Record) error
	Close() error
}

// New makes a writer; language is of the column titles, "en" or "zh".
func New(w io.Writer, format, lang string) (Writer, error) {
	switch format {
	case "csv":
		return newCSV(w, lang)
	case "json":
		return jsonWriter{w}, nil
	case "xlsx":
		return newXLSX(w, lang)
	}
	return nil, problem.New("usage", "cause", fmt.Sprintf("format %q is unknown; use one of %s", format, strings.Join(Formats(), ", ")))
}

// Save gives each record to the writer of a new file, which appears under its name only when it is whole, readable by
// its owner only.
func Save(path, format, lang string, records func(yield func(audit.Record) error) error) error {
	var asked error // why there are no more records; that is nobody's file's fault
	err := wholefile.Write(path, func(f io.Writer) error {
		w, err := New(f, format, lang)
		if err != nil {
			asked = err
			return err
		}
		if asked = records(w.Write); asked != nil {
			return asked
		}
		return w.Close()
	})
	if asked != nil {
		return asked
	}
	if err != nil {
		return problem.Wrap(err, "export_write", "file", path, "cause", cause(err))
	}
	return nil
}

func cause(err error) string {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}

func titles(lang string) []string {
	if lang == "zh" {
		return []string{"编号", "时间", "操作员", "来源", "事件", "作业", "内容", "哈希"}
	}
	return []string{"Number", "Time", "Operator", "Source", "Event", "Job", "Detail", "Hash"}
}

// row is a record as text; times are RFC 3339 in UTC, to the millisecond.
func row(r audit.Record) []string {
	return []string{
		strconv.FormatInt(r.Seq, 10), r.Time.UTC().Format("2006-01-02T15:04:05.000Z"), r.Operator, r.Source, r.Event, r.Job,
		r.Detail, hex.EncodeToString(r.Hash),
	}
}

// defused keeps a spreadsheet from taking text for a formula, also one of wide characters.
func defused(s string) string {
	for _, r := range s {
		switch r {
		case ' ', '\u3000':
			continue
		case '=', '+', '-', '@', '＝', '＋', '－', '＠':
			return "'" + s
		}
		break
	}
	return s
}

type csvWriter struct{ w *csv.Writer }

func newCSV(w io.Writer, lang string) (*csvWriter, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil { // without it spreadsheets take the text for another encoding
		return nil, err
	}
	c := &csvWriter{csv.NewWriter(w)}
	return c, c.w.Write(titles(lang))
}

func (c *csvWriter) Write(r audit.Record) error {
	cells := row(r)
	for i := range cells {
		cells[i] = defused(safetext.Line(cells[i])) // one line, also for what reads line by line
	}
	return c.w.Write(cells)
}

func (c *csvWriter) Close() error {
	c.w.Flush()
	return c.w.Error()
}

type jsonWriter struct{ w io.Writer }

// line is a record as JSON.
type line struct {
	Seq      int64     `json:"seq"`
	Time     time.Time `json:"time"`
	Operator string    `json:"operator"`
	Source   string    `json:"source,omitempty"`
	Event    string    `json:"event"`
	Job      string    `json:"job,omitempty"`
	Detail   string    `json:"detail,omitempty"`
	Hash     string    `json:"hash"`
}

func (j jsonWriter) Write(r audit.Record) error {
	b, err := json.Marshal(line{r.Seq, r.Time, r.Operator, r.Source, r.Event, r.Job, r.Detail, hex.EncodeToString(r.Hash)})
	if err != nil {
		return err
	}
	_, err = io.WriteString(j.w, escaped(string(b))+"\n")
	return err
}

func (j jsonWriter) Close() error { return nil }

// escaped writes what a terminal could obey and JSON lets through (C1 controls, direction marks) as \u escapes.
func escaped(s string) string {
	var out strings.Builder
	for _, r := range s {
		if r >= 0x7f && r < 0xa0 || unicode.Is(unicode.Bidi_Control, r) {
			_, _ = fmt.Fprintf(&out, "\\u%04x", r) // a builder never errs
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

type xlsxWriter struct {
	to   io.Writer
	f    *excelize.File
	s    *excelize.StreamWriter
	next int
}

// sheetRows is how many rows a sheet holds.
const sheetRows = 1_048_576

func newXLSX(w io.Writer, lang string) (*xlsxWriter, error) {
	f := excelize.NewFile()
	s, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	x := &xlsxWriter{to: w, f: f, s: s, next: 1}
	return x, x.add(titles(lang))
}

func (x *xlsxWriter) add(cells []string) error {
	if x.next > sheetRows {
		return problem.New("usage", "cause", "a sheet holds 1,048,576 rows; narrow the search, or export as csv")
	}
	values := make([]any, len(cells))
	for i, c := range cells {
		values[i] = excelize.Cell{Value: fitting(safetext.Clean([]byte(c)))} // a text cell: never a formula
	}
	at, err := excelize.CoordinatesToCellName(1, x.next)
	if err != nil {
		return err
	}
	x.next++
	return x.s.SetRow(at, values)
}

// cellLength is how many UTF-16 units a cell holds; what is longer is cut silently by what writes the file.
const cellLength = 32_767

// fitting cuts text that a cell does not hold, and says so in the cell.
func fitting(s string) string {
	const cut = " ... (cut; csv and json have all of it)"
	units, end := 0, 0
	for i, r := range s {
		if units += utf16.RuneLen(r); units <= cellLength-len(cut) {
			end = i + utf8.RuneLen(r)
		}
	}
	if units <= cellLength {
		return s
	}
	return s[:end] + cut
}

func (x *xlsxWriter) Write(r audit.Record) error { return x.add(row(r)) }

func (x *xlsxWriter) Close() error {
	return errors.Join(x.s.Flush(), x.f.Write(x.to), x.f.Close())
}
