package conda

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"iter"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/ordered"
)

// Shards lie below their folder, by the SHA-256 of their bytes (CEP 16).
const (
	shardsFolder   = "shards/"
	shardExtension = ".msgpack.zst"
)

// shardLimits bound a record that is written into a shard: info/index.json was
// bounded when it was published, and a few keys joined it.
var shardLimits = ordered.Limits{Bytes: indexLimits.Bytes + 4<<10, Depth: indexLimits.Depth, Values: indexLimits.Values + 100}

// shardWindow is the reach of zstd, in bytes: shards are small, and each that is
// asked for takes as much memory.
const shardWindow = 256 << 10

// packer writes shards. It belongs to one goroutine.
type packer struct {
	zstd   *zstd.Encoder
	plain  []byte
	record []byte
}

func newPacker() (*packer, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(shardWindow), zstd.WithLowerEncoderMem(true))
	return &packer{zstd: z}, err
}

// shard gives the shard of a package's entries, of which one at least is there: the
// same bytes for the same entries.
func (p *packer) shard(entries []entry) ([]byte, error) {
	firsts := 0
	for i := range entries {
		if entries[i].first() {
			firsts++
		}
	}
	var failed error
	table := func(name string, n int, first bool) {
		p.plain = appendMap(appendText(p.plain, name), n)
		for i := range entries {
			e := &entries[i]
			if e.first() != first {
				continue
			}
			p.record = e.appendRecord(p.record[:0])
			record, err := ordered.Parse(p.record, shardLimits)
			failed = errors.Join(failed, err)
			p.plain = appendPacked(appendText(p.plain, e.name), record)
		}
	}
	p.plain = appendMap(p.plain[:0], 3)
	table("packages", firsts, true)
	table("packages.conda", len(entries)-firsts, false)
	p.plain = appendArray(appendText(p.plain, "removed"), 0)
	return p.zstd.EncodeAll(p.plain, nil), failed
}

// buildShards writes the index of shards. Addresses in it are relative, so that
// they lead to the host by which the client came, and its credentials hold.
func buildShards(ctx context.Context, b format.Build, w io.Writer) error {
	pack, err := newPacker()
	if err != nil {
		return err
	}
	var (
		digests []byte
		n       int
		created time.Time // of the newest build, so that the same state has the same bytes
	)
	for entries, err := range walk(ctx, b.Reg, b.Key) {
		if err != nil {
			return err
		}
		shard, err := pack.shard(entries)
		if err != nil {
			return err
		}
		digest := sha256.Sum256(shard)
		digests = appendBytes(appendText(digests, entries[0].Package), digest[:])
		n++
		for _, e := range entries {
			if e.Created.After(created) {
				created = e.Created
			}
		}
	}
	if n == 0 {
		if err := absent(ctx, b); err != nil {
			return err
		}
	}
	info := [][2]string{{"subdir", path.Base(b.Key)}, {"base_url", "./"}, {"shards_base_url", "./" + shardsFolder}}
	if n > 0 {
		info = append(info, [2]string{"created_at", created.UTC().Format(time.RFC3339)})
	}
	out := bufio.NewWriter(w)
	head := appendUint(appendText(appendMap(nil, 3), "version"), 1)
	head = appendMap(appendText(head, "info"), len(info))
	for _, field := range info {
		head = appendText(appendText(head, field[0]), field[1])
	}
	_, _ = out.Write(appendMap(appendText(head, shardsKey), n)) // Flush gives the error
	_, _ = out.Write(digests)
	return out.Flush()
}

const shardsKey = "shards"

