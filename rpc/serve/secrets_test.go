package serve_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/job"
	"omanager/data/config"
	"omanager/data/store"
	"omanager/rpc/client"
	v1 "omanager/rpc/omanager/v1"
	"omanager/rpc/serve"
)

// planted are secrets by name; each is looked for as it is and in the spellings a program might give it.
type planted map[string][]byte

func (p planted) in(text []byte) (found []string) {
	for name, s := range p {
		spellings := [][]byte{s}
		for _, e := range []string{hex.EncodeToString(s), base64.RawStdEncoding.EncodeToString(s), base64.RawURLEncoding.EncodeToString(s)} {
			spellings = append(spellings, []byte(e))
		}
		if slices.ContainsFunc(spellings, func(v []byte) bool { return bytes.Contains(text, v) }) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// file adds a key file and what is derived from it.
func (p planted) file(t *testing.T, name string, file []byte) {
	t.Helper()
	key, err := account.KeyFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(file)
	p[name+", its content"], p[name+", its hash"], p[name+", its seed"] = bytes.TrimSpace(file[34:]), sum[:], key.Seed()
}

func (p planted) session(name string, s client.Session) {
	p[name+", its token"], p[name+", its envelope key"] = []byte(s.Token), s.EnvelopeKey
}

// logged is a log that a server writes and a test reads.
type logged struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *logged) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.all.Bytes())
}

// life is a control server through which 20 secrets and more have gone in every way there is.
type life struct {
	*serve.Running
	t       *testing.T
	log     *logged
	secrets planted
	root    *client.Client
	output  []byte
}

