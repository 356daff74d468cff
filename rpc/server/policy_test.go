package server

import (
	"testing"

	"omanager/app/control"
	v1 "omanager/rpc/omanager/v1"
)

// procedures lists what the protocol has, by reflection.
func procedures(t *testing.T) []string {
	t.Helper()
	var out []string
	services := v1.File_omanager_v1_omanager_proto.Services()
	for i := range services.Len() {
		for j := range services.Get(i).Methods().Len() {
			m := services.Get(i).Methods().Get(j)
			out = append(out, "/"+string(services.Get(i).FullName())+"/"+string(m.Name()))
		}
	}
	if len(out) < 20 {
		t.Fatalf("only %d procedures are found", len(out))
	}
	return out
}

// missing lists procedures without a row, and rows without a procedure.
func missing(t *testing.T, p Policy) []string {
	t.Helper()
	var out []string
	known := map[string]bool{}
	for _, name := range procedures(t) {
		known[name] = true
		if p[name] == Nobody {
			out = append(out, name)
		}
	}
	for name := range p {
		if !known[name] {
			out = append(out, name)
		}
	}
	return out
}

// TestA03EveryProcedureHasARow: a new procedure without a decision who may call it fails here, and is refused meanwhile.
func TestA03EveryProcedureHasARow(t *testing.T) {
	if m := missing(t, DefaultPolicy()); len(m) > 0 {
		t.Errorf("no row, or no procedure: %v", m)
	}
	for _, name := range procedures(t) { // the control: each row that is taken away is missed
		p := DefaultPolicy()
		delete(p, name)
		if m := missing(t, p); len(m) != 1 || m[0] != name {
			t.Errorf("without the row of %s: %v", name, m)
		}
		s := &Server{Control: &control.Control{}, Policy: p}
		if _, err := s.admit(t.Context(), name, "Bearer x", ""); err == nil {
			t.Errorf("%s is answered without a row", name)
		}
	}
}
