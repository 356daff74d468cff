package safetext

import (
	"strings"
	"testing"
	"unicode"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain and Chinese", "主机 ok\n\tx", "主机 ok\n\tx"},
		{"colour", "\x1b[31mred\x1b[0m", "red"},
		{"title", "\x1b]0;owned\x07after", "after"},
		{"title with ST", "\x1b]0;owned\x1b\\after", "after"},
		{"clipboard OSC 52", "\x1b]52;c;ZWNobw==\x07x", "x"},
		{"DCS", "\x1bP1;2|abc\x1b\\x", "x"},
		{"C1 CSI in UTF-8", "\u009b31mx", "x"},
		{"unfinished", "a\x1b[31", "a"},
		{"unfinished stays on its line", "a\x1b]0;t\nb", "a\nb"},
		{"charset", "\x1b(Bx", "x"},
		{"bell and backspace", "a\x07\x08b", "a^G^Hb"},
		{"carriage returns", "a\r\nb\rc", "a\nb^Mc"},
		{"direction marks", "a\u202eb\u2066c", "abc"},
		{"bad UTF-8", "a\xff\xfeb", `a\xff\xfeb`},
		{"NUL and DEL", "\x00\x7f", "^@^?"},
	} {
		if got := Clean([]byte(c.in)); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
	if got := Line("a\nb\x1b[2J\tc"); got != "a b c" {
		t.Errorf("Line = %q", got)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"\x1b[", "\x1b]x\x1b", "\u009d", "\xc2", "\x1bP\x9c"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got := Clean(b)
		if i := strings.IndexFunc(got, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); i >= 0 {
			t.Errorf("Clean(%q) = %q holds a control character at %d", b, got, i)
		}
	})
}
