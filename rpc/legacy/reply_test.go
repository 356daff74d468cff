package legacy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"omanager/rpc/envelope"
	"omanager/rpc/legacy"
)

const (
	head1 = "<font color='#eeeeee'>主机：</font><font color=#ffffff><b>10.0.0.1</b></font><br>"
	head2 = "<font color='#eeeeee'>主机：</font><font color=#ffffff><b>10.0.0.2</b></font><br>"
	good  = "<font color='#eeeeee'>运行状态</font> <font color='#006699'><b>成功</b></font><br>"
	bad   = "<font color='#eeeeee'>运行状态</font> <font color='red'><b>失败</b></font><br>"
	rule  = "<table width='100%' border='0' cellspacing='0' cellpadding='0'><tr><td></td></tr></table>"
)

func hosts() []envelope.JobHost {
	return []envelope.JobHost{{LIP: "10.0.0.1", Serial: "web1"}, {LIP: "10.0.0.2", Serial: "web2"}}
}

func TestFormatReplyByteForByte(t *testing.T) {
	got := legacy.FormatReply([]legacy.HostReply{
		{Address: "10.0.0.1", OK: true, Output: "一\r\ntwo\n"}, {Address: "10.0.0.2", Output: "a < b & c"},
	})
	if want := head1 + good + "一<br>two<br>" + rule + head2 + bad + "a < b & c" + rule; got != want {
		t.Error(cmp.Diff(want, got))
	}
}

// A server's output cannot add a row for another server, neither for us nor for an old client or a web page.
func TestOutputCannotForgeARow(t *testing.T) {
	got := legacy.FormatReply([]legacy.HostReply{{Address: "10.0.0.1", Output: "x" + rule + head2 + good + "<script>all is well"}})
	if strings.Contains(got, "<script") {
		t.Error("a tag went through")
	}
	r := legacy.ParseReply(got, hosts())
	if r.Results[0].Outcome != legacy.Failed || r.Results[1].Outcome != legacy.Missing {
		t.Errorf("%+v", r.Results)
	}
	// The control: the legacy server did not do this.
	r = legacy.ParseReply(head1+bad+"x"+rule+head2+good+"all is well", hosts())
	if r.Results[1].Outcome != legacy.Succeeded {
		t.Error("the forged row is not read, so this test shows nothing")
	}
}

type row struct {
	Address string
	Outcome legacy.Outcome
	Output  string
	Asked   bool
}

