package job

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"sort"
)

// Seal sets the plan's hash over everything else in it, and over marks of what it does not show: what was confirmed is
// what runs, or nothing does.
func (p *Plan) Seal(marks ...string) {
	h := sha256.New()
	for _, s := range []string{p.Module, p.ModuleHash, p.Engine, p.Danger, string(p.Gate), p.Rendered} {
		field(h, s)
	}
	keys := make([]string, 0, len(p.Params))
	for k := range p.Params {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		field(h, k)
		field(h, p.Params[k])
	}
	if len(marks) > 0 {
		field(h, "marks")
		for _, m := range marks {
			field(h, m)
		}
	}
	field(h, "targets")
	for _, t := range p.Targets {
		field(h, t.Host)
		field(h, t.Addr)
	}
	p.Hash = hex.EncodeToString(h.Sum(nil))
}

// Frame is the hash of the plan without its parameters. The control server can make it again later, when it knows only what
// of the parameters may be stored.
func (p Plan) Frame() string {
	p.Params = nil
	p.Seal()
	return p.Hash
}

// field writes length and bytes, so that neighbouring fields cannot flow into one another.
func field(h hash.Hash, s string) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(s)))
	h.Write(n[:])
	h.Write([]byte(s))
}
