package table

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Type is the type of a column: how its cells are compared.
type Type string

// The types of column. A cell that is not of its column's type is text.
const (
	Text     Type = "text"
	Int      Type = "int"
	Float    Type = "float"
	Percent  Type = "percent"  // 85 or 85%
	Size     Type = "size"     // bytes, or with K, M, G, T, KiB, kB
	Duration Type = "duration" // 12 ms, 1.5s, 2m, 3h, 4d
)

// Types lists the types of column.
func Types() []Type { return []Type{Text, Int, Float, Percent, Size, Duration} }

// Cell is one value as it was printed, and its number if it has one.
type Cell struct {
	Text   string
	Number float64
	Is     bool // a number
}

var measure = regexp.MustCompile(`\A([+-]?[0-9]+(?:\.[0-9]+)?)\s*([A-Za-zµ%]*)\z`)

// factor is what a unit multiplies by; 0 means the type has no such unit.
func (t Type) factor(unit string) float64 {
	switch t {
	case Int, Float:
		if unit == "" {
			return 1
		}
	case Percent:
		if unit == "" || unit == "%" {
			return 1
		}
	case Duration:
		return map[string]float64{"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}[unit]
	case Size:
		u := strings.ToUpper(unit)
		u = strings.TrimSuffix(strings.TrimSuffix(u, "B"), "I")
		return map[string]float64{"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50}[u]
	}
	return 0
}

func (t Type) cell(s string) Cell {
	m := measure.FindStringSubmatch(s)
	if m == nil || t == Int && strings.Contains(m[1], ".") {
		return Cell{Text: s}
	}
	f := t.factor(m[2])
	n, err := strconv.ParseFloat(m[1], 64)
	if f == 0 || err != nil {
		return Cell{Text: s}
	}
	return Cell{Text: s, Number: n * f, Is: true}
}

// Compare orders cells of one column: numbers before texts.
func Compare(a, b Cell) int {
	switch {
	case a.Is && b.Is:
		return cmp.Or(cmp.Compare(a.Number, b.Number), strings.Compare(a.Text, b.Text))
	case a.Is:
		return -1
	case b.Is:
		return 1
	}
	return strings.Compare(a.Text, b.Text)
}

// Sort puts rows in the order of a column; equal rows stay as they are.
func Sort(rows []Row, column int, down bool) {
	slices.SortStableFunc(rows, func(a, b Row) int {
		if down {
			a, b = b, a
		}
		return Compare(a[column], b[column])
	})
}
