package store

import "time"

// SetPatience changes how long writes wait for an absent server.
func SetPatience(s Store, d time.Duration) { s.(*mysqlStore).patience = d }

// LookAfter makes an alone store look after its lock this often.
func LookAfter(c MySQLConfig, every time.Duration) MySQLConfig {
	c.holdEvery = every
	return c
}
