// Package documents keeps derived files: indexes and metadata that formats
// make from their packages. A document belongs to a generation, which the
// publishing transaction counts up; nothing has to be told that it is stale,
// because its key is no longer asked for. It is built when it is asked for,
// once, and kept compressed.
package documents

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
)

// Service keeps documents in memory, within a bound of bytes. It is safe for
// concurrent use.
type Service struct {
	reg    *registry.Service
	cache  *otter.Cache[key, *body]
	flight singleflight.Group
	byKind map[kindKey]format.Document
	stamp  string
	since  atomic.Pointer[time.Time] // see began
}

type kindKey struct{ format, kind string }

// key is everything that the bytes of a document depend on. A reader's name or
// the request's headers are not in it, so they cannot be.
type key struct {
	scope      scope.Ref
	format     string
	kind       string
	key        string
	class      string
	base       string
	id         int64
	generation int64
}

// validator is what a client's copy is compared by.
type validator struct {
	tag   string              // without quotes and encoding
	etags [encodings][]string // as the header wants them
}

func newValidator(tag string) validator {
	v := validator{tag: tag}
	for e, name := range names {
		if name != "" {
			name = "-" + name
		}
		v.etags[e] = []string{`"` + tag + name + `"`}
	}
	return v
}

// newSum makes the validator of a document that is asked for in parts: the MD5
// of its bytes. A client that has put such a document together, as Bundler does
// before 2.5, compares it with this and takes nothing else. Such clients take
// gzip as well, where it is weak, for other bytes have it.
func newSum(md5 string) validator {
	v := newValidator(md5)
	v.etags[gzipped] = []string{`W/"` + md5 + `"`}
	return v
}

// Header values that replies share: they are replaced, never changed.
var (
	vary           = []string{"Accept-Encoding, Authorization"}
	noCache        = []string{"no-cache"}
	privateNoCache = []string{"private, no-cache"}
)

// New makes the service. memory bounds the bytes it keeps. stamp names the
// program that builds and the address it serves: with another one the bytes
// may be others for the same rows, so it is part of every validator.
func New(reg *registry.Service, memory int64, stamp string) (*Service, error) {
	cache, err := otter.New(&otter.Options[key, *body]{
		MaximumWeight: uint64(memory),
		Weigher:       func(k key, b *body) uint32 { return b.weight() + uint32(len(k.key)) }, // clients may choose a key
	})
	if err != nil {
		return nil, err
	}
	s := &Service{reg: reg, cache: cache, byKind: map[kindKey]format.Document{}, stamp: stamp}
	for _, k := range reg.Kinds() {
		indexed, ok := k.Format.(format.Indexed)
		if !ok {
			continue
		}
		for _, d := range indexed.Documents() {
			s.byKind[kindKey{k.Info.ID, d.Kind}] = d
		}
		for _, d := range indexed.Documents() {
			if d.Packed.Of == "" {
				continue
			}
			if of, ok := s.byKind[kindKey{k.Info.ID, d.Packed.Of}]; !ok || of.Packed.Of != "" || packedAs(d.Packed.As) == plain {
				return nil, fmt.Errorf("%s: document %q is packed %q of %q, which is not to be had", k.Info.ID, d.Kind, d.Packed.As, d.Packed.Of)
			}
		}
	}
	return s, nil
}

// Serve answers q with a document of kind k: 304 where the client has it,
// before anything is built unless it takes anything for it; else the bytes in
// the best encoding that the client takes.
func (s *Service) Serve(q *format.Request, k *registry.Kind, kind, name string) error {
	doc, ok := s.byKind[kindKey{k.Info.ID, kind}]
	if !ok {
		return fmt.Errorf("%s has no document %q", k.Info.ID, kind)
	}
	// A packed form is the document under another address, in one encoding.
	contentType, fixed := doc.ContentType, packedAs(doc.Packed.As)
	if fixed != plain {
		kind = doc.Packed.Of
		doc = s.byKind[kindKey{k.Info.ID, kind}]
	}
	ctx, now := q.Context(), time.Now() // no later than the state
	state, err := s.reg.State(ctx, q.Scope.Ref, k, subject(doc, name))
	if err != nil {
		return err
	}
	since, err := s.began(ctx)
	if err != nil {
		return err
	}
	if state.Modified.Before(since) {
		state.Modified = since
	}
	key := key{scope: q.Scope.Ref, format: k.Info.ID, kind: kind, key: name, base: q.Base, id: state.ID, generation: state.Generation}
	if doc.Class != nil {
		key.class = doc.Class(q)
	}
	b, built := s.cache.GetIfPresent(key)
	var v validator
	if !built {
		v = newValidator(s.tag(key))
	}
	if !built && doc.Ranges { // it is known by its bytes
		if b, err = s.build(ctx, key, v, doc, q); err != nil {
			return err
		}
		built = true
	}
	if built {
		v = b.validator
	}
	h := q.W.Header()
	h["Vary"] = vary
	if doc.Vary != "" {
		h["Vary"] = []string{doc.Vary + ", " + vary[0]}
	}
	current := fresh(q.R, v.tag, state.Modified)
	if !built && (!current || q.R.Header.Get("If-None-Match") == anything) {
		if b, err = s.build(ctx, key, v, doc, q); err != nil {
			return err
		}
	}
	e := fixed
	if e == plain {
		e = negotiate(q.R.Header.Get("Accept-Encoding"))
	}
	h["Cache-Control"] = cacheControl(q)
	h["Etag"] = v.etags[e]
	if current {
		// Last-Modified has no place beside an ETag here (RFC 9110, 15.4.5).
		q.W.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Last-Modified", lastModified(state.Modified, now).Format(http.TimeFormat))
	switch {
	case fixed != plain:
	case e != plain:
		h.Set("Content-Encoding", names[e])
	case doc.Ranges:
		return b.ranges(q, contentType)
	}
	return b.send(q, e, contentType)
}

// subject names the package that a document is about; the empty name stands
// for the whole registry.
func subject(doc format.Document, key string) string {
	switch {
	case doc.Whole:
		return ""
	case doc.Package != nil:
		return doc.Package(key)
	default:
		return key
	}
}

func (s *Service) tag(k key) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d/%d\x00%s\x00%s\x00%s\x00%s\x00%s\x00%d\x00%d",
		s.stamp, k.scope.Kind, k.scope.ID, k.format, k.kind, k.key, k.class, k.base, k.id, k.generation))
	return hex.EncodeToString(sum[:16])
}

