package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"omanager/app/audit"
	"omanager/app/job"
	"omanager/rpc/client"
	v1 "omanager/rpc/omanager/v1"
	"omanager/rpc/omanager/v1/omanagerv1connect"
	"omanager/rpc/server"
)

func method(t *testing.T, name string) protoreflect.MethodDescriptor {
	t.Helper()
	for _, m := range methods() {
		if string(m.Name()) == name {
			return m
		}
	}
	t.Fatalf("no procedure %s", name)
	return nil
}

// TestA04WhatAnswersHold: a permitted list holds only what its reader may see. The control is root's, which holds all.
func TestA04WhatAnswersHold(t *testing.T) {
	h := openHouse(t, nil)
	for kind, want := range map[string]struct {
		servers, modules int // modules: -1 is the whole catalogue
		jobs             int // of boss's two
		decide           bool
	}{
		"demoted": {}, "manager": {}, "auditor": {}, "zhiban": {12, -1, 2, false}, "category": {8, -1, 1, true}, "app": {3, -1, 1, false},
		"server": {1, -1, 1, false}, "module": {12, 1, 2, false}, "approver": {12, 0, 2, true}, "root": {12, -1, 2, true},
	} {
		h.operator(kind)
		c := h.client(kind)
		inv, err := c.Inventory(t.Context())
		if err != nil || len(inv.Servers()) != want.servers {
			t.Errorf("%s sees %d servers, want %d (%v)", kind, len(inv.Servers()), want.servers, err)
		}
		if cats := len(inv.Categories()); (want.servers == 0) != (cats == 0) || want.servers < 12 && cats > 1 {
			t.Errorf("%s sees %d categories", kind, cats)
		}
		mods, _, err := c.Modules(t.Context())
		if err != nil || want.modules >= 0 && len(mods) != want.modules || want.modules < 0 && len(mods) < 20 {
			t.Errorf("%s sees %d modules, want %d (%v)", kind, len(mods), want.modules, err)
		}
		jobs, err := c.Jobs(t.Context(), 10)
		if err != nil || len(jobs) != want.jobs {
			t.Errorf("%s sees %d jobs, want %d (%v)", kind, len(jobs), want.jobs, err)
		}
		list, err := c.Approvals(t.Context(), false, 10)
		if err != nil || (len(list) == 1 && list[0].Decidable) != want.decide || !want.decide && len(list) > 0 {
			t.Errorf("%s sees %d approvals, may decide %v (%v)", kind, len(list), want.decide, err)
		}
	}
}

// TestA05SideURLs asks without a token by every path and verb that is not the API's own, and for what others may read by
// the API's own side ways. The control is a server whose doors are open.
func TestA05SideURLs(t *testing.T) {
	h := openHouse(t, nil)
	if hits := h.anonymous(); len(hits) > 0 {
		t.Errorf("answered without a token: %v", hits)
	}
	weak := server.DefaultPolicy()
	weak[omanagerv1connect.ControlServiceJobsProcedure] = server.Open
	if hits := openHouse(t, weak).anonymous(); !slices.Contains(hits, "POST "+omanagerv1connect.ControlServiceJobsProcedure) {
		t.Errorf("the open door of the control is not seen: %v", hits)
	}
	for _, kind := range []string{"category", "app", "manager", "auditor", "zhiban"} {
		h.operator(kind)
		c := h.client(kind)
		if _, _, err := c.Audit(t.Context(), audit.Query{}, true); (code(err) == "not_allowed") != (kind != "auditor") {
			t.Errorf("export of the operation log by %s: %v", kind, err)
		}
		err := c.Watch(t.Context(), h.onDB, 0, func([]job.Event) error { return nil }, nil)
		if want := map[bool]string{true: "none", false: "job_unknown"}[kind == "zhiban"]; code(err) != want {
			t.Errorf("watch of another's job on db01 by %s: %v, want %s", kind, err, want)
		}
	}
}

