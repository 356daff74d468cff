package job

import "slices"

// HostState is where one target is: waiting, running, or ended in an outcome.
type HostState string

// The states before an outcome; an ended host's state is its outcome.
const (
	HostWaiting HostState = "waiting"
	HostRunning HostState = "running"
)

// transitions is the one table: from a state, which kinds of event may come. Waiting hosts may end without having
// run (unreachable, not started, cancelled). Unknown is the one outcome that may be settled by a later HostDone.
func transitions() map[HostState][]Kind {
	t := map[HostState][]Kind{
		HostWaiting:        {HostStarted, HostDone},
		HostRunning:        {Output, HostDone},
		HostState(Unknown): {HostDone},
	}
	for _, o := range Outcomes() {
		if o != Unknown {
			t[HostState(o)] = nil
		}
	}
	return t
}

// Next reports whether an event of the kind may happen to a host in the state.
func Next(s HostState, k Kind) bool {
	return slices.Contains(transitions()[s], k)
}

// StateOf gives a row's state.
func StateOf(r *HostView) HostState {
	switch {
	case r.Done:
		return HostState(r.Outcome)
	case r.Running:
		return HostRunning
	default:
		return HostWaiting
	}
}
