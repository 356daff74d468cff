package xrc

import (
	"math"
	"strconv"
	"strings"
)

// version is the resource's version as one comparable number; 0 if it has none.
type version uint64

const (
	v2301 version = 2<<48 | 3<<32 | 1     // 2.3.0.1
	v2530 version = 2<<48 | 5<<32 | 3<<16 // 2.5.3.0
)

func parseVersion(s string) version {
	parts := strings.Split(strings.TrimSpace(s), ".")
	if len(parts) != 4 {
		return 0
	}
	var v version
	for _, p := range parts {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return 0
		}
		v = v<<16 | version(n)
	}
	return v
}

// unescape turns a text property into what wxWidgets would hand to a control; "&" marks a mnemonic.
func (v version) unescape(s string) string {
	mark := byte('_')
	if v < v2301 {
		mark = '$'
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		last := i+1 == len(s)
		switch {
		case c == mark && (last || s[i+1] == mark):
			b.WriteByte(mark)
			i++
		case c == mark:
			b.WriteByte('&')
			i++
			b.WriteByte(s[i])
		case c == '\\' && !last:
			i++
			b.WriteString(v.backslash(s[i]))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func (v version) backslash(c byte) string {
	switch {
	case c == 'n':
		return "\n"
	case c == 't':
		return "\t"
	case c == 'r':
		return "\r"
	case c == '\\' && v >= v2530:
		return `\`
	}
	return string([]byte{'\\', c})
}

// plainLabel takes mnemonic marks away: "&File" is "File", "&&" is "&".
func plainLabel(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '&' {
			if i+1 < len(s) && s[i+1] == '&' {
				b.WriteByte('&')
				i++
			}
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// longest is the largest pixel count that is taken over; a form cannot ask for a window of a mile.
const longest = 16384

// strtol reads an integer as C does: leading space, then digits. rest is what follows.
func strtol(s string) (n int, rest string, ok bool) {
	t := strings.TrimLeft(s, " \t\r\n\v\f")
	end := 0
	if end < len(t) && (t[end] == '+' || t[end] == '-') {
		end++
	}
	digits := end
	for end < len(t) && t[end] >= '0' && t[end] <= '9' {
		end++
	}
	if end == digits {
		return 0, s, false
	}
	v, err := strconv.ParseInt(t[:end], 10, 32)
	if err != nil {
		v = math.MaxInt32
		if t[0] == '-' {
			v = math.MinInt32
		}
	}
	return int(v), t[end:], true
}

// exact is strtol that refuses anything after the number.
func exact(s string) (int, bool) {
	n, rest, ok := strtol(s)
	return n, ok && rest == ""
}

// parsePoint reads "x,y" or "x,yd"; "d" means dialog units, and -1 stays what it is.
func parsePoint(s string) (Point, bool) {
	body, units := strings.CutSuffix(s, "d")
	first, last := strings.IndexByte(body, ','), strings.LastIndexByte(body, ',')
	if first < 0 {
		return Point{-1, -1}, false
	}
	x, okX := exact(body[:first])
	y, okY := exact(body[last+1:])
	if !okX || !okY {
		return Point{-1, -1}, false
	}
	return Point{pixels(x, units), pixels(y, units)}, true
}

// pixels converts dialog units with a font of 8 by 16 pixels, for which both directions are doubled.
func pixels(n int, units bool) int {
	n = max(-longest, min(longest, n))
	if units && n != -1 {
		n = max(-longest, min(longest, 2*n))
	}
	return n
}

func flags(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool { return c == '|' || c == ' ' || c == '\t' || c == '\n' || c == '\r' })
}

// growing reads "0,2:3" as the columns 0 and 2, the latter with three shares.
func growing(s string) []Grow {
	var out []Grow
	for part := range strings.SplitSeq(s, ",") {
		n, rest, ok := strtol(part)
		if !ok || n < 0 || n >= 1000 || len(out) >= 1000 {
			continue
		}
		g := Grow{Index: n, Share: 1}
		if v, _, ok := strtol(strings.TrimPrefix(rest, ":")); ok && rest != "" {
			g.Share = max(0, min(1000, v))
		}
		out = append(out, g)
	}
	return out
}

// stockLabel is the label of a button that has a stock name and no label.
func stockLabel(name string) string {
	switch name {
	case "wxID_OK", "wxID_CANCEL", "wxID_CLOSE", "wxID_APPLY", "wxID_YES", "wxID_NO", "wxID_HELP", "wxID_SAVE",
		"wxID_OPEN", "wxID_ADD", "wxID_REMOVE", "wxID_DELETE", "wxID_EDIT", "wxID_NEW", "wxID_REFRESH", "wxID_STOP",
		"wxID_EXIT", "wxID_COPY", "wxID_CUT", "wxID_PASTE", "wxID_FIND", "wxID_UP", "wxID_DOWN", "wxID_ABOUT":
		word := strings.TrimPrefix(name, "wxID_")
		if word == "OK" {
			return word
		}
		return word[:1] + strings.ToLower(word[1:])
	}
	return ""
}
