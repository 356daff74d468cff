package inventory

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxDepth is root, record, field, and one level inside fields that are skipped.
const maxDepth = 4

// maxRecords bounds the memory that a file can ask for.
const maxRecords = 100_000

// schema is the shape of one asset file: <wml><record attr="..."><field>text</field>...</record>...</wml>.
type schema struct {
	file, record, attr string
	extra              string // an attribute that old readers skip, "" for none
	fields             []string
}

// record is one element as read; vals are in the order of the schema's fields, trimmed.
type record struct {
	line, number int
	attr, extra  string
	vals         []string
	seen         []bool
}

// reader is the one token loop over an asset file. What it does not know inside a record it skips; anything else
// that is not the schema's shape is refused.
type reader struct {
	schema
	dec    *xml.Decoder
	depth  int
	root   bool
	rec    record
	field  int // index of the open field, or -1
	pieces int // runs of text in the open field
	text   string
	each   func(record) error
}

// readRecords calls each for every record of the file, whose vals it may keep.
func readRecords(s schema, data []byte, each func(record) error) error {
	text, declared, err := toUTF8(s.file, data)
	if err != nil {
		return err
	}
	r := &reader{schema: s, dec: xml.NewDecoder(bytes.NewReader(text)), field: -1, each: each}
	r.dec.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if label != declared {
			return nil, fmt.Errorf("the XML declaration is not well formed")
		}
		return in, nil
	}
	for {
		at := r.dec.InputOffset()
		tok, err := r.dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r.syntax(err)
		}
		if err := r.token(tok, at); err != nil {
			return err
		}
	}
	if !r.root {
		return r.bad("it holds no <wml> element")
	}
	return nil
}

func (r *reader) bad(format string, args ...any) error {
	return bad(r.file, r.line(), format, args...)
}

func (r *reader) line() int {
	line, _ := r.dec.InputPos()
	return line
}

func (r *reader) syntax(err error) error {
	if se, ok := errors.AsType[*xml.SyntaxError](err); ok {
		if se.Msg == "unexpected EOF" {
			return bad(r.file, se.Line, "it ends in the middle")
		}
		return bad(r.file, se.Line, "%s", se.Msg)
	}
	return r.bad("%s", strings.TrimPrefix(err.Error(), "xml: "))
}

func (r *reader) token(tok xml.Token, at int64) error {
	switch t := tok.(type) {
	case xml.StartElement:
		return r.start(t)
	case xml.EndElement:
		return r.end()
	case xml.CharData:
		return r.chars(t)
	case xml.Comment:
		if r.field >= 0 {
			return r.bad("a comment stands inside <%s>", r.fields[r.field])
		}
	case xml.ProcInst:
		if at != 0 || t.Target != "xml" {
			return r.bad("the instruction <?%s?> is not allowed", t.Target)
		}
	case xml.Directive:
		return r.bad("a DOCTYPE or other <!...> declaration is not allowed")
	}
	return nil
}

func (r *reader) start(t xml.StartElement) error {
	if err := r.plainNames(t); err != nil {
		return err
	}
	r.depth++
	if r.depth > maxDepth {
		return r.bad("elements are nested deeper than %d", maxDepth)
	}
	switch {
	case r.depth == 1:
		return r.startRoot(t)
	case r.depth == 2:
		return r.startRecord(t)
	case r.field >= 0:
		return r.bad("<%s> stands inside <%s>", t.Name.Local, r.fields[r.field])
	case r.depth == 3:
		return r.startField(t)
	}
	return nil
}

// plainNames refuses namespaces, which could show one element as two, and attributes given twice.
func (r *reader) plainNames(t xml.StartElement) error {
	if t.Name.Space != "" || strings.Contains(t.Name.Local, ":") {
		return r.bad("element %s uses a namespace", short(t.Name.Local))
	}
	for i, a := range t.Attr {
		if a.Name.Space != "" || a.Name.Local == "xmlns" || strings.Contains(a.Name.Local, ":") {
			return r.bad("attribute %s of <%s> uses a namespace", short(a.Name.Local), t.Name.Local)
		}
		for _, b := range t.Attr[:i] {
			if a.Name == b.Name {
				return r.bad("attribute %s of <%s> is given twice", short(a.Name.Local), t.Name.Local)
			}
		}
		if i >= 32 {
			return r.bad("<%s> has too many attributes", t.Name.Local)
		}
	}
	return nil
}

func (r *reader) startRoot(t xml.StartElement) error {
	if r.root {
		return r.bad("a second outermost element <%s> follows <wml>", t.Name.Local)
	}
	if t.Name.Local != "wml" {
		return r.bad("the outermost element is <%s> instead of <wml>", t.Name.Local)
	}
	r.root = true
	return nil
}

func (r *reader) startRecord(t xml.StartElement) error {
	if t.Name.Local != r.record {
		return r.bad("<%s> stands where only <%s> may", t.Name.Local, r.record)
	}
	if r.rec.number == maxRecords {
		return r.bad("it holds more than %d <%s> elements", maxRecords, r.record)
	}
	r.rec = record{line: r.line(), number: r.rec.number + 1, vals: make([]string, len(r.fields)), seen: r.rec.seen}
	if r.rec.seen == nil {
		r.rec.seen = make([]bool, len(r.fields))
	}
	clear(r.rec.seen)
	for _, a := range t.Attr {
		if a.Name.Local == r.attr {
			r.rec.attr = strings.TrimSpace(a.Value)
		}
		if r.extra != "" && a.Name.Local == r.extra {
			r.rec.extra = strings.TrimSpace(a.Value)
		}
	}
	return nil
}

func (r *reader) startField(t xml.StartElement) error {
	for i, name := range r.fields {
		if name != t.Name.Local {
			continue
		}
		if r.rec.seen[i] {
			return r.bad("<%s> is given twice in one <%s>", name, r.record)
		}
		r.rec.seen[i] = true
		r.field, r.pieces, r.text = i, 0, ""
		return nil
	}
	return nil
}

func (r *reader) chars(t xml.CharData) error {
	switch {
	case r.field >= 0:
		r.pieces++
		if r.pieces > 1 {
			return r.bad("the text of <%s> is in pieces", r.fields[r.field])
		}
		r.text = string(t)
	case r.depth < 3 && len(bytes.TrimSpace(t)) > 0:
		return r.bad("text %s stands outside the elements", short(string(bytes.TrimSpace(t))))
	}
	return nil
}

func (r *reader) end() error {
	r.depth--
	switch r.depth {
	case 2:
		if r.field >= 0 {
			r.rec.vals[r.field] = strings.TrimSpace(r.text)
			r.field = -1
		}
	case 1:
		return r.each(r.rec)
	}
	return nil
}
