// Package convert is the one place where wire messages become the program's types and back; client and server use the
// same functions, so a field cannot exist on one side only.
package convert

import (
	"time"

	"omanager/app/inventory"
	"omanager/app/job"
	v1 "omanager/rpc/omanager/v1"
)

// Inventory gives the wire form of what an operator may see.
func Inventory(inv *inventory.Inventory) ([]*v1.Category, []*v1.Server) {
	var cats []*v1.Category
	for _, c := range inv.Categories() {
		cats = append(cats, &v1.Category{Id: c.ID, Name: c.Name, Level: string(c.Level)})
	}
	servers := make([]*v1.Server, 0, len(inv.Servers()))
	for _, s := range inv.Servers() {
		servers = append(servers, &v1.Server{
			Id: s.ID, Ip: s.IP, Serial: s.Serial, Wip: s.WIP, Lip: s.LIP, Os: s.OS, App: s.App, Locate: s.Locate,
			CategoryId: s.CategoryID, Address: s.Address, Port: int32(s.Port),
		})
	}
	return cats, servers
}

// InventoryFromWire is the client's view; login users, jump hosts and host keys stay on the server.
func InventoryFromWire(r *v1.InventoryResponse) *inventory.Inventory {
	cats := make([]inventory.Category, 0, len(r.Categories))
	for _, c := range r.Categories {
		cats = append(cats, inventory.Category{ID: c.Id, Name: c.Name, Level: inventory.Level(c.Level)})
	}
	servers := make([]inventory.Server, 0, len(r.Servers))
	for _, s := range r.Servers {
		servers = append(servers, inventory.Server{
			ID: s.Id, IP: s.Ip, Serial: s.Serial, WIP: s.Wip, LIP: s.Lip, OS: s.Os, App: s.App, Locate: s.Locate,
			CategoryID: s.CategoryId, Address: s.Address, Port: int(s.Port),
		})
	}
	return inventory.New(cats, servers)
}

// PlanToWire gives the wire form of a plan.
func PlanToWire(p job.Plan) *v1.PlanResponse {
	return &v1.PlanResponse{
		Module: p.Module, Title: p.Title, ModuleHash: p.ModuleHash, Params: p.Params, Targets: targetsToWire(p.Targets),
		Engine: p.Engine, Danger: p.Danger, Gate: string(p.Gate), Rendered: p.Rendered, Hash: p.Hash,
	}
}

// PlanFromWire is the inverse of PlanToWire.
func PlanFromWire(p *v1.PlanResponse) job.Plan {
	return job.Plan{
		Module: p.Module, Title: p.Title, ModuleHash: p.ModuleHash, Params: p.Params, Targets: targetsFromWire(p.Targets),
		Engine: p.Engine, Danger: p.Danger, Gate: job.Gate(p.Gate), Rendered: p.Rendered, Hash: p.Hash,
	}
}

func targetsToWire(ts []job.Target) []*v1.Target {
	out := make([]*v1.Target, len(ts))
	for i, t := range ts {
		out[i] = &v1.Target{Host: t.Host, Addr: t.Addr, Category: t.Category, App: t.App, Reason: t.Reason}
	}
	return out
}

func targetsFromWire(ts []*v1.Target) []job.Target {
	out := make([]job.Target, len(ts))
	for i, t := range ts {
		out[i] = job.Target{Host: t.Host, Addr: t.Addr, Category: t.Category, App: t.App, Reason: t.Reason}
	}
	return out
}

// JobToWire gives the wire form of a job.
func JobToWire(j job.Job) *v1.Job {
	w := &v1.Job{
		Id: j.ID, Operator: j.Operator, Module: j.Module, Title: j.Title, ModuleHash: j.ModuleHash, PlanHash: j.PlanHash,
		Params: j.Params, Engine: j.Engine, Danger: j.Danger, Targets: targetsToWire(j.Targets), State: string(j.State),
		CreatedMs: millis(j.Created), StartedMs: millis(j.Started), EndedMs: millis(j.Ended), Counts: map[string]int32{},
	}
	for o, n := range j.Counts {
		w.Counts[string(o)] = int32(n)
	}
	return w
}

// JobFromWire is the inverse of JobToWire.
func JobFromWire(w *v1.Job) job.Job {
	j := job.Job{
		ID: w.Id, Operator: w.Operator, Module: w.Module, Title: w.Title, ModuleHash: w.ModuleHash, PlanHash: w.PlanHash,
		Params: w.Params, Engine: w.Engine, Danger: w.Danger, Targets: targetsFromWire(w.Targets), State: job.State(w.State),
		Created: moment(w.CreatedMs), Started: moment(w.StartedMs), Ended: moment(w.EndedMs), Counts: map[job.Outcome]int{},
	}
	for o, n := range w.Counts {
		j.Counts[job.Outcome(o)] = int(n)
	}
	return j
}

// EventsToWire gives the wire form of events; the job's id is the stream's and is not repeated.
func EventsToWire(ev []job.Event) []*v1.Event {
	out := make([]*v1.Event, len(ev))
	for i, e := range ev {
		out[i] = &v1.Event{
			Host: e.Host, Seq: e.Seq, Kind: string(e.Kind), TimeMs: millis(e.Time), Stream: e.Stream, Data: e.Data,
			Outcome: string(e.Outcome), Exit: int32(e.Exit), HasExit: e.HasExit, ElapsedUs: e.Elapsed.Microseconds(),
			Problem: e.Problem, Args: e.Args,
		}
	}
	return out
}

// EventsFromWire is the inverse of EventsToWire.
func EventsFromWire(id string, ws []*v1.Event) []job.Event {
	out := make([]job.Event, len(ws))
	for i, w := range ws {
		out[i] = job.Event{
			Job: id, Host: w.Host, Seq: w.Seq, Kind: job.Kind(w.Kind), Time: moment(w.TimeMs), Stream: w.Stream, Data: w.Data,
			Outcome: job.Outcome(w.Outcome), Exit: int(w.Exit), HasExit: w.HasExit,
			Elapsed: time.Duration(w.ElapsedUs) * time.Microsecond, Problem: w.Problem, Args: w.Args,
		}
	}
	return out
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
