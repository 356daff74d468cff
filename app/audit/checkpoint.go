package audit

import (
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const (
	checkpointDomain = "omanager-audit-checkpoint-v1"
	stubDomain       = "omanager-audit-stub-v1"
)

// Stub stands for the records that retention has removed: their number, and the hash of the last of them.
type Stub struct {
	Checkpoint
}

// Signer signs checkpoints and stubs of one control server's log.
type Signer struct {
	Server string
	Key    ed25519.PrivateKey
}

// PublicKey is what checks the signatures.
func (s Signer) PublicKey() []byte { return s.Key.Public().(ed25519.PublicKey) }

// Checkpoint signs the state of the log.
func (s Signer) Checkpoint(count int64, head []byte, at time.Time) Checkpoint {
	return s.sign(checkpointDomain, count, head, at)
}

// Stub signs what stands for records that are going to be removed.
func (s Signer) Stub(count int64, head []byte, at time.Time) Stub {
	return Stub{s.sign(stubDomain, count, head, at)}
}

func (s Signer) sign(domain string, count int64, head []byte, at time.Time) Checkpoint {
	c := Checkpoint{Count: count, Head: head, Time: at.UTC().Truncate(time.Millisecond), PublicKey: s.PublicKey()}
	c.Signature = ed25519.Sign(s.Key, c.message(domain, s.Server))
	return c
}

// Verify reports whether the checkpoint was signed by the key for the server.
func (c Checkpoint) Verify(server string, key []byte) error {
	return c.verify(checkpointDomain, server, key)
}

// Verify reports whether the stub was signed by the key for the server.
func (s Stub) Verify(server string, key []byte) error { return s.verify(stubDomain, server, key) }

func (c Checkpoint) verify(domain, server string, key []byte) error {
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, c.message(domain, server), c.Signature) {
		return errors.New("its signature is not by the control server's key")
	}
	return nil
}

func (c Checkpoint) message(domain, server string) []byte {
	var out []byte
	for _, part := range [][]byte{[]byte(domain), []byte(server), c.Head} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
	}
	out = binary.BigEndian.AppendUint64(out, uint64(c.Count))
	return binary.BigEndian.AppendUint64(out, uint64(millis(c.Time)))
}

// written is a checkpoint as a line of a file.
type written struct {
	Count     int64  `json:"count"`
	Head      []byte `json:"head"`
	TimeMS    int64  `json:"time_ms"`
	Signature []byte `json:"signature"`
	PublicKey []byte `json:"public_key"`
}

// MarshalJSON is one line, the form in which checkpoints are kept outside.
func (c Checkpoint) MarshalJSON() ([]byte, error) {
	return json.Marshal(written{c.Count, c.Head, millis(c.Time), c.Signature, c.PublicKey})
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (c *Checkpoint) UnmarshalJSON(b []byte) error {
	var w written
	if err := json.Unmarshal(b, &w); err != nil {
		return fmt.Errorf("read a checkpoint: %w", err)
	}
	*c = Checkpoint{Count: w.Count, Head: w.Head, Time: time.UnixMilli(w.TimeMS).UTC(), Signature: w.Signature, PublicKey: w.PublicKey}
	return nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
