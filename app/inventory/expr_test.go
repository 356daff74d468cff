package inventory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"omanager/app/inventory/hostexpr"
)

// fleet has web01..web12, db1..db3, 缓存1, 缓存2, and two servers of one serial.
func fleet() *Inventory {
	cats := []Category{{ID: "1", Name: "网站"}, {ID: "2", Name: "数据库"}, {ID: "3", Name: "empty, one"}, {ID: "4", Name: "App Server"}}
	var s []Server
	add := func(serial, lip, app, cat string) {
		s = append(s, Server{IP: lip, Serial: serial, LIP: lip, WIP: "w" + lip, App: app, CategoryID: cat})
	}
	for i := 1; i <= 12; i++ {
		add(fmt.Sprintf("web%02d", i), fmt.Sprintf("10.0.0.%d", i), "shop", "1")
	}
	for i := 1; i <= 3; i++ {
		add(fmt.Sprintf("db%d", i), fmt.Sprintf("10.0.1.%d", i), "shop&pay, all", "2")
	}
	add("缓存1", "10.0.2.1", "缓存", "4")
	add("缓存2", "10.0.2.2", "缓存", "4")
	add("twin", "10.0.3.1", "x", "9")
	add("twin", "10.0.3.2", "x", "9")
	s[0].Address = "front.example"
	return New(cats, s)
}

func choose(t *testing.T, inv *Inventory, expr string) string {
	t.Helper()
	list, err := inv.Select(expr)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	var ids []string
	for _, c := range list {
		ids = append(ids, c.Server.ID)
	}
	return strings.Join(ids, " ")
}

func TestSelect(t *testing.T) {
	inv := fleet()
	for expr, want := range map[string]string{
		"web01":                            "web01",
		"  web01 ":                         "web01",
		"10.0.0.2":                         "web02",
		"w10.0.0.3":                        "web03",
		"front.example":                    "web01",
		"db2,web01 , db1":                  "web01 db1 db2",
		"web01,web01":                      "web01",
		"缓存1":                              "缓存1",
		"缓存?":                              "缓存1 缓存2",
		"?存1":                              "缓存1",
		"twin":                             "10.0.3.1*twin 10.0.3.2*twin",
		"10.0.3.2*twin":                    "10.0.3.2*twin",
		"10.0.1.1*db1":                     "db1",
		"10.0.3.*":                         "10.0.3.1*twin 10.0.3.2*twin",
		"web[01-03]":                       "web01 web02 web03",
		"web[01-02,7-8,11]":                "web01 web02 web11",
		"web[01-2]":                        "web01 web02",
		"web[09-11]":                       "web09 web10 web11",
		"web[9-11]":                        "web10 web11",
		"web[ 01 - 02, 11 ]":               "web01 web02 web11",
		"web[01-99]&web1?":                 "web10 web11 web12",
		"web0[1-2],db[1-9]":                "web01 web02 db1 db2 db3",
		"10.0.[0-1].[1-2]":                 "web01 web02 db1 db2",
		"缓存[2-3]":                          "缓存2",
		"w?b1[0-1]*":                       "web10 web11",
		"category:2":                       "db1 db2 db3",
		"category:数据库":                     "db1 db2 db3",
		"category:数*":                      "db1 db2 db3",
		"category:[2-3]":                   "db1 db2 db3",
		"category:App Server":              "缓存1 缓存2",
		`category:"App Server" !缓存1`:       "缓存2",
		`category:2,category:"empty, one"`: "db1 db2 db3",
		"category:9":                       "10.0.3.1*twin 10.0.3.2*twin",
		`app:"shop&pay, all"`:              "db1 db2 db3",
		"app:缓存":                           "缓存1 缓存2",
		"app:shop?pay*":                    "",
		"app:shop*!category:1":             "db1 db2 db3",
		"category:1!web0*":                 "web10 web11 web12",
		"category:1!web0*,db1":             "web10 web11 web12 db1",
		"db1,category:1&web1?":             "web10 web11 web12",
		"all&db*!db2":                      "db1 db3",
		`"web01","db1"`:                    "web01 db1",
		"db1!category:3":                   "db1",
		"\u3000db1\u3000,\ndb2":            "db1 db2",
	} {
		t.Run(expr, func(t *testing.T) {
			if want == "" { // & is an operator unless quoted
				want = "db1 db2 db3"
			}
			if got := choose(t, inv, expr); got != want {
				t.Errorf("chooses %s, want %s", got, want)
			}
		})
	}
}

