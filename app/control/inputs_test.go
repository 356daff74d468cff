package control_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"omanager/app/account"
	"omanager/app/control"
	"omanager/app/engine"
	"omanager/app/inventory"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/data/store"
	"omanager/modules"
	"omanager/modules/value"
)

// echo is an engine that says what it was given, in the pieces of the test's choice.
type echo struct {
	mu    sync.Mutex
	task  engine.Task
	piece int
	says  []byte
}

func (e *echo) Name() string { return "ssh" }
func (e *echo) Close() error { return nil }
func (e *echo) Run(_ context.Context, t engine.Task, hosts []engine.Host, _ int, s engine.Sink) error {
	e.mu.Lock()
	e.task = t
	e.mu.Unlock()
	for _, h := range hosts {
		if err := s.Started(h.ID); err != nil {
			return err
		}
		for rest := e.says; len(rest) > 0; {
			n := min(e.piece, len(rest))
			s.Output(h.ID, job.Stdout, rest[:n])
			rest = rest[n:]
		}
		s.Done(h.ID, engine.Result{Outcome: job.OK, HasExit: true})
	}
	return nil
}

const inputsForm = `<resource><object class="wxPanel" name="p">
<object class="wxTextCtrl" name="a"/><object class="wxTextCtrl" name="b"/><object class="wxFilePickerCtrl" name="c"/>
<object class="wxChoice" name="d"/><object class="wxChoice" name="e"/></object></resource>`

const inputsManifest = `titles: {en: Inputs}
danger: low
results: {changed: '^changed:', failed: 'ERROR'}
params:
  - {name: password, control: a, type: secret}
  - {name: peers, control: b, type: hosts}
  - {name: upload, control: c, type: file}
  - {name: config, control: d, type: source, under: [/nginx]}
  - {name: town, control: e, type: list, list: towns}
`

type inputsRig struct {
	*control.Control
	engine *echo
	store  store.Store
	log    *bytes.Buffer
	dir    string
}

func newInputsRig(t *testing.T, levels ...inventory.Level) *inputsRig {
	t.Helper()
	if len(levels) == 0 {
		levels = []inventory.Level{inventory.Normal, inventory.Normal}
	}
	dir := t.TempDir()
	for name, body := range map[string]string{
		"modules/bas_9001_inputs/form.xrc": inputsForm, "modules/bas_9001_inputs/module.yaml": inputsManifest,
		"modules/bas_9001_inputs/ssh.sh": "#!/bin/sh\ntrue\n", "lists/towns": "Paris\r\n\n北京\n", "files/nginx/a.conf": "listen 80;\n",
		"files/mysql/my.cnf": "[mysqld]\n", "files/.hidden": "x", "outside": "secret",
	} {
		path := filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte(body), 0o600))
	}
	must(t, os.Symlink(filepath.Join(dir, "outside"), filepath.Join(dir, "files", "nginx", "link")))
	must(t, os.Mkdir(filepath.Join(dir, "assets"), 0o700))
	writeAssets(t, filepath.Join(dir, "assets"), levels...)
	st, err := store.OpenSQLite(t.Context(), filepath.Join(dir, "db"))
	must(t, err)
	putAdmin(t, st)
	cat, err := modules.Open(modules.Library(), filepath.Join(dir, "modules"))
	must(t, err)
	inv, err := inventory.Open(filepath.Join(dir, "assets"))
	must(t, err)
	r := &inputsRig{engine: &echo{piece: 1}, store: st, log: &bytes.Buffer{}, dir: dir}
	r.Control, err = control.New(t.Context(), control.Deps{
		Store: st, Accounts: account.NewService(st, "server", account.Options{}), Inventory: inv, Catalogue: cat, Engine: r.engine,
		Log: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})), ServerID: "server", DataDir: dir,
	})
	must(t, err)
	t.Cleanup(func() { must(t, errors.Join(r.Control.Close(), st.Close())) })
	return r
}

func (r *inputsRig) run(t *testing.T, params map[string]string) *job.View {
	t.Helper()
	req := job.Request{Module: "9001", On: "h1", Params: params}
	p, err := r.Plan(t.Context(), admin, req)
	must(t, err)
	j, err := r.Start(t.Context(), admin, control.Order{ID: newID(), Request: req, PlanHash: p.Hash, Confirmed: true})
	must(t, err)
	v := job.NewView(j)
	must(t, r.Watch(t.Context(), admin, j.ID, 0, func(ev []job.Event) error { v.Apply(ev); return nil }))
	return v
}