// anonymous gives what is answered with success without a token.
func (h *house) anonymous() (hits []string) {
	h.t.Helper()
	paths := []string{
		"/", "/metrics", "/healthz", "/debug/pprof/", "/debug/vars", "/omanager.db", "/assets/Serverinfo.xml", "/keys/boss.key", "/omserver.ini",
		"/v1/jobs/" + h.onWeb, "/export", "/audit.csv", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "/grpc.health.v1.Health/Check",
	}
	for _, m := range methods() {
		if server.DefaultPolicy()[procedure(m)] == server.Open {
			continue
		}
		p := procedure(m)
		paths = append(paths, p, p+"/", "/"+p, strings.ToLower(p), p+"?connect=v1&encoding=json&message=%7B%7D", p+"/../Jobs", p+"%00",
			"/omanager.v1.ControlService/Challenge/.."+p, "/omanager.v1.ControlService/Login;/"+string(m.Name()))
	}
	for _, p := range paths {
		for _, verb := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodHead, http.MethodOptions} {
			r, err := http.NewRequestWithContext(h.t.Context(), verb, "https://"+h.srv.Addr+p, strings.NewReader("{}"))
			if err != nil {
				continue // not even a URL
			}
			r.Header.Set("Content-Type", "application/json")
			res, err := (&http.Client{Transport: h.http.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
			if err != nil {
				h.t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode < 300 {
				hits = append(hits, verb+" "+p)
			}
		}
	}
	return hits
}

// tape writes down every request of a client.
type tape struct {
	next http.RoundTripper
	mu   sync.Mutex
	all  []taped
}

type taped struct {
	path   string
	header http.Header
	body   []byte
}

func (p *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.all = append(p.all, taped{r.URL.Path, r.Header.Clone(), body})
	p.mu.Unlock()
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return p.next.RoundTrip(r)
}

// replay sends what was recorded with another token and gives the answer's body if it is a success.
func (h *house) replay(q taped, token string) []byte {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, "https://"+h.srv.Addr+q.path, bytes.NewReader(q.body))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header = q.header.Clone()
	r.Header.Set("Authorization", "Bearer "+token)
	for _, name := range []string{"Accept-Encoding", "Connect-Accept-Encoding"} {
		r.Header.Set(name, "identity")
	}
	res, err := h.http.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		return nil
	}
	return body
}

// TestA06Replay records all that A says about web servers and replays it with the token of B, who has the databases, and
// as the control with root's.
func TestA06Replay(t *testing.T) {
	h := openHouse(t, nil)
	h.operator("category")
	h.operator("root")
	h.operator("zhiban")
	b := plainOperator("b", "2")
	h.put(b)
	rec := &tape{next: h.http.Transport}
	a := h.session("category", time.Hour)
	h.speak(&http.Client{Transport: rec}, a)
	if len(rec.all) < 12 {
		t.Fatalf("only %d requests recorded", len(rec.all))
	}
	secrets := [][]byte{[]byte("web01"), []byte("marker-of-a")}
	leaks := func(token string) (n int) {
		for _, q := range rec.all {
			if strings.HasSuffix(q.path, "/Logout") {
				continue
			}
			if body := h.replay(q, token); slices.ContainsFunc(secrets, func(s []byte) bool { return bytes.Contains(body, s) }) {
				n++
			}
		}
		return n
	}
	if n := leaks(h.session("b", time.Hour).Token); n > 0 {
		t.Errorf("%d replayed requests of A told B something", n)
	}
	if n := leaks(h.session("root", time.Hour).Token); n < 6 {
		t.Errorf("the control, root, was told something by %d only", n)
	}
	jobs, err := h.client("b").Jobs(t.Context(), 100)
	if err != nil || len(jobs) != 1 || jobs[0].ID != h.onDB {
		t.Errorf("B sees %d jobs, %v; want the one on its database", len(jobs), err)
	}
}

