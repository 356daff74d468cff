package inventory

import (
	"strconv"
	"strings"

	"omanager/app/inventory/hostexpr"
	"omanager/app/problem"
)

// maxWork bounds the comparisons and set steps of one expression: many operators share a control server.
const maxWork = 20_000_000

// Choice is one chosen server and the part of the expression that chose it.
type Choice struct {
	Server Server
	Reason string
}

// Select gives the servers of an expression, each once, in the inventory's order. Atoms are read from left to
// right, joined by , (and also) ! (but not) & (and only):
//
//	name          id, serial, LIP*serial or any address; * and ? are wildcards
//	web[01-20,25] ranges of numbers, zeros kept; missing numbers are passed over
//	category:NAME the servers of a category, by id or name
//	app:NAME      the servers of an application
//	all           every server
//	"..."         a text as it stands, also after category: and app:
//
// A plain text that names nothing is a problem (expr_unknown), and so is a pattern after ! that matches nothing,
// for there a slip of the pen would widen the choice. Nothing chosen is no_targets.
func (inv *Inventory) Select(expr string) ([]Choice, error) {
	if strings.TrimSpace(expr) == "" {
		return nil, problem.New("no_targets", "expr", "")
	}
	atoms, err := hostexpr.Parse(expr)
	if err != nil {
		return nil, err
	}
	s := &selection{inv: inv, index: inv.index(), expr: expr,
		on: make([]bool, len(inv.servers)), why: make([]string, len(inv.servers)), ranges: hostexpr.MaxNames, work: maxWork}
	for _, a := range atoms {
		if err := s.apply(a); err != nil {
			return nil, err
		}
	}
	out := make([]Choice, 0, s.count)
	for i, on := range s.on {
		if on {
			out = append(out, Choice{Server: inv.servers[i], Reason: s.why[i]})
		}
	}
	if len(out) == 0 {
		return nil, problem.New("no_targets", "expr", hostexpr.Clip(expr, 200))
	}
	return out, nil
}

// selection is the state between two atoms. ranges and work are what is left of the expression's allowance.
type selection struct {
	*index
	inv    *Inventory
	expr   string
	on     []bool
	why    []string
	count  int
	ranges int
	work   int
}

func (s *selection) apply(a hostexpr.Atom) error {
	hits, err := s.resolve(a)
	if err != nil {
		return err
	}
	if len(hits) == 0 && a.Op == '!' && !s.known(a) {
		return problem.New("expr_unknown", "name", hostexpr.Clip(a.Text, 80))
	}
	cost := len(hits) + 1
	if a.Op == '&' {
		cost += len(s.on)
	}
	if err := s.spend(cost); err != nil {
		return err
	}
	switch a.Op {
	case ',':
		for _, i := range hits {
			if !s.on[i] {
				s.on[i], s.why[i] = true, a.Text
				s.count++
			}
		}
	case '!':
		for _, i := range hits {
			if s.on[i] {
				s.on[i] = false
				s.count--
			}
		}
	case '&':
		s.intersect(hits, a.Text)
	}
	return nil
}

func (s *selection) spend(n int) error {
	if s.work -= n; s.work < 0 {
		return hostexpr.TooLarge(s.expr, "steps", strconv.Itoa(maxWork))
	}
	return nil
}

// intersect keeps what both sides choose; the reason then names both, as long as it stays readable.
func (s *selection) intersect(hits []int, text string) {
	both := make([]bool, len(s.on))
	joined := make(map[string]string)
	s.count = 0
	for _, i := range hits {
		if !s.on[i] || both[i] {
			continue
		}
		both[i] = true
		s.count++
		why, ok := joined[s.why[i]]
		if !ok {
			why = s.why[i] + " & " + text
			if len(why) > 200 {
				why = s.why[i]
			}
			joined[s.why[i]] = why
		}
		s.why[i] = why
	}
	s.on = both
}

