package job

import (
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"time"
)

// maxHeld bounds the output a View keeps for one host; what lies between head and tail is counted, not kept.
const maxHeld = 4 << 20

// HostView is one row of a running or finished job.
type HostView struct {
	Host, Addr, Category, App string
	Running, Done             bool
	Outcome                   Outcome
	Exit                      int
	HasExit                   bool
	Elapsed                   time.Duration
	Problem                   string
	Args                      map[string]string
	Bytes                     int64 // received, also what is not held
	Started                   time.Time

	output []byte
}

// Group is the hosts that gave the same output with the same exit code and outcome.
type Group struct {
	Key     string
	Hosts   []string // in target order
	Outcome Outcome
	Exit    int
	Output  []byte
	Problem string
	Args    map[string]string // of the first host
}

// View folds a job's events into rows, counts and groups. It has one owner and is not safe for concurrent use.
type View struct {
	job    Job
	rows   []*HostView
	byHost map[string]*HostView
	last   int64
	done   bool
}

// NewView makes a view with every target waiting.
func NewView(j Job) *View {
	v := &View{job: j, byHost: make(map[string]*HostView, len(j.Targets))}
	for _, t := range j.Targets {
		r := &HostView{Host: t.Host, Addr: t.Addr, Category: t.Category, App: t.App}
		v.rows = append(v.rows, r)
		v.byHost[t.Host] = r
	}
	return v
}

// Apply folds events in. What was seen before (by sequence number) and hosts that are not targets are skipped,
// so feeding an overlap after a reconnect changes nothing.
func (v *View) Apply(events []Event) {
	for _, e := range events {
		if e.Seq <= v.last {
			continue
		}
		v.last = e.Seq
		v.apply(e)
	}
}

func (v *View) apply(e Event) {
	switch e.Kind {
	case JobStarted:
		v.job.State, v.job.Started = Running, e.Time
		return
	case JobDone:
		v.job.State, v.job.Ended, v.done = Finished, e.Time, true
		return
	}
	r := v.byHost[e.Host]
	if r == nil {
		return
	}
	switch e.Kind {
	case HostStarted:
		if Next(StateOf(r), HostStarted) {
			r.Running, r.Started = true, e.Time
		}
	case Output:
		r.Bytes += int64(len(e.Data))
		if room := maxHeld - len(r.output); room > 0 {
			r.output = append(r.output, e.Data[:min(room, len(e.Data))]...)
		}
	case HostDone:
		if !Next(StateOf(r), HostDone) {
			return
		}
		r.Running, r.Done = false, true
		r.Outcome, r.Exit, r.HasExit, r.Elapsed = e.Outcome, e.Exit, e.HasExit, e.Elapsed
		r.Problem, r.Args = e.Problem, e.Args
	}
}

// Rows returns the rows in target order. They are the view's own: read, do not change.
func (v *View) Rows() []*HostView { return v.rows }

// Row returns one host's row, or nil.
func (v *View) Row(host string) *HostView { return v.byHost[host] }

// Output returns what is held of a host's output, stdout and stderr as they arrived.
func (v *View) Output(host string) []byte {
	if r := v.byHost[host]; r != nil {
		return r.output
	}
	return nil
}

// Counts counts finished hosts by outcome.
func (v *View) Counts() map[Outcome]int {
	c := map[Outcome]int{}
	for _, r := range v.rows {
		if r.Done {
			c[r.Outcome]++
		}
	}
	return c
}

// Running counts hosts whose command runs.
func (v *View) Running() int {
	return v.count(func(r *HostView) bool { return r.Running })
}

// Waiting counts hosts that have not begun.
func (v *View) Waiting() int {
	return v.count(func(r *HostView) bool { return !r.Running && !r.Done })
}

func (v *View) count(f func(*HostView) bool) int {
	n := 0
	for _, r := range v.rows {
		if f(r) {
			n++
		}
	}
	return n
}

// Done reports whether the job's last event was seen.
func (v *View) Done() bool { return v.done }

// LastSeq is the sequence number to resume after.
func (v *View) LastSeq() int64 { return v.last }

// Job returns the job with what the events say of its state.
func (v *View) Job() Job { return v.job }

// Groups folds the finished hosts by equal output, exit code and outcome; the largest group comes first, ties in
// target order. Hosts without output and exit code are told apart by their problem.
func (v *View) Groups() []Group {
	var out []Group
	at := map[string]int{}
	for _, r := range v.rows {
		if !r.Done {
			continue
		}
		key := r.key()
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, Group{Key: key, Outcome: r.Outcome, Exit: r.Exit, Output: r.output, Problem: r.Problem, Args: r.Args})
		}
		out[i].Hosts = append(out[i].Hosts, r.Host)
	}
	sort.SliceStable(out, func(a, b int) bool { return len(out[a].Hosts) > len(out[b].Hosts) })
	return out
}

func (r *HostView) key() string {
	h := sha256.New()
	h.Write([]byte(string(r.Outcome) + "\x00" + r.Problem + "\x00"))
	if r.HasExit {
		h.Write([]byte{1, byte(r.Exit), byte(r.Exit >> 8), byte(r.Exit >> 16), byte(r.Exit >> 24)})
	}
	h.Write([]byte{0})
	h.Write(r.output)
	return hex.EncodeToString(h.Sum(nil)[:12])
}
