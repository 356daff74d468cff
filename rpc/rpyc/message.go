package rpyc

import (
	"fmt"
)

// dialect is how a message is put into a frame: rpyc 6 moved the kind out of the value.
type dialect byte

const (
	classic dialect = iota // to 5.x: (kind, seq, body)
	split                  // from 6.0: one byte of kind, then (seq, body)
)

const (
	kindRequest   = 1
	kindReply     = 2
	kindException = 3

	labelValue     = 1
	labelTuple     = 2
	labelLocalRef  = 3
	labelRemoteRef = 4

	handlePing     = 1
	handleClose    = 2
	handleGetRoot  = 3
	handleGetAttr  = 4
	handleCall     = 7
	handleCallAttr = 8
	handleStr      = 10
	handleDel      = 15
	handleInspect  = 16

	stopIteration = int64(1) // the whole body of that one exception
)

type message struct {
	kind int64
	seq  int64
	body any
}

func (d dialect) encode(m message) ([]byte, error) {
	if d == split {
		return appendValue([]byte{byte(m.kind)}, tuple{m.seq, m.body})
	}
	return dump(tuple{m.kind, m.seq, m.body})
}

// decodeMessage also says which dialect the message is in: a classic one starts with a tuple's tag, which is not
// a kind.
func decodeMessage(data []byte, lim Limits) (message, dialect, error) {
	if len(data) > 0 && data[0] >= kindRequest && data[0] <= kindException {
		v, err := load(data[1:], lim)
		if err != nil {
			return message{}, split, fmt.Errorf("%w: %w", ErrMessage, err)
		}
		t, _ := v.(tuple)
		if len(t) != 2 {
			return message{}, split, fmt.Errorf("%w: %T of %d", ErrMessage, v, len(t))
		}
		m, err := newMessage(int64(data[0]), t[0], t[1])
		return m, split, err
	}
	v, err := load(data, lim)
	if err != nil {
		return message{}, classic, fmt.Errorf("%w: %w", ErrMessage, err)
	}
	t, _ := v.(tuple)
	if len(t) != 3 {
		return message{}, classic, fmt.Errorf("%w: %T of %d", ErrMessage, v, len(t))
	}
	m, err := newMessage(t[0], t[1], t[2])
	return m, classic, err
}

func newMessage(kind, seq, body any) (message, error) {
	k, isKind := kind.(int64)
	s, isSeq := seq.(int64)
	if !isKind || !isSeq || k < kindRequest || k > kindException {
		return message{}, fmt.Errorf("%w: kind %v, number %v", ErrMessage, kind, seq)
	}
	return message{kind: k, seq: s, body: body}, nil
}

// localRef is a reference to an object of the side that reads it, remoteRef to one of the side that wrote it. What
// is in them differs between versions and is only ever given back.
type (
	localRef  struct{ id any }
	remoteRef struct{ id any }
)

// unbox takes the labels off. It is as deep as the value, which load has bounded.
func unbox(v any) (any, error) {
	t, _ := v.(tuple)
	if len(t) != 2 {
		return nil, fmt.Errorf("%w: no label", ErrMessage)
	}
	switch t[0] {
	case int64(labelValue):
		return t[1], nil
	case int64(labelLocalRef):
		return localRef{t[1]}, nil
	case int64(labelRemoteRef):
		return remoteRef{t[1]}, nil
	case int64(labelTuple):
		items, ok := t[1].(tuple)
		if !ok {
			return nil, fmt.Errorf("%w: tuple's label before %T", ErrMessage, t[1])
		}
		out := make(tuple, len(items))
		for i, item := range items {
			var err error
			if out[i], err = unbox(item); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("%w: label %v", ErrMessage, t[0])
}

func boxValue(v any) tuple { return tuple{labelValue, v} }

// text is the string in a value of either kind of Python string.
func text(v any) (s string, isBytes, ok bool) {
	switch v := v.(type) {
	case string:
		return v, false, true
	case []byte:
		return string(v), true, true
	}
	return "", false, false
}

// textLike makes a Python string of the kind the peer used.
func textLike(s string, isBytes bool) any {
	if isBytes {
		return []byte(s)
	}
	return s
}
