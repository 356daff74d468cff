package kit

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"omanager/app/safetext"
)

const (
	longestLine = 4096    // runes of a line that are shown
	longestRest = 1 << 16 // bytes of a line without an end before it is shown as one
	tabStop     = 8
)

// Clean turns a host's bytes into lines that are safe to show: what safetext makes of them, with invisible and formatting
// characters written out (<U+200B>) and tabs as spaces. A lone carriage return ends a line, so that nothing can be
// overwritten. A line of more than 4096 runes is cut, with a mark.
func Clean(b []byte) []string {
	var c Cleaner
	return append(c.Write(b), c.Flush()...)
}

// Cleaner is Clean for a stream: a line may come in several pieces. The zero value is ready; each host and each
// stream has one of its own.
type Cleaner struct {
	rest []byte
	cr   bool // the last byte was a carriage return, whose line is already out
}

// Write takes the next bytes and returns the lines they complete.
func (c *Cleaner) Write(b []byte) []string {
	var lines []string
	for len(b) > 0 {
		if c.cr && b[0] == '\n' {
			c.cr, b = false, b[1:]
			continue
		}
		c.cr = false
		end := bytes.IndexAny(b, "\r\n")
		if end < 0 {
			c.rest = append(c.rest, b...)
			break
		}
		lines = append(lines, cleanLine(append(c.rest, b[:end]...)))
		c.rest, c.cr, b = c.rest[:0], b[end] == '\r', b[end+1:]
	}
	if len(c.rest) > longestRest {
		lines = append(lines, c.Flush()...)
	}
	return lines
}

// Flush returns the line that has no end yet, if there is one.
func (c *Cleaner) Flush() []string {
	if len(c.rest) == 0 {
		return nil
	}
	line := cleanLine(c.rest)
	c.rest = c.rest[:0]
	return []string{line}
}

// cleanLine makes one line, without its end, safe.
func cleanLine(b []byte) string {
	var out strings.Builder
	text := safetext.Clean(b)
	cells, runes := 0, 0
	for i, r := range text {
		if runes++; runes > longestLine {
			return fmt.Sprintf("%s …[+%d]", out.String(), utf8.RuneCountInString(text[i:]))
		}
		s := shown(r, cells)
		out.WriteString(s)
		cells += Cells(s)
	}
	return strings.TrimRight(out.String(), " ")
}

// shown is how a rune is written; cells is the width of the line before it.
func shown(r rune, cells int) string {
	switch {
	case r == '\t':
		return strings.Repeat(" ", tabStop-cells%tabStop)
	case r >= 0xfe00 && r <= 0xfe0f: // variation selectors: only choose a glyph
		return ""
	case r == '\u00a0', r == '\u3000':
		return string(r)
	case !unicode.IsGraphic(r), unicode.Is(unicode.Zs, r) && r != ' ', invisible(r):
		return fmt.Sprintf("<U+%04X>", r)
	}
	return string(r)
}

// invisible lists graphic characters that show nothing of their own.
func invisible(r rune) bool {
	switch r {
	case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0:
		return true
	}
	return r >= 0xe0100 && r <= 0xe01ef
}

// Cells is the width of a string in terminal cells, as the embedded mono face draws it.
func Cells(s string) int {
	n := 0
	for _, r := range s {
		n += runeCells(r)
	}
	return n
}

func runeCells(r rune) int {
	if r < 0x2000 {
		return latinCells(r)
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	return 1
}

func latinCells(r rune) int {
	if unicode.Is(unicode.Mn, r) {
		return 0
	}
	return 1
}
