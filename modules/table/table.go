// Package table reads rows and typed columns out of what a task printed, by the rules its module declares.
package table

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// The bounds of one output.
const (
	maxRows    = 100_000
	maxColumns = 64
	maxCell    = 4096 // bytes
)

// Table says how the columns are found. Exactly one of Header, Separator and Regexp is set; a Separator beside Header
// says how its line is split. The separator " " is any run of blanks.
type Table struct {
	Header    bool     `yaml:"header"`    // the first line names the columns
	Separator string   `yaml:"separator"` // between the columns, in their order
	Regexp    string   `yaml:"regexp"`    // RE2 with a named group for each column; other lines are left out
	Skip      int      `yaml:"skip"`      // lines at the beginning that are no rows
	Columns   []Column `yaml:"columns"`

	re *regexp.Regexp
}

// Column is one column; the last one takes the rest of a line that is split.
type Column struct {
	Name   string            `yaml:"name"`
	Titles map[string]string `yaml:"titles"` // by language
	Head   string            `yaml:"head"`   // its word in the header; empty means Name
	Type   Type              `yaml:"type"`
}

// Row has a cell for each column.
type Row []Cell

var columnName = regexp.MustCompile(`\A[a-z][a-z0-9_]{0,31}\z`)

// Ready checks the declaration; it is called once, before Parse.
func (t *Table) Ready() error {
	if n := len(t.Columns); n == 0 || n > maxColumns {
		return fmt.Errorf("a table needs 1 to %d columns, not %d", maxColumns, n)
	}
	var err error
	switch {
	case t.Regexp != "" && !t.Header && t.Separator == "":
		if t.re, err = regexp.Compile(t.Regexp); err != nil {
			return fmt.Errorf("regexp: %w", err)
		}
	case t.Regexp != "" || !t.Header && t.Separator == "":
		return errors.New("a table needs one of header, separator and regexp")
	}
	if t.Skip < 0 || len(t.Regexp) > 1024 || len(t.Separator) > 16 || strings.Contains(t.Separator, "\n") {
		return errors.New("skip, regexp or separator is out of bounds")
	}
	for i, c := range t.Columns {
		switch {
		case !columnName.MatchString(c.Name) || slices.ContainsFunc(t.Columns[:i], func(o Column) bool { return o.Name == c.Name }):
			return fmt.Errorf("column name %q must be lower-case letters, digits and _, and be there once", c.Name)
		case c.Type != "" && !slices.Contains(Types(), c.Type):
			return fmt.Errorf("column %q: type %q is not one of %v", c.Name, c.Type, Types())
		case t.re != nil && t.re.SubexpIndex(c.Name) < 0:
			return fmt.Errorf("column %q: the regexp has no group (?P<%s>...)", c.Name, c.Name)
		}
	}
	return nil
}

// Title is the column's title in the language, else in English, else its name.
func (c Column) Title(lang string) string {
	for _, s := range []string{c.Titles[lang], c.Titles["en"]} {
		if s != "" {
			return s
		}
	}
	return c.Name
}

// Parse reads the rows of an output. Lines that are no rows are counted, never guessed at.
func (t *Table) Parse(out []byte) (rows []Row, left int) {
	var index []int
	n := 0
	for line := range strings.Lines(string(out)) {
		line = strings.TrimRight(line, "\r\n")
		if n++; n <= t.Skip || strings.TrimSpace(line) == "" {
			continue
		}
		if t.Header && index == nil {
			if index = t.find(line); index == nil {
				return nil, strings.Count(string(out), "\n")
			}
			continue
		}
		row := t.row(line, index)
		if row == nil || len(rows) >= maxRows {
			left++
			continue
		}
		rows = append(rows, row)
	}
	return rows, left
}

// find gives the place of each column in the header.
func (t *Table) find(line string) []int {
	words := t.split(line, -1)
	index := make([]int, 0, len(t.Columns)+1)
	for _, c := range t.Columns {
		head := c.Head
		if head == "" {
			head = c.Name
		}
		i := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, head) })
		if i < 0 {
			return nil
		}
		index = append(index, i)
	}
	return append(index, len(words))
}

// row splits a line; nil means it is none.
func (t *Table) row(line string, index []int) Row {
	var texts []string
	switch {
	case t.re != nil:
		m := t.re.FindStringSubmatch(line)
		if m == nil {
			return nil
		}
		for _, c := range t.Columns {
			texts = append(texts, m[t.re.SubexpIndex(c.Name)])
		}
	case t.Header:
		words := t.split(line, index[len(t.Columns)])
		for i := range t.Columns {
			if index[i] >= len(words) {
				return nil
			}
			texts = append(texts, words[index[i]])
		}
	default:
		if texts = t.split(line, len(t.Columns)); len(texts) < len(t.Columns) {
			return nil
		}
	}
	row := make(Row, len(texts))
	for i, s := range texts {
		row[i] = t.Columns[i].Type.cell(clip(strings.TrimSpace(s)))
	}
	return row
}

// split splits a line into at most n parts; the last one keeps its separators.
func (t *Table) split(line string, n int) []string {
	if t.Separator != "" && t.Separator != " " {
		return strings.SplitN(line, t.Separator, n)
	}
	var out []string
	for line = strings.TrimLeft(line, " \t"); line != ""; line = strings.TrimLeft(line, " \t") {
		i := strings.IndexAny(line, " \t")
		if i < 0 || len(out)+1 == n {
			return append(out, strings.TrimRight(line, " \t"))
		}
		out, line = append(out, line[:i]), line[i:]
	}
	return out
}

func clip(s string) string {
	if len(s) <= maxCell {
		return s
	}
	s = s[:maxCell]
	for !utf8.ValidString(s[max(0, len(s)-4):]) && len(s) > maxCell-4 {
		s = s[:len(s)-1]
	}
	return s
}