func lived(t *testing.T) *life {
	t.Helper()
	l := &life{t: t, log: &logged{}, secrets: planted{}}
	dir := filepath.Join(t.TempDir(), "demo")
	open := func() *serve.Running {
		log := slog.New(slog.NewTextHandler(l.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		r, err := serve.Demo(t.Context(), serve.DemoOptions{Hosts: 2, Dir: dir, Log: log})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := open()
	l.secrets["first password"] = []byte(first.Password)
	check(t, first.Close())
	check(t, config.Update(filepath.Join(dir, "omserver.ini"), func(c *config.Config) error {
		c.DB.Pass, c.System.SecretKey = "planted#database;password", "planted(secret^key"
		return nil
	}))
	l.secrets["database password"], l.secrets["secret key"] = []byte("planted#database;password"), []byte("planted(secret^key")
	l.Running = open()
	t.Cleanup(func() { check(t, l.Close()) })
	file, err := os.ReadFile(l.KeyFile)
	check(t, err)
	l.secrets["second password"] = []byte(l.Password)
	l.secrets.file(t, "key file", file)
	l.root = loggedIn(t, l.Addr, l.Fingerprint, l.Created)
	l.secrets.session("root's session", l.root.Session())
	l.newcomer()
	l.mistakes(file)
	v, err := runModule(t.Context(), l.root, job.Request{Module: "1000", On: "web01", Params: map[string]string{"command": "env; cat /etc/passwd; ps"}})
	check(t, err)
	if v != nil {
		l.output = v.Output("web01")
	}
	return l
}

// admin is the command line's way in.
func (l *life) admin(f func(account.Admin) error) {
	l.t.Helper()
	st, err := store.OpenSQLite(l.t.Context(), filepath.Join(l.Dir, "omanager.db"))
	if err != nil {
		l.t.Fatal(err)
	}
	check(l.t, f(account.Admin{Store: st, Now: time.Now}))
	check(l.t, st.Close())
}

// newcomer gets a one-time password, changes it, gets another and a new key file.
func (l *life) newcomer() {
	t, ctx := l.t, l.t.Context()
	var one, two string
	var file, file2 []byte
	l.admin(func(a account.Admin) (err error) {
		one, file, err = a.Add(ctx, "newcomer", "zhiban")
		return err
	})
	c := client.Dial(l.Addr, l.Fingerprint)
	t.Cleanup(c.Close)
	check(t, c.Login(ctx, "newcomer", one, file))
	l.secrets.session("the newcomer's session", c.Session())
	wantCode(t, c.ChangePassword(ctx, "a wrong present password", "an unused password"), "password_wrong")
	wantCode(t, c.ChangePassword(ctx, one, "weak pass"), "password_weak")
	check(t, c.ChangePassword(ctx, one, "the newcomer's own choice"))
	check(t, c.Logout(ctx))
	l.admin(func(a account.Admin) (err error) {
		if two, err = a.NewPassword(ctx, "newcomer"); err != nil {
			return err
		}
		file2, err = a.NewKey(ctx, "newcomer")
		return err
	})
	for name, s := range map[string]string{
		"one-time password": one, "wrong present password": "a wrong present password", "unused password": "an unused password",
		"weak password": "weak pass", "chosen password": "the newcomer's own choice", "another one-time password": two,
	} {
		l.secrets[name] = []byte(s)
	}
	l.secrets.file(t, "the newcomer's key file", file)
	l.secrets.file(t, "the newcomer's new key file", file2)
}

// mistakes are what people type into the wrong field.
func (l *life) mistakes(file []byte) {
	c := client.Dial(l.Addr, l.Fingerprint)
	l.t.Cleanup(c.Close)
	for i, pw := range []string{"nearly the right password", "the password of another system", "x\ny planted with a line break"} {
		wantCode(l.t, c.Login(l.t.Context(), l.Operator, pw, file), "login_refused")
		l.secrets[fmt.Sprintf("mistyped password %d", i)] = []byte(pw)
	}
}

// places are everything that is written down or shown, by name. The files that are there to hold a secret are left out.
func (l *life) places() map[string][]byte {
	t := l.t
	out := map[string][]byte{"the log at debug level": l.log.bytes(), "the job's output": l.output}
	homes := []string{"tls.key", "ssh/id_ed25519", "keys/demo.key", "omserver.ini", "omserver.ini.1", "omserver.ini.2", "omserver.ini.3"}
	check(t, filepath.WalkDir(l.Dir, func(path string, e fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(l.Dir, path)
		if err != nil || !e.Type().IsRegular() || slices.Contains(homes, filepath.ToSlash(rel)) {
			return err
		}
		out[rel], err = os.ReadFile(path)
		return err
	}))
	st, err := store.OpenSQLite(t.Context(), filepath.Join(l.Dir, "omanager.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { check(t, st.Close()) }()
	entries, err := st.AuditRecords(t.Context(), audit.Query{Limit: 10_000})
	check(t, err)
	jobs, err := st.Jobs(t.Context(), 100)
	check(t, err)
	for _, j := range jobs { // the table holds them packed
		ev, err := st.Events(t.Context(), j.ID, 0, 10_000)
		check(t, err)
		for _, e := range ev {
			out["events"] = append(out["events"], e.Data...)
		}
	}
	out["operation log and jobs"], err = json.Marshal([]any{entries, jobs})
	check(t, err)
	return out
}

// TestA19A20SecretsAreNowhere looks for every secret that went through the control server in its database with the
// write-ahead log, its other files, its log at debug level and a job's output.
func TestA19A20SecretsAreNowhere(t *testing.T) {
	l := lived(t)
	if len(l.secrets) < 20 {
		t.Fatalf("only %d secrets are planted", len(l.secrets))
	}
	places := l.places()
	if len(places["omanager.db"]) == 0 || len(places["omanager.db-wal"]) == 0 || len(places["the log at debug level"]) == 0 || len(l.output) == 0 {
		t.Error("a place is empty: this test looks at nothing")
	}
	for name, text := range places {
		if found := l.secrets.in(text); len(found) > 0 {
			t.Errorf("%s holds %v", name, found)
		}
	}
	// The control: what is written down on purpose is found, in the database and in what is packed in it.
	canary := planted{"canary": []byte("a-planted-canary")}
	_, err := runModule(t.Context(), l.root, job.Request{Module: "1000", On: "web01", Params: map[string]string{"command": "echo a-planted-canary"}})
	check(t, err)
	found := 0
	for name, text := range l.places() {
		if len(canary.in(text)) > 0 {
			found++
			t.Logf("the canary is in %s", name)
		}
	}
	if found < 2 {
		t.Errorf("the canary was found in %d places: this test does not see", found)
	}
}

// TestA07NoAnswerHoldsASecret calls every procedure that reads, as the operator with all rights, and looks for every
// secret in the answer's bytes.
func TestA07NoAnswerHoldsASecret(t *testing.T) {
	l := lived(t)
	for _, name := range []string{"tls.key", "ssh/id_ed25519"} {
		text, err := os.ReadFile(filepath.Join(l.Dir, name))
		check(t, err)
		l.secrets[name] = []byte(strings.Split(string(text), "\n")[1])
	}
	l.admin(func(a account.Admin) error {
		all, err := a.Store.Operators(t.Context())
		for _, o := range all {
			l.secrets["password hash of "+o.Name] = []byte(o.Password[strings.LastIndexByte(o.Password, '$')+1:])
		}
		return err
	})
	jobs, err := l.root.Jobs(t.Context(), 1)
	if err != nil || len(jobs) != 1 {
		t.Fatal(jobs, err)
	}
	id := jobs[0].ID
	h := client.HTTPClient(l.Addr, l.Fingerprint)
	defer h.CloseIdleConnections()
	answered := 0
	for name, q := range map[string]proto.Message{
		"Challenge": &v1.ChallengeRequest{}, "Inventory": &v1.InventoryRequest{}, "Modules": &v1.ModulesRequest{}, "Jobs": &v1.JobsRequest{Limit: 100},
		"Plan": &v1.PlanRequest{Module: "1003", On: "all"}, "Job": &v1.JobRequest{JobId: id}, "Watch": &v1.WatchRequest{JobId: id},
		"Operators": &v1.OperatorsRequest{}, "Roles": &v1.RolesRequest{}, "Approvals": &v1.ApprovalsRequest{Limit: 100},
		"Audit": &v1.AuditRequest{Limit: 1000}, "Checkpoint": &v1.CheckpointRequest{},
	} {
		text, err := l.answer(h, name, q)
		if connect.CodeOf(err) == connect.CodeUnimplemented {
			continue
		}
		check(t, err)
		answered++
		if found := l.secrets.in(text); len(found) > 0 {
			t.Errorf("%s answers with %v", name, found)
		}
	}
	if answered < 7 {
		t.Errorf("only %d procedures answered", answered)
	}
	// The control: the one answer that gives a secret on purpose.
	raw, err := proto.Marshal(&v1.LoginResponse{Token: l.root.Session().Token, EnvelopeKey: l.root.Session().EnvelopeKey})
	if found := l.secrets.in(raw); err != nil || len(found) != 2 {
		t.Errorf("in the answer to a login only %v is seen, %v", found, err)
	}
}

// answer gives the bytes of what the server answers, whatever it is.
func (l *life) answer(h connect.HTTPClient, name string, q proto.Message) (all []byte, err error) {
	body, err := proto.Marshal(q)
	if err != nil {
		return nil, err
	}
	msg := &emptypb.Empty{}
	if err := proto.Unmarshal(body, msg); err != nil {
		return nil, err
	}
	req := connect.NewRequest(msg)
	req.Header().Set("Authorization", "Bearer "+l.root.Session().Token)
	c := connect.NewClient[emptypb.Empty, emptypb.Empty](h, "https://"+l.Addr+"/omanager.v1.ControlService/"+name)
	if name != "Watch" {
		res, err := c.CallUnary(l.t.Context(), req)
		if err != nil {
			return nil, err
		}
		return proto.Marshal(res.Msg)
	}
	s, err := c.CallServerStream(l.t.Context(), req)
	if err != nil {
		return nil, err
	}
	for s.Receive() {
		b, err := proto.Marshal(s.Msg())
		if err != nil {
			return nil, err
		}
		all = append(all, b...)
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	return all, s.Close()
}
