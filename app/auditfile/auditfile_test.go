package auditfile_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"omanager/app/audit"
	"omanager/app/auditfile"
)

func records() []audit.Record {
	at := time.Date(2026, 2, 3, 4, 5, 6, 7e6, time.UTC)
	return []audit.Record{
		{Seq: 1, Hash: []byte{1}, Entry: audit.Entry{Time: at, Operator: "demo", Event: "login"}},
		{Seq: 2, Hash: []byte{2}, Entry: audit.Entry{Time: at, Operator: "=cmd|' /C calc'!A0", Event: "x", Detail: "二行\nsecond \"line\""}},
	}
}

func export(t *testing.T, format string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log."+format)
	err := auditfile.Save(path, format, "zh", func(yield func(audit.Record) error) error {
		return errors.Join(yield(records()[0]), yield(records()[1]))
	})
	if err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", fi.Mode(), err)
	}
	return path
}

func TestCSV(t *testing.T) {
	b, err := os.ReadFile(export(t, "csv"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))).ReadAll()
	if err != nil || len(got) != 3 {
		t.Fatalf("%v, %v", got, err)
	}
	if got[0][2] != "操作员" || got[1][1] != "2026-02-03T04:05:06.007Z" || got[2][2] != "'=cmd|' /C calc'!A0" || got[2][6] != `二行 second "line"` {
		t.Errorf("%q", got)
	}
}

func TestJSON(t *testing.T) {
	b, err := os.ReadFile(export(t, "json"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	var second struct{ Operator, Detail, Hash string }
	if len(lines) != 2 || json.Unmarshal([]byte(lines[1]), &second) != nil || second.Operator != records()[1].Operator || second.Hash != "02" {
		t.Errorf("%s", b)
	}
}

func TestXLSX(t *testing.T) {
	f, err := excelize.OpenFile(export(t, "xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := f.GetRows("Sheet1")
	if err != nil || len(rows) != 3 || rows[2][2] != records()[1].Operator || rows[2][6] != records()[1].Detail {
		t.Errorf("%q, %v", rows, err)
	}
	if formula, err := f.GetCellFormula("Sheet1", "C3"); err != nil || formula != "" {
		t.Errorf("a name became the formula %q, %v", formula, err)
	}
}

// TestA22OneRecordIsOneLine: whatever a record holds, it is one line of CSV and of JSON, a terminal obeys none of it, and
// a spreadsheet takes none of it for a formula. The control prints the same records as they are.
func TestA22OneRecordIsOneLine(t *testing.T) {
	hostile := []string{
		"a\n99,2026-02-03T04:05:06.007Z,eve,,login,,,", "a\r\nb", "\x1b[2J\x1b]0;x\x07", "\u009b2J", "\u2028x", "\x00\v\f\u0085", "\u202eevil",
		"\t=1+1", " @x", "＝1", "-1", "+1",
	}
	check := func(text string) (bad int) {
		for _, line := range strings.FieldsFunc(strings.TrimPrefix(text, "\ufeff"), func(r rune) bool { return r == '\n' || r == '\r' || r == '\u2028' || r == '\u0085' }) {
			if strings.HasPrefix(line, "99,") {
				bad++
			}
		}
		for _, r := range text {
			if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e') {
				bad++
			}
		}
		return bad
	}
	var plain strings.Builder
	for _, format := range []string{"csv", "json"} {
		var out bytes.Buffer
		w, err := auditfile.New(&out, format, "en")
		if err != nil {
			t.Fatal(err)
		}
		for i, h := range hostile {
			r := audit.Record{Seq: int64(i + 1), Entry: audit.Entry{Operator: h, Source: h, Event: h, Job: h, Detail: h}}
			fmt.Fprintln(&plain, r.Seq, r.Event)
			if err := w.Write(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		want := map[string]int{"csv": len(hostile) + 1, "json": len(hostile)}[format]
		if n := strings.Count(out.String(), "\n"); n != want || check(out.String()) > 0 {
			t.Errorf("%s: %d lines, %d bad characters\n%q", format, n, check(out.String()), out.String())
		}
		if format == "csv" {
			notFormulas(t, out.String())
		}
	}
	if check(plain.String()) == 0 {
		t.Error("the control: printed as they are, the records forge nothing")
	}
}

func notFormulas(t *testing.T, text string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(strings.TrimSpace(cell))[0]) {
				t.Errorf("%q is a formula to a spreadsheet", cell)
			}
		}
	}
}

// TestLongCells: a cell that cannot hold its text says so.
func TestLongCells(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.xlsx")
	err := auditfile.Save(path, "xlsx", "en", func(yield func(audit.Record) error) error {
		return errors.Join(
			yield(audit.Record{Seq: 1, Entry: audit.Entry{Detail: strings.Repeat("長", 32_767)}}),
			yield(audit.Record{Seq: 2, Entry: audit.Entry{Detail: strings.Repeat("😀", 20_000)}}))
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := f.GetRows("Sheet1")
	if err != nil || len(rows) != 3 || rows[1][6] != strings.Repeat("長", 32_767) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if cut := rows[2][6]; !strings.HasPrefix(cut, "😀") || !strings.HasSuffix(cut, "😀 ... (cut; csv and json have all of it)") {
		t.Errorf("the long cell ends with %q", cut[len(cut)-60:])
	}
}

// TestNothingHalf: an export that fails leaves no file.
func TestNothingHalf(t *testing.T) {
	dir := t.TempDir()
	stop := errors.New("connection lost")
	err := auditfile.Save(filepath.Join(dir, "a.csv"), "csv", "en", func(yield func(audit.Record) error) error {
		return errors.Join(yield(records()[0]), stop)
	})
	left, rerr := os.ReadDir(dir)
	if !errors.Is(err, stop) || rerr != nil || len(left) != 0 {
		t.Errorf("%v; left %v, %v", err, left, rerr)
	}
}
