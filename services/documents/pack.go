package documents

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"ingot.dev/modules/format"
)

// encoding is one in which documents are served.
type encoding uint8

const (
	plain encoding = iota
	gzipped
	zstded
	encodings
)

// names are those of Content-Encoding.
var names = [encodings]string{"", "gzip", "zstd"}

// packedAs gives the encoding of a name, plain where there is none of it.
func packedAs(name string) encoding {
	return encoding(max(slices.Index(names[:], name), 0))
}

// maxPlain is the most bytes of a document that is kept as it is beside its
// packed forms. Few clients take no encoding: a longer one is unpacked for
// them on its way.
const maxPlain = 4 << 20

// window is the reach of zstd, in bytes. Clients have to bear 8 MiB (RFC 9659).
const window = 4 << 20

// body is a document in each encoding, without the plain one where that has
// more than maxPlain bytes and is not kept for ranges.
type body struct {
	validator
	size   int // of the plain document
	bytes  [encodings][]byte
	digest []string // Repr-Digest of the plain document, nil without ranges
}

func (b *body) weight() uint32 {
	n := 512
	for _, bytes := range b.bytes {
		n += len(bytes)
	}
	return uint32(min(n, 1<<31))
}

// send answers with the document.
func (b *body) send(q *format.Request, e encoding, contentType string) error {
	if e != plain || b.size <= maxPlain || b.digest != nil {
		return q.Bytes(http.StatusOK, contentType, b.bytes[e])
	}
	z, err := gzip.NewReader(bytes.NewReader(b.bytes[gzipped]))
	if err != nil {
		return err
	}
	h := q.W.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(b.size))
	q.W.WriteHeader(http.StatusOK)
	if q.R.Method != http.MethodHead {
		_, err = z.WriteTo(q.W)
	}
	return err
}

// ranges answers with the plain document or the parts of it that q asks for.
// If-Range is compared with the ETag, which is set.
func (b *body) ranges(q *format.Request, contentType string) error {
	h := q.W.Header()
	h.Set("Content-Type", contentType)
	h["Repr-Digest"] = b.digest
	// ServeContent would answer what the validators decided already.
	r := q.R.Clone(q.Context())
	for _, name := range []string{"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"} {
		r.Header.Del(name)
	}
	http.ServeContent(q.W, r, "", time.Time{}, bytes.NewReader(b.bytes[plain]))
	return nil
}

// packer packs a document while it is being written, so that a long one is
// never in memory as a whole.
type packer struct {
	size   int
	out    [encodings]bytes.Buffer
	gz     *gzip.Writer
	zs     *zstd.Encoder
	digest hash.Hash // SHA-256 of the plain document, nil where it is not asked for in parts
	sum    hash.Hash // MD5 of it, as well
}

// newPacker makes a packer of a document, which is kept plain too, however long
// it is, where it is asked for in parts.
func newPacker(ranges bool) (*packer, error) {
	p := &packer{}
	if ranges {
		p.digest, p.sum = sha256.New(), md5.New()
	}
	p.gz = gzip.NewWriter(&p.out[gzipped])
	var err error
	p.zs, err = zstd.NewWriter(&p.out[zstded], zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true))
	return p, err
}

// Write implements io.Writer.
func (p *packer) Write(b []byte) (int, error) {
	p.size += len(b)
	if p.digest != nil {
		p.digest.Write(b)
		p.sum.Write(b)
	}
	if p.size <= maxPlain || p.digest != nil {
		p.out[plain].Write(b)
	} else {
		p.out[plain] = bytes.Buffer{}
	}
	if n, err := p.gz.Write(b); err != nil {
		return n, err
	}
	return p.zs.Write(b)
}

// body ends the document. v is its validator, unless its bytes are.
func (p *packer) body(v validator) (*body, error) {
	if err := p.gz.Close(); err != nil {
		return nil, err
	}
	if err := p.zs.Close(); err != nil {
		return nil, err
	}
	b := &body{validator: v, size: p.size}
	for e := range p.out {
		b.bytes[e] = tight(p.out[e].Bytes())
	}
	if p.digest != nil { // RFC 9530
		b.validator = newSum(hex.EncodeToString(p.sum.Sum(nil)))
		b.digest = []string{"sha-256=:" + base64.StdEncoding.EncodeToString(p.digest.Sum(nil)) + ":"}
	}
	return b, nil
}

// tight copies bytes that would keep much more memory than they fill.
func tight(b []byte) []byte {
	if cap(b)-len(b) > len(b)/8 {
		return bytes.Clone(b)
	}
	return b
}