func TestSelectProblems(t *testing.T) {
	inv := fleet()
	for expr, want := range map[string][]string{
		"":                                      {"no_targets"},
		" \n":                                   {"no_targets"},
		"web01!web01":                           {"no_targets", "web01!web01"},
		"web01&db1":                             {"no_targets"},
		"category:3":                            {"no_targets"},
		"nothing*":                              {"no_targets"},
		"web9":                                  {"expr_unknown", `"web9"`},
		"db1,web9,db2":                          {"expr_unknown", `"web9"`},
		"all!web9":                              {"expr_unknown"},
		"all!wbe[01-09]":                        {"expr_unknown", "wbe[01-09]"},
		"all!tset*":                             {"expr_unknown"},
		"category:nope":                         {"expr_unknown", "category:nope"},
		"app:nope":                              {"expr_unknown"},
		`"all"`:                                 {"expr_unknown"},
		`"web*"`:                                {"expr_unknown"},
		"WEB01":                                 {"expr_unknown"},
		",db1":                                  {"expr_syntax"},
		"!db1":                                  {"expr_syntax"},
		"db1,":                                  {"expr_syntax", `at ","`},
		"db1,,db2":                              {"expr_syntax"},
		"db1 , ! db2":                           {"expr_syntax"},
		"db1 db2":                               {"expr_syntax", `at "db2"`},
		"db[1-2] db3":                           {"expr_syntax", `at "db3"`},
		"db[1-2":                                {"expr_syntax", `at "[1-2"`},
		"db1]":                                  {"expr_syntax"},
		"db[[1]]":                               {"expr_syntax"},
		"db[]":                                  {"expr_syntax", `at "[]"`},
		"db[3-1]":                               {"expr_syntax"},
		"db[a-c]":                               {"expr_syntax"},
		"db[1-2-3]":                             {"expr_syntax"},
		"db[-1]":                                {"expr_syntax"},
		"web[1-09]":                             {"expr_syntax"},
		"db[1,]":                                {"expr_syntax"},
		`"db1`:                                  {"expr_syntax"},
		`"db1"x`:                                {"expr_syntax"},
		`db"1"`:                                 {"expr_syntax"},
		`""`:                                    {"expr_syntax"},
		"category:":                             {"expr_syntax"},
		"db1!category: ":                        {"expr_syntax"},
		"web[1-100001]":                         {"expr_size"},
		"web[1-999999999]":                      {"expr_size"},
		"w[1-999][1-999]":                       {"expr_size"},
		"w[1-60000],w[1-60000]":                 {"expr_size"},
		"w[1][1][1][1][1]":                      {"expr_size"},
		"web[9999999999]":                       {"expr_syntax"},
		strings.Repeat("x", hostexpr.MaxAtom+1): {"expr_size"},
		strings.Repeat("a", hostexpr.MaxExpr) + "b": {"expr_size"},
		"all" + strings.Repeat("&all", 262_000):     {"", ""},
	} {
		t.Run(hostexpr.Clip(expr, 30), func(t *testing.T) {
			got, err := inv.Select(expr)
			if want[0] == "" {
				if err != nil || len(got) != len(inv.Servers()) {
					t.Fatalf("%d chosen: %v", len(got), err)
				}
				return
			}
			wantProblem(t, err, want[0], want[1:]...)
			if got != nil {
				t.Errorf("chose %v beside the problem", got)
			}
		})
	}
}

func TestSelectIsBounded(t *testing.T) {
	inv := mustParse(t, wml(""), second(big(10_000)))
	for _, expr := range []string{"all" + strings.Repeat(",all", 5000), "SN*" + strings.Repeat(",*1*2*3*", 5000),
		"category:[" + strings.Repeat("1,", 50_000) + "1]"} {
		_, err := inv.Select(expr)
		wantProblem(t, err, "expr_size")
	}
}

func second(_, b []byte) []byte { return b }

