// Package xrc reads XRC, the XML form format of wxWidgets (written by wxFormBuilder, wxGlade and the legacy
// OManager), into a plain tree. An unknown class degrades to a placeholder; only a document that is not XRC, not
// XML, too large or too deep is refused. It knows nothing of Fyne.
package xrc

import "slices"

// Form is one loaded file. Root is its first panel, dialog or frame; a file without one has a placeholder there.
// Root is never nil. Tops are all top-level objects in file order, Root among them.
type Form struct {
	Root     *Node
	Tops     []*Node
	Warnings []string // one sentence for each thing that was skipped or guessed
}

// Node is one control, container or sizer. Fields that a class does not have are zero. Label has no mnemonic mark
// any more. What stands inside an unknown class is in Children all the same.
type Node struct {
	Class string
	Name  string // for example Parameter1_object_id
	Known bool   // false: draw a labelled placeholder

	Label   string
	Value   string
	Tooltip string
	Hint    string

	Min, Max, Inc float64
	Digits        int // wxSpinCtrlDouble: places after the point
	Items         []string
	Ticked        []bool // wxCheckListBox: as long as Items
	Selection     int    // -1: none
	Checked       bool
	Third         bool // a check box that begins as neither on nor off
	Collapsed     bool // wxCollapsiblePane
	Selected      bool // pages: the one in front

	URL, Message, Wildcard string // hyperlinks and pickers
	Icon                   string // a bitmap: its stock art or its file name; nothing is loaded
	Bold                   bool

	Pos, Size  Point // -1 in a part means the default
	HasPos     bool
	Styles     []string
	Disabled   bool
	Hidden     bool
	Horizontal bool // box sizers
	Cols, Gap  int  // grid sizers; Gap is the horizontal one
	Rows, VGap int  // grid sizers; 0 rows or columns: as many as it takes
	GrowCols   []Grow
	GrowRows   []Grow
	Dimension  int  // wxRadioBox: columns, or rows with wxRA_SPECIFY_ROWS
	MaxLen     int  // wxTextCtrl; 0: no limit
	Wrap       int  // wxStaticText: width in pixels; 0: none
	Default    bool // wxButton: pressed by Enter

	Proportion int      // of the sizer item around it
	Flags      []string // of the sizer item around it
	Border     int
	MinSize    Point // of the sizer item or sizer; -1 or 0 in a part: none
	Cell       Point // of a grid bag item: column X, row Y
	Span       Point // at least 1 by 1

	Children []*Node
}

// Grow is a column or row that takes room that is left over, in proportion to Share.
type Grow struct{ Index, Share int }

// Point is a position or size in pixels.
type Point struct{ X, Y int }

// Has reports whether the control has the style.
func (n *Node) Has(style string) bool {
	return slices.Contains(n.Styles, style)
}

// Walk calls f for the node and everything below it, in file order (which is the keyboard order).
func (n *Node) Walk(f func(*Node)) {
	if n == nil {
		return
	}
	f(n)
	for _, c := range n.Children {
		c.Walk(f)
	}
}

// Find is the first node with the name, in file order; nil if there is none.
func (n *Node) Find(name string) *Node {
	var found *Node
	n.Walk(func(c *Node) {
		if found == nil && c.Name == name && name != "" {
			found = c
		}
	})
	return found
}