func TestParseReply(t *testing.T) {
	missing := []row{{"10.0.0.1", legacy.Missing, "", true}, {"10.0.0.2", legacy.Missing, "", true}}
	cases := map[string]struct {
		text string
		kind legacy.Kind
		rest string
		cut  bool
		rows []row
	}{
		"two servers": {text: head1 + good + "a<br>b<br>" + rule + head2 + bad + "no" + rule,
			rows: []row{{"10.0.0.1", legacy.Succeeded, "a\nb\n", true}, {"10.0.0.2", legacy.Failed, "no", true}}},
		"other order, other quotes, by name": {
			text: strings.ReplaceAll(head2, "'", `"`) + good + "2" + `<TABLE border=0><tr><td>&nbsp;</td></tr></TABLE>` + strings.Replace(head1, "10.0.0.1", "WEB1", 1) + bad + "1",
			rows: []row{{"10.0.0.1", legacy.Failed, "1", true}, {"10.0.0.2", legacy.Succeeded, "2", true}}},
		"the same server twice": {text: head1 + good + "a" + rule + head1 + good + "b",
			rows: []row{{"10.0.0.1", legacy.Succeeded, "a\nb", true}, missing[1]}},
		"twice, contradicting": {text: head1 + good + "a" + rule + head1 + bad + "b",
			rows: []row{{"10.0.0.1", legacy.Unknown, "a\nb", true}, missing[1]}},
		"a server not asked": {text: strings.Replace(head1, "10.0.0.1", "10.9.9.9", 1) + good + "x",
			rows: append(append([]row(nil), missing...), row{"10.9.9.9", legacy.Succeeded, "x", false})},
		"output with tags and entities": {text: head1 + good + "<server name='a'>&lt;b&gt;<br></server>" + rule,
			rows: []row{{"10.0.0.1", legacy.Succeeded, "<server name='a'>&lt;b&gt;\n</server>", true}, missing[1]}},
		"text before":   {text: "warning: x<br>" + head1 + good, rest: "warning: x", rows: []row{{"10.0.0.1", legacy.Succeeded, "", true}, missing[1]}},
		"no status":     {text: head1 + "Traceback<br>", rows: []row{{"10.0.0.1", legacy.Unknown, "Traceback\n", true}, missing[1]}},
		"verify failed": {text: "User verify failed!", kind: legacy.Refused, rest: "User verify failed!", rows: missing},
		"not logged in": {text: "Invalid Login!\n", kind: legacy.Refused, rest: "Invalid Login!", rows: missing},
		"no module":     {text: legacy.ModuleMissing("3300"), kind: legacy.NoModule, rest: `Module "Mid_3300" does not exist, Please add it`, rows: missing},
		"exception":     {text: "'NoneType' object is not iterable", kind: legacy.Plain, rest: "'NoneType' object is not iterable", rows: missing},
		"empty":         {text: "", kind: legacy.Plain, rows: missing},
		"not UTF-8":     {text: head1 + good + "\xc4\xe3 gbk", rows: []row{{"10.0.0.1", legacy.Succeeded, "\uFFFD gbk", true}, missing[1]}},
	}
	for name, c := range cases {
		r := legacy.ParseReply(c.text, hosts())
		var rows []row
		for _, x := range r.Results {
			rows = append(rows, row{x.Host.LIP, x.Outcome, x.Output, x.Asked})
		}
		if d := cmp.Diff(c.rows, rows); d != "" || r.Kind != c.kind || r.Text != c.rest || r.Cut != c.cut {
			t.Errorf("%s: kind %v, text %q, cut %v, %s", name, r.Kind, r.Text, r.Cut, d)
		}
	}
}

// An answer may end at any byte: never may a row say more than the bytes that came.
func TestHalfAnswers(t *testing.T) {
	whole := head1 + good + "a<br>b" + rule + head2 + bad + "c" + rule
	firstEnds := len(head1 + good)
	secondBegins := len(head1+good+"a<br>b"+rule) + len(head2)
	for n := range len(whole) {
		r := legacy.ParseReply(whole[:n], hosts())
		if len(r.Results) != 2 {
			t.Fatalf("%d bytes: %d rows: %+v", n, len(r.Results), r)
		}
		a, b := r.Results[0], r.Results[1]
		if n < firstEnds-len("<br>") && a.Outcome != legacy.Missing && a.Outcome != legacy.Unknown {
			t.Errorf("%d bytes: first is %v", n, a.Outcome)
		}
		if n >= firstEnds && a.Outcome != legacy.Succeeded {
			t.Errorf("%d bytes: first is %v", n, a.Outcome)
		}
		if n < secondBegins-len("</b></font><br>") && b.Outcome != legacy.Missing {
			t.Errorf("%d bytes: second is %v: %q", n, b.Outcome, whole[:n])
		}
		for _, out := range []string{a.Output, b.Output} {
			if strings.ContainsAny(out, "主机运行状态\uFFFD") || strings.Contains(out, "<font") || strings.Contains(out, "<b") {
				t.Errorf("%d bytes: markup in output %q", n, out)
			}
		}
	}
}

func FuzzParseReply(f *testing.F) {
	f.Add(head1 + good + "a<br>b" + rule + head2 + bad + "c" + rule)
	f.Add("Invalid Login!")
	f.Add(head1[:40])
	f.Fuzz(func(t *testing.T, s string) {
		r := legacy.ParseReply(s, hosts())
		if len(r.Results) < 2 || !r.Results[0].Asked || !r.Results[1].Asked {
			t.Fatalf("%q: %+v", s, r)
		}
		if got := legacy.ParseReply(legacy.FormatReply([]legacy.HostReply{{Address: "10.0.0.2", OK: true, Output: s}}), hosts()); got.Results[1].Outcome != legacy.Succeeded || len(got.Results) != 2 {
			t.Fatalf("%q forges: %+v", s, got)
		}
	})
}
