package rights

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"omanager/app/problem"
)

func TestPrivileges(t *testing.T) {
	cases := []struct {
		text               string
		see1, run1, s4, r4 bool
	}{
		{"", false, false, false, false},
		{"root", true, true, true, true},
		{"zhiban", true, false, true, false},
		{"1,2,3", true, true, false, false},
		{" 1 , 11 ", true, true, false, false},
		{"11,2", false, false, false, false},
	}
	for _, c := range cases {
		p, err := ParsePrivileges(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		}
		if p.MaySee("1") != c.see1 || p.MayRun("1") != c.run1 || p.MaySee("4") != c.s4 || p.MayRun("4") != c.r4 {
			t.Errorf("%q: %+v", c.text, p)
		}
		if !p.Root() && (p.MayRun("") || p.MayRun("1,2") || p.MayRun("root")) {
			t.Errorf("%q may run odd categories", c.text)
		}
	}
	for _, bad := range []string{"1,root", "root,1", "zhiban,1", "1,,2", ",", "1;2", "*", "Root admin", "1\n2"} {
		if p, err := ParsePrivileges(bad); err == nil || p.MaySee("1") || p.MayRun("1") {
			t.Errorf("%q: %+v, %v", bad, p, err)
		}
	}
	var zero Privileges
	if zero.MaySee("1") || zero.MayRun("1") || zero.Root() {
		t.Error("the zero value allows something")
	}
}

func role(grants ...Grant) Role { return Role{Name: "r", Grants: grants} }

