package serve_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"omanager/app/account"
	"omanager/app/job"
	"omanager/app/rights"
	"omanager/rpc/client"
)

func plainOperator(name, privileges string, roles ...string) account.Operator {
	return account.Operator{Name: name, Privileges: privileges, Roles: roles, Created: time.Now()}
}

// watching is an operator who watches the running job of boss.
type watching struct {
	client *client.Client
	ended  chan error
	seen   chan struct{} // closed with the first events
	stop   context.CancelFunc
}

func (h *house) watching(name, id string) *watching {
	h.t.Helper()
	ctx, stop := context.WithTimeout(h.t.Context(), 10*time.Minute) // ends a hang; the test waits for the end itself
	w := &watching{client: h.client(name), ended: make(chan error, 1), seen: make(chan struct{}), stop: stop}
	h.t.Cleanup(stop)
	go func() {
		first := true
		w.ended <- w.client.Watch(ctx, id, 0, func([]job.Event) error {
			if first {
				close(w.seen)
				first = false
			}
			return nil
		}, nil)
	}()
	select {
	case <-w.seen:
	case err := <-w.ended:
		h.t.Fatalf("the watch of %s ended at once: %v", name, err)
	}
	return w
}

// longJob is a job of boss that runs until it is cancelled.
func (h *house) longJob() (boss *client.Client, id string) {
	h.t.Helper()
	boss = h.client("boss")
	p, err := boss.Plan(h.t.Context(), job.Request{Module: "1000", On: "web01", Params: map[string]string{"command": "sleep 600"}})
	if err != nil {
		h.t.Fatal(err)
	}
	id = client.NewJobID()
	if _, err := boss.Start(h.t.Context(), client.Order{ID: id, On: "web01", Plan: p, Confirmed: true}); err != nil {
		h.t.Fatal(err)
	}
	return boss, id
}

// TestA11RevokedAtOnce takes something away from operators who have an open session and watch a running job: their next
// message is refused and their watch ends. The control is a watcher of whom nothing is taken: it goes on.
func TestA11RevokedAtOnce(t *testing.T) {
	h := openHouse(t, nil)
	boss, id := h.longJob()
	look := func(name string) rights.Role {
		return rights.Role{Name: name, Grants: []rights.Grant{{Verbs: []string{rights.Look}, Servers: []string{"server:web01"}}}}
	}
	nothing := func(name string) rights.Role { return rights.Role{Name: name} }
	cases := []struct {
		name, next, watch string // the answers to the next message and to the watch
		take              func(name string) error
	}{
		{"disabled1", "session_expired", "session_expired", func(n string) error { return boss.SetDisabled(t.Context(), n, true) }},
		{"demoted1", "session_expired", "session_expired", func(n string) error { return boss.SetRights(t.Context(), n, "", nil) }},
		{"newkey1", "session_expired", "session_expired", func(n string) error { _, err := boss.NewKey(t.Context(), n); return err }},
		{"newpass1", "session_expired", "session_expired", func(n string) error { _, err := boss.NewPassword(t.Context(), n); return err }},
		{"role1", "session_expired", "session_expired", func(n string) error { return boss.PutRole(t.Context(), nothing(n)) }},
		{"store1", "job_unknown", "not_allowed", func(n string) error { return h.store.PutRole(t.Context(), nothing(n)) }},
		{"outside1", "session_expired", "session_expired", func(n string) error { // what omserver operator disable does
			return account.Admin{Store: h.store, Now: time.Now}.SetDisabled(t.Context(), n, true)
		}},
		{"control1", "none", "", func(string) error { return nil }},
	}
	watches := map[string]*watching{}
	for _, c := range cases {
		check(t, h.store.PutRole(t.Context(), look(c.name)))
		h.put(plainOperator(c.name, "", c.name))
		watches[c.name] = h.watching(c.name, id)
	}
	loggedOut := h.watching("control1", id)
	for _, c := range cases {
		check(t, c.take(c.name))
		taken := time.Now()
		_, err := watches[c.name].client.Job(t.Context(), id)
		if code(err) != c.next {
			t.Errorf("%s: the next message gives %v, want %s", c.name, err, c.next)
		}
		if c.watch == "" {
			continue
		}
		// A watch that looks again between the change and the end of the sessions is told the former.
		if err := <-watches[c.name].ended; code(err) != c.watch && code(err) != "not_allowed" {
			t.Errorf("%s: the watch ended with %v, want %s", c.name, err, c.watch)
		}
		t.Logf("%s: out after %s", c.name, time.Since(taken).Round(time.Millisecond))
	}
	token := loggedOut.client.Session()
	check(t, loggedOut.client.Logout(t.Context()))
	if err := <-loggedOut.ended; code(err) != "session_expired" {
		t.Errorf("logged out: the watch ended with %v", err)
	}
	loggedOut.client.Resume(token)
	if _, err := loggedOut.client.Job(t.Context(), id); code(err) != "session_expired" {
		t.Errorf("logged out: the next message gives %v", err)
	}
	select { // the control has been watching all the time
	case err := <-watches["control1"].ended:
		t.Errorf("the control's watch ended: %v", err)
	default:
	}
	check(t, boss.Cancel(t.Context(), id))
	if err := <-watches["control1"].ended; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("the control's watch ended with %v", err)
	}
}
