// Package audit is the operation log: what it holds, how its records are chained, how a checkpoint is signed, and how
// all of that is verified. It stores nothing itself.
package audit

import (
	"strconv"
	"strings"
	"time"
)

// Entry is what is written to the operation log. Everything but Time may hold any text.
type Entry struct {
	Time     time.Time
	Operator string
	Source   string // client address
	Event    string // login, login_refused, logout, plan, job_start, job_refused, job_cancel, job_done, ...
	Job      string
	Detail   string
}

// Record is an entry in its place. Seq starts at 1 and grows by 1; Hash covers the entry, Seq and the hash before.
type Record struct {
	Entry

	Seq  int64
	Hash []byte
}

// Query chooses records; empty fields do not narrow. Text is looked for in every column.
type Query struct {
	Operator, Event, Job, Text string
	Since, Until               time.Time
	Before                     int64 // records with a smaller Seq; 0 begins at the newest
	Limit                      int
}

// Checkpoint is a signed state of the log: its number of records and the hash of the last.
type Checkpoint struct {
	Count     int64
	Head      []byte
	Time      time.Time
	Signature []byte
	PublicKey []byte // Ed25519
}

// String is the query as it is recorded.
func (q Query) String() string {
	var parts []string
	add := func(name, v string) {
		if v != "" {
			parts = append(parts, name+"="+strconv.Quote(v))
		}
	}
	add("operator", q.Operator)
	add("event", q.Event)
	add("job", q.Job)
	add("text", q.Text)
	if !q.Since.IsZero() {
		add("since", q.Since.UTC().Format(time.RFC3339))
	}
	if !q.Until.IsZero() {
		add("until", q.Until.UTC().Format(time.RFC3339))
	}
	if q.Before > 0 {
		add("before", strconv.FormatInt(q.Before, 10))
	}
	return strings.Join(parts, " ")
}