// shard answers with the shard of a digest. It is made anew: that of the package
// which the current index has the digest for, or an earlier state of one of the
// packages published last, for whoever holds an older index.
func (c *Conda) shard(q *format.Request) error {
	at, err := folderOf(q)
	if err != nil {
		return err
	}
	unknown := fault.New(fault.NotFound, "there is no shard %.70q in %s: read its index anew", q.Param("digest"), at)
	raw, err := hex.DecodeString(q.Param("digest"))
	if err != nil || len(raw) != sha256.Size || hex.EncodeToString(raw) != q.Param("digest") {
		return unknown
	}
	digest := [sha256.Size]byte(raw)
	shard, err := indexed(q, at, digest)
	if err == nil && shard == nil {
		shard, err = c.older(q, at, digest)
	}
	if err != nil {
		return err
	}
	if shard == nil {
		return unknown
	}
	h := q.W.Header()
	h.Set("Cache-Control", "max-age=31536000, immutable")
	if q.Scope.Private {
		h.Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	h.Set("Vary", "Authorization")
	h.Set("ETag", `"`+q.Param("digest")+`"`)
	if strings.Contains(q.R.Header.Get("If-None-Match"), q.Param("digest")) {
		return q.Empty(http.StatusNotModified)
	}
	return q.Bytes(http.StatusOK, "application/zstd", shard)
}

// indexed gives the shard that the current index of a folder has a digest for; nil
// where it has none.
func indexed(q *format.Request, at folder, digest [sha256.Size]byte) ([]byte, error) {
	var reply memory
	inner := *q
	inner.W = &reply
	inner.R = q.R.Clone(q.Context())
	inner.R.Method, inner.R.Header = http.MethodGet, http.Header{}
	if err := inner.Document(shardsKind, at.String()); err != nil {
		return nil, err
	}
	name := nameOf(reply.Bytes(), digest)
	if name == "" {
		return nil, nil
	}
	return shardOf(q.Context(), q.Reg, at, name, digest)
}

// shardOf gives the shard of a package as it is now; nil where that has another
// digest.
func shardOf(ctx context.Context, reg format.Reader, at folder, name string, digest [sha256.Size]byte) ([]byte, error) {
	pack, err := newPacker()
	if err != nil {
		return nil, err
	}
	for entries, err := range walk(ctx, reg, at.String(), name) {
		if err != nil {
			return nil, err
		}
		shard, err := pack.shard(entries)
		if err != nil || sha256.Sum256(shard) == digest {
			return shard, err
		}
	}
	return nil, nil
}

// Anybody can ask for a digest that there never was, so the search for an older
// shard is bounded: in what it looks at, and in how many there are at once.
const (
	maxRecent   = 16      // packages published last that an older shard may be of
	maxStates   = 8       // states of one package, the current one included
	maxSearched = 8 << 20 // bytes of records that are read and packed
	searchWait  = 10 * time.Second
)

// older looks for a shard among the earlier states of the packages published last,
// the last one first. Busy where others search for so long that its turn does not
// come.
func (c *Conda) older(q *format.Request, at folder, digest [sha256.Size]byte) ([]byte, error) {
	timer := time.NewTimer(searchWait)
	defer timer.Stop()
	select {
	case c.searching <- struct{}{}:
	case <-timer.C:
		return nil, fault.New(fault.Busy, "too many ask for shards that the index of %s does not have: read it anew, or try again in a minute", at).After(time.Minute)
	case <-q.Context().Done():
		return nil, q.Context().Err()
	}
	defer func() { <-c.searching }()
	newest, _, err := q.Reg.Newest(q.Context(), format.Query{Limit: maxRecent})
	if err != nil {
		return nil, err
	}
	pack, err := newPacker()
	if err != nil {
		return nil, err
	}
	left := maxSearched
	for _, v := range newest {
		for versions, err := range q.Reg.Each(q.Context(), format.Filter{Packages: []string{v.Package}, Files: at.String() + "/"}) {
			if err != nil {
				return nil, err
			}
			if left -= sizeOf(versions); left < 0 {
				return nil, nil
			}
			for entries, err := range states(versions, at) {
				if err != nil {
					return nil, err
				}
				size := 0
				for i := range entries {
					size += len(entries[i].Record)
				}
				if size > left/2 {
					break // or there was nothing left for the others
				}
				left -= size
				shard, err := pack.shard(entries)
				if err != nil || sha256.Sum256(shard) == digest {
					return shard, err
				}
			}
		}
	}
	return nil, nil
}

// sizeOf gives how much is kept about the files of versions, in bytes.
func sizeOf(versions []*format.Version) int {
	n := 0
	for _, v := range versions {
		for _, f := range v.Files {
			n += len(f.Metadata)
		}
	}
	return n
}

// states gives what a package had in a folder before each of the last publications
// there, the last one first.
func states(versions []*format.Version, at folder) iter.Seq2[[]entry, error] {
	return func(yield func([]entry, error) bool) {
		var times []time.Time
		for _, v := range versions {
			for _, f := range v.Files {
				if path.Dir(f.Name) == at.String() {
					times = append(times, f.Created)
				}
			}
		}
		slices.SortFunc(times, func(a, b time.Time) int { return b.Compare(a) })
		times = slices.Compact(times)
		for _, before := range times[:min(len(times), maxStates-1)] {
			entries, err := entriesOf(versions, at.String(), before)
			if len(entries) == 0 && err == nil {
				return
			}
			if !yield(entries, err) || err != nil {
				return
			}
		}
	}
}

// nameOf looks a digest up in an index that buildShards wrote.
func nameOf(index []byte, digest [sha256.Size]byte) string {
	_, table, ok := bytes.Cut(index, appendText(nil, shardsKey))
	if !ok {
		return ""
	}
	wanted := appendBytes(nil, digest[:])
	for rest := cutMap(table); len(rest) > 0; rest = rest[len(wanted):] {
		var name []byte
		if name, rest = cutText(rest); bytes.HasPrefix(rest, wanted) {
			return string(name)
		}
	}
	return ""
}

// memory is a reply that is read here.
type memory struct {
	bytes.Buffer
	header http.Header
}

// Header implements http.ResponseWriter.
func (m *memory) Header() http.Header {
	if m.header == nil {
		m.header = http.Header{}
	}
	return m.header
}

// WriteHeader implements http.ResponseWriter.
func (*memory) WriteHeader(int) {}
