package serve_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/engine/demo"
	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/app/rights"
	"omanager/data/store"
	"omanager/rpc/client"
	v1 "omanager/rpc/omanager/v1"
	"omanager/rpc/serve"
	"omanager/rpc/server"
)

// house is a control server in front of simulated servers, with its store beside it and operators of every kind. boss
// owns the jobs and the approval that the others try to reach.
type house struct {
	t     *testing.T
	srv   *serve.Server
	store store.Store
	http  *http.Client

	targets     []job.Target // of the job on web01
	onWeb, onDB string       // jobs of boss
	approval    string       // of boss, for web01, waiting
	planHash    string       // of 1003 on web01
}

// everyRole are the roles that the kinds of operators hold.
func everyRole() []rights.Role {
	run := func(module, server string) []rights.Grant {
		return []rights.Grant{{Verbs: []string{rights.Run}, Modules: []string{module}, Servers: []string{server}}}
	}
	return []rights.Role{
		{Name: "app", Grants: run(rights.Any, "app:www.example.com")},
		{Name: "server", Grants: run(rights.Any, "server:web01")},
		{Name: "module", Grants: run("1003", rights.Any)},
		{Name: "approver", Grants: []rights.Grant{{Verbs: []string{rights.Approve}, Modules: []string{rights.Any}, Servers: []string{rights.Any}}}},
		{Name: "manager", Manage: []string{rights.ManageOperators}},
		{Name: "auditor", Manage: []string{rights.ManageAudit}},
	}
}

// privileges of the kinds whose rights do not come from a role of their name.
func privilegesOf(kind string) (privileges string, role bool) {
	switch kind {
	case "root", "boss", "loggedout", "expired", "onetime", "disabled":
		return "root", false
	case "zhiban":
		return "zhiban", false
	case "category":
		return "1", false
	case "demoted":
		return "", false
	}
	return "", true
}

