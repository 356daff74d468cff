package value

import (
	"strings"
	"testing"
)

func TestForms(t *testing.T) {
	for _, c := range []struct {
		read   func(string) (string, bool)
		in     string
		want   string
		refuse bool
	}{
		{Date, "2026-02-28", "2026-02-28", false}, {Date, "2024-02-29", "2024-02-29", false},
		{Date, "2026-02-29", "", true}, {Date, "2026-2-1", "", true}, {Date, "28.02.2026", "", true}, {Date, "2026-02-28 ", "", true}, {Date, "0000-01-01", "", true},
		{Clock, "23:59", "23:59:00", false}, {Clock, "00:00:07", "00:00:07", false},
		{Clock, "24:00", "", true}, {Clock, "7:05", "", true}, {Clock, "07:05:60", "", true}, {Clock, "07:05;id", "", true},
		{Relative, "nginx/nginx.conf", "nginx/nginx.conf", false}, {Relative, "a//b", "a/b", false},
		{Relative, "/etc/shadow", "", true}, {Relative, "../x", "", true}, {Relative, "a/../../x", "", true}, {Relative, "a/.git/config", "", true},
		{Relative, ".", "", true}, {Relative, "", "", true}, {Relative, `c:\x`, "", true},
	} {
		got, ok := c.read(c.in)
		if ok == c.refuse || ok && got != c.want {
			t.Errorf("%q: %q, %v", c.in, got, ok)
		}
		if again, _ := c.read(got); ok && again != got {
			t.Errorf("%q became %q and then %q", c.in, got, again)
		}
	}
}

func TestSeconds(t *testing.T) {
	for in, want := range map[string]int64{"90": 90, "90s": 90, "1h30m": 5400, "2d": 172800, "0": 0, "1d1h1m1s": 90061} {
		if got, ok := Seconds(in); !ok || got != want {
			t.Errorf("%q: %d, %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "h", "1m1h", "-5", "1.5h", "5 s", "1h;id", "99999999999", "٣"} {
		if got, ok := Seconds(in); ok {
			t.Errorf("%q is taken as %d", in, got)
		}
	}
}

func TestPathStaysBelowItsFolders(t *testing.T) {
	under := []string{"/etc", "/usr/local/etc"}
	for in, want := range map[string]string{"/etc/hosts": "/etc/hosts", "/etc": "/etc", "/etc//x/./y/": "/etc/x/y", "/usr/local/etc/a b": "/usr/local/etc/a b"} {
		if got, ok := Path(in, under); !ok || got != want {
			t.Errorf("%q: %q, %v", in, got, ok)
		}
	}
	for _, in := range []string{"/etcetera", "/etc/../root", "/etc/..", "etc/hosts", "", "/", "/usr/local", "/root/etc/x", "//root/x"} {
		if got, ok := Path(in, under); ok {
			t.Errorf("%q is taken as %q", in, got)
		}
	}
	if _, ok := Path("/anywhere", nil); !ok {
		t.Error("a path without folders to stay below")
	}
}

func TestFiles(t *testing.T) {
	f := File{"a b.conf", []byte("x\x00y\n")}
	got, ok := ParseFile(f.String())
	if !ok || got.Name != f.Name || string(got.Data) != string(f.Data) || got.String() != f.String() {
		t.Errorf("%q became %+v, %v", f.String(), got, ok)
	}
	if _, ok := ParseFile(File{"a", make([]byte, LargestFile)}.String()); !ok {
		t.Error("the largest file is refused")
	}
	for _, in := range []string{
		"", "a", f.Describe(), "/etc/passwd;base64,", "..;base64,", ";base64,", "a;base64,!", "a;base64,QQ==\n", "a;base64,QR==", `a\b;base64,`,
		File{"a", make([]byte, LargestFile+1)}.String(), "a\nb;base64,", strings.Repeat("a", 256) + ";base64,",
	} {
		if got, ok := ParseFile(in); ok {
			t.Errorf("%.40q is taken as %+v", in, got)
		}
	}
	if !Described(f.Describe()) || Described(f.String()) || Described("(5 bytes, sha256 x)") {
		t.Error("Described")
	}
	path, sum := Unpin(Pin("a/b", f.Data))
	if path != "a/b" || sum != Sum(f.Data) {
		t.Errorf("%q %q", path, sum)
	}
	if path, sum = Unpin("a@sha256:xyz"); path != "a@sha256:xyz" || sum != "" {
		t.Errorf("%q %q", path, sum)
	}
	if got := BaseName(`C:\Users\wang\nginx.conf`) + BaseName("/etc/hosts") + BaseName("x"); got != "nginx.confhostsx" {
		t.Error(got)
	}
}
