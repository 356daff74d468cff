package serve_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"omanager/rpc/client"
	"omanager/rpc/envelope"
	v1 "omanager/rpc/omanager/v1"
	"omanager/rpc/server"
)

// strangers have no session that counts; the others have one each.
func strangers() []string { return []string{"none", "garbage", "expired", "loggedout", "disabled"} }

func members() []string {
	return []string{"demoted", "zhiban", "category", "app", "server", "module", "approver", "manager", "auditor", "root"}
}

// row is what the matrix sends to a procedure and what it answers to whom the policy lets in: the code in answers, else
// the one under "". Who the policy does not let in gets the policy's answer.
type row struct {
	request func(h *house, s client.Session) proto.Message
	answers map[string]string
}

// to spells the answers of a row: pairs of a code and the kinds that get it; the first pair's code is for all others.
func to(otherwise string, pairs ...any) map[string]string {
	out := map[string]string{"": otherwise}
	for i := 0; i+1 < len(pairs); i += 2 {
		for _, kind := range pairs[i+1].([]string) {
			out[kind] = pairs[i].(string)
		}
	}
	return out
}

func fixed(m proto.Message) func(*house, client.Session) proto.Message {
	return func(*house, client.Session) proto.Message { return m }
}

// rows has every procedure.
func rows() map[string]row {
	seers := []string{"zhiban", "category", "app", "server", "module", "approver", "root"}
	runners := []string{"category", "app", "server", "module", "root"}
	onWeb := func(f func(id string) proto.Message) func(*house, client.Session) proto.Message {
		return func(h *house, _ client.Session) proto.Message { return f(h.onWeb) }
	}
	return map[string]row{
		"Challenge": {fixed(&v1.ChallengeRequest{}), to("ok")},
		"Login":     {fixed(&v1.LoginRequest{Operator: "root"}), to("login_refused")},
		"Logout":    {fixed(&v1.LogoutRequest{}), to("ok")},
		"Inventory": {fixed(&v1.InventoryRequest{}), to("ok")},
		"Modules":   {fixed(&v1.ModulesRequest{}), to("ok")},
		"Plan":      {fixed(&v1.PlanRequest{Module: "1003", On: "web01"}), to("not_allowed", "ok", runners)},
		"Start":     {orderOf, to("not_allowed", "ok", runners)},
		"Watch":     {onWeb(func(id string) proto.Message { return &v1.WatchRequest{JobId: id} }), to("job_unknown", "ok", seers)},
		"Jobs":      {fixed(&v1.JobsRequest{}), to("ok")},
		"Job":       {onWeb(func(id string) proto.Message { return &v1.JobRequest{JobId: id} }), to("job_unknown", "ok", seers)},
		"Cancel": {
			onWeb(func(id string) proto.Message { return &v1.CancelRequest{JobId: id} }),
			to("job_unknown", "not_allowed", []string{"zhiban", "approver"}, "ok", runners),
		},
		"ChangePassword": {fixed(&v1.ChangePasswordRequest{Old: "x", New: "short"}), to("password_weak")},
		"Operators":      {fixed(&v1.OperatorsRequest{}), to("ok")},
		"AddOperator":    {fixed(&v1.AddOperatorRequest{Name: "no name"}), to("operator_name")},
		"ChangeOperator": {fixed(&v1.ChangeOperatorRequest{Name: "root"}), to("change_missing")},
		"Roles":          {fixed(&v1.RolesRequest{}), to("ok")},
		"PutRole":        {fixed(&v1.PutRoleRequest{}), to("role_name")},
		"DeleteRole":     {fixed(&v1.DeleteRoleRequest{Name: "nothere"}), to("role_unknown")},
		"RequestApproval": {func(h *house, _ client.Session) proto.Message {
			return &v1.RequestApprovalRequest{Id: client.NewJobID(), Module: "1003", On: "web01", PlanHash: h.planHash, Reason: "r"}
		}, to("not_allowed", "approval_not_needed", runners)},
		"Approvals": {fixed(&v1.ApprovalsRequest{}), to("ok")},
		"DecideApproval": { // a refusal without a reason: whoever may decide is asked for it, and nothing is decided
			func(h *house, _ client.Session) proto.Message { return &v1.DecideApprovalRequest{Id: h.approval} },
			to("approval_unknown", "approval_not_allowed", seers, "approval_reason", []string{"category", "approver", "root"}),
		},
		"Audit":      {fixed(&v1.AuditRequest{Limit: 1}), to("ok")},
		"Checkpoint": {fixed(&v1.CheckpointRequest{}), to("ok")},
	}
}

// orderOf is a sealed job of 1003 on web01.
func orderOf(h *house, s client.Session) proto.Message {
	r := &v1.StartRequest{JobId: client.NewJobID()}
	plain, err := proto.Marshal(&v1.SealedJob{Module: "1003", On: "web01", PlanHash: h.planHash, Confirmed: true})
	if err != nil {
		h.t.Fatal(err)
	}
	if len(s.EnvelopeKey) == 0 {
		return r
	}
	if r.Envelope, err = envelope.Seal(s.EnvelopeKey, envelope.Binding{Operator: s.Operator, Server: s.Server, JobID: r.JobId}, time.Now(), plain); err != nil {
		h.t.Fatal(err)
	}
	return r
}