// build makes the document. Requests that come while it is being built wait
// for that build.
func (s *Service) build(ctx context.Context, key key, v validator, doc format.Document, q *format.Request) (*body, error) {
	made, err, _ := s.flight.Do(v.tag, func() (any, error) {
		if b, ok := s.cache.GetIfPresent(key); ok {
			return b, nil
		}
		// Somebody else may be waiting for this build: it outlives its first asker.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		p, err := newPacker(doc.Ranges)
		if err != nil {
			return nil, err
		}
		if err := doc.Build(ctx, format.Build{
			Reg: q.Reg, Scope: q.Scope, Base: q.Base, Clone: q.Clone, Key: key.key, Class: key.class,
		}, p); err != nil {
			return nil, err
		}
		b, err := p.body(v)
		if err != nil {
			return nil, err
		}
		s.cache.Set(key, b)
		return b, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*body), nil
}

// negotiate picks zstd, gzip or nothing (RFC 9110 section 12.5.3). An encoding
// with a weight of zero is refused; other weights are not compared, because
// both encodings are ready.
func negotiate(accept string) encoding {
	best := plain
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(part, ";")
		if weight, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok && strings.Trim(weight, "0.") == "" {
			continue
		}
		switch strings.TrimSpace(name) {
		case "zstd":
			return zstded
		case "gzip", "*":
			best = gzipped
		}
	}
	return best
}

// anything, as If-None-Match, asks whether there is a document at all (RFC 9110
// section 13.1.2), which is known when it is built.
const anything = "*"

// fresh tells whether the client's copy is current. If-None-Match wins over
// If-Modified-Since (RFC 9110 section 13.2.2).
func fresh(r *http.Request, tag string, modified time.Time) bool {
	if have := r.Header.Get("If-None-Match"); have != "" {
		if have == anything {
			return true
		}
		for part := range strings.SplitSeq(have, ",") {
			part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
			part = strings.Trim(part, `"`)
			part = strings.TrimSuffix(strings.TrimSuffix(part, "-gzip"), "-zstd")
			if part == tag {
				return true
			}
		}
		return false
	}
	// The very time that was announced counts and no later one: a database that
	// was restored from a backup goes back in time.
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && settled(modified).Equal(since)
}

// began tells since when this program has been serving at this address, on
// this database. Documents are never announced as older: clients that know
// them by their time alone, as Composer does, would keep the bytes of another
// program, with addresses of another place.
func (s *Service) began(ctx context.Context) (time.Time, error) {
	if t := s.since.Load(); t != nil {
		return *t, nil
	}
	t, err := s.reg.Began(ctx, "documents "+s.stamp)
	if err == nil {
		s.since.Store(&t)
	}
	return t, err
}

// settled gives the first whole second at which a state holds for certain: a
// header has no more, and a document can change again within the second of its
// last change. Whoever fetched it then or later has this state. So it may even be
// the client's own clock that tells when that was, as with gem.
func settled(modified time.Time) time.Time { return modified.Truncate(time.Second).Add(time.Second) }

// lastModified gives the time to announce: when the state settled, and until
// then a time that no copy of it will be current by.
func lastModified(modified, now time.Time) time.Time {
	at := settled(modified)
	if at.After(now) {
		at = at.Add(-time.Second)
	}
	return at.UTC()
}

// cacheControl lets shared caches keep only what everybody may read, and has
// every copy revalidated: a new version must be seen at once.
func cacheControl(q *format.Request) []string {
	if q.Scope.Private {
		return privateNoCache
	}
	return noCache
}