func openHouse(t *testing.T, policy server.Policy) *house {
	t.Helper()
	fleet, err := demo.Start(12)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fleet.Close)
	engine, err := fleet.Engine()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, engine.Close()) })
	dir := filepath.Join(t.TempDir(), "data")
	if _, err := serve.Init(t.Context(), dir, "boss", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	option, servers := inventory.Marshal(inventory.New(fleet.Inventory()))
	check(t, os.WriteFile(filepath.Join(dir, "assets", "ServerOptioninfo.xml"), option, 0o600))
	check(t, os.WriteFile(filepath.Join(dir, "assets", "Serverinfo.xml"), servers, 0o600))
	h := &house{t: t}
	if h.srv, err = serve.Open(t.Context(), serve.WithPolicy(serve.Options{Dir: dir, Engine: engine}, policy)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, h.srv.Close()) })
	if h.store, err = store.OpenSQLite(t.Context(), filepath.Join(dir, "omanager.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, h.store.Close()) })
	h.http = client.HTTPClient(h.srv.Addr, h.srv.Fingerprint)
	t.Cleanup(h.http.CloseIdleConnections)
	for _, r := range everyRole() {
		check(t, h.store.PutRole(t.Context(), r))
	}
	if policy == nil { // else nobody is who it says
		h.furnish()
	}
	return h
}

// furnish makes what belongs to boss.
func (h *house) furnish() {
	h.t.Helper()
	h.operator("boss")
	boss := h.client("boss")
	for on, id := range map[string]*string{"web01": &h.onWeb, "db01": &h.onDB} {
		p, err := boss.Plan(h.t.Context(), job.Request{Module: "1003", On: on})
		if err != nil {
			h.t.Fatal(err)
		}
		*id = client.NewJobID()
		j, err := boss.Start(h.t.Context(), client.Order{ID: *id, On: on, Plan: p, Confirmed: true})
		if err != nil {
			h.t.Fatal(err)
		}
		check(h.t, boss.Watch(h.t.Context(), j.ID, 0, func([]job.Event) error { return nil }, nil))
		if on == "web01" {
			h.targets, h.planHash = p.Targets, p.Hash
		}
	}
	h.approval = client.NewJobID()
	check(h.t, h.store.PutApproval(h.t.Context(), job.Approval{
		ID: h.approval, Operator: "boss", Module: "1003", On: "web01", Targets: h.targets, PlanHash: h.planHash, Frame: "f", Reason: "r",
		State: job.ApprovalPending, Created: time.Now(), Expires: time.Now().Add(time.Hour),
	}, audit.Entry{Time: time.Now(), Event: audit.EventAskApproval}))
}

// operator stores an operator of the kind; its name is the kind's.
func (h *house) operator(kind string) {
	h.t.Helper()
	privileges, role := privilegesOf(kind)
	o := account.Operator{Name: kind, Privileges: privileges, Created: time.Now(), OneTime: kind == "onetime", Disabled: kind == "disabled"}
	if role {
		o.Roles = []string{kind}
	}
	h.put(o)
}

func (h *house) put(o account.Operator) {
	h.t.Helper()
	if err := h.store.PutOperator(h.t.Context(), o); err != nil {
		h.t.Fatal(err)
	}
}

// session stores a session of the operator that ends after a while, as a login would have made it.
func (h *house) session(operator string, life time.Duration) client.Session {
	h.t.Helper()
	token, key := make([]byte, 32), make([]byte, 32)
	_, _ = rand.Read(token)
	_, _ = rand.Read(key)
	hash, now := sha256.Sum256(token), time.Now()
	if err := h.store.PutSession(h.t.Context(), account.Session{
		TokenHash: hash[:], Operator: operator, EnvelopeKey: key, Created: now, LastUsed: now, Expires: now.Add(life),
	}); err != nil {
		h.t.Fatal(err)
	}
	return client.Session{
		Operator: operator, Server: h.srv.Fingerprint, Token: base64.RawURLEncoding.EncodeToString(token), EnvelopeKey: key, Expires: now.Add(life),
	}
}

// client is the typed client, logged in as the operator.
func (h *house) client(operator string) *client.Client {
	h.t.Helper()
	c := client.Dial(h.srv.Addr, h.srv.Fingerprint)
	h.t.Cleanup(c.Close)
	c.Resume(h.session(operator, time.Hour))
	return c
}

// protocols are the ways in which the API is spoken.
func protocols() map[string][]connect.ClientOption {
	return map[string][]connect.ClientOption{
		"connect": nil, "grpc": {connect.WithGRPC()}, "grpc-web": {connect.WithGRPCWeb()}, "json": {connect.WithProtoJSON()},
	}
}

func methods() []protoreflect.MethodDescriptor {
	var out []protoreflect.MethodDescriptor
	services := v1.File_omanager_v1_omanager_proto.Services()
	for i := range services.Len() {
		for j := range services.Get(i).Methods().Len() {
			out = append(out, services.Get(i).Methods().Get(j))
		}
	}
	return out
}

func procedure(m protoreflect.MethodDescriptor) string {
	return "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
}

// call sends a request without the typed client: what an attacker would. It gives "ok" or the problem's code, and
// connect's code where there is no problem.
func (h *house) call(ctx context.Context, m protoreflect.MethodDescriptor, req proto.Message, authorization string, o ...connect.ClientOption) string {
	h.t.Helper()
	raw, err := proto.Marshal(req)
	if err != nil {
		h.t.Fatal(err)
	}
	msg := dynamicpb.NewMessage(m.Input())
	if err := proto.Unmarshal(raw, msg); err != nil {
		h.t.Fatal(err)
	}
	o = append(o, connect.WithSchema(m), connect.WithResponseInitializer(func(_ connect.Spec, res any) error {
		*res.(*dynamicpb.Message) = *dynamicpb.NewMessage(m.Output())
		return nil
	}))
	c := connect.NewClient[dynamicpb.Message, dynamicpb.Message](h.http, "https://"+h.srv.Addr+procedure(m), o...)
	r := connect.NewRequest(msg)
	if authorization != "" {
		r.Header().Set("Authorization", authorization)
	}
	if !m.IsStreamingServer() {
		_, err := c.CallUnary(ctx, r)
		return outcome(err)
	}
	stream, err := c.CallServerStream(ctx, r)
	if err != nil {
		return outcome(err)
	}
	defer func() { _ = stream.Close() }()
	for stream.Receive() {
	}
	return outcome(stream.Err())
}

func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	ce, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return err.Error()
	}
	for _, d := range ce.Details() {
		if v, err := d.Value(); err == nil {
			if e, ok := v.(*v1.ErrorDetail); ok {
				return e.Code
			}
		}
	}
	return strings.ToLower(ce.Code().String())
}
