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
// which the current index has the digest for, or an earlier state of it or of one
// of the packages published last, for whoever holds an older index.
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
	name, err := indexed(q, at, digest)
	if err != nil {
		return err
	}
	var names []string
	if name != "" {
		names = []string{name}
	} else {
		newest, _, err := q.Reg.Newest(q.Context(), format.Query{Limit: maxRecent})
		if err != nil {
			return err
		}
		for _, v := range newest {
			names = append(names, v.Package)
		}
	}
	shard, err := search(q, at, digest, names)
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

const (
	maxRecent = 16 // packages published last that an older shard may be of
	maxStates = 8  // states of one package, the current one included
)

// search builds states of packages until one has the digest.
func search(q *format.Request, at folder, digest [sha256.Size]byte, names []string) ([]byte, error) {
	pack, err := newPacker()
	if err != nil || len(names) == 0 {
		return nil, err
	}
	for versions, err := range q.Reg.Each(q.Context(), format.Filter{Packages: names, Files: at.String() + "/"}) {
		if err != nil {
			return nil, err
		}
		for entries, err := range states(versions, at) {
			if err != nil {
				return nil, err
			}
			shard, err := pack.shard(entries)
			if err != nil {
				return nil, err
			}
			if sha256.Sum256(shard) == digest {
				return shard, nil
			}
		}
	}
	return nil, nil
}

// states gives what a package had in a folder, now and before each of the last
// publications there.
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
		for _, before := range append([]time.Time{{}}, times[:min(len(times), maxStates-1)]...) {
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

// indexed gives the package that the current index of a folder has a digest for;
// none where it has it for none.
func indexed(q *format.Request, at folder, digest [sha256.Size]byte) (string, error) {
	var reply memory
	inner := *q
	inner.W = &reply
	inner.R = q.R.Clone(q.Context())
	inner.R.Method, inner.R.Header = http.MethodGet, http.Header{}
	if err := inner.Document(shardsKind, at.String()); err != nil {
		return "", err
	}
	return nameOf(reply.Bytes(), digest), nil
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
