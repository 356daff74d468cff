package store

import "time"

// SetPatience changes how long writes wait for an absent server.
func SetPatience(s Store, d time.Duration) { s.(*mysqlStore).patience = d }
