//go:build linux || darwin

package disk

import "syscall"

// SpaceOf gives the space of the file system that holds path. It is false
// where the system does not tell.
func SpaceOf(path string) (Space, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return Space{}, false
	}
	unit := int64(s.Bsize)
	return Space{Free: int64(s.Bavail) * unit, Total: int64(s.Blocks) * unit}, true
}
