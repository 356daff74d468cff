package rpyc

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strconv"
)

// Python's immutable values as Go has them: nil, bool, int64, *big.Int, float64, complex128, []byte (bytes, and
// str of Python 2), string (unicode), and the types below.
type (
	tuple     []any
	frozenSet []any
	slice     struct{ start, stop, step any }
	singleton byte
)

const (
	notImplemented = singleton(tagNotImplemented)
	ellipsis       = singleton(tagEllipsis)
)

const (
	tagNone           = 0x00
	tagEmptyBytes     = 0x01
	tagEmptyTuple     = 0x02
	tagTrue           = 0x03
	tagFalse          = 0x04
	tagNotImplemented = 0x05
	tagEllipsis       = 0x06
	tagUnicode        = 0x08
	tagLong           = 0x09 // Python 2 only, before another integer
	tagBytes1         = 0x0a
	tagBytes4         = 0x0d
	tagBytesL1        = 0x0e
	tagBytesL4        = 0x0f
	tagTuple1         = 0x10
	tagTuple4         = 0x13
	tagTupleL1        = 0x14
	tagTupleL4        = 0x15
	tagIntL1          = 0x16
	tagIntL4          = 0x17
	tagFloat          = 0x18
	tagSlice          = 0x19
	tagFrozenSet      = 0x1a
	tagComplex        = 0x1b

	smallIntZero = 0x50
	smallIntMin  = -0x30
	smallIntMax  = 0x9f
	maxDigits    = 1024
)

// dump writes a value the way every version of rpyc reads it.
func dump(v any) ([]byte, error) { return appendValue(nil, v) }

func appendValue(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, tagNone), nil
	case bool:
		if v {
			return append(b, tagTrue), nil
		}
		return append(b, tagFalse), nil
	case singleton:
		return append(b, byte(v)), nil
	case int:
		return appendInt(b, int64(v)), nil
	case int64:
		return appendInt(b, v), nil
	case *big.Int:
		return appendDigits(b, v.String()), nil
	case float64:
		return appendFloats(append(b, tagFloat), v), nil
	case complex128:
		return appendFloats(append(b, tagComplex), real(v), imag(v)), nil
	case []byte:
		return appendBytes(b, v), nil
	case string:
		return appendBytes(append(b, tagUnicode), v), nil
	case tuple:
		return appendTuple(b, v)
	case frozenSet:
		return appendTuple(append(b, tagFrozenSet), tuple(v))
	case slice:
		return appendTuple(append(b, tagSlice), tuple{v.start, v.stop, v.step})
	}
	return nil, fmt.Errorf("dump %T: %w", v, ErrValue)
}

func appendInt(b []byte, n int64) []byte {
	if n >= smallIntMin && n <= smallIntMax {
		return append(b, byte(n+smallIntZero))
	}
	return appendDigits(b, strconv.FormatInt(n, 10))
}

func appendDigits(b []byte, digits string) []byte {
	return append(appendLength(b, tagIntL1, len(digits)), digits...)
}

func appendFloats(b []byte, floats ...float64) []byte {
	for _, f := range floats {
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(f))
	}
	return b
}

func appendBytes[T []byte | string](b []byte, v T) []byte {
	switch n := len(v); {
	case n == 0:
		return append(b, tagEmptyBytes)
	case n <= 4:
		b = append(b, byte(tagBytes1+n-1))
	default:
		b = appendLength(b, tagBytesL1, n)
	}
	return append(b, v...)
}

func appendTuple(b []byte, t tuple) ([]byte, error) {
	switch n := len(t); {
	case n == 0:
		return append(b, tagEmptyTuple), nil
	case n <= 4:
		b = append(b, byte(tagTuple1+n-1))
	default:
		b = appendLength(b, tagTupleL1, n)
	}
	var err error
	for _, item := range t {
		if b, err = appendValue(b, item); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// appendLength writes the tag for a length of one byte, or the tag after it with a length of four.
func appendLength(b []byte, tag byte, n int) []byte {
	if n < 256 {
		return append(b, tag, byte(n))
	}
	return binary.BigEndian.AppendUint32(append(b, tag+1), uint32(n))
}
