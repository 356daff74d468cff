package hostexpr

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Expand gives every name of a text with ranges: web[01-03,7] is web01, web02, web03, web7. At most limit names.
func Expand(expr, value string, limit int) ([]string, error) {
	if strings.Count(value, "[") > maxBrackets {
		return nil, TooLarge(value, "[..] in one name", strconv.Itoa(maxBrackets))
	}
	out := []string{""}
	for {
		before, rest, ok := strings.Cut(value, "[")
		for i := range out {
			out[i] += before
		}
		if !ok {
			return out, nil
		}
		inside, after, _ := strings.Cut(rest, "]")
		list, err := numbers(expr, inside, limit/len(out))
		if err != nil {
			return nil, err
		}
		next := make([]string, 0, len(out)*len(list))
		for _, o := range out {
			for _, n := range list {
				next = append(next, o+n)
			}
		}
		out, value = next, after
	}
}

// numbers reads "01-20,25"; zeros before the first number of a range set the width of all of it.
func numbers(expr, inside string, limit int) ([]string, error) {
	var out []string
	for part := range strings.SplitSeq(inside, ",") {
		lo, hi, ok := strings.Cut(strings.TrimSpace(part), "-")
		if !ok {
			hi = lo
		}
		lo, hi = strings.TrimSpace(lo), strings.TrimSpace(hi)
		from, err1 := digits(lo)
		to, err2 := digits(hi)
		uneven := strings.HasPrefix(hi, "0") && len(hi) != len(lo)
		if err1 != nil || err2 != nil || from > to || uneven {
			return nil, badSyntax(expr, "["+inside+"]")
		}
		if len(out)+to-from+1 > limit {
			return nil, TooLarge("["+inside+"]", "names of ranges", strconv.Itoa(MaxNames))
		}
		width := 0
		if strings.HasPrefix(lo, "0") {
			width = len(lo)
		}
		for n := from; n <= to; n++ {
			out = append(out, fmt.Sprintf("%0*d", width, n))
		}
	}
	return out, nil
}

func digits(s string) (int, error) {
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.Atoi(s)
}

// HasWildcard reports whether a text is a pattern for Match.
func HasWildcard(s string) bool { return strings.ContainsAny(s, "*?") }

// Match compares a text with a pattern in which * is any text and ? any one character.
func Match(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			star, mark = p, i
			p++
			continue
		}
		if p < len(pattern) {
			_, n := utf8.DecodeRuneInString(s[i:])
			if pattern[p] == '?' {
				p, i = p+1, i+n
				continue
			}
			if pattern[p] == s[i] {
				p, i = p+1, i+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		_, n := utf8.DecodeRuneInString(s[mark:])
		mark += n
		p, i = star+1, mark
	}
	return strings.Trim(pattern[p:], "*") == ""
}
