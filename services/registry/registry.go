// Package registry is the use cases of packages: it implements the port's
// Registry and is the only place where rows and blobs meet.
//
// The order of a publication, which no step may leave:
//
//  1. stage    the body is received to a local spool and hashed
//  2. lease    the blob's row is written, so that no object is ever unknown
//  3. put      the object is stored under {digest, row id}, durable
//  4. commit   one transaction: lease renewed, package, version, files, counts,
//     generations, outbox. A lost lease goes back to 2.
//  5. after    the outbox works
//
// A process that dies between two steps leaves at most an object that nothing
// refers to, whose row garbage collection finds when the lease has run out.
package registry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/modules/version"
)

// Keys signs for registries.
type Keys interface {
	Sign(ctx context.Context, sc scope.Ref, formatID string, key format.KeyName, message []byte) (format.Signature, error)
	PublicKeys(ctx context.Context, sc scope.Ref, formatID string, key format.KeyName) ([]format.PublicKey, error)
}

// Spool receives bodies before they are published.
type Spool interface {
	Stage(ctx context.Context, r io.Reader, limit int64) (blob.Staged, error)
	// StageQuickly is Stage without the digests that are not its identity, where
	// these would take long.
	StageQuickly(ctx context.Context, r io.Reader, limit int64) (blob.Staged, error)
}

// Config holds the service's settings.
type Config struct {
	MaxFileSize int64                // bytes; zero or less: no limit
	Quota       map[scope.Kind]int64 // bytes of a scope of each kind; zero or less: no limit
	Lease       time.Duration        // how long an unpublished blob is safe from collection
	Session     time.Duration        // how long an unfinished upload, and bytes that no version refers to, are kept; zero: a day
	Keys        Keys                 // signs for registries; may be nil
	Step        func(name string)    // called at each named step, for crash tests; may be nil
	Log         *slog.Logger         // told of chores that failed; may be nil
}

// Service holds all registries of an Ingot. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	store  blob.Store
	spool  Spool
	kinds  []*Kind
	byName map[string]*Kind
	counts *counter
	cfg    Config

	small  *otter.Cache[blob.Key, []byte] // see Small
	states db.Memo[place, State]
	files  db.Memo[place, packages.Place]
	blobs  db.Memo[place, packages.Found]
	tags   db.Memo[place, string]
}

// place is where a package lies, or a file of it.
type place struct {
	scope                      scope.Ref
	format, pkg, version, file string
}

// Kind is a format with its optional roles, looked for once.
type Kind struct {
	format.Format
	Info       format.Info
	ordering   format.Ordering
	naming     format.Naming
	Presented  format.Presented
	Tagged     format.Tagged
	Uploading  format.Uploading
	Configured format.Configured
	Cleaning   format.Cleaning
}

// New makes the service for some formats. It fails where two of them claim one name.
func New(d *db.DB, store blob.Store, spool Spool, formats []format.Format, cfg Config) (*Service, error) {
	if cfg.Step == nil {
		cfg.Step = func(string) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Lease <= 0 {
		cfg.Lease = 2 * time.Hour
	}
	if cfg.Session <= 0 {
		cfg.Session = 24 * time.Hour
	}
	s := &Service{db: d, store: store, spool: spool, byName: map[string]*Kind{}, counts: newCounter(d, cfg.Log), cfg: cfg}
	var err error
	if s.small, err = otter.New(&otter.Options[blob.Key, []byte]{
		MaximumWeight: smallMemory,
		Weigher:       func(_ blob.Key, b []byte) uint32 { return uint32(len(b)) + 200 },
	}); err != nil {
		return nil, err
	}
	for _, f := range formats {
		k := &Kind{Format: f, Info: f.Info()}
		k.ordering, _ = f.(format.Ordering)
		k.naming, _ = f.(format.Naming)
		k.Presented, _ = f.(format.Presented)
		k.Tagged, _ = f.(format.Tagged)
		k.Uploading, _ = f.(format.Uploading)
		k.Configured, _ = f.(format.Configured)
		k.Cleaning, _ = f.(format.Cleaning)
		for _, name := range append([]string{k.Info.ID}, k.Info.Aliases...) {
			if s.byName[name] != nil {
				return nil, fmt.Errorf("two formats are called %q", name)
			}
			s.byName[name] = k
		}
		s.kinds = append(s.kinds, k)
	}
	return s, nil
}

// Kinds lists the formats in the order they were given.
func (s *Service) Kinds() []*Kind { return s.kinds }

// Kind finds a format by its id or an alias; nil where there is none.
func (s *Service) Kind(name string) *Kind { return s.byName[name] }

// Run flushes counts until ctx ends, then once more, and takes digests that
// were left for later.
func (s *Service) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { s.counts.run(ctx) })
	wg.Go(func() { s.completeEvery(ctx) })
	wg.Wait()
}

