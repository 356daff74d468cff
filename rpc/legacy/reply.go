// Package legacy writes and reads the text with HTML in which a legacy control server reports a job. The job's own
// text is in rpc/envelope.
package legacy

import (
	"fmt"
	"regexp"
	"strings"

	"omanager/rpc/envelope"
)

// The texts that stand in the place of a report.
const (
	InvalidLogin = "Invalid Login!"
	VerifyFailed = "User verify failed!"
)

const (
	hostForm = "<font color='#eeeeee'>主机：</font><font color=#ffffff><b>%s</b></font><br>"
	okForm   = "<font color='#eeeeee'>运行状态</font> <font color='#006699'><b>成功</b></font><br>"
	failForm = "<font color='#eeeeee'>运行状态</font> <font color='red'><b>失败</b></font><br>"
	rule     = "<table width='100%' border='0' cellspacing='0' cellpadding='0'><tr><td></td></tr></table>"
)

// ModuleMissing is the text for a module that the server does not have.
func ModuleMissing(module string) string {
	return fmt.Sprintf(`Module "Mid_%s" does not exist, Please add it`, module)
}

// HostReply is one server's part of a report to write.
type HostReply struct {
	Address string
	OK      bool
	Output  string
}

// FormatReply writes a report as the legacy server did. Old clients take the tags out again and web pages show
// them, so what a server printed must not become one: the < of a tag in the output is written as &lt;.
func FormatReply(hosts []HostReply) string {
	var b strings.Builder
	for _, h := range hosts {
		status := failForm
		if h.OK {
			status = okForm
		}
		fmt.Fprintf(&b, hostForm, escape(h.Address))
		b.WriteString(status)
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(escape(h.Output), "\r\n", "\n"), "\n", "<br>"))
		b.WriteString(rule)
	}
	return b.String()
}

func escape(s string) string {
	return regexp.MustCompile(`<([A-Za-z/!?])`).ReplaceAllString(s, "&lt;$1")
}

// Outcome is what a report says about one server.
type Outcome int

// The outcomes. Only a report that says so is a success or a failure.
const (
	Unknown Outcome = iota // the report breaks off before its status, or contradicts itself
	Succeeded
	Failed
	Missing // the report does not name the server
)

// Result is one server's row.
type Result struct {
	Host    envelope.JobHost // as it was sent; of a server that was not sent only the address as LIP
	Outcome Outcome
	Output  string
	Asked   bool // the job was sent for this server
}

// Kind is what an answer is as a whole.
type Kind int

// The kinds.
const (
	Report   Kind = iota
	Refused       // the login was
	NoModule      // the server lacks the module
	Plain         // some other text, for example an exception's: no server reported
)

// Reply is an answer read.
type Reply struct {
	Kind    Kind
	Text    string   // of a Plain, Refused or NoModule answer; of a Report what stands outside any server's part
	Results []Result // every server sent, in order, then servers that were not sent
	Cut     bool     // the text ends in the midst of a tag or of a server's head
}

// ParseReply reads an answer. Nothing is believed that it does not say: a server that the report leaves out is
// Missing, one with two different statuses is Unknown, and with parts for servers that were not sent these are
// kept apart. Parts for the same server are joined.
func ParseReply(text string, sent []envelope.JobHost) Reply {
	text = strings.ToValidUTF8(text, "\uFFFD")
	r := Reply{Results: make([]Result, len(sent))}
	for i, h := range sent {
		r.Results[i] = Result{Host: h, Outcome: Missing, Asked: true}
	}
	text, r.Cut = uncut(text)
	heads := hostHead().FindAllStringSubmatchIndex(text, -1)
	if len(heads) == 0 {
		r.Kind, r.Text = kindOf(text), plainText(text)
		return r
	}
	r.Text = plainText(text[:heads[0][0]])
	for i, at := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		outcome, output := part(text[at[1]:end])
		r.add(strings.TrimSpace(text[at[2]:at[3]]), outcome, output)
	}
	return r
}

