package control

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"omanager/app/audit"
	"omanager/data/store"
)

// TestAMinuteMakesACheckpoint: when its time has come, what is new gets a checkpoint, and nothing new gets none; that
// one does not get outside stops nothing.
func TestAMinuteMakesACheckpoint(t *testing.T) {
	st, err := store.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	made := make(chan int64, 10)
	_, key, _ := ed25519.GenerateKey(nil)
	c := &Control{due: make(chan struct{}, 1), Deps: Deps{
		Store: st, Now: time.Now, ServerID: "server", AuditKey: key, Log: slog.New(slog.DiscardHandler),
		Outside: []Outside{func(p audit.Checkpoint) error { made <- p.Count; return errors.New("the file cannot be written") }},
	}}
	c.ctx, c.stop = context.WithCancel(t.Context())
	tick := make(chan time.Time)
	c.wg.Go(func() { c.keepCheckpoints(tick) })
	record := func(n int) {
		for range n {
			if err := c.record(t.Context(), audit.Entry{Event: "x"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	record(3)
	tick <- time.Now()
	tick <- time.Now() // taken when the first is dealt with
	tick <- time.Now()
	record(2)
	tick <- time.Now()
	tick <- time.Now()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	close(made)
	var counts []int64
	for n := range made {
		counts = append(counts, n)
	}
	if len(counts) != 2 || counts[0] != 3 || counts[1] != 5 {
		t.Errorf("checkpoints of %v records, want 3 and 5", counts)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
}