// known reports whether an atom without servers still names something, such as an empty category.
func (s *selection) known(a hostexpr.Atom) bool {
	return a.Kind == hostexpr.ByCategory && len(s.cats(a.Value)) > 0 || a.IsAll()
}

// resolve gives the positions an atom names, perhaps some twice. A plain text that names nothing is a problem.
func (s *selection) resolve(a hostexpr.Atom) ([]int, error) {
	if a.IsAll() {
		return s.everyone(), s.spend(len(s.on))
	}
	if hits, ok := s.exact(a.Kind, a.Value); ok {
		return hits, nil
	}
	ranged := strings.Contains(a.Value, "[")
	if a.Literal || !ranged && !hostexpr.HasWildcard(a.Value) {
		return nil, problem.New("expr_unknown", "name", hostexpr.Clip(a.Text, 80))
	}
	list := []string{a.Value}
	if ranged {
		var err error
		if list, err = hostexpr.Expand(s.expr, a.Value, s.ranges); err != nil {
			return nil, err
		}
		s.ranges -= len(list)
	}
	return s.each(a.Kind, list)
}

// each gathers the positions of names and patterns, each position once.
func (s *selection) each(kind hostexpr.Kind, list []string) (hits []int, err error) {
	have := make([]bool, len(s.on))
	for _, v := range list {
		found, _ := s.exact(kind, v)
		if hostexpr.HasWildcard(v) {
			if found, err = s.pattern(kind, v); err != nil {
				return nil, err
			}
		}
		if err := s.spend(len(found) + 1); err != nil {
			return nil, err
		}
		for _, i := range found {
			if !have[i] {
				have[i] = true
				hits = append(hits, i)
			}
		}
	}
	return hits, nil
}

func (s *selection) everyone() []int {
	all := make([]int, len(s.on))
	for i := range all {
		all[i] = i
	}
	return all
}

// exact looks a text up; ok tells whether it names something, which an empty category also does.
func (s *selection) exact(kind hostexpr.Kind, value string) (hits []int, ok bool) {
	switch kind {
	case hostexpr.ByApp:
		hits = s.apps[value]
	case hostexpr.ByCategory:
		cats := s.cats(value)
		for _, c := range cats {
			hits = append(hits, s.inCat[s.inv.cats[c].ID]...)
		}
		return hits, len(cats) > 0
	default:
		if hits = s.index.names[value]; len(hits) == 0 {
			hits = s.pair(value)
		}
	}
	return hits, len(hits) > 0
}

// cats finds categories by id, or else by name.
func (s *selection) cats(value string) []int {
	if i, ok := s.catIDs[value]; ok {
		return []int{i}
	}
	return s.catNames[value]
}

// pair finds "LIP*serial", the form in which the legacy system names a server.
func (s *selection) pair(value string) []int {
	lip, serial, ok := strings.Cut(value, "*")
	if !ok || lip == "" || serial == "" {
		return nil
	}
	var hits []int
	for _, i := range s.index.names[serial] {
		if v := &s.inv.servers[i]; v.LIP == lip && v.Serial == serial {
			hits = append(hits, i)
		}
	}
	return hits
}

func (s *selection) pattern(kind hostexpr.Kind, pattern string) (hits []int, err error) {
	switch kind {
	case hostexpr.ByApp:
		for app, in := range s.apps {
			if hostexpr.Match(pattern, app) {
				hits = append(hits, in...)
			}
		}
		return hits, s.spend(len(s.apps))
	case hostexpr.ByCategory:
		for _, c := range s.inv.cats {
			if hostexpr.Match(pattern, c.ID) || hostexpr.Match(pattern, c.Name) {
				hits = append(hits, s.inCat[c.ID]...)
			}
		}
		return hits, s.spend(len(s.inv.cats))
	}
	if err := s.spend(4 * len(s.on)); err != nil {
		return nil, err
	}
	for i := range s.inv.servers {
		for _, n := range names(&s.inv.servers[i]) {
			if n != "" && hostexpr.Match(pattern, n) {
				hits = append(hits, i)
				break
			}
		}
	}
	return hits, nil
}