// add joins a part into its server's row.
func (r *Reply) add(address string, outcome Outcome, output string) {
	at := -1
	for i, res := range r.Results {
		if strings.EqualFold(res.Host.LIP, address) || res.Asked && res.Host.Serial != "" && strings.EqualFold(res.Host.Serial, address) {
			at = i
			break
		}
	}
	if at < 0 {
		r.Results = append(r.Results, Result{Host: envelope.JobHost{LIP: address}, Outcome: Missing})
		at = len(r.Results) - 1
	}
	row := &r.Results[at]
	if row.Outcome == Missing {
		row.Outcome, row.Output = outcome, output
		return
	}
	if row.Outcome != outcome {
		row.Outcome = Unknown
	}
	row.Output = strings.TrimSuffix(row.Output, "\n") + "\n" + output
}

func hostHead() *regexp.Regexp {
	return regexp.MustCompile(`(?i)<font[^>]*>\s*主机\s*[：:]\s*</font>\s*<font[^>]*>\s*<b>([^<]*)</b>\s*</font>\s*(?:<br\s*/?>)?`)
}

func statusLine() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^\s*<font[^>]*>\s*运行状态\s*[：:]?\s*</font>\s*<font[^>]*>\s*<b>([^<]*)</b>\s*</font>\s*(?:<br\s*/?>)?`)
}

func ruleTable() *regexp.Regexp { return regexp.MustCompile(`(?is)<table[^>]*>.*?</table>\s*$`) }

func lineBreak() *regexp.Regexp { return regexp.MustCompile(`(?i)<br\s*/?>`) }

// part reads what follows a server's head.
func part(text string) (Outcome, string) {
	outcome := Unknown
	if m := statusLine().FindStringSubmatchIndex(text); m != nil {
		switch strings.TrimSpace(text[m[2]:m[3]]) {
		case "成功":
			outcome = Succeeded
		case "失败":
			outcome = Failed
		}
		text = text[m[1]:]
	} else if begins(text, "运行状态") {
		return Unknown, ""
	}
	text = ruleTable().ReplaceAllString(text, "")
	return outcome, lineBreak().ReplaceAllString(text, "\n")
}

func plainText(text string) string {
	return strings.TrimSpace(lineBreak().ReplaceAllString(text, "\n"))
}

func kindOf(text string) Kind {
	t := strings.TrimSpace(text)
	switch {
	case t == InvalidLogin, t == VerifyFailed:
		return Refused
	case strings.HasPrefix(t, `Module "Mid_`) && strings.HasSuffix(t, "does not exist, Please add it"):
		return NoModule
	}
	return Plain
}

// uncut takes a half tag and a half server's head off the end.
func uncut(text string) (string, bool) {
	cut := strings.HasSuffix(text, "\uFFFD")
	text = strings.TrimSuffix(text, "\uFFFD")
	if at := strings.LastIndexByte(text, '<'); at >= 0 && halfTag(text[at:]) {
		text, cut = text[:at], true
	}
	after := max(0, len(text)-maxHead)
	if heads := hostHead().FindAllStringIndex(text, -1); len(heads) > 0 {
		after = max(after, heads[len(heads)-1][1])
	}
	for _, at := range fontTag().FindAllStringIndex(text[after:], -1) {
		if begins(text[after+at[0]:], "主机：") {
			return text[:after+at[0]], true
		}
	}
	return text, cut
}

// maxHead is more than a server's head has bytes.
const maxHead = 400

// halfTag says that the text could go on to one of the tags that the server writes.
func halfTag(s string) bool {
	if strings.Contains(s, ">") {
		return false
	}
	for _, tag := range []string{"<font", "</font", "<b", "</b", "<br", "<table", "<tr", "<td", "</td", "</tr", "</table"} {
		if strings.HasPrefix(tag, s) || strings.HasPrefix(s, tag+" ") {
			return true
		}
	}
	return false
}

func fontTag() *regexp.Regexp { return regexp.MustCompile(`(?i)<font[^>]*>`) }

// begins says that the text without its tags is the caption or the first part of it, with at most a short word
// on the same line after it.
func begins(text, caption string) bool {
	bare := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, "")
	if word, ok := strings.CutPrefix(bare, caption); ok {
		return len(word) < 100 && !lineBreak().MatchString(text)
	}
	return strings.HasPrefix(caption, bare)
}