func TestReasons(t *testing.T) {
	list, err := fleet().Select(`web01, category:1 & web0[1-2] , app:缓存 , "db1" , 缓存1`)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range list {
		got[c.Server.ID] = c.Reason
	}
	want := map[string]string{"web01": "web01 & web0[1-2]", "web02": "category:1 & web0[1-2]", "db1": `"db1"`, "缓存1": "app:缓存", "缓存2": "app:缓存"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestVisible(t *testing.T) {
	inv := fleet()
	in := func(ids ...string) *Inventory {
		ok := func(id string) bool { return slices.Contains(ids, id) }
		return inv.Visible(ok, func(s Server) bool { return ok(s.CategoryID) })
	}
	mine := in("2", "3")
	if d := cmp.Diff([]Category{{"2", "数据库", Normal}, {"3", "empty, one", Normal}}, mine.Categories()); d != "" {
		t.Error(d)
	}
	if got := choose(t, mine, "all"); got != "db1 db2 db3" {
		t.Errorf("all is %s", got)
	}
	for _, expr := range []string{"web01", "10.0.0.1", "category:1", "category:网站", "app:shop", `"10.0.3.1*twin"`} {
		_, err := mine.Select(expr)
		wantProblem(t, err, "expr_unknown")
	}
	if _, ok := mine.Get("web01"); ok {
		t.Error("a hidden server is found")
	}
	if s, ok := mine.Get("db1"); !ok || s.LIP != "10.0.1.1" {
		t.Errorf("db1 is %v", s)
	}
	if mine.Revision() == inv.Revision() {
		t.Error("revisions are equal")
	}
	twins := in("9")
	if got := choose(t, twins, "all"); got != "10.0.3.1*twin 10.0.3.2*twin" {
		t.Errorf("IDs changed: %s", got)
	}
	one := inv.Visible(func(string) bool { return false }, func(s Server) bool { return s.ID == "db2" })
	if d := cmp.Diff([]Category{{"2", "数据库", Normal}}, one.Categories()); d != "" || choose(t, one, "all") != "db2" {
		t.Errorf("one server alone: %s %s", choose(t, one, "all"), d)
	}
	if _, err := one.Select("db1"); err == nil {
		t.Error("its neighbour is found")
	}
	if everything := in("1", "2", "3", "4", "9"); everything != inv {
		t.Error("who sees everything sees a copy")
	}
}

func TestRevision(t *testing.T) {
	a := New([]Category{{ID: "1", Name: "ab"}, {ID: "2", Name: "c"}}, nil)
	for _, other := range []*Inventory{New([]Category{{ID: "1", Name: "a"}, {ID: "2", Name: "bc"}}, nil), New([]Category{{ID: "2", Name: "c"}, {ID: "1", Name: "ab"}}, nil), New(nil, nil),
		New(a.Categories(), []Server{{Serial: "x", CategoryID: "1", Port: 1}})} {
		if a.Revision() == other.Revision() {
			t.Errorf("revision of %v is that of %v", other, a)
		}
	}
	if a.Revision() != New(a.Categories(), nil).Revision() {
		t.Error("equal inventories differ")
	}
}

// TestPartition: for random expressions X, "X" and "all!X" have no server in common and all together.
func TestPartition(t *testing.T) {
	inv := fleet()
	atoms := []string{"web01", "web*", "db[1-3]", "category:1", "category:数据库", "app:缓存", "10.0.3.1*twin", "twin", "*", "all", "*1", `"db1"`}
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		x := atoms[r.IntN(len(atoms))]
		terms := []string{x}
		for range r.IntN(4) {
			next := atoms[r.IntN(len(atoms))]
			terms = append(terms, next)
			x += "," + next
		}
		in := map[string]int{}
		list, err := inv.Select(x)
		if err != nil {
			t.Fatalf("%s: %v", x, err)
		}
		not, err := inv.Select("all!" + strings.Join(terms, " ! "))
		if err != nil && len(list) != len(inv.Servers()) {
			t.Fatalf("all without %s: %v", x, err)
		}
		for _, c := range append(list, not...) {
			in[c.Server.ID]++
		}
		if len(in) != len(inv.Servers()) || len(list)+len(not) != len(inv.Servers()) {
			t.Fatalf("%s: %d and %d of %d", x, len(list), len(not), len(inv.Servers()))
		}
	}
}

func TestTenThousandNames(t *testing.T) {
	inv := mustParse(t, wml(""), second(big(10_000)))
	var ids []string
	for _, s := range inv.Servers() {
		ids = append(ids, s.Serial)
	}
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	list, err := inv.Select(strings.Join(ids, ","))
	if err != nil || len(list) != 10_000 {
		t.Fatalf("%d chosen: %v", len(list), err)
	}
	for i, c := range list {
		if c.Server.ID != inv.Servers()[i].ID || c.Reason != c.Server.ID {
			t.Fatalf("place %d holds %s for %s", i, c.Server.ID, c.Reason)
		}
	}
}

func FuzzSelect(f *testing.F) {
	for _, s := range []string{"all!web*", `category:"a\"b",app:x`, "web[01-20,7]&10.0.*", "缓存?, [1]"} {
		f.Add(s)
	}
	inv := fleet()
	f.Fuzz(func(t *testing.T, expr string) {
		list, err := inv.Select(expr)
		if (err == nil) != (len(list) > 0) {
			t.Fatalf("%d chosen with %v", len(list), err)
		}
		last := -1
		for _, c := range list {
			at := -1
			for i, s := range inv.Servers() {
				if s.ID == c.Server.ID {
					at = i
				}
			}
			if at <= last || c.Reason == "" {
				t.Fatalf("%s stands out of order or without reason", c.Server.ID)
			}
			last = at
		}
	})
}

func BenchmarkSelect10kNames(b *testing.B) {
	inv := mustParse(b, wml(""), second(big(10_000)))
	var ids []string
	for _, s := range inv.Servers() {
		ids = append(ids, s.Serial)
	}
	expr := strings.Join(ids, ",")
	inv.index()
	for b.Loop() {
		if _, err := inv.Select(expr); err != nil {
			b.Fatal(err)
		}
	}
}
