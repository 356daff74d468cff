package rpyc

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"
)

// load reads exactly one value. What Python's loader lets pass without meaning (odd digits, bytes left over,
// a slice of other than three) is refused. The result may share memory with b.
func load(b []byte, lim Limits) (any, error) {
	d := &decoder{b: b, depth: lim.Depth, values: lim.Values}
	v, err := d.value()
	if err != nil {
		return nil, fmt.Errorf("at byte %d of %d: %w", d.at, len(b), err)
	}
	if d.at != len(b) {
		return nil, fmt.Errorf("%w: %d bytes left over", ErrValue, len(b)-d.at)
	}
	return v, nil
}

type decoder struct {
	b      []byte
	at     int
	depth  int // still allowed
	values int // still allowed
}

func (d *decoder) take(n int) ([]byte, error) {
	if n > len(d.b)-d.at {
		return nil, fmt.Errorf("%w: %d bytes wanted, %d left", ErrValue, n, len(d.b)-d.at)
	}
	out := d.b[d.at : d.at+n : d.at+n]
	d.at += n
	return out, nil
}

// length reads a count of one byte, or of four for the wide tag.
func (d *decoder) length(wide bool) (int, error) {
	if !wide {
		b, err := d.take(1)
		if err != nil {
			return 0, err
		}
		return int(b[0]), nil
	}
	b, err := d.take(4)
	if err != nil {
		return 0, err
	}
	n := binary.BigEndian.Uint32(b)
	if uint64(n) > uint64(len(d.b)) {
		return 0, fmt.Errorf("%w: length %d", ErrValue, n)
	}
	return int(n), nil
}

func (d *decoder) value() (any, error) {
	if d.values--; d.values < 0 {
		return nil, fmt.Errorf("values: %w", ErrLimit)
	}
	b, err := d.take(1)
	if err != nil {
		return nil, err
	}
	switch tag := b[0]; {
	case tag >= smallIntZero+smallIntMin && tag <= smallIntZero+smallIntMax:
		return int64(tag) - smallIntZero, nil
	case tag == tagEmptyBytes, tag >= tagBytes1 && tag <= tagBytesL4:
		return d.bytes(tag)
	case tag == tagEmptyTuple, tag >= tagTuple1 && tag <= tagTupleL4:
		return d.tuple(tag)
	case tag == tagIntL1, tag == tagIntL4:
		return d.digits(tag == tagIntL4)
	case tag == tagFloat:
		return d.float()
	case tag == tagComplex:
		re, err := d.float()
		if err != nil {
			return nil, err
		}
		im, err := d.float()
		return complex(re, im), err
	case tag == tagUnicode, tag == tagLong, tag == tagSlice, tag == tagFrozenSet:
		return d.wrapped(tag)
	default:
		return constant(tag)
	}
}

func constant(tag byte) (any, error) {
	switch tag {
	case tagNone:
		return nil, nil
	case tagTrue:
		return true, nil
	case tagFalse:
		return false, nil
	case tagNotImplemented, tagEllipsis:
		return singleton(tag), nil
	}
	return nil, fmt.Errorf("%w: tag %#02x", ErrValue, tag)
}

func (d *decoder) bytes(tag byte) ([]byte, error) {
	n := int(tag) - tagBytes1 + 1
	switch {
	case tag == tagEmptyBytes:
		return []byte{}, nil
	case tag >= tagBytesL1:
		var err error
		if n, err = d.length(tag == tagBytesL4); err != nil {
			return nil, err
		}
	}
	return d.take(n)
}

func (d *decoder) tuple(tag byte) (tuple, error) {
	n := int(tag) - tagTuple1 + 1
	switch {
	case tag == tagEmptyTuple:
		return tuple{}, nil
	case tag >= tagTupleL1:
		var err error
		if n, err = d.length(tag == tagTupleL4); err != nil {
			return nil, err
		}
	}
	if n > len(d.b)-d.at || n > d.values {
		return nil, fmt.Errorf("tuple of %d: %w", n, ErrLimit)
	}
	if d.depth--; d.depth < 0 {
		return nil, fmt.Errorf("depth: %w", ErrLimit)
	}
	t := make(tuple, n)
	for i := range t {
		var err error
		if t[i], err = d.value(); err != nil {
			return nil, err
		}
	}
	d.depth++
	return t, nil
}

func (d *decoder) digits(wide bool) (any, error) {
	n, err := d.length(wide)
	if err != nil {
		return nil, err
	}
	if n > maxDigits {
		return nil, fmt.Errorf("integer of %d digits: %w", n, ErrLimit)
	}
	b, err := d.take(n)
	if err != nil {
		return nil, err
	}
	s := string(b)
	for i, c := range b {
		if (c < '0' || c > '9') && (c != '-' || i > 0) {
			return nil, fmt.Errorf("%w: integer %.40q", ErrValue, s)
		}
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, nil
	}
	if i, ok := new(big.Int).SetString(s, 10); ok {
		return i, nil
	}
	return nil, fmt.Errorf("%w: integer %.40q", ErrValue, s)
}

func (d *decoder) float() (float64, error) {
	b, err := d.take(8)
	if err != nil {
		return 0, err
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
}

// wrapped reads what is written as another value with a tag before it.
func (d *decoder) wrapped(tag byte) (any, error) {
	if d.depth--; d.depth < 0 {
		return nil, fmt.Errorf("depth: %w", ErrLimit)
	}
	inner, err := d.value()
	if err != nil {
		return nil, err
	}
	d.depth++
	switch v := inner.(type) {
	case []byte:
		if tag == tagUnicode && utf8.Valid(v) {
			return string(v), nil
		}
	case int64, *big.Int:
		if tag == tagLong {
			return v, nil
		}
	case tuple:
		if tag == tagFrozenSet {
			return frozenSet(v), nil
		}
		if tag == tagSlice && len(v) == 3 {
			return slice{v[0], v[1], v[2]}, nil
		}
	}
	return nil, fmt.Errorf("%w: %T after tag %#02x", ErrValue, inner, tag)
}
