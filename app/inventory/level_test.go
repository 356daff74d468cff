package inventory

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"omanager/app/problem"
)

const oneServer = `<wml><server ip="a"><serverserial>h1</serverserial><lip>10.0.0.1</lip><option>%</option></server></wml>`

func optionFile(attr string) []byte {
	return []byte(`<wml><AppClass id="1"><appname>网站</appname></AppClass>` + "\n" +
		`<AppClass id="2" ` + attr + `><appname>数据库</appname></AppClass></wml>`)
}

func TestLevels(t *testing.T) {
	server := []byte(strings.ReplaceAll(oneServer, "%", "2"))
	for attr, want := range map[string]Level{
		"": Normal, `level=""`: Normal, `level="normal"`: Normal, `level=" guarded "`: Guarded, `level="critical"`: Critical,
		`level="Critical"`: Critical, `level="guardd"`: Critical, `level="0"`: Critical, `other="critical"`: Normal,
	} {
		inv, err := Parse(optionFile(attr), server)
		if err != nil {
			t.Fatalf("%s: %v", attr, err)
		}
		if got := inv.Level(inv.Servers()...); got != want {
			t.Errorf("%s is %s, want %s", attr, got, want)
		}
		strange := attr == `level="Critical"` || attr == `level="guardd"` || attr == `level="0"`
		p, _ := errors.AsType[*problem.Error](inv.Notice())
		if strange != (p != nil && p.Code == "inventory_level" && p.Args["line"] == "2" && p.Args["category"] == "数据库") {
			t.Errorf("%s: notice %v", attr, inv.Notice())
		}
		again, err := Parse(Marshal(inv))
		if err != nil || again.Revision() != inv.Revision() || again.Notice() != nil {
			t.Errorf("%s: written and read again: %v, %v", attr, err, again.Notice())
		}
	}
}

// TestHighestLevelCounts: a server in no known category is not taken for a harmless one.
func TestHighestLevelCounts(t *testing.T) {
	inv := New([]Category{{ID: "1"}, {ID: "2", Level: Guarded}, {ID: "3", Level: Critical}, {ID: "4", Level: "nonsense"}}, nil)
	in := func(ids ...string) (out []Server) {
		for _, id := range ids {
			out = append(out, Server{CategoryID: id})
		}
		return out
	}
	for _, c := range []struct {
		servers []Server
		want    Level
	}{
		{nil, Normal}, {in("1"), Normal}, {in("1", "2", "1"), Guarded}, {in("3", "1"), Critical}, {in("2", "3", "2"), Critical},
		{in("4"), Critical}, {in("1", "nowhere"), Critical},
	} {
		if got := inv.Level(c.servers...); got != c.want {
			t.Errorf("%v: %s, want %s", c.servers, got, c.want)
		}
	}
}

// TestMendedLevel: mending the word takes the notice away though nothing else changes.
func TestMendedLevel(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, OptionFile, optionFile(`level="kritisch"`))
	put(t, dir, ServerFile, []byte(strings.ReplaceAll(oneServer, "%", "2")))
	s, err := Open(dir)
	if err != nil || s.Current().Notice() == nil {
		t.Fatalf("opened with %v, notice %v", err, s.Current().Notice())
	}
	running(t, s)
	put(t, dir, OptionFile, optionFile(`level="critical"`))
	until(t, s, func() bool { return s.Current().Notice() == nil })
	if d := cmp.Diff([]Category{{"1", "网站", Normal}, {"2", "数据库", Critical}}, s.Current().Categories()); d != "" {
		t.Error(d)
	}
}
