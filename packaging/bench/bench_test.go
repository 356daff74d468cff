package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"omanager/app/engine/enginetest/openssh"
)

// made is a contender whose answers are made up.
type made struct {
	title      string
	good, runs int
	prepared   []bool
}

func (m *made) name() string { return m.title }

func (m *made) prepare(_ context.Context, warm bool) error {
	m.prepared = append(m.prepared, warm)
	return nil
}

func (m *made) run(context.Context, bool) (int, error) {
	m.runs++
	return m.good, nil
}

func TestARunWithTooFewAnswersIsNoFigure(t *testing.T) {
	_, err := measure(t.Context(), options{servers: 100, rounds: 3}, []contender{&made{title: "fast", good: 99}}, false)
	if err == nil || !strings.Contains(err.Error(), "99 of 100") {
		t.Errorf("measure said %v, want that 99 of 100 answered", err)
	}
}

func TestEveryRoundCountsButTheFirst(t *testing.T) {
	cold, warm := &made{title: "a", good: 5}, &made{title: "b", good: 5}
	for state, m := range map[bool]*made{false: cold, true: warm} {
		times, err := measure(t.Context(), options{servers: 5, rounds: 4}, []contender{m}, state)
		if err != nil {
			t.Fatal(err)
		}
		if len(times[m.title]) != 4 || m.runs != 5 {
			t.Errorf("%d figures of %d runs, want 4 of 5", len(times[m.title]), m.runs)
		}
	}
	if len(cold.prepared) != 5 || len(warm.prepared) != 1 {
		t.Errorf("prepared %d times cold and %d warm, want 5 and 1", len(cold.prepared), len(warm.prepared))
	}
}

func TestFastestPeerLeavesOursOut(t *testing.T) {
	name, best := fastestPeer(map[string][]time.Duration{
		ours: {1}, "slow": {40, 50, 60}, "quick": {30, 10, 20},
	})
	if name != "quick" || best != 20 {
		t.Errorf("fastest is %s with %d, want quick with its median 20", name, best)
	}
}

// Every peer that is installed must really reach the servers, cold and with kept connections; and when a server
// refuses, it must not be counted.
func TestPeersAreCountedRight(t *testing.T) {
	const n = 3
	r, err := newRig(t.Context(), n)
	if errors.Is(err, openssh.ErrMissing) {
		t.Skipf("no OpenSSH here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	}()
	found, missing := peers(r)
	if len(missing) > 0 {
		t.Logf("not installed, so not tried: %v", missing)
	}
	for _, p := range found {
		for _, warm := range []bool{false, true} {
			if good, err := p.run(t.Context(), warm); err != nil || good != n {
				t.Errorf("%s, warm %v: %d of %d answered, %v", p.name(), warm, good, n, err)
			}
		}
	}
	r.servers.Addrs = append(r.servers.Addrs, "127.0.1.250") // nobody listens there
	for _, p := range found {
		if good, _ := p.run(t.Context(), false); good != n {
			t.Errorf("%s counts %d answers of %d servers, one of which is not there", p.name(), good, n)
		}
	}
}
