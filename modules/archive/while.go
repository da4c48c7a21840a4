package archive

import (
	"context"
	"io"
)

// While gives r for as long as ctx lasts: after that every read fails with its
// error, which the readers of archives return as it is. So the reading of a large
// entry ends too when nobody waits for it.
func While(ctx context.Context, r io.ReaderAt) io.ReaderAt { return lasting{ctx, r} }

type lasting struct {
	ctx context.Context
	r   io.ReaderAt
}

// ReadAt implements io.ReaderAt.
func (l lasting) ReadAt(p []byte, at int64) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	return l.r.ReadAt(p, at)
}
