package rpyc

import (
	"bufio"
	"bytes"
	"net"
)

// What tests of the outside need to speak the protocol by hand.

type Tuple = tuple

const (
	Request, Reply, Exception = kindRequest, kindReply, kindException

	HandleGetRoot, HandleGetAttr, HandleCall, HandleCallAttr = handleGetRoot, handleGetAttr, handleCall, handleCallAttr
	HandlePickle, HandleInspect, HandleCmp                   = 14, handleInspect, 11

	LabelValue, LabelTuple, LabelLocalRef, LabelRemoteRef = labelValue, labelTuple, labelLocalRef, labelRemoteRef
)

// Raw is a peer that sends what it is told.
type Raw struct {
	Conn net.Conn
	r    *bufio.Reader
	w    frameWriter
}

func NewRaw(c net.Conn) *Raw { return &Raw{c, bufio.NewReader(c), frameWriter{w: c}} }

func (r *Raw) Send(kind, seq int64, body any) error {
	data, err := classic.encode(message{kind, seq, body})
	if err != nil {
		return err
	}
	return r.w.write(data)
}

func (r *Raw) Receive() (kind, seq int64, body any, err error) {
	data, err := readFrame(r.r, Limits{Frame: 1 << 20, Message: 1 << 20})
	if err != nil {
		return 0, 0, nil, err
	}
	m, _, err := decodeMessage(data, Limits{Depth: 100, Values: 1 << 20})
	return m.kind, m.seq, m.body, err
}

// Frame makes one frame.
func Frame(data []byte) []byte {
	var b bytes.Buffer
	_ = (&frameWriter{w: &b}).write(data)
	return b.Bytes()
}

// Unframe gives the data of one frame.
func Unframe(frame []byte) ([]byte, error) {
	return readFrame(bufio.NewReader(bytes.NewReader(frame)), Limits{}.withDefaults())
}

func Dump(v any) ([]byte, error) { return dump(v) }

func Load(b []byte) (any, error) { return load(b, Limits{}.withDefaults()) }

// Samples has a value of each type and at each length where the tag changes.
func Samples() []any { return samples() }