func TestDecisions(t *testing.T) {
	web := Server{Category: "1", App: "bbs", ID: "web01"}
	db := Server{Category: "2", App: "orders", ID: "db01"}
	log, restart := Module{"1001", "bas"}, Module{"3302", "dba"}
	for _, c := range []struct {
		name       string
		privileges string
		roles      []Role
		want       string // of each: sees, runs the log, runs the restart, approves the restart, on web then on db
	}{
		{"nothing", "", nil, "---- ----"},
		{"root", "root", nil, "srra srra"},
		{"duty", "zhiban", nil, "s--- s---"},
		{"a category", "1", nil, "srra ----"},
		{"look at an app", "", []Role{role(Grant{Verbs: []string{Look}, Servers: []string{"app:orders"}})}, "---- s---"},
		{"run one module on one server", "", []Role{role(Grant{[]string{Run}, []string{"1001"}, []string{"server:web01"}})}, "sr-- ----"},
		{"run a menu everywhere", "", []Role{role(Grant{[]string{Run}, []string{"category:dba"}, []string{Any}})}, "s-r- s-r-"},
		{"approve only", "", []Role{role(Grant{[]string{Approve}, []string{Any}, []string{"category:2"}})}, "---- s--a"},
		{"duty and a role", "zhiban", []Role{role(Grant{[]string{Run}, []string{"1001"}, []string{"app:bbs"}})}, "sr-- s---"},
		{"a category and a role", "1", []Role{role(Grant{[]string{Run}, []string{"3302"}, []string{"server:db01"}})}, "srra s-r-"},
		{"two roles do not mix", "", []Role{role(Grant{[]string{Run}, []string{"1001"}, []string{"app:bbs"}}, Grant{[]string{Run}, []string{"3302"}, []string{"app:orders"}})}, "sr-- s-r-"},
		{"bad privileges leave the role", "1;2", []Role{role(Grant{[]string{Run}, []string{"1001"}, []string{"app:bbs"}})}, "sr-- ----"},
		{"a role with one strange word", "", []Role{role(Grant{[]string{Run}, []string{Any}, []string{Any}}, Grant{[]string{"rn"}, []string{Any}, []string{Any}})}, "---- ----"},
		{"managing gives nothing else", "", []Role{{Name: "m", Manage: []string{ManageOperators, ManageAudit}}}, "---- ----"},
	} {
		r, err := Compile(c.privileges, c.roles...)
		if strange := c.name == "bad privileges leave the role" || c.name == "a role with one strange word"; strange != (err != nil) {
			t.Errorf("%s: %v", c.name, err)
		}
		var got []byte
		for i, s := range []Server{web, db} {
			if i > 0 {
				got = append(got, ' ')
			}
			got = append(got, mark('s', r.MaySee(s)), mark('r', r.MayRun(log, s)), mark('r', r.MayRun(restart, s)), mark('a', r.MayApprove(restart, s)))
		}
		if string(got) != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func mark(letter byte, may bool) byte {
	if may {
		return letter
	}
	return '-'
}

// TestEmptyNames: a server or module without a name is in no grant that names one.
func TestEmptyNames(t *testing.T) {
	r := Rights{grants: []grant{{verbs: set([]string{Run}), modules: set([]string{"", "category:"}), servers: set([]string{"category:", "app:", "server:"})}}}
	if r.MaySee(Server{}) || r.MayRun(Module{}, Server{}) || r.MayRunSomewhere(Module{}) {
		t.Error("nothing is taken for a name")
	}
}

func TestManage(t *testing.T) {
	for _, c := range []struct {
		privileges string
		role       Role
		want       string
	}{
		{"", Role{Name: "r"}, ""},
		{"zhiban", Role{Name: "r"}, ""},
		{"1", Role{Name: "r"}, "approvals"},
		{"root", Role{Name: "r"}, "operators,audit,approvals"},
		{"", Role{Name: "r", Manage: []string{ManageAudit}}, "audit"},
		{"", Role{Name: "r", Manage: []string{ManageOperators}, Grants: []Grant{{[]string{Approve}, []string{"1001"}, []string{"app:x"}}}}, "operators,approvals"},
	} {
		r, err := Compile(c.privileges, c.role)
		if got := strings.Join(r.Manages(), ","); got != c.want || err != nil {
			t.Errorf("%q %+v: %q, want %q (%v)", c.privileges, c.role, got, c.want, err)
		}
		if r.MayManage("settings") != r.Root() {
			t.Errorf("%q manages what nobody named", c.privileges)
		}
	}
}

func TestA12RoleShapes(t *testing.T) {
	good := Grant{[]string{Look, Run, Approve}, []string{"1001", "category:mid", Any}, []string{"category:1", "app:bbs.domain.com", "app:订单 a", "server:web01", "server:10.0.0.1*web01", "server:10.0.0.1*", Any}}
	if err := (Role{Name: "web-ops", Note: "网站", Grants: []Grant{good}, Manage: []string{"audit", "operators"}}).Check(); err != nil {
		t.Fatal(err)
	}
	many := func(n int, w string) []string { return slices.Repeat([]string{w}, n) }
	for name, c := range map[string]struct {
		r    Role
		want string
	}{
		"no name":         {Role{}, "role_name"},
		"name with quote": {Role{Name: `a"b`}, "role_name"},
		"name of 10 MB":   {Role{Name: strings.Repeat("a", 10<<20)}, "role_name"},
		"name with line":  {Role{Name: "a\n"}, "role_name"},
		"note of lines":   {Role{Name: "r", Note: "a\nb"}, "role_note"},
		"long note":       {Role{Name: "r", Note: strings.Repeat("长", 201)}, "role_note"},
		"note not UTF-8":  {Role{Name: "r", Note: "\xff"}, "role_note"},
		"note turned":     {Role{Name: "r", Note: "a\u202eb"}, "role_note"},
		"manage":          {Role{Name: "r", Manage: []string{"root"}}, "role_manage"},
		"manage twice":    {Role{Name: "r", Manage: many(3, "audit")}, "role_large"},
		"grants":          {Role{Name: "r", Grants: slices.Repeat([]Grant{good}, 33)}, "role_large"},
		"verb":            {role(Grant{[]string{"Run"}, []string{Any}, []string{Any}}), "role_verb"},
		"verb star":       {role(Grant{[]string{Any}, []string{Any}, []string{Any}}), "role_verb"},
		"no verb":         {role(Grant{nil, []string{Any}, []string{Any}}), "role_empty"},
		"no server":       {role(Grant{[]string{Look}, nil, nil}), "role_empty"},
		"no module":       {role(Grant{[]string{Run}, nil, []string{Any}}), "role_empty"},
		"many verbs":      {role(Grant{many(257, Look), nil, []string{Any}}), "role_large"},
		"many modules":    {role(Grant{[]string{Run}, many(257, "1001"), []string{Any}}), "role_large"},
		"module prefix":   {role(Grant{[]string{Run}, []string{"100*"}, []string{Any}}), "role_module"},
		"module word":     {role(Grant{[]string{Run}, []string{"root"}, []string{Any}}), "role_module"},
		"module menu":     {role(Grant{[]string{Run}, []string{"category:web"}, []string{Any}}), "role_module"},
		"module menu *":   {role(Grant{[]string{Run}, []string{"category:*"}, []string{Any}}), "role_module"},
		"server star":     {role(Grant{[]string{Look}, nil, []string{"server:web*"}}), "role_server"},
		"server address":  {role(Grant{[]string{Look}, nil, []string{"server:10.0.0.*"}}), "role_server"},
		"two stars":       {role(Grant{[]string{Look}, nil, []string{"server:10.0.0.1**"}}), "role_server"},
		"category star":   {role(Grant{[]string{Look}, nil, []string{"category:*"}}), "role_server"},
		"app star":        {role(Grant{[]string{Look}, nil, []string{"app:b*"}}), "role_server"},
		"bare name":       {role(Grant{[]string{Look}, nil, []string{"web01"}}), "role_server"},
		"all":             {role(Grant{[]string{Look}, nil, []string{"all"}}), "role_server"},
		"empty app":       {role(Grant{[]string{Look}, nil, []string{"app:"}}), "role_server"},
		"unknown prefix":  {role(Grant{[]string{Look}, nil, []string{"site:1"}}), "role_server"},
		"line in server":  {role(Grant{[]string{Look}, nil, []string{"server:a\nb"}}), "role_server"},
		"long server":     {role(Grant{[]string{Look}, nil, []string{"server:" + strings.Repeat("a", 300)}}), "role_server"},
	} {
		err := c.r.Check()
		p, _ := errors.AsType[*problem.Error](err)
		if p == nil || p.Code != c.want || len(p.Error()) > 400 || strings.ContainsAny(p.Error(), "\n") {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if r, err := Compile("", c.r); err == nil || r.MaySeeAll() || len(r.grants) > 0 || len(r.manage) > 0 {
			t.Errorf("%s: used all the same", name)
		}
	}
}

// TestA14CoversIsSound: whoever covers another may do everything that the other may. The negative control judges by the
// wrong way round and must be seen to be wrong.
func TestA14CoversIsSound(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	covered, wrong := 0, 0
	for range 20000 {
		a, b := someRights(rnd), someRights(rnd)
		if a.Covers(b) {
			covered++
			if what := escapes(a, b); what != "" {
				t.Fatalf("%+v covers %+v but may not %s", a, b, what)
			}
		}
		if b.Covers(a) && escapes(a, b) != "" {
			wrong++
		}
		if !a.Covers(a) {
			t.Fatalf("%+v does not cover itself", a)
		}
	}
	if covered < 500 || wrong < 500 {
		t.Errorf("%d covered and %d control cases: the test shows too little", covered, wrong)
	}
}

func someRights(rnd *rand.Rand) Rights {
	pick := func(words ...string) string { return words[rnd.IntN(len(words))] }
	var roles []Role
	for range rnd.IntN(3) {
		r := Role{Name: "r"}
		if rnd.IntN(4) == 0 {
			r.Manage = []string{pick(ManageOperators, ManageAudit)}
		}
		for range rnd.IntN(3) {
			g := Grant{Verbs: []string{pick(Look, Run, Run, Approve)}}
			for range 1 + rnd.IntN(2) {
				g.Modules = append(g.Modules, pick("1001", "category:bas", Any))
				g.Servers = append(g.Servers, pick("category:1", "app:x", "server:a", Any))
			}
			r.Grants = append(r.Grants, g)
		}
		roles = append(roles, r)
	}
	r, _ := Compile(pick("", "", "zhiban", "1", "1,2", "root"), roles...)
	return r
}

// escapes names something that b may and a may not.
func escapes(a, b Rights) string {
	for _, s := range []Server{{"1", "x", "a"}, {"1", "y", "b"}, {"2", "x", "c"}, {"3", "z", "a"}, {"9", "9", "9"}} {
		if b.MaySee(s) && !a.MaySee(s) {
			return "see " + s.ID
		}
		for _, m := range []Module{{"1001", "bas"}, {"1002", "bas"}, {"3302", "dba"}} {
			if b.MayRun(m, s) && !a.MayRun(m, s) || b.MayApprove(m, s) && !a.MayApprove(m, s) {
				return m.ID + " on " + s.ID
			}
		}
	}
	for _, what := range []string{ManageOperators, ManageAudit} {
		if b.MayManage(what) && !a.MayManage(what) {
			return what
		}
	}
	return ""
}