// wanted derives the answer from the real policy and the row.
func wanted(a server.Admission, r row, kind string) string {
	answer := func() string {
		if code, ok := r.answers[kind]; ok {
			return code
		}
		return r.answers[""]
	}
	manages := func(who string) string {
		if kind == "root" || kind == who {
			return answer()
		}
		return "not_allowed"
	}
	switch {
	case a == server.Open:
		return answer()
	case slices.Contains(strangers(), kind):
		return "session_expired"
	case kind == "onetime" && a != server.First:
		return "password_change_needed"
	case a == server.Operators:
		return manages("manager")
	case a == server.Audit:
		return manages("auditor")
	default:
		return answer()
	}
}

// authorization makes a session of the kind and its header.
func (h *house) authorization(kind string) (client.Session, string) {
	h.t.Helper()
	life := time.Hour
	switch kind {
	case "none":
		return client.Session{}, ""
	case "garbage":
		return client.Session{}, "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	case "expired":
		life = -time.Second
	}
	s := h.session(kind, life)
	if kind == "loggedout" {
		c := client.Dial(h.srv.Addr, h.srv.Fingerprint)
		defer c.Close()
		c.Resume(s)
		check(h.t, c.Logout(h.t.Context()))
	}
	return s, "Bearer " + s.Token
}

// differences calls every procedure as every kind and gives where the answer is not the wanted one.
func (h *house) differences(kinds []string, ways []string) (out map[string]string, cells int) {
	h.t.Helper()
	out = map[string]string{}
	for _, kind := range kinds {
		session, header := h.authorization(kind)
		for _, m := range methods() {
			name := string(m.Name())
			r, ok := rows()[name]
			if !ok {
				out[name] = "has no row in the matrix"
				continue
			}
			for _, way := range ways {
				if name == "Logout" || name == "Login" {
					session, header = h.authorization(kind)
				}
				cells++
				got := h.call(h.t.Context(), m, r.request(h, session), header, protocols()[way]...)
				if want := wanted(server.DefaultPolicy()[procedure(m)], r, kind); got != want && !busyLogin(name, got) {
					out[name+" as "+kind+" by "+way] = got + ", want " + want
				}
				if name == "Logout" {
					session, header = h.authorization(kind)
				}
			}
		}
	}
	return out, cells
}

// busyLogin: the many refused logins of the matrix are throttled like everybody's.
func busyLogin(procedure, got string) bool { return procedure == "Login" && got == "login_busy" }

// TestA03A04Matrix: every procedure by every kind of caller in every protocol; each answer is the policy's.
func TestA03A04Matrix(t *testing.T) {
	h := openHouse(t, nil)
	kinds := slices.Concat(strangers(), []string{"onetime"}, members())
	for _, kind := range kinds {
		if kind != "none" && kind != "garbage" {
			h.operator(kind)
		}
	}
	ways := slices.Sorted(maps.Keys(protocols()))
	diffs, cells := h.differences(kinds, ways)
	for _, where := range slices.Sorted(maps.Keys(diffs)) {
		t.Errorf("%s: %s", where, diffs[where])
	}
	if want := len(kinds) * len(ways) * len(methods()); cells != want {
		t.Errorf("%d cells, want %d", cells, want)
	}
	t.Logf("%d procedures, %d kinds of callers, %d protocols, %d answers", len(methods()), len(kinds), len(ways), cells)
}

// TestA03MatrixSeesAnOpenDoor is the control: with every door open the matrix tells of each.
func TestA03MatrixSeesAnOpenDoor(t *testing.T) {
	weak := server.DefaultPolicy()
	for p := range weak {
		weak[p] = server.Open
	}
	h := openHouse(t, weak)
	diffs, _ := h.differences([]string{"none"}, []string{"connect"})
	for _, m := range methods() {
		_, seen := diffs[string(m.Name())+" as none by connect"]
		if want := server.DefaultPolicy()[procedure(m)] != server.Open; seen != want {
			t.Errorf("%s without a token: difference seen %v, want %v", m.Name(), seen, want)
		}
	}
}

// TestA04MatrixSeesLostRights is the control: operators who are given all rights behind the matrix's back are seen in every
// row that refuses anybody.
func TestA04MatrixSeesLostRights(t *testing.T) {
	h := openHouse(t, nil)
	for _, kind := range members() {
		h.operator(kind)
		o, err := h.store.Operator(t.Context(), kind)
		check(t, err)
		o.Privileges = "root"
		h.put(o)
	}
	for _, kind := range members() {
		diffs, _ := h.differences([]string{kind}, []string{"grpc"})
		for _, m := range methods() {
			r := rows()[string(m.Name())]
			policy := server.DefaultPolicy()[procedure(m)]
			_, seen := diffs[string(m.Name())+" as "+kind+" by grpc"]
			if want := wanted(policy, r, kind) != wanted(policy, r, "root"); seen != want {
				t.Errorf("%s as %s with all rights: difference seen %v, want %v", m.Name(), kind, seen, want)
			}
		}
	}
}