// Stage receives r within the server's limit and, if positive, the given one.
func (s *Service) Stage(ctx context.Context, r io.Reader, limit int64) (blob.Staged, error) {
	if limit <= 0 || s.cfg.MaxFileSize > 0 && s.cfg.MaxFileSize < limit {
		limit = s.cfg.MaxFileSize
	}
	return s.spool.Stage(ctx, r, limit)
}

// Open reads a file's bytes.
func (s *Service) Open(ctx context.Context, f *format.File) (blob.Reader, error) {
	r, err := s.store.Open(ctx, f.Key)
	if fault.Is(err, fault.NotFound) {
		// The row was read a moment ago; only a delete can have come between,
		// or the store lost an object, which doctor tells.
		return nil, fault.Wrap(fault.NotFound, err, "%s is gone", f.Name)
	}
	return r, err
}

// SmallFile is the size in bytes up to which Small gives a file.
const SmallFile = 64 << 10

// smallMemory bounds the bytes that are kept of small files: manifests and
// poms are asked for again and again.
const smallMemory = 32 << 20

// Small gives the bytes of a file of up to SmallFile bytes, which nobody may
// change. A key stands for one content for ever, so what is kept of it is
// never old; whether the file is still there is its row's to say.
func (s *Service) Small(ctx context.Context, f *format.File) ([]byte, error) {
	if b, ok := s.small.GetIfPresent(f.Key); ok {
		return b, nil
	}
	o, err := s.Open(ctx, f)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	b := make([]byte, o.Size())
	if n, err := o.ReadAt(b, 0); n < len(b) {
		return nil, err
	}
	s.small.Set(f.Key, b)
	return b, nil
}

// Store gives the blob store.
func (s *Service) Store() blob.Store { return s.store }

// Downloaded counts a download of a file.
func (s *Service) Downloaded(f *format.File) {
	if f.VersionID != 0 {
		s.counts.add(f.VersionID, 1)
	}
}

// Bind gives the registry of a format in a scope for one actor. It can do what
// need permits and nothing more; what it publishes is marked as come by door.
func (s *Service) Bind(k *Kind, sc scope.Scope, a forge.Actor, need forge.Permission, door format.UploadType) format.Registry {
	return &bound{s: s, k: k, scope: sc, actor: a, need: need, door: door}
}

// bound implements format.Registry.
type bound struct {
	s     *Service
	k     *Kind
	scope scope.Scope
	actor forge.Actor
	need  forge.Permission
	door  format.UploadType
}

var _ format.Registry = (*bound)(nil)

// allow refuses a handler whose route declared less than it does: a fault of
// the program, found by its first test.
func (b *bound) allow(want ...forge.Permission) error {
	for _, w := range want {
		if b.need == w {
			return nil
		}
	}
	return fault.New(fault.Denied, "this address may only %s", b.need)
}

// Stage implements format.Writer.
func (b *bound) Stage(ctx context.Context, r io.Reader, limit int64) (blob.Staged, error) {
	if err := b.allow(forge.PublishPackages); err != nil {
		return nil, err
	}
	return b.s.Stage(ctx, r, limit)
}

// Sign implements format.Keyring.
func (b *bound) Sign(ctx context.Context, key format.KeyName, message []byte) (format.Signature, error) {
	if err := b.allow(forge.PublishPackages); err != nil {
		return format.Signature{}, err
	}
	if b.s.cfg.Keys == nil {
		return format.Signature{}, fault.New(fault.Unsupported, "this server has no keys to sign with")
	}
	return b.s.cfg.Keys.Sign(ctx, b.scope.Ref, b.k.Info.ID, key, message)
}

// PublicKeys implements format.Keyring.
func (b *bound) PublicKeys(ctx context.Context, key format.KeyName) ([]format.PublicKey, error) {
	if b.s.cfg.Keys == nil {
		return nil, nil
	}
	return b.s.cfg.Keys.PublicKeys(ctx, b.scope.Ref, b.k.Info.ID, key)
}

// Open implements format.Reader.
func (b *bound) Open(ctx context.Context, f *format.File) (blob.Reader, error) {
	return b.s.Open(ctx, f)
}

// CanonicalName gives the form of a package's name that is unique.
func (k *Kind) CanonicalName(name string) (string, error) {
	if k.naming != nil {
		return k.naming.CanonicalName(name)
	}
	return strings.ToLower(name), nil
}

// CanonicalVersion gives the form of a version that is unique.
func (k *Kind) CanonicalVersion(v string) (string, error) {
	if k.naming != nil {
		return k.naming.CanonicalVersion(v)
	}
	return v, nil
}

// Compare orders canonical versions in the format's way.
func (k *Kind) Compare(a, b string) int {
	if k.ordering != nil {
		return k.ordering.Compare(a, b)
	}
	return version.Compare(a, b)
}
