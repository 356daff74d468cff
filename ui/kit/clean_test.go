package kit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
)

func TestClean(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"lines", "a\nb\r\nc", []string{"a", "b", "c"}},
		{"empty lines stay", "a\n\n\nb\n", []string{"a", "", "", "b"}},
		{"a carriage return overwrites nothing", "real\rfake\n", []string{"real", "fake"}},
		{"backspace", "abc\b\b\bxyz", []string{"abc^H^H^Hxyz"}},
		{"colours", "\x1b[1;31mred\x1b[0m", []string{"red"}},
		{"clear screen and home", "a\x1b[2J\x1b[Hb", []string{"ab"}},
		{"title", "\x1b]0;evil\x07x", []string{"x"}},
		{"clipboard", "\x1b]52;c;cm0gLXJmIC8=\x1b\\x", []string{"x"}},
		{"hyperlink", "\x1b]8;;http://evil\x1b\\text\x1b]8;;\x1b\\", []string{"text"}},
		{"C1 CSI", "a\u009b31mb", []string{"ab"}},
		{"a sequence does not eat the next line", "a\x1b]0;title\nb\x1b[3\nc", []string{"a", "b", "c"}},
		{"bell, NUL, DEL", "\a\x00\x7f", []string{"^G^@^?"}},
		{"zero width", "pass\u200bword", []string{"pass<U+200B>word"}},
		{"soft hyphen", "a\u00adb", []string{"a<U+00AD>b"}},
		{"tags", "a\U000e0041b", []string{"a<U+E0041>b"}},
		{"Hangul filler", "a\u3164b", []string{"a<U+3164>b"}},
		{"private use", "a\ue000b", []string{"a<U+E000>b"}},
		{"not UTF-8", "a\xffb\xc3", []string{`a\xffb\xc3`}},
		{"tabs", "a\tb\n12345678\tc\n主机\tx", []string{"a       b", "12345678        c", "主机    x"}},
		{"Chinese", "服务已启动，进程号　9\n", []string{"服务已启动，进程号　9"}},
		{"spaces at the end", "a   \n", []string{"a"}},
	} {
		if got := Clean([]byte(c.in)); !slices.Equal(got, c.want) {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestCleanDirectionMarks(t *testing.T) {
	for _, r := range "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c" {
		if got := Clean([]byte("a" + string(r) + "b"))[0]; strings.ContainsRune(got, r) {
			t.Errorf("%U stays in %q", r, got)
		}
	}
}

func TestCleanCutsLongLines(t *testing.T) {
	got := Clean([]byte(strings.Repeat("长", 5000) + "\nnext"))
	if want := strings.Repeat("长", 4096) + " …[+904]"; len(got) != 2 || got[0] != want || got[1] != "next" {
		t.Errorf("%d lines, the first of %d runes", len(got), utf8.RuneCountInString(got[0]))
	}
}

// TestCleanerPieces: however a stream is cut, the lines are the same.
func TestCleanerPieces(t *testing.T) {
	stream := []byte("one\r\n\x1b[31m二三\x1b[0m\r\r\nfour\n\nlast 五")
	want := Clean(stream)
	for n := 1; n < len(stream); n++ {
		var c Cleaner
		var got []string
		for b := range slices.Chunk(stream, n) {
			got = append(got, c.Write(b)...)
		}
		if got = append(got, c.Flush()...); !slices.Equal(got, want) {
			t.Errorf("in pieces of %d: %q, want %q", n, got, want)
		}
	}
}

func TestCleanerBoundsALineWithoutEnd(t *testing.T) {
	var c Cleaner
	lines := 0
	for range 100 {
		lines += len(c.Write(make([]byte, 4096)))
	}
	if lines == 0 || len(c.rest) > longestRest {
		t.Errorf("%d bytes kept, %d lines shown", len(c.rest), lines)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"\x1b[31m", "\x1b]0;t", "\x1bP\x1b\\", "a\rb", "\xff", "\u202e", "\t\t", "\u009d\u009c"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, line := range Clean(b) {
			if utf8.RuneCountInString(line) > 10*longestLine {
				t.Fatalf("a line of %d runes", utf8.RuneCountInString(line))
			}
			for _, r := range line {
				if unicode.In(r, unicode.C) || r == utf8.RuneError && !bytes.ContainsRune(b, utf8.RuneError) {
					t.Fatalf("Clean(%q) holds %U", b, r)
				}
			}
		}
	})
}

// TestCellsMatchMonoFace holds Cells to what the embedded face draws.
func TestCellsMatchMonoFace(t *testing.T) {
	mono := fyne.TextStyle{Monospace: true}
	cell := fyne.MeasureText(strings.Repeat("0", 100), 20, mono).Width / 100
	for _, s := range []string{"a", "é", "中", "，", "。", "│", "─", "┼", "█", "●", "○", "→", "✓", "…", "“", "Ш", "Ω", "×", "°", "Ａ", "€", "①"} {
		got := fyne.MeasureText(strings.Repeat(s, 100), 20, mono).Width / 100 / cell
		if want := float32(Cells(s)); got < want-0.02 || got > want+0.02 {
			t.Errorf("%s is %.2f cells wide in the face, Cells says %v", s, got, want)
		}
	}
}

func TestCutCells(t *testing.T) {
	for _, c := range []struct {
		s       string
		from, n int
		want    string
	}{
		{"abcdef", -1, 3, "ab 0"}, {"abcdef", 2, 3, "cde 2"}, {"abc", 9, 3, " 3"},
		{"中文字符", 2, 4, "文字 2"}, {"中文字符", 3, 4, "字符 4"}, {"", 0, 5, " 0"},
	} {
		part, skipped := cutCells(c.s, c.from, c.n)
		if got := fmt.Sprint(part, " ", skipped); got != c.want {
			t.Errorf("cutCells(%q, %d, %d) = %q, want %q", c.s, c.from, c.n, got, c.want)
		}
	}
}
