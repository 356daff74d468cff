// Package safetext makes text that came from servers safe to show in a terminal or a window: escape sequences,
// control characters and direction marks never act. The stored bytes stay as they were; only what is shown changes.
package safetext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean returns b as text. Line feeds and tabs stay, CR LF becomes LF; whole escape sequences (CSI, OSC, DCS and the
// like) are dropped, any other control character is shown as ^X or \xNN, and direction marks are dropped.
func Clean(b []byte) string {
	var out strings.Builder
	out.Grow(len(b))
	for i := 0; i < len(b); {
		c := b[i]
		switch {
		case c == '\r' && (i+1 == len(b) || b[i+1] == '\n'):
			i++
		case c == '\n' || c == '\t':
			out.WriteByte(c)
			i++
		case c == 0x1b:
			i += escape(b[i:])
		case c < 0x20 || c == 0x7f:
			out.WriteByte('^')
			out.WriteByte(c ^ 0x40)
			i++
		case c < utf8.RuneSelf:
			out.WriteByte(c)
			i++
		default:
			i += wide(&out, b[i:])
		}
	}
	return out.String()
}

// Line is Clean for a text that must stay on one line: line feeds and tabs become spaces.
func Line(s string) string {
	return strings.Join(strings.FieldsFunc(Clean([]byte(s)), func(r rune) bool { return r == '\n' || r == '\t' }), " ")
}

// wide writes one rune beyond ASCII and says how many bytes it took.
func wide(out *strings.Builder, b []byte) int {
	r, n := utf8.DecodeRune(b)
	switch {
	case r == utf8.RuneError && n == 1:
		fmt.Fprintf(out, `\x%02x`, b[0])
	case r == 0x9b || r == 0x9d || r == 0x90: // C1 forms of CSI, OSC, DCS
		return n + sequence(b[n:], r == 0x9b)
	case r >= 0x80 && r < 0xa0:
		fmt.Fprintf(out, `\x%02x`, r)
	case unicode.Is(unicode.Bidi_Control, r) || r == 0x2028 || r == 0x2029 || r == 0xfeff:
	default:
		out.WriteRune(r)
	}
	return n
}

// escape says how long the escape sequence at b[0] is (ECMA-48). An unfinished one reaches to the end of the line.
func escape(b []byte) int {
	if len(b) == 1 {
		return 1
	}
	switch b[1] {
	case '[':
		return 2 + sequence(b[2:], true)
	case ']', 'P', 'X', '^', '_':
		return 2 + sequence(b[2:], false)
	}
	i := 1
	for i < len(b) && b[i] >= 0x20 && b[i] < 0x30 {
		i++
	}
	if i < len(b) && b[i] >= 0x30 && b[i] < 0x7f {
		i++
	}
	return i
}

// sequence is the length of a CSI body (to its final byte) or of a string body (to BEL or ST).
func sequence(b []byte, csi bool) int {
	for i := range b {
		c := b[i]
		switch {
		case c == '\n':
			return i
		case csi && c >= 0x40 && c < 0x7f:
			return i + 1
		case csi && (c < 0x20 || c > 0x7e):
			return i
		case !csi && c == 0x07:
			return i + 1
		case !csi && c == 0x1b:
			if i+1 < len(b) && b[i+1] == '\\' {
				return i + 2
			}
			return i
		case !csi && c == 0xc2 && i+1 < len(b) && b[i+1] == 0x9c:
			return i + 2
		}
	}
	return len(b)
}
