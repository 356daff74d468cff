package table

import (
	"strings"
	"testing"
)

func text(rows []Row) string {
	var lines []string
	for _, r := range rows {
		var cells []string
		for _, c := range r {
			cells = append(cells, c.Text)
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return strings.Join(lines, "\n")
}

func TestParse(t *testing.T) {
	const ps = "  PID %CPU COMMAND\n    1  0.5 /sbin/init splash\n\n  200 99.0 stress -c  4\n"
	const passwd = "root:x:0:0::/root:/bin/bash\nbroken line\nwang:x:1000:1000:Wang, Li:/home/wang:/bin/sh\n"
	for _, c := range []struct {
		name  string
		table Table
		out   string
		want  string
		left  int
	}{
		{"header", Table{Header: true, Columns: []Column{{Name: "command"}, {Name: "pid", Type: Int}, {Name: "cpu", Head: "%CPU", Type: Float}}}, ps,
			"/sbin/init splash|1|0.5\nstress -c  4|200|99.0", 0},
		{"header that is not there", Table{Header: true, Columns: []Column{{Name: "nosuch"}}}, ps, "", 4},
		{"header with separator", Table{Header: true, Separator: ",", Columns: []Column{{Name: "b"}}}, "a,b\n1,2 3\n4\n", "2 3", 1},
		{"separator", Table{Separator: ":", Columns: []Column{{Name: "user"}, {Name: "x"}, {Name: "uid", Type: Int}, {Name: "rest"}}}, passwd,
			"root|x|0|0::/root:/bin/bash\nwang|x|1000|1000:Wang, Li:/home/wang:/bin/sh", 1},
		{"blanks", Table{Separator: " ", Skip: 1, Columns: []Column{{Name: "a"}, {Name: "b"}}}, "head line\n x  y z \nonly\n", "x|y z", 1},
		{"regexp", Table{Regexp: `(?P<name>\S+): (?P<state>up|down)`, Columns: []Column{{Name: "state"}, {Name: "name"}}}, "nginx: up\nnoise\nmysql: down\r\n",
			"up|nginx\ndown|mysql", 1},
	} {
		if err := c.table.Ready(); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		rows, left := c.table.Parse([]byte(c.out))
		if got := text(rows); got != c.want || left != c.left {
			t.Errorf("%s: %q, %d left", c.name, got, left)
		}
	}
}

func TestReadyRefuses(t *testing.T) {
	one := []Column{{Name: "a"}}
	for cause, c := range map[string]Table{
		"columns":    {Header: true},
		"one of":     {Columns: one},
		"one of ":    {Regexp: "(?P<a>x)", Separator: ":", Columns: one},
		"no group":   {Regexp: "(x)", Columns: one},
		"regexp:":    {Regexp: "(", Columns: one},
		"bounds":     {Header: true, Skip: -1, Columns: one},
		"be there":   {Header: true, Columns: []Column{{Name: "a"}, {Name: "a"}}},
		"lower-case": {Header: true, Columns: []Column{{Name: "A"}}},
		"is not one": {Header: true, Columns: []Column{{Name: "a", Type: "money"}}},
	} {
		if err := c.Ready(); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(cause)) {
			t.Errorf("%s: %v", cause, err)
		}
	}
}

func TestSortByNumber(t *testing.T) {
	c := Table{Separator: " ", Columns: []Column{{Name: "size", Type: Size}}}
	if err := c.Ready(); err != nil {
		t.Fatal(err)
	}
	rows, _ := c.Parse([]byte("2G\n900\n1.5MiB\n-\n10K\n"))
	Sort(rows, 0, false)
	if got := text(rows); got != "900\n10K\n1.5MiB\n2G\n-" {
		t.Errorf("up: %q", got)
	}
	Sort(rows, 0, true)
	if got := text(rows); got != "-\n2G\n1.5MiB\n10K\n900" {
		t.Errorf("down: %q", got)
	}
	for _, w := range []struct {
		t  Type
		in string
		n  float64
		is bool
	}{
		{Int, "-5", -5, true}, {Int, "5.0", 0, false}, {Int, "5K", 0, false}, {Percent, "85%", 85, true}, {Duration, "12 ms", 0.012, true},
		{Duration, "3h", 10800, true}, {Float, "1e3", 0, false}, {Size, "1kB", 1024, true}, {Text, "5", 0, false},
	} {
		if got := w.t.cell(w.in); got.Is != w.is || got.Number != w.n || got.Text != w.in {
			t.Errorf("%s %q: %+v", w.t, w.in, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a b\n1 2\n", ":")
	f.Fuzz(func(t *testing.T, out, separator string) {
		for _, c := range []Table{{Header: true, Columns: []Column{{Name: "b"}}}, {Separator: separator, Columns: []Column{{Name: "a", Type: Size}, {Name: "b"}}}} {
			if c.Ready() != nil {
				continue
			}
			rows, _ := c.Parse([]byte(out))
			for _, r := range rows {
				if len(r) != len(c.Columns) {
					t.Fatalf("%d cells", len(r))
				}
			}
		}
	})
}
