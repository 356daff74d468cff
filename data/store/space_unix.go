//go:build linux || darwin

package store

import "syscall"

// noSpace reports whether the file system has hardly a block left: an I/O error then means a full disk, not a
// broken one.
func noSpace(dir string) bool {
	var st syscall.Statfs_t
	if syscall.Statfs(dir, &st) != nil {
		return false
	}
	return st.Bavail*uint64(st.Bsize) < 256<<10
}
