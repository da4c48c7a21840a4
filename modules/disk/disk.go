// Package disk tells how full a file system is.
package disk

// Space is the size of a file system in bytes.
type Space struct {
	Free  int64 // that this process may use
	Total int64
}