// speak says everything that an operator says about web01.
func (h *house) speak(hc *http.Client, s client.Session) {
	t, ctx := h.t, h.t.Context()
	c := omanagerv1connect.NewControlServiceClient(hc, "https://"+h.srv.Addr, connect.WithInterceptors(bearerOf(s.Token)))
	run := &v1.PlanRequest{Module: "1000", On: "web01", Params: map[string]string{"command": "echo marker-of-a"}}
	p, err := c.Plan(ctx, run)
	if err != nil {
		t.Fatal(err)
	}
	o := orderOf(h, s).(*v1.StartRequest) // of 1003; and the one with the marker
	_, err = c.Start(ctx, o)
	check(t, err)
	typed := client.Dial(h.srv.Addr, h.srv.Fingerprint)
	defer typed.Close()
	typed.Resume(s)
	id := client.NewJobID()
	_, err = typed.Start(ctx, client.Order{ID: id, On: "web01", Plan: job.Plan{Module: "1000", Params: run.Params, Hash: p.Hash}, Confirmed: true})
	check(t, err)
	for _, id := range []string{o.JobId, id} {
		w, err := c.Watch(ctx, &v1.WatchRequest{JobId: id})
		check(t, err)
		for w.Receive() {
		}
		check(t, w.Err())
		_, err = c.Job(ctx, &v1.JobRequest{JobId: id})
		check(t, err)
		_, err = c.Cancel(ctx, &v1.CancelRequest{JobId: id})
		check(t, err)
	}
	_, err = c.Jobs(ctx, &v1.JobsRequest{})
	check(t, err)
	_, err = c.Inventory(ctx, &v1.InventoryRequest{})
	check(t, err)
	_, err = c.Modules(ctx, &v1.ModulesRequest{})
	check(t, err)
	_, err = c.Approvals(ctx, &v1.ApprovalsRequest{})
	check(t, err)
	_, _ = c.RequestApproval(ctx, &v1.RequestApprovalRequest{Id: client.NewJobID(), Module: run.Module, On: run.On, Params: run.Params, PlanHash: p.Hash, Reason: "r"})
	_, _ = c.DecideApproval(ctx, &v1.DecideApprovalRequest{Id: h.approval}) // refused for want of a reason
}

// TestA06GuessedIDs: what B may not see does not exist for it, however its id is written. The control is root's look.
func TestA06GuessedIDs(t *testing.T) {
	h := openHouse(t, nil)
	h.put(plainOperator("b", "2"))
	h.operator("root")
	_, b := h.authorization("b")
	_, root := h.authorization("root")
	ids := []string{h.onWeb, strings.ToUpper(h.onWeb), " " + h.onWeb, h.onWeb + "\x00", "{" + h.onWeb + "}", "urn:uuid:" + h.onWeb, "%", "_", "*", "", "' or 1=1 -- ", strings.Repeat("a", 100_000)}
	for _, id := range ids {
		for name, q := range map[string]proto.Message{"Job": &v1.JobRequest{JobId: id}, "Watch": &v1.WatchRequest{JobId: id}, "Cancel": &v1.CancelRequest{JobId: id}} {
			if got := h.call(t.Context(), method(t, name), q, b); got != "job_unknown" {
				t.Errorf("%s of %.50q by B: %s", name, id, got)
			}
		}
	}
	if got := h.call(t.Context(), method(t, "DecideApproval"), &v1.DecideApprovalRequest{Id: h.approval, Approve: true}, b); got != "approval_unknown" {
		t.Errorf("B decides about a server it does not see: %s", got)
	}
	if got := h.call(t.Context(), method(t, "Job"), &v1.JobRequest{JobId: h.onWeb}, root); got != "ok" {
		t.Errorf("the control: %s", got)
	}
}

