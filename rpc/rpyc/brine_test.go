package rpyc

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func samples() []any {
	huge, _ := new(big.Int).SetString("-"+strings.Repeat("9", 300), 10)
	out := []any{
		nil, true, false, notImplemented, ellipsis, int64(-49), int64(-48), int64(0), int64(159), int64(160),
		int64(math.MaxInt64), int64(math.MinInt64), huge, 18.2, math.Inf(-1), complex(13, 18.2), "", "llo", "主机",
		slice{int64(1), nil, tuple{"x"}}, frozenSet{int64(5)}, frozenSet{},
	}
	for _, n := range []int{0, 1, 2, 3, 4, 5, 255, 256, 70000} {
		out = append(out, bytes.Repeat([]byte("x"), n), strings.Repeat("y", n))
	}
	for _, n := range []int{0, 1, 2, 3, 4, 5, 255, 256, 1000} {
		t := make(tuple, n)
		for i := range t {
			t[i] = int64(i % 100)
		}
		out = append(out, t)
	}
	return append(out, tuple{tuple{tuple{}}, "a", []byte("b")})
}

// The example in the documentation of every version's brine module, written by Python 2.
func TestBrineDocumented(t *testing.T) {
	b, _ := hex.DecodeString("140e0b686557080c6c6c6f580216033930300003061840323333333333331b402a000000000000403233333333333319125152531a1255565705")
	got, err := load(b, Limits{}.withDefaults())
	want := tuple{
		[]byte("he"), int64(7), "llo", int64(8), tuple{}, int64(900), nil, true, ellipsis, 18.2, complex(13, 18.2),
		slice{int64(1), int64(2), int64(3)}, frozenSet{int64(5), int64(6), int64(7)}, notImplemented,
	}
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(slice{})); d != "" {
		t.Error(d)
	}
	if back, err := dump(want); err != nil || !bytes.Equal(back, b) {
		t.Errorf("%x, %v", back, err)
	}
}

func TestBrineRoundTrip(t *testing.T) {
	for _, v := range samples() {
		b, err := dump(v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := load(b, Limits{}.withDefaults())
		if err != nil {
			t.Fatalf("%.40x: %v", b, err)
		}
		same := cmp.Equal(v, got, cmp.AllowUnexported(slice{}), cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 }))
		if !same {
			t.Errorf("%.80v became %.80v", v, got)
		}
	}
	if _, err := dump(struct{}{}); !errors.Is(err, ErrValue) {
		t.Errorf("struct: %v", err)
	}
}

func TestBrineLongOfPython2(t *testing.T) {
	got, err := load([]byte{tagLong, tagIntL1, 3, '9', '0', '0'}, Limits{}.withDefaults())
	if err != nil || got != int64(900) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestBrineRefuses(t *testing.T) {
	nested := func(n int, tag byte, end ...byte) string { return strings.Repeat(string([]byte{tag}), n) + string(end) }
	cases := map[string]struct {
		in   string
		want error
	}{
		"nothing":               {"", ErrValue},
		"unknown tag":           {"\x07", ErrValue},
		"tag above":             {"\xf5", ErrValue},
		"left over":             {"\x00\x00", ErrValue},
		"bytes too short":       {"\x0e\x05abcd", ErrValue},
		"no length":             {"\x0f\x00\x00", ErrValue},
		"4 GiB of bytes":        {"\x0f\xff\xff\xff\xff", ErrValue},
		"4 G items":             {"\x15\xff\xff\xff\xff", ErrValue},
		"items beyond the end":  {"\x14\xff\x00", ErrLimit},
		"integer with space":    {"\x16\x02 1", ErrValue},
		"integer with _":        {"\x16\x031_0", ErrValue},
		"integer empty":         {"\x16\x00", ErrValue},
		"integer of a sign":     {"\x16\x01-", ErrValue},
		"integer of 1025":       {"\x17\x00\x00\x04\x01" + strings.Repeat("1", 1025), ErrLimit},
		"unicode not UTF-8":     {"\x08\x0a\xff", ErrValue},
		"unicode of a number":   {"\x08\x50", ErrValue},
		"slice of two":          {"\x19\x11\x50\x50", ErrValue},
		"set of a number":       {"\x1a\x50", ErrValue},
		"long of a string":      {"\x09\x0aa", ErrValue},
		"half a float":          {"\x18\x00\x00", ErrValue},
		"half a complex":        {"\x1b\x00\x00\x00\x00\x00\x00\x00\x00\x00", ErrValue},
		"deep tuples":           {nested(100000, tagTuple1, tagNone), ErrLimit},
		"deep sets":             {nested(100000, tagFrozenSet, tagEmptyTuple), ErrLimit},
		"deep longs":            {nested(100000, tagLong, smallIntZero), ErrLimit},
		"many values":           {"\x15\x00\x00\x20\x00" + strings.Repeat("\x00", 0x2000), ErrLimit},
		"many values in tuples": {"\x14\x40" + strings.Repeat("\x14\x40"+strings.Repeat("\x02", 64), 64), ErrLimit},
	}
	for name, c := range cases {
		v, err := load([]byte(c.in), Limits{}.withDefaults())
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %.40v, %v", name, v, err)
		}
	}
}

func FuzzBrine(f *testing.F) {
	for _, v := range samples() {
		if b, err := dump(v); err == nil {
			f.Add(b)
		}
	}
	for _, frame := range recordedFrames(f) {
		if data, err := Unframe(frame); err == nil {
			f.Add(data)
			f.Add(data[1:])
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		lim := Limits{}.withDefaults()
		_, _, _ = decodeMessage(b, lim)
		v, err := load(b, lim)
		if err != nil {
			return
		}
		out, err := dump(v)
		if err != nil {
			t.Fatalf("%x loads and does not dump: %v", b, err)
		}
		again, err := load(out, lim)
		if err != nil {
			t.Fatalf("%x became %x: %v", b, out, err)
		}
		if back, err := dump(again); err != nil || !bytes.Equal(back, out) {
			t.Fatalf("%x became %x became %x: %v", b, out, back, err)
		}
		if u, err := unbox(v); err == nil {
			plain(u)
		}
		_, _ = loadRequest(v)
		if e, err := loadException(v); err == nil && len(e.Error()) > 4*maxExceptionText {
			t.Fatalf("exception of %d bytes", len(e.Error()))
		}
	})
}
