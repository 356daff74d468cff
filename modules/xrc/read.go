package xrc

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// The bounds of a document. MaxWork also bounds what object_ref can multiply.
const (
	MaxBytes    = 4 << 20
	MaxDepth    = 64
	maxElements = 200_000
	maxWork     = 400_000
	maxWarnings = 100
)

// The reasons for which a document is refused.
var (
	ErrTooLarge = errors.New("form is too large")
	ErrTooDeep  = errors.New("form is nested too deeply")
	ErrNotXRC   = errors.New("not an XRC form")
)

// elem is one XML element that this platform keeps. Text is its first text that is not only white space.
type elem struct {
	name  string
	attrs map[string]string
	text  string
	kids  []*elem

	closedText bool  // text after a child or comment is lost
	origin     *elem // what an object_ref was expanded from
}

func (e *elem) isObject() bool { return e.name == "object" || e.name == "object_ref" }

// id is the element itself, or what it was copied from.
func (e *elem) id() *elem {
	if e.origin != nil {
		return e.origin
	}
	return e
}

type reader struct {
	dec   *xml.Decoder
	stack []*elem // nil: dropped together with what is inside
	root  *elem
	seen  bool // a root element was begun
	count int
}

// readTree reads the document into elements. The result is the root, which is called resource.
func readTree(data []byte) (*elem, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(data), MaxBytes)
	}
	body, isUTF8 := bytes.CutPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(body, []byte("\xff\xfe")) || bytes.HasPrefix(body, []byte("\xfe\xff")) {
		return nil, fmt.Errorf("%w: UTF-16 is not supported, save it as UTF-8", ErrNotXRC)
	}
	r := &reader{dec: xml.NewDecoder(bytes.NewReader(body))}
	r.dec.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if isUTF8 {
			return in, nil
		}
		return charsetReader(label, in)
	}
	for {
		tok, err := r.dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotXRC, err)
		}
		if err := r.take(tok); err != nil {
			return nil, err
		}
	}
	if r.root == nil {
		return nil, fmt.Errorf("%w: it has no <resource> element", ErrNotXRC)
	}
	return r.root, nil
}

func charsetReader(label string, in io.Reader) (io.Reader, error) {
	name := strings.ToLower(strings.TrimSpace(label))
	if strings.HasPrefix(name, "utf-16") || strings.HasPrefix(name, "utf16") {
		return nil, fmt.Errorf("encoding %q is not what the bytes are", label)
	}
	if name == "utf8" {
		return in, nil
	}
	if name == "iso-8859-1" || name == "latin1" {
		return charmap.ISO8859_1.NewDecoder().Reader(in), nil
	}
	enc, err := htmlindex.Get(name)
	if err != nil {
		return nil, fmt.Errorf("encoding %q is not known", label)
	}
	return enc.NewDecoder().Reader(in), nil
}

func (r *reader) take(tok xml.Token) error {
	line, _ := r.dec.InputPos()
	switch t := tok.(type) {
	case xml.Directive:
		return fmt.Errorf("%w: DOCTYPE and entities are not allowed (line %d)", ErrNotXRC, line)
	case xml.StartElement:
		return r.start(t, line)
	case xml.EndElement:
		r.stack = r.stack[:len(r.stack)-1]
	case xml.CharData:
		return r.chars(t, line)
	case xml.Comment:
		if top := r.top(); top != nil && top.text != "" {
			top.closedText = true
		}
	}
	return nil
}

func (r *reader) top() *elem {
	if len(r.stack) == 0 {
		return nil
	}
	return r.stack[len(r.stack)-1]
}

func (r *reader) start(t xml.StartElement, line int) error {
	if r.count++; r.count > maxElements {
		return fmt.Errorf("%w: more than %d elements", ErrTooLarge, maxElements)
	}
	if len(r.stack) >= MaxDepth {
		return fmt.Errorf("%w: more than %d levels (line %d)", ErrTooDeep, MaxDepth, line)
	}
	e := &elem{name: t.Name.Local}
	for _, a := range t.Attr {
		if e.attrs == nil {
			e.attrs = make(map[string]string, len(t.Attr))
		}
		e.attrs[a.Name.Local] = a.Value
	}
	if len(r.stack) == 0 {
		if r.seen || e.name != "resource" {
			return fmt.Errorf("%w: line %d has <%s> where one <resource> belongs", ErrNotXRC, line, e.name)
		}
		r.seen, r.root = true, e
		r.stack = append(r.stack, e)
		return nil
	}
	parent := r.top()
	if parent != nil {
		parent.closedText = parent.text != ""
	}
	if parent == nil || !applies(e) {
		e = nil
	} else {
		parent.kids = append(parent.kids, e)
	}
	r.stack = append(r.stack, e)
	return nil
}

// applies decides the platform and feature attributes: we are a unix that has switched no feature on.
func applies(e *elem) bool {
	if _, has := e.attrs["feature"]; has {
		return false
	}
	platform, has := e.attrs["platform"]
	if !has {
		return true
	}
	return slices.Contains(strings.FieldsFunc(platform, func(c rune) bool { return c == '|' || c == ' ' }), "unix")
}

func (r *reader) chars(t xml.CharData, line int) error {
	white := len(bytes.TrimSpace(t)) == 0
	if len(r.stack) == 0 {
		if !white {
			return fmt.Errorf("%w: text outside <resource> (line %d)", ErrNotXRC, line)
		}
		return nil
	}
	top := r.top()
	if top == nil || white || top.text != "" || top.closedText {
		return nil
	}
	top.text = dropBlankLines(string(t))
	return nil
}

// dropBlankLines drops the white lines before the first real one, whose own indentation stays.
func dropBlankLines(s string) string {
	for {
		i := strings.IndexByte(s, '\n')
		if i < 0 || strings.TrimSpace(s[:i]) != "" {
			return s
		}
		s = s[i+1:]
	}
}
