package auditfile_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
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
	if got[0][2] != "操作员" || got[1][1] != "2026-02-03T04:05:06.007Z" || got[2][2] != "'=cmd|' /C calc'!A0" || got[2][6] != records()[1].Detail {
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
