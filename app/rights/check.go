package rights

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"omanager/app/problem"
)

// Bounds of a role; an operator holds at most MaxRoles.
const (
	MaxRoles   = 16
	maxNote    = 200 // characters
	maxGrants  = 32
	maxEntries = 256 // modules or servers of one grant
	maxWord    = 255 // bytes of one entry
)

var (
	name     = regexp.MustCompile(`\A[A-Za-z][A-Za-z0-9._-]{0,19}\z`) // as operators' names are
	moduleID = regexp.MustCompile(`\A[1-9][0-9]{0,8}\z`)
)

// Check refuses a role that is not understood to the last word, with the problem that names it.
func (r Role) Check() error {
	if !name.MatchString(r.Name) {
		return problem.New("role_name", "role", shown(r.Name))
	}
	if !line(r.Note) || utf8.RuneCountInString(r.Note) > maxNote {
		return problem.New("role_note", "role", r.Name, "max", strconv.Itoa(maxNote))
	}
	if len(r.Grants) > maxGrants {
		return problem.New("role_large", "role", r.Name, "what", "grants", "count", strconv.Itoa(len(r.Grants)), "max", strconv.Itoa(maxGrants))
	}
	for _, what := range r.Manage {
		if what != ManageOperators && what != ManageAudit {
			return problem.New("role_manage", "role", r.Name, "value", shown(what))
		}
	}
	if len(r.Manage) > 2 {
		return problem.New("role_large", "role", r.Name, "what", "manage", "count", strconv.Itoa(len(r.Manage)), "max", "2")
	}
	for i, g := range r.Grants {
		if err := g.check(r.Name, strconv.Itoa(i+1)); err != nil {
			return err
		}
	}
	return nil
}

func (g Grant) check(role, number string) error {
	acts := slices.Contains(g.Verbs, Run) || slices.Contains(g.Verbs, Approve)
	for _, l := range []struct {
		what   string
		list   []string
		needed bool
	}{{"verbs", g.Verbs, true}, {"modules", g.Modules, acts}, {"servers", g.Servers, true}} {
		if len(l.list) > maxEntries {
			return problem.New("role_large", "role", role, "what", l.what, "count", strconv.Itoa(len(l.list)), "max", strconv.Itoa(maxEntries))
		}
		if l.needed && len(l.list) == 0 {
			return problem.New("role_empty", "role", role, "grant", number, "what", l.what)
		}
	}
	for _, v := range g.Verbs {
		if v != Look && v != Run && v != Approve {
			return problem.New("role_verb", "role", role, "grant", number, "value", shown(v))
		}
	}
	for _, m := range g.Modules {
		if !moduleWord(m) {
			return problem.New("role_module", "role", role, "grant", number, "value", shown(m))
		}
	}
	for _, s := range g.Servers {
		if !serverWord(s) {
			return problem.New("role_server", "role", role, "grant", number, "value", shown(s))
		}
	}
	return nil
}

func moduleWord(w string) bool {
	if w == Any {
		return true
	}
	if c, ok := strings.CutPrefix(w, categoryPrefix); ok {
		return slices.Contains([]string{"bas", "app", "dba", "ser", "mid"}, c)
	}
	return moduleID.MatchString(w)
}

// serverWord knows one star that is no wildcard: ids of servers whose serial is not unique are ADDRESS*SERIAL.
func serverWord(w string) bool {
	if w == Any {
		return true
	}
	if !line(w) || len(w) > maxWord {
		return false
	}
	if id, ok := strings.CutPrefix(w, serverPrefix); ok {
		before, after, star := strings.Cut(id, "*")
		_, err := netip.ParseAddr(before)
		return id != "" && (!star || err == nil && !strings.Contains(after, "*"))
	}
	for _, prefix := range []string{categoryPrefix, appPrefix} {
		if v, ok := strings.CutPrefix(w, prefix); ok {
			return v != "" && !strings.Contains(v, "*")
		}
	}
	return false
}

// line reports whether the text is one line of UTF-8 without control characters.
func line(s string) bool {
	return utf8.ValidString(s) && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
	})
}

// shown is a text that a person may have got wrong, made fit for a sentence: short and on one line.
func shown(s string) string {
	const most = 60
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strings.Trim(strconv.Quote(s), `"`)
}
