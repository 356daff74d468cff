package job

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func targets(n int) []Target {
	out := make([]Target, n)
	for i := range out {
		out[i] = Target{Host: fmt.Sprintf("h%02d", i+1), Addr: "10.0.0.1"}
	}
	return out
}

// TestTransitions walks every state with every kind: the allowed arrows are exactly these.
func TestTransitions(t *testing.T) {
	want := map[string]bool{"waiting host_started": true, "waiting host_done": true, "running output": true, "running host_done": true, "unknown host_done": true}
	states := []HostState{HostWaiting, HostRunning}
	for _, o := range Outcomes() {
		states = append(states, HostState(o))
	}
	for _, s := range states {
		for _, k := range []Kind{JobStarted, HostStarted, Output, CancelRequested, HostDone, JobDone} {
			arrow := string(s) + " " + string(k)
			if got := Next(s, k); got != want[arrow] {
				t.Errorf("%s: %v, want %v", arrow, got, want[arrow])
			}
		}
	}
}

// TestOneOutcomeAHost feeds random events, also impossible ones: every host ends at most once, and a settled outcome
// other than unknown never changes.
func TestOneOutcomeAHost(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	kinds := []Kind{HostStarted, Output, HostDone, CancelRequested}
	for range 200 {
		v := NewView(Job{Targets: targets(3)})
		settled := map[string]Outcome{}
		for seq := int64(1); seq < 60; seq++ {
			e := Event{Seq: seq, Host: fmt.Sprintf("h%02d", r.IntN(4)+1), Kind: kinds[r.IntN(len(kinds))], Outcome: Outcomes()[r.IntN(8)]}
			v.Apply([]Event{e})
			total := 0
			for _, n := range v.Counts() {
				total += n
			}
			if total+v.Running()+v.Waiting() != 3 {
				t.Fatalf("%d ended, %d running, %d waiting of 3", total, v.Running(), v.Waiting())
			}
			for _, row := range v.Rows() {
				if o, ok := settled[row.Host]; ok && row.Outcome != o {
					t.Fatalf("%s went from %s to %s", row.Host, o, row.Outcome)
				}
				if row.Done && row.Outcome != Unknown {
					settled[row.Host] = row.Outcome
				}
			}
		}
	}
}

func done(seq int64, host, out string, exit int) []Event {
	o := OK
	if exit != 0 {
		o = Failed
	}
	return []Event{
		{Seq: seq, Host: host, Kind: HostStarted},
		{Seq: seq + 1, Host: host, Kind: Output, Data: []byte(out)},
		{Seq: seq + 2, Host: host, Kind: HostDone, Outcome: o, Exit: exit, HasExit: true, Elapsed: time.Second},
	}
}

func TestGroups(t *testing.T) {
	v := NewView(Job{Targets: targets(6)})
	v.Apply(done(1, "h01", "a\n", 0))
	v.Apply(done(4, "h02", "b\n", 0))
	v.Apply(done(7, "h03", "b\n", 0))
	v.Apply(done(10, "h04", "b\n", 1)) // equal output, another exit code: another group
	v.Apply([]Event{{Seq: 13, Host: "h05", Kind: HostDone, Outcome: Unreachable, Problem: "host_unreachable"}})
	g := v.Groups()
	if len(g) != 4 || fmt.Sprint(g[0].Hosts) != "[h02 h03]" || g[0].Exit != 0 {
		t.Fatalf("groups %+v", g)
	}
	if g[3].Outcome != Unreachable {
		t.Errorf("ties are not in target order: %+v", g)
	}
	if v.Waiting() != 1 {
		t.Errorf("%d waiting, want h06 alone", v.Waiting())
	}
	before := len(v.Output("h02"))
	v.Apply(done(4, "h02", "b\n", 0)) // an overlap after a reconnect
	if len(v.Output("h02")) != before || v.LastSeq() != 13 {
		t.Errorf("an overlap changed the view")
	}
}

func TestHeldOutputIsBounded(t *testing.T) {
	v := NewView(Job{Targets: targets(1)})
	chunk := make([]byte, 32<<10)
	v.Apply([]Event{{Seq: 1, Host: "h01", Kind: HostStarted}})
	for i := range 200 {
		v.Apply([]Event{{Seq: int64(i + 2), Host: "h01", Kind: Output, Data: chunk}})
	}
	if n := len(v.Output("h01")); n != maxHeld {
		t.Errorf("holds %d bytes, want %d", n, maxHeld)
	}
	if got := v.Row("h01").Bytes; got != 200*32<<10 {
		t.Errorf("counted %d bytes", got)
	}
}

// TestPlanHashCoversEverything changes one thing at a time: each gives another hash, also where text moves between
// neighbouring fields.
func TestPlanHashCoversEverything(t *testing.T) {
	base := func() Plan {
		return Plan{Module: "1001", ModuleHash: "m", Params: map[string]string{"a": "1", "b": "2"}, Targets: targets(2), Engine: "ssh", Danger: "low", Gate: GateNone, Rendered: "r"}
	}
	seen := map[string]string{}
	frame := base().Frame() // all but the parameters
	for name, change := range map[string]func(*Plan){
		"base":           func(*Plan) {},
		"module":         func(p *Plan) { p.Module = "1002" },
		"module hash":    func(p *Plan) { p.ModuleHash = "n" },
		"shifted":        func(p *Plan) { p.Module, p.ModuleHash = "100", "1m" },
		"param value":    func(p *Plan) { p.Params["a"] = "2" },
		"param name":     func(p *Plan) { p.Params = map[string]string{"a": "1", "c": "2"} },
		"param removed":  func(p *Plan) { delete(p.Params, "b") },
		"target removed": func(p *Plan) { p.Targets = p.Targets[:1] },
		"target address": func(p *Plan) { p.Targets[1].Addr = "10.0.0.2" },
		"engine":         func(p *Plan) { p.Engine = "salt" },
		"danger":         func(p *Plan) { p.Danger = "high" },
		"gate":           func(p *Plan) { p.Gate = GateConfirm },
		"task":           func(p *Plan) { p.Rendered = "s" },
	} {
		p := base()
		change(&p)
		if same := p.Frame() == frame; same != (name == "base" || strings.HasPrefix(name, "param ")) {
			t.Errorf("%s: the frame is the same: %v", name, same)
		}
		p.Seal()
		if other, ok := seen[p.Hash]; ok {
			t.Errorf("%s and %s have the same hash", name, other)
		}
		seen[p.Hash] = name
	}
	a, b := base(), base()
	a.Seal()
	b.Seal()
	if a.Hash != b.Hash {
		t.Error("the hash of equal plans differs")
	}
}
