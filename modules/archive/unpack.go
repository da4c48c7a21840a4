package archive

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// packing is a way in which archives are compressed.
type packing struct {
	name string
	// open begins to unpack. What it gives ends in io.EOF when everything that
	// belongs together was read.
	open func(packed *bufio.Reader) (io.Reader, error)
	// single is set where nothing may follow what belongs together.
	single bool
}

// gzipped is exactly one member of gzip (RFC 1952).
//
// RFC 1952 allows several members in a row, but readers of packages are split:
// Ruby's GzipReader and Python's tarfile on a stream stop behind the first,
// Node's zlib and Go go on. Whoever packs a package writes one. Behind it some
// ignore garbage, some zeros, some nothing. So nothing may follow.
var gzipped = packing{name: "gzip", single: true, open: func(packed *bufio.Reader) (io.Reader, error) {
	plain, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	plain.Multistream(false)
	return plain, nil
}}

// bzipped is one or more streams of bzip2, which parallel packers write and
// every reader takes for one.
var bzipped = packing{name: "bzip2", open: func(packed *bufio.Reader) (io.Reader, error) {
	if magic, err := packed.Peek(3); err != nil || string(magic) != "BZh" {
		return nil, bzip2.StructuralError("bad magic value")
	}
	return bzip2.NewReader(packed), nil
}}

// zstdWindow is the farthest reach of zstd that is taken, in bytes: that of its
// highest level, and what its command takes without being told to.
const zstdWindow = 128 << 20

// zstded is one or more frames of zstd (RFC 8878).
var zstded = packing{name: "zstd", open: func(packed *bufio.Reader) (io.Reader, error) {
	if magic, err := packed.Peek(4); err != nil || string(magic) != "\x28\xb5\x2f\xfd" {
		return nil, zstd.ErrMagicMismatch
	}
	// With one goroutine the decoder has nothing to close.
	return zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
}}

// unpack unpacks a compressed archive. It holds what it gives to the ratio of
// limits, and its end to the checksum.
type unpack struct {
	packing
	form    form
	storage storage
	packed  *bufio.Reader // gives single bytes, so that unpacking takes no more than it needs
	plain   io.Reader     // nil before the first byte is read
	limits  Limits
	got     int64
	err     error
}

func newUnpack(r io.Reader, p packing, f form, limits Limits) *unpack {
	u := &unpack{packing: p, form: f, storage: storage{r: r}, limits: limits}
	u.packed = bufio.NewReader(&u.storage)
	return u
}

// Read implements io.Reader. It ends in a fault, or in the storage's own
// failure.
func (u *unpack) Read(p []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	if u.plain == nil {
		plain, err := u.open(u.packed)
		if err != nil {
			u.err = u.verdict(err)
			return 0, u.err
		}
		u.plain = plain
	}
	n, err := u.plain.Read(p)
	u.got += int64(n)
	switch {
	case err != nil:
		u.err = u.verdict(err)
	case u.got > u.limits.Small && u.got/max(u.storage.got, 1) > u.limits.Ratio:
		// What may follow could lower the ratio, but to wait for it is what a
		// bomb is built for.
		u.err = u.form.tooLarge("unpacks to more than %d times its size", u.limits.Ratio)
	}
	return n, u.err
}

// verdict judges how unpacking ended.
func (u *unpack) verdict(err error) error {
	started := u.plain != nil
	if err == io.EOF && started && u.single {
		if _, err := u.packed.ReadByte(); err == nil {
			return u.form.invalid("something follows the end of its %s data", u.name)
		}
	}
	switch {
	case u.storage.err != nil:
		return u.storage.err
	case err == io.EOF && started:
		return io.EOF
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return u.form.tooLarge("needs a window of more than %d bytes to unpack", int64(zstdWindow))
	case !started && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF):
		return u.form.invalid("it is not compressed by %s", u.name)
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF):
		return u.form.invalid("its %s data is cut off", u.name)
	}
	return u.form.invalid("its %s data is damaged", u.name)
}

// Gunzip gives what one member of gzip holds: fault.TooLarge where that is more
// than limit bytes, fault.Invalid where r is anything else. An error of r is
// returned as it is.
func Gunzip(r io.Reader, limit int64) ([]byte, error) {
	plain, err := io.ReadAll(io.LimitReader(newUnpack(r, gzipped, gzipForm, Limits{Small: limit + 1}), limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(plain)) > limit {
		return nil, gzipForm.tooLarge("unpacks to more than %d bytes", limit)
	}
	return plain, nil
}
