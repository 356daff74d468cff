// Package engine states the contract between the control server and what reaches servers: run one task on many
// hosts, stream what they say, and end each host in exactly one outcome. The engines live in the folders below;
// enginetest is the suite that each of them passes.
package engine

import (
	"context"
	"regexp"
	"slices"
	"time"

	"omanager/app/job"
)

// Host is a target with all that is needed to reach it. It comes from the inventory.
type Host struct {
	ID      string
	Addr    string // dial address without port
	Port    int    // 0 means 22
	User    string // empty means the engine's default
	Jump    string // "user@host:port" hops joined by commas, nearest first; empty means none
	HostKey string // authorized_keys form of the expected host key(s), one a line; empty means known_hosts decides
}

// Task is what runs on each host. Script comes from a module and is never built from parameters: these arrive as
// OM_<name> variables and as one JSON object on standard input.
type Task struct {
	JobID   string
	Script  []byte
	Params  map[string]string
	Files   map[string][]byte // contents by name, beside Params in the JSON only, in base64
	OK      []int             // exit codes that mean ok; empty means 0
	Changed []int             // exit codes that mean changed
	Timeout time.Duration     // for the command on one host; 0 means the engine's default

	// What the caller's sink does with the output; engines leave it alone.
	Secrets   []string       // not to be stored
	ChangedIf *regexp.Regexp // a line of output that makes ok changed
	FailedIf  *regexp.Regexp // a line of output that makes ok or changed failed
}

// Outcome classifies an exit code by the task's rules.
func (t Task) Outcome(exit int) job.Outcome {
	if slices.Contains(t.Changed, exit) {
		return job.Changed
	}
	if len(t.OK) == 0 && exit == 0 {
		return job.OK
	}
	if slices.Contains(t.OK, exit) {
		return job.OK
	}
	return job.Failed
}

// Result is the end of one host. Problem and Args name a sentence of app/problem.
type Result struct {
	Outcome job.Outcome
	Exit    int
	HasExit bool
	Elapsed time.Duration
	Problem string
	Args    map[string]string
}

// Sink receives what happens. Its methods are called from many goroutines at once; for one host they are called
// in order: Started at most once, any Output, then Done exactly once. Output may block (back-pressure); the
// sink copies data if it keeps it. A host that never ran gets Done without Started.
//
// Started is called after the connection stands and before any byte of the task is sent. It returns when the intent
// is stored safely; if it returns an error the command must not be sent, and the host ends in not_started.
type Sink interface {
	Started(host string) error
	Output(host, stream string, data []byte)
	Done(host string, r Result)
}

// Engine runs tasks. Run returns when every host had its Done. Cancelling ctx stops each running command, looks
// again, and ends the host in cancelled only when it is proved gone, in unknown when it cannot be told; hosts not
// yet begun end in not_started. Run returns an error only if it did nothing at all (then no Done was called).
type Engine interface {
	Name() string
	Run(ctx context.Context, t Task, hosts []Host, forks int, s Sink) error
	Close() error
}
