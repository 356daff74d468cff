package client

import (
	"bytes"
	"crypto/ed25519"
	"testing"
	"time"

	"omanager/app/audit"
)

// TestBroken: a state that does not continue the kept one is told, one that does is not.
func TestBroken(t *testing.T) {
	sign := func(seed byte, server string, count int64, head byte) audit.Checkpoint {
		s := audit.Signer{Server: server, Key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))}
		return s.Checkpoint(count, bytes.Repeat([]byte{head}, 32), time.UnixMilli(1e12))
	}
	held := sign(1, "a", 10, 10)
	for name, c := range map[string]struct {
		known bool
		now   audit.Checkpoint
		hash  []byte
		good  bool
	}{
		"first":            {false, sign(1, "a", 10, 10), nil, true},
		"first, forged":    {false, func() audit.Checkpoint { p := sign(1, "a", 10, 10); p.Count++; return p }(), nil, false},
		"the same":         {true, sign(1, "a", 10, 10), held.Head, true},
		"grown":            {true, sign(1, "a", 20, 20), held.Head, true},
		"grown, trimmed":   {true, sign(1, "a", 20, 20), nil, true},
		"shorter":          {true, sign(1, "a", 9, 9), nil, false},
		"another past":     {true, sign(1, "a", 20, 20), bytes.Repeat([]byte{11}, 32), false},
		"another present":  {true, sign(1, "a", 10, 11), nil, false},
		"another key":      {true, sign(2, "a", 20, 20), held.Head, false},
		"another server's": {true, sign(1, "b", 20, 20), held.Head, false},
	} {
		if got := broken("a", held, c.known, c.now, c.hash); (got == "") != c.good {
			t.Errorf("%s: %q", name, got)
		}
	}
}
