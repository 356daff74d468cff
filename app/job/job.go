// Package job holds what a job is, for the control server and its clients alike: the plan an operator
// confirms, the frozen targets, the events every host emits, the one transition table of host states, and
// the folding of events into counts, rows and groups of equal output.
//
// A job travels: Request -> Plan -> Job (stored, frozen) -> Events (stored first, then sent) -> one Outcome
// per target. Nothing here does I/O.
package job

import "time"

// Outcome is how a target ended. Exactly one is reached per target.
type Outcome string

// The outcomes a target can end in. Unknown is the only one that may still be settled later.
const (
	OK          Outcome = "ok"
	Changed     Outcome = "changed"
	Failed      Outcome = "failed"
	Unreachable Outcome = "unreachable"
	TimedOut    Outcome = "timed_out"
	Cancelled   Outcome = "cancelled"
	NotStarted  Outcome = "not_started"
	Unknown     Outcome = "unknown"
)

// Outcomes lists every outcome in the order counts are shown.
func Outcomes() []Outcome {
	return []Outcome{OK, Changed, Failed, Unreachable, TimedOut, Cancelled, NotStarted, Unknown}
}

// Good reports whether the outcome counts as success.
func (o Outcome) Good() bool { return o == OK || o == Changed }

// State is where a job as a whole is.
type State string

// The states of a job.
const (
	Queued   State = "queued"
	Running  State = "running"
	Finished State = "finished"
)

// Kind says what an event reports.
type Kind string

// The kinds of event, in the order they can occur. Host is empty for the job's own.
const (
	JobStarted      Kind = "job_started"
	HostStarted     Kind = "host_started"
	Output          Kind = "output"
	CancelRequested Kind = "cancel_requested"
	HostDone        Kind = "host_done"
	JobDone         Kind = "job_done"
)

// Streams of a host's output.
const (
	Stdout = "stdout"
	Stderr = "stderr"
)

// Request is what an operator asks for: a module, parameters, and targets as a host expression.
type Request struct {
	Module string            `json:"module"`
	On     string            `json:"on"`
	Params map[string]string `json:"params,omitempty"`
}

// Target is one server of a job, frozen when the job was planned.
type Target struct {
	Host     string `json:"host"` // inventory.Server.ID
	Addr     string `json:"addr"`
	Category string `json:"category"`
	App      string `json:"app"`
	Reason   string `json:"reason"` // the part of the expression that chose it
}

// Gate is what the control server asks for before it starts a plan.
type Gate string

// The gates, from the lowest.
const (
	GateNone     Gate = "none"
	GateConfirm  Gate = "confirm"  // the target list must have been shown and confirmed
	GateCount    Gate = "count"    // the number of targets must have been typed
	GateApproval Gate = "approval" // a second operator must have approved exactly this plan
)

// Plan is the answer to a Request: exactly what Start would do. Hash covers every other field.
type Plan struct {
	Module     string            `json:"module"`
	Title      string            `json:"title"`
	ModuleHash string            `json:"module_hash"`
	Params     map[string]string `json:"params,omitempty"`
	Targets    []Target          `json:"targets"`
	Engine     string            `json:"engine"`
	Danger     string            `json:"danger"`
	Gate       Gate              `json:"gate"`
	Rendered   string            `json:"rendered"` // the task text, the same for every target
	Hash       string            `json:"hash"`

	// Given is what the client asked with, and what it starts with: Params show no secret and no file's contents.
	Given map[string]string `json:"-"`
}

// Job is a started plan. Targets never change after it is stored.
type Job struct {
	ID         string            `json:"id"` // UUIDv7 made by the client: submitting it twice is one job
	Operator   string            `json:"operator"`
	Module     string            `json:"module"`
	Title      string            `json:"title"`
	ModuleHash string            `json:"module_hash"`
	PlanHash   string            `json:"plan_hash"`
	Params     map[string]string `json:"params,omitempty"`
	Engine     string            `json:"engine"`
	Danger     string            `json:"danger"`
	Targets    []Target          `json:"targets"`
	State      State             `json:"state"`
	Created    time.Time         `json:"created"`
	Started    time.Time         `json:"started"`
	Ended      time.Time         `json:"ended"`
	Counts     map[Outcome]int   `json:"counts,omitempty"` // filled when finished
}

// Event is one thing that happened in a job. Seq is assigned by the store, starts at 1 and grows by 1 for each
// event of the job, over all hosts: a watcher that has seen n asks for what comes after n.
type Event struct {
	Job     string        `json:"job"`
	Host    string        `json:"host"`
	Seq     int64         `json:"seq"`
	Kind    Kind          `json:"kind"`
	Time    time.Time     `json:"time"`
	Stream  string        `json:"stream,omitempty"`
	Data    []byte        `json:"data,omitempty"` // raw bytes as the host sent them
	Outcome Outcome       `json:"outcome,omitempty"`
	Exit    int           `json:"exit,omitempty"`
	HasExit bool          `json:"has_exit,omitempty"`
	Elapsed time.Duration `json:"elapsed,omitempty"`
	// Problem and Args name a sentence of app/problem: why the host did not end well.
	Problem string            `json:"problem,omitempty"`
	Args    map[string]string `json:"args,omitempty"`
}
