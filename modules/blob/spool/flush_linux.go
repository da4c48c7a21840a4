package spool

import (
	"os"
	"syscall"
)

// startWriting asks the kernel to begin writing that range to the disk and
// does not wait for it. It promises nothing: errors show in the later fsync.
func startWriting(f *os.File, off, n int64) {
	const rangeWrite = 2 // SYNC_FILE_RANGE_WRITE, sync_file_range(2)
	_ = syscall.SyncFileRange(int(f.Fd()), off, n, rangeWrite)
}
