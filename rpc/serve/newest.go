package serve

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"omanager/data/store"
	"omanager/data/store/legacy"
)

// newestFor is how long the newest version number is told without looking: anybody may ask, the database answers once.
const newestFor = time.Minute

// newest tells the version number of a legacy table.
type newest struct {
	store store.Store
	log   *slog.Logger
	now   func() time.Time

	mu    sync.Mutex
	text  string
	until time.Time
}

// get keeps to what it knew while the database does not answer.
func (n *newest) get(ctx context.Context) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now := n.now(); now.After(n.until) {
		n.until = now.Add(newestFor)
		if text, err := legacy.Newest(ctx, n.store); err != nil {
			n.log.Warn("the newest version number was not read", "err", err)
		} else {
			n.text = text
		}
	}
	return n.text
}