// TestSecretIsStoredNowhere looks for the secret in the whole database, the log, the plan and the events, while the
// task prints it, byte by byte. The negative control: the same text as an ordinary value is found.
func TestSecretIsStoredNowhere(t *testing.T) {
	r := newInputsRig(t)
	const secret = `Tr0ub4dor&"3`
	quoted, err := json.Marshal(secret)
	must(t, err)
	for _, r.engine.piece = range []int{1, 5, 1000} {
		r.engine.says = fmt.Appendf(nil, "the password is %s, in JSON %s, twice %s%s Tr0ub4dor", secret, quoted, secret, secret)
		v := r.run(t, map[string]string{"password": secret})
		if r.engine.task.Params["password"] != secret {
			t.Fatal("the task did not get the secret")
		}
		if got := v.Job().Params["password"]; got != modules.Mask {
			t.Errorf("the job shows %q", got)
		}
		if got := string(v.Groups()[0].Output); got != `the password is ***, in JSON "***", twice ****** Tr0ub4dor` {
			t.Errorf("output %q", got)
		}
	}
	p, err := r.Plan(t.Context(), admin, job.Request{Module: "9001", On: "h1", Params: map[string]string{"password": secret}})
	must(t, err)
	if text := fmt.Sprintf("%+v", p); strings.Contains(text, "Tr0ub4dor") {
		t.Errorf("plan %s", text)
	}
	_, err = r.Plan(t.Context(), admin, job.Request{Module: "9001", On: "h1", Params: map[string]string{"password": secret + "\n"}})
	if err == nil || strings.Contains(problem.Describe("en", err), "Tr0ub4dor") {
		t.Errorf("refusal %v", err)
	}
	if found := r.find(t, "Tr0ub4dor&"); found != "" {
		t.Errorf("the secret is in %s", found)
	}
	r.engine.says = []byte("Tr0ub4dor&\n")
	r.run(t, nil)
	if r.find(t, "Tr0ub4dor&") == "" {
		t.Error("this test could not have failed: what is printed is not found in the database")
	}
}

// find names the file of the data folder, or the log, that holds the text.
func (r *inputsRig) find(t *testing.T, text string) string {
	t.Helper()
	if strings.Contains(r.log.String(), text) {
		return "the log"
	}
	found := ""
	must(t, filepath.WalkDir(r.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(d.Name(), "db") {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && bytes.Contains(b, []byte(text)) {
			found = path
		}
		return nil
	}))
	return found
}

// TestSecretBindsThePlan: another secret than the one planned with starts nothing.
func TestSecretBindsThePlan(t *testing.T) {
	r := newInputsRig(t)
	req := job.Request{Module: "9001", On: "h1", Params: map[string]string{"password": "one"}}
	p, err := r.Plan(t.Context(), admin, req)
	must(t, err)
	req.Params = map[string]string{"password": "two"}
	_, err = r.Start(t.Context(), admin, control.Order{ID: newID(), Request: req, PlanHash: p.Hash})
	wantProblem(t, err, "plan_changed")
	req.Params = map[string]string{"password": modules.Mask} // what a stored job holds
	_, err = r.Start(t.Context(), admin, control.Order{ID: newID(), Request: req, PlanHash: p.Hash})
	wantProblem(t, err, "param_secret_again")
}

// TestSecretMarksSurviveARestart: an approved plan with a secret holds with a control server that has the same key, and
// with no other.
func TestSecretMarksSurviveARestart(t *testing.T) {
	_, key, err := ed25519.GenerateKey(nil)
	must(t, err)
	hash := func(key ed25519.PrivateKey) string {
		r := newInputsRig(t)
		must(t, r.Control.Close())
		r.Control, err = control.New(t.Context(), with(r, key))
		must(t, err)
		p, err := r.Plan(t.Context(), admin, job.Request{Module: "9001", On: "h1", Params: map[string]string{"password": "one"}})
		must(t, err)
		return p.Hash
	}
	first, other := hash(key), hash(nil)
	if again := hash(key); first == "" || again != first || other == first {
		t.Errorf("%s, again %s, another server %s", first, again, other)
	}
}

