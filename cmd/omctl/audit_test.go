package main

import (
	"bytes"
	"strings"
	"testing"

	"omanager/app/audit"
)

// TestA22TableLines: a record is one line of the table, and a terminal obeys none of it; the control is the text as it is.
func TestA22TableLines(t *testing.T) {
	hostile := "login\n99  2026-02-03 04:05:06  eve  10.0.0.1  Login\x1b[2J\r\x00\u009b2J\u2028"
	var out bytes.Buffer
	a := &app{out: &out, lang: "en"}
	err := a.auditTable(func(yield func(audit.Record) error) error {
		return yield(audit.Record{Seq: 1, Entry: audit.Entry{Operator: hostile, Source: hostile, Event: hostile, Job: hostile, Detail: hostile}})
	})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{out.String(): true, hostile + "\n" + hostile + "\n": false} {
		plain := !strings.ContainsAny(text, "\x1b\r\x00\u009b\u2028")
		if got := plain && strings.Count(text, "\n") == 2 && !strings.Contains(text, "\n99"); got != want {
			t.Errorf("%q is harmless: %v, want %v", text, got, want)
		}
	}
}
