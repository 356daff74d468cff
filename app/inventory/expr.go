package inventory

import (
	"strconv"
	"strings"

	"omanager/app/problem"
)

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
	atoms, err := lex(expr)
	if err != nil {
		return nil, err
	}
	s := &selection{inv: inv, index: inv.index(), expr: expr,
		on: make([]bool, len(inv.servers)), why: make([]string, len(inv.servers)), ranges: maxNames, work: maxWork}
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
		return nil, problem.New("no_targets", "expr", clip(expr, 200))
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

func (s *selection) apply(a atom) error {
	hits, err := s.resolve(a)
	if err != nil {
		return err
	}
	if len(hits) == 0 && a.op == '!' && !s.known(a) {
		return problem.New("expr_unknown", "name", clip(a.text, 80))
	}
	cost := len(hits) + 1
	if a.op == '&' {
		cost += len(s.on)
	}
	if err := s.spend(cost); err != nil {
		return err
	}
	switch a.op {
	case ',':
		for _, i := range hits {
			if !s.on[i] {
				s.on[i], s.why[i] = true, a.text
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
		s.intersect(hits, a.text)
	}
	return nil
}

func (s *selection) spend(n int) error {
	if s.work -= n; s.work < 0 {
		return tooLarge(s.expr, "steps", strconv.Itoa(maxWork))
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
func (s *selection) known(a atom) bool {
	return a.kind == byCategory && len(s.cats(a.value)) > 0 || a.isAll()
}

func (a atom) isAll() bool { return a.kind == byName && !a.literal && a.value == "all" }

// resolve gives the positions an atom names, perhaps some twice. A plain text that names nothing is a problem.
func (s *selection) resolve(a atom) ([]int, error) {
	if a.isAll() {
		return s.everyone(), s.spend(len(s.on))
	}
	if hits, ok := s.exact(a.kind, a.value); ok {
		return hits, nil
	}
	ranged := strings.Contains(a.value, "[")
	if a.literal || !ranged && !hasWildcard(a.value) {
		return nil, problem.New("expr_unknown", "name", clip(a.text, 80))
	}
	list := []string{a.value}
	if ranged {
		var err error
		if list, err = expand(s.expr, a.value, s.ranges); err != nil {
			return nil, err
		}
		s.ranges -= len(list)
	}
	return s.each(a.kind, list)
}

// each gathers the positions of names and patterns, each position once.
func (s *selection) each(kind atomKind, list []string) (hits []int, err error) {
	have := make([]bool, len(s.on))
	for _, v := range list {
		found, _ := s.exact(kind, v)
		if hasWildcard(v) {
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
func (s *selection) exact(kind atomKind, value string) (hits []int, ok bool) {
	switch kind {
	case byApp:
		hits = s.apps[value]
	case byCategory:
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

func (s *selection) pattern(kind atomKind, pattern string) (hits []int, err error) {
	switch kind {
	case byApp:
		for app, in := range s.apps {
			if match(pattern, app) {
				hits = append(hits, in...)
			}
		}
		return hits, s.spend(len(s.apps))
	case byCategory:
		for _, c := range s.inv.cats {
			if match(pattern, c.ID) || match(pattern, c.Name) {
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
			if n != "" && match(pattern, n) {
				hits = append(hits, i)
				break
			}
		}
	}
	return hits, nil
}