// with is the rig's parts with another key.
func with(r *inputsRig, key ed25519.PrivateKey) control.Deps {
	d := r.Deps
	d.AuditKey = key
	return d
}

func wantProblem(t *testing.T, err error, code string) {
	t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) || p.Code != code {
		t.Errorf("%v, want %s", err, code)
	}
}

func TestFilesListsAndServersAsValues(t *testing.T) {
	r := newInputsRig(t)
	upload := value.File{Name: "x.bin", Data: []byte("a\x00b")}
	v := r.run(t, map[string]string{"upload": upload.String(), "config": "nginx/a.conf", "town": "北京", "peers": "h1,h2"})
	task, shown := r.engine.task, v.Job().Params
	if string(task.Files["upload"]) != "a\x00b" || task.Params["upload"] != "x.bin" || task.Params["upload_sha256"] != value.Sum(upload.Data) {
		t.Errorf("upload %+v", task)
	}
	if string(task.Files["config"]) != "listen 80;\n" || task.Params["config"] != "nginx/a.conf" {
		t.Errorf("config %+v", task)
	}
	if task.Params["peers"] != "h1,h2" || task.Params["peers_addr"] != "10.0.0.1,10.0.0.2" {
		t.Errorf("peers %+v", task.Params)
	}
	if shown["upload"] != upload.Describe() || !strings.HasPrefix(shown["config"], "nginx/a.conf@sha256:") {
		t.Errorf("stored %v", shown)
	}
	m, _ := r.Catalogue.Get("9001")
	offers := r.Offers(m)
	if got := strings.Join(offers["town"], "|"); got != "Paris|北京" {
		t.Errorf("towns %q", got)
	}
	if got := strings.Join(offers["config"], "|"); got != "nginx/a.conf" {
		t.Errorf("files %q", got)
	}
	files := map[string][]byte{modules.OfferPrefix + "town": []byte("Paris\n北京")}
	maps.Copy(files, m.Files)
	sent, err := modules.ParseWire(m.Folder, files, nil, m.Hash)
	must(t, err)
	if got := sent.Form.Root.Find("e").Items; len(got) != 2 || len(sent.Params[4].Offers) != 2 {
		t.Errorf("the console offers %q", got)
	}
}

// What is not there, not allowed or changed since is refused in one sentence.
func TestValuesOfThisServerAreChecked(t *testing.T) {
	r := newInputsRig(t)
	looker := control.Caller{Token: token, Operator: account.Operator{Name: "one", Privileges: "1"}}
	plan := func(who control.Caller, param, v string) error {
		_, err := r.Plan(t.Context(), who, job.Request{Module: "9001", On: "h1", Params: map[string]string{param: v}})
		return err
	}
	wantProblem(t, plan(admin, "town", "Rome"), "param_enum")
	wantProblem(t, plan(admin, "config", "nginx/none"), "source_read")
	wantProblem(t, plan(admin, "config", "nginx/link"), "source_read")
	wantProblem(t, plan(admin, "config", "nginx"), "source_read")
	wantProblem(t, plan(admin, "config", "mysql/my.cnf"), "param_source")
	wantProblem(t, plan(admin, "config", "../outside"), "param_source")
	must(t, plan(admin, "peers", "h3"))
	must(t, plan(looker, "peers", "h2"))
	wantProblem(t, plan(looker, "peers", "h3"), "expr_unknown") // of a category this operator may not see
	must(t, os.Remove(filepath.Join(r.dir, "lists", "towns")))
	wantProblem(t, plan(admin, "town", "Paris"), "list_read")

	req := job.Request{Module: "9001", On: "h1", Params: map[string]string{"config": "nginx/a.conf"}}
	p, err := r.Plan(t.Context(), admin, req)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(r.dir, "files", "nginx", "a.conf"), []byte("listen 81;\n"), 0o600))
	_, err = r.Start(t.Context(), admin, control.Order{ID: newID(), Request: req, PlanHash: p.Hash})
	wantProblem(t, err, "plan_changed")
	req.Params = p.Params
	_, err = r.Start(t.Context(), admin, control.Order{ID: newID(), Request: req, PlanHash: p.Hash})
	wantProblem(t, err, "param_source_changed")
}