// TestA12DisguisedRequests: fields nobody knows, other places for a token, and other programs' names change no answer.
func TestA12DisguisedRequests(t *testing.T) {
	h := openHouse(t, nil)
	h.operator("zhiban")
	h.operator("root")
	s, duty := h.authorization("zhiban")
	rootSession, root := h.authorization("root")
	extra := protowire.AppendTag(nil, 777, protowire.BytesType)
	extra = protowire.AppendString(extra, "privileges=root")
	for name, want := range map[string]string{"Plan": "not_allowed", "Start": "not_allowed", "Operators": "not_allowed", "PutRole": "not_allowed", "Audit": "not_allowed"} {
		m := method(t, name)
		for way, o := range protocols() {
			q := rows()[name].request(h, s)
			q.ProtoReflect().SetUnknown(extra)
			if got := h.call(t.Context(), m, q, duty, o...); got != want {
				t.Errorf("%s with a strange field by %s: %s", name, way, got)
			}
			if got := h.call(t.Context(), m, q, ""); got != "session_expired" {
				t.Errorf("%s with a strange field by %s, no token: %s", name, way, got)
			}
			asRoot := rows()[name].request(h, rootSession) // the control: the same, allowed
			asRoot.ProtoReflect().SetUnknown(extra)
			if got := h.call(t.Context(), m, asRoot, root, o...); got == want || got == "session_expired" {
				t.Errorf("%s as root by %s: %s", name, way, got)
			}
		}
	}
	token := strings.TrimPrefix(root, "Bearer ")
	for what, header := range map[string][2]string{
		"cookie": {"Cookie", "token=" + token}, "basic": {"Authorization", "Basic " + token}, "bare": {"Authorization", token}, "lower": {"Authorization", "bearer " + token},
		"proxy": {"Proxy-Authorization", root}, "forwarded": {"X-Forwarded-User", "root"}, "agent": {"User-Agent", "omserver"}, "cert": {"X-Client-Cert-Verified", "SUCCESS"},
	} {
		if status := h.plain("/Operators", header, `{"privileges":"root","operator":"root","@type":"x","role":{"manage":["operators"]}}`); status == http.StatusOK {
			t.Errorf("%s opens the door", what)
		}
	}
	if status := h.plain("/Operators", [2]string{"Authorization", root}, `{"privileges":"root","n":[1,2,{}]}`); status != http.StatusOK {
		t.Errorf("the control: %d", status)
	}
	h.unknownChange(root)
}

// plain posts JSON by hand.
func (h *house) plain(name string, header [2]string, body string) int {
	h.t.Helper()
	if !json.Valid([]byte(body)) {
		h.t.Fatal("not JSON: " + body)
	}
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, "https://"+h.srv.Addr+"/omanager.v1.ControlService"+name, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(header[0], header[1])
	res, err := h.http.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// unknownChange: a kind of change that this server does not know changes nothing, and neither do unknown verbs of a role.
func (h *house) unknownChange(root string) {
	t := h.t
	t.Helper()
	before, err := h.store.Operator(t.Context(), "zhiban")
	check(t, err)
	strange := protowire.AppendTag(nil, 99, protowire.VarintType)
	strange = protowire.AppendVarint(strange, 1)
	q := &v1.ChangeOperatorRequest{Name: "zhiban"}
	q.ProtoReflect().SetUnknown(strange)
	if got := h.call(t.Context(), method(t, "ChangeOperator"), q, root); got != "change_missing" {
		t.Errorf("an unknown change: %s", got)
	}
	if after, err := h.store.Operator(t.Context(), "zhiban"); err != nil || after.Privileges != before.Privileges || after.Disabled {
		t.Errorf("it changed %+v, %v", after, err)
	}
	role := &v1.PutRoleRequest{Role: &v1.Role{Name: "r", Grants: []*v1.Grant{{Verbs: []string{"look", "sudo"}, Servers: []string{"*"}}}}}
	if got := h.call(t.Context(), method(t, "PutRole"), role, root); got != "role_verb" {
		t.Errorf("an unknown verb: %s", got)
	}
	if _, err := h.store.Role(t.Context(), "r"); err == nil {
		t.Error("it was stored")
	}
}

// bearerOf puts a token on every call.
type bearerOf string

func (b bearerOf) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, r connect.AnyRequest) (connect.AnyResponse, error) {
		r.Header().Set("Authorization", "Bearer "+string(b))
		return next(ctx, r)
	}
}

func (b bearerOf) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return func(ctx context.Context, s connect.Spec) connect.StreamingClientConn {
		c := next(ctx, s)
		c.RequestHeader().Set("Authorization", "Bearer "+string(b))
		return c
	}
}

func (b bearerOf) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return next
}
