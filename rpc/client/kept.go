package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"omanager/app/audit"
	"omanager/app/problem"
	"omanager/app/wholefile"
)

// CheckLog holds the control server's operation log against the newest checkpoint of it that is kept in the folder, and
// keeps the new one if it continues the old. A log that was cut, replaced or signed by somebody else is the problem
// audit_broken; the old checkpoint then stays, so that it is told every time.
func (c *Client) CheckLog(ctx context.Context, dir string) error {
	path := filepath.Join(dir, "checkpoint-"+short(c.want)+".json")
	held, known, err := readCheckpoint(path)
	if err != nil {
		return problem.Wrap(err, "audit_kept", "file", path, "cause", err.Error())
	}
	now, heldHash, err := c.Checkpoint(ctx, held.Count)
	if err != nil {
		return err
	}
	if cause := broken(c.want, held, known, now, heldHash); cause != "" {
		return problem.New("audit_broken", "addr", c.addr, "cause", cause, "file", path)
	}
	if known && now.Count == held.Count {
		return nil
	}
	if err := writeCheckpoint(dir, path, now); err != nil {
		return problem.Wrap(err, "audit_kept", "file", path, "cause", err.Error())
	}
	return nil
}

// broken says why the present state does not continue the held one; empty means it does. A first checkpoint is taken
// as it comes, like a fingerprint.
func broken(server string, held audit.Checkpoint, known bool, now audit.Checkpoint, heldHash []byte) string {
	key := now.PublicKey
	if known {
		key = held.PublicKey
	}
	switch {
	case now.Verify(server, key) != nil:
		return "its newest state is not signed by the key that signed the state kept here"
	case !known:
		return ""
	case now.Count < held.Count:
		return "it has " + strconv.FormatInt(now.Count, 10) + " records, but had " + strconv.FormatInt(held.Count, 10) + " on " + held.Time.Format("2006-01-02 15:04")
	case now.Count == held.Count && !bytes.Equal(now.Head, held.Head), len(heldHash) > 0 && !bytes.Equal(heldHash, held.Head):
		return "records up to number " + strconv.FormatInt(held.Count, 10) + " are not those that were there on " + held.Time.Format("2006-01-02 15:04")
	}
	return ""
}

func short(server string) string {
	sum := sha256.Sum256([]byte(server))
	return hex.EncodeToString(sum[:8])
}

func readCheckpoint(path string) (p audit.Checkpoint, known bool, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, false, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &p)
	}
	return p, err == nil, err
}

// writeCheckpoint replaces the file in one step.
func writeCheckpoint(dir, path string, p audit.Checkpoint) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return wholefile.WriteBytes(path, append(b, '\n'))
}