func TestRulesDecideTheOutcome(t *testing.T) {
	r := newInputsRig(t)
	for says, want := range map[string]job.Outcome{
		"all is well\n": job.OK, "changed: 1\n": job.Changed, "not changed: 0\n": job.OK, "a\nchanged: no newline": job.Changed,
		"changed: 1\nERROR 7\n": job.Failed, "": job.OK, "changed: 1\r\n": job.Changed, strings.Repeat("x", 70<<10) + "ERROR\n": job.OK,
	} {
		for _, r.engine.piece = range []int{3, 100_000} {
			if r.engine.piece == 3 && len(says) > 1000 {
				continue
			}
			r.engine.says = []byte(says)
			v := r.run(t, nil)
			if got := v.Row("h1"); got.Outcome != want || (want == job.Failed) != (got.Problem == "host_rule") {
				t.Errorf("%.40q in pieces of %d: %s %s", says, r.engine.piece, got.Outcome, got.Problem)
			}
		}
	}
}

// TestJ01ModuleIDIsLookedUp: an id that holds code names no module and runs nowhere. The negative control: put into a
// program's text, as an earlier control server did, the same ids make the marker.
func TestJ01ModuleIDIsLookedUp(t *testing.T) {
	r := newInputsRig(t)
	marker := filepath.Join(r.dir, "marker")
	made := false
	for _, id := range []string{
		"1001; touch " + marker, "1001\ntouch " + marker, "1001 import os; os.system('touch " + marker + "')", "$(touch " + marker + ")", "`touch " + marker + "`",
		"../library/1001", "1001/../1000", "1001\x00", "01001", " 1001", "1001 ", "１００１", "bas_1001_system_log", "", "*", "-1001", "1001@@h1",
	} {
		_, err := r.Plan(t.Context(), admin, job.Request{Module: id, On: "h1"})
		wantProblem(t, err, "module_unknown")
		_, err = r.Start(t.Context(), admin, control.Order{ID: newID(), Request: job.Request{Module: id, On: "h1"}})
		wantProblem(t, err, "module_unknown")
		if _, err := os.Stat(marker); err == nil {
			t.Fatalf("%q was run", id)
		}
		if !strings.ContainsRune(id, 0) {
			_ = exec.CommandContext(t.Context(), "sh", "-c", "echo Mid_"+id).Run() // many of them are no commands
			made = os.Remove(marker) == nil || made
		}
	}
	if !made {
		t.Error("this test could not have failed: no id makes the marker even when it is run")
	}
	if _, err := r.Plan(t.Context(), admin, job.Request{Module: "1003", On: "h1"}); err != nil {
		t.Error("a module that ships: ", err)
	}
}

// TestApprovalKeepsNoSecret: what waits for a second operator holds the mask, and so does the database.
func TestApprovalKeepsNoSecret(t *testing.T) {
	r := newInputsRig(t, inventory.Critical)
	const manifest = "modules/bas_9002_inputs/"
	must(t, os.CopyFS(filepath.Join(r.dir, manifest), os.DirFS(filepath.Join(r.dir, "modules", "bas_9001_inputs"))))
	must(t, os.WriteFile(filepath.Join(r.dir, manifest, "module.yaml"), []byte(strings.Replace(inputsManifest, "danger: low", "danger: high", 1)), 0o600))
	r.Catalogue.Reload()
	req := job.Request{Module: "9002", On: "h1", Params: map[string]string{"password": "Tr0ub4dor-9002"}}
	p, err := r.Plan(t.Context(), admin, req)
	must(t, err)
	if p.Gate != job.GateApproval {
		t.Fatalf("gate %s", p.Gate)
	}
	a, err := r.RequestApproval(t.Context(), admin, control.Ask{ID: newID(), Request: req, PlanHash: p.Hash, Reason: "because"})
	must(t, err)
	if a.Params["password"] != modules.Mask {
		t.Errorf("the approval shows %v", a.Params)
	}
	if found := r.find(t, "Tr0ub4dor-9002"); found != "" {
		t.Errorf("the secret is in %s", found)
	}
	if r.find(t, "because") == "" {
		t.Error("this test could not have failed: the reason is not found either")
	}
}
