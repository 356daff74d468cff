package serve_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/emptypb"

	"omanager/app/account"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/data/store"
	"omanager/rpc/client"
	v1 "omanager/rpc/omanager/v1"
	"omanager/rpc/serve"
)

// hostile are texts that no field means to hold.
func hostile() map[string]string {
	return map[string]string{
		"quotes": `a'b"c` + "`d", "sql": "' or 1=1 -- ", "newlines": "a\r\nb\n", "zero": "a\x00b", "escape": "\x1b]0;x\a\x1b[2J", "direction": "a\u202eb",
		"word": "no such word", "long": strings.Repeat("长x", 1<<17), "huge": strings.Repeat("x", 10<<20), "spaces": "   ", "template": "{name}{{.}}%s",
	}
}

// filled is the message with every text, and every text inside it, set to v, and every number to an odd one.
func filled(d protoreflect.MessageDescriptor, v string, depth int) *dynamicpb.Message {
	m := dynamicpb.NewMessage(d)
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		var val protoreflect.Value
		switch {
		case f.IsMap():
			mp := m.NewField(f).Map()
			if f.MapValue().Kind() == protoreflect.StringKind {
				mp.Set(protoreflect.ValueOfString(v).MapKey(), protoreflect.ValueOfString(v))
			}
			val = protoreflect.ValueOfMap(mp)
		case f.Kind() == protoreflect.StringKind:
			val = protoreflect.ValueOfString(v)
		case f.Kind() == protoreflect.BytesKind:
			val = protoreflect.ValueOfBytes([]byte(v))
		case f.Kind() == protoreflect.Int32Kind:
			val = protoreflect.ValueOfInt32(-1 << 31)
		case f.Kind() == protoreflect.Int64Kind:
			val = protoreflect.ValueOfInt64(-1 << 63)
		case f.Kind() == protoreflect.MessageKind && depth < 3:
			val = protoreflect.ValueOfMessage(filled(f.Message(), v, depth+1))
		default:
			continue
		}
		if f.IsList() {
			list := m.NewField(f).List()
			list.Append(val)
			val = protoreflect.ValueOfList(list)
		}
		m.Set(f, val)
	}
	return m
}

// judged says what is wrong with an answer to nonsense, or "".
func judged(err error) string {
	if err == nil || connect.CodeOf(err) == connect.CodeUnimplemented {
		return "" // what may be answered is judged by what is stored
	}
	ce, ok := errors.AsType[*connect.Error](err)
	if !ok || len(ce.Details()) != 1 {
		return "no sentence: " + err.Error()
	}
	value, derr := ce.Details()[0].Value()
	if derr != nil {
		return "no readable detail: " + derr.Error()
	}
	d, ok := value.(*v1.ErrorDetail)
	if !ok || d.Code == "server_error" {
		return "an internal fault: " + err.Error()
	}
	for _, lang := range []string{"en", "zh"} {
		text := problem.Text(lang, d.Code, d.Args)
		if len(text) > 6000 || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == 0x202e }) {
			return lang + ": not one clean sentence"
		}
		if strings.HasPrefix(text, d.Code+" map[") {
			return lang + ": code " + d.Code + " has no sentence"
		}
	}
	return ""
}

// stored is everything in the control server's store that a request can make, as text.
func stored(t *testing.T, r *serve.Running) string {
	t.Helper()
	st, err := store.OpenSQLite(t.Context(), filepath.Join(r.Dir, "omanager.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { check(t, st.Close()) }()
	operators, err := st.Operators(t.Context())
	check(t, err)
	jobs, err := st.Jobs(t.Context(), 1000)
	check(t, err)
	text, err := json.Marshal([]any{operators, jobs})
	check(t, err)
	return string(text)
}

// TestBadInputToEveryCall sends nonsense to every procedure of the service, found by reflection: each gets one clear
// sentence in both languages, nothing is stored half, and the server goes on.
func TestBadInputToEveryCall(t *testing.T) {
	good, r := demoFleet(t, 1)
	h := client.HTTPClient(r.Addr, r.Fingerprint)
	defer h.CloseIdleConnections()
	before := stored(t, r)
	sentences := 0
	methods := v1.File_omanager_v1_omanager_proto.Services().ByName("ControlService").Methods()
	for i := range methods.Len() {
		m := methods.Get(i)
		if m.Name() == "Logout" {
			continue // takes nothing and would end the session
		}
		for what, v := range hostile() {
			body, err := proto.Marshal(filled(m.Input(), v, 0))
			if err != nil {
				t.Fatal(err)
			}
			req := &emptypb.Empty{} // carries the fields as unknown ones
			if err := proto.Unmarshal(body, req); err != nil {
				t.Fatal(err)
			}
			c := connect.NewClient[emptypb.Empty, emptypb.Empty](h, "https://"+r.Addr+"/omanager.v1.ControlService/"+string(m.Name()))
			err = sendRaw(t.Context(), c, req, "Bearer "+good.Session().Token, m.IsStreamingServer())
			if fault := judged(err); fault != "" {
				t.Errorf("%s with %s: %.300s", m.Name(), what, fault)
			}
			if err != nil {
				sentences++
			}
		}
	}
	if sentences < 50 {
		t.Errorf("only %d requests were refused: this test proves nothing", sentences)
	}
	if after := stored(t, r); after != before {
		t.Errorf("something was stored: %.2000s", after)
	}
	if _, err := good.Inventory(t.Context()); err != nil {
		t.Errorf("the server does not go on: %v", err)
	}
}

// TestBadInputIsSeen is the control: answers without a sentence are told.
func TestBadInputIsSeen(t *testing.T) {
	detailed := func(code string, args map[string]string) error {
		e := connect.NewError(connect.CodeInvalidArgument, nil)
		d, err := connect.NewErrorDetail(&v1.ErrorDetail{Code: code, Args: args})
		check(t, err)
		e.AddDetail(d)
		return e
	}
	for what, err := range map[string]error{
		"bare": connect.NewError(connect.CodeInternal, nil), "no code": detailed("x", nil), "fault": detailed("server_error", nil),
		"lines": detailed("job_unknown", map[string]string{"job": "a\nb"}), "long": detailed("job_unknown", map[string]string{"job": strings.Repeat("x", 1<<20)}),
	} {
		if judged(err) == "" {
			t.Errorf("%s passes", what)
		}
	}
	if fault := judged(detailed("job_unknown", map[string]string{"job": "x"})); fault != "" {
		t.Error(fault)
	}
}

// TestHugeRequests: too large is said, by the typed client too, and before the login far less is too large.
func TestHugeRequests(t *testing.T) {
	c, r := demoFleet(t, 1)
	huge := strings.Repeat("x", 10<<20)
	_, err := c.Plan(t.Context(), job.Request{Module: "1000", On: "all", Params: map[string]string{"command": huge}})
	wantCode(t, err, "request_large")
	wantCode(t, c.ChangePassword(t.Context(), huge, huge), "request_large")
	stranger := client.Dial(r.Addr, r.Fingerprint)
	defer stranger.Close()
	wantCode(t, stranger.Login(t.Context(), "demo", strings.Repeat("x", 100<<10), account.NewKeyFile()), "request_large")
	wantCode(t, stranger.Login(t.Context(), "demo", strings.Repeat("x", 60<<10), account.NewKeyFile()), "login_refused") // the control
	if strings.Count(problem.Text("zh", "request_large", map[string]string{"limit": "4 MiB"}), "4 MiB") != 1 {
		t.Error("the limit is not in the sentence")
	}
}
