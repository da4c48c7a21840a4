package archive

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// gunzip unpacks a tar archive that is exactly one member of gzip (RFC 1952).
// It holds what it gives to the ratio of limits, and its end to the checksum.
//
// RFC 1952 allows several members in a row, but readers of packages are split:
// Ruby's GzipReader and Python's tarfile on a stream stop behind the first,
// Node's zlib and Go go on. Whoever packs a package writes one. Behind it some
// ignore garbage, some zeros, some nothing. So nothing may follow.
type gunzip struct {
	storage storage
	packed  *bufio.Reader // gives single bytes, so that unpacking takes no more than it needs
	plain   *gzip.Reader  // nil before the first byte is read
	limits  Limits
	got     int64
	err     error
}

func newGunzip(r io.Reader, limits Limits) *gunzip {
	g := &gunzip{storage: storage{r: r}, limits: limits}
	g.packed = bufio.NewReader(&g.storage)
	return g
}

// Read implements io.Reader. It ends in a fault, or in the storage's own
// failure.
func (g *gunzip) Read(p []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	if g.plain == nil {
		plain, err := gzip.NewReader(g.packed)
		if err != nil {
			g.err = g.verdict(err)
			return 0, g.err
		}
		plain.Multistream(false)
		g.plain = plain
	}
	n, err := g.plain.Read(p)
	g.got += int64(n)
	switch {
	case err != nil:
		g.err = g.verdict(err)
	case g.got > g.limits.Small && g.got/max(g.storage.got, 1) > g.limits.Ratio:
		// What may follow could lower the ratio, but to wait for it is what a
		// bomb is built for.
		g.err = tarForm.tooLarge("unpacks to more than %d times its size", g.limits.Ratio)
	}
	return n, g.err
}

// verdict judges how unpacking ended.
func (g *gunzip) verdict(err error) error {
	started := g.plain != nil
	if err == io.EOF && started {
		if _, err := g.packed.ReadByte(); err == nil {
			return tarForm.invalid("something follows the end of its gzip data")
		}
	}
	switch {
	case g.storage.err != nil:
		return g.storage.err
	case err == io.EOF && started:
		return io.EOF
	case errors.Is(err, gzip.ErrHeader) && !started:
		return tarForm.invalid("it is not compressed by gzip")
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF):
		return tarForm.invalid("its gzip data is cut off")
	}
	return tarForm.invalid("its gzip data is damaged")
}
