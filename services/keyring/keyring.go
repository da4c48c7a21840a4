// Package keyring keeps the keys that registries sign with, and signs with
// them. A private key is in the database only sealed with the server's secret
// and bound to its registry, and leaves this package never.
package keyring

import (
	"context"
	"sync"
	"time"

	"ingot.dev/models/db"
	"ingot.dev/models/keys"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// Box seals text with the server's secret.
type Box interface {
	// Seal encrypts plain for a purpose.
	Seal(purpose string, plain []byte) (string, error)
	// Open decrypts what Seal made for the same purpose with the same secret;
	// it fails for anything else.
	Open(purpose, sealed string) ([]byte, error)
}

// Service keeps the keys of all registries. It is safe for concurrent use, in
// several processes on one database too.
type Service struct {
	db  *db.DB
	box Box
	now func() time.Time

	making  sync.Mutex // so that one process makes no key twice
	rings   db.Memo[place, []keys.Key]
	signers signers
}

// place is what a key is for.
type place struct {
	scope  scope.Ref
	format string
	key    format.KeyName
}

// New makes the service.
func New(d *db.DB, box Box, now func() time.Time) *Service {
	return &Service{db: d, box: box, now: now}
}

// Sign signs a message with the newest key of a registry's key name, which is
// made if there is none. The faults are Unsupported for an algorithm that
// nobody knows, and Internal where the private key cannot be opened.
func (s *Service) Sign(ctx context.Context, sc scope.Ref, formatID string, key format.KeyName, message []byte) (format.Signature, error) {
	ring, err := s.ring(ctx, place{sc, formatID, key})
	if err != nil {
		return format.Signature{}, err
	}
	signer, err := s.signer(ring[0])
	if err != nil {
		return format.Signature{}, err
	}
	b, err := algorithms[key.Algorithm].sign(signer, message)
	return format.Signature{KeyID: ring[0].KeyID, Bytes: b}, err
}

// PublicKeys gives the keys of a registry's key name, the newest first; one is
// made if there is none. The fault is Unsupported for an unknown algorithm.
func (s *Service) PublicKeys(ctx context.Context, sc scope.Ref, formatID string, key format.KeyName) ([]format.PublicKey, error) {
	ring, err := s.ring(ctx, place{sc, formatID, key})
	if err != nil {
		return nil, err
	}
	out := make([]format.PublicKey, len(ring))
	for i, k := range ring {
		out[i] = public(k)
	}
	return out, nil
}

// Rotate makes a new key, which signs from now on, and gives it. The keys
// before it stay listed, since what they signed is out in the world. Of two
// calls at once one may get the key of the other. The faults are those of Sign.
func (s *Service) Rotate(ctx context.Context, sc scope.Ref, formatID string, key format.KeyName) (format.PublicKey, error) {
	p := place{sc, formatID, key}
	ring, err := s.read(ctx, p)
	if err != nil {
		return format.PublicKey{}, err
	}
	number := int64(1)
	if len(ring) > 0 {
		number = ring[0].Number + 1
	}
	if err := s.make(ctx, p, number); err != nil {
		return format.PublicKey{}, err
	}
	if ring, err = s.read(ctx, p); err != nil {
		return format.PublicKey{}, err
	}
	return public(ring[0]), nil
}

// Listed is a public key and what it is for.
type Listed struct {
	Scope  scope.Ref
	Format string
	Name   format.KeyName
	Number int64 // the greatest of a name signs
	Key    format.PublicKey
}

// List gives the public keys of all registries, those of one together, and of
// a name the newest first.
func (s *Service) List(ctx context.Context) ([]Listed, error) {
	rows, err := keys.All(ctx, s.db)
	if err != nil {
		return nil, err
	}
	out := make([]Listed, len(rows))
	for i, k := range rows {
		p := placeOf(k)
		out[i] = Listed{Scope: p.scope, Format: p.format, Name: p.key, Number: k.Number, Key: public(k)}
	}
	return out, nil
}

// Check proves with one key that the server's secret is the one that the keys
// were sealed with, so that a server may refuse to start with another. Without
// any key there is nothing to prove.
func (s *Service) Check(ctx context.Context) error {
	k, ok, err := keys.Newest(ctx, s.db)
	if err != nil || !ok {
		return err
	}
	_, err = s.signer(k)
	return err
}

// ring gives the keys of a place, of which there is at least one.
func (s *Service) ring(ctx context.Context, p place) ([]keys.Key, error) {
	ring, err := s.rings.Ask(s.db, p, func() ([]keys.Key, error) { return s.read(ctx, p) })
	if err != nil || len(ring) > 0 {
		return ring, err
	}
	s.making.Lock()
	defer s.making.Unlock()
	if ring, err = s.read(ctx, p); err != nil || len(ring) > 0 {
		return ring, err
	}
	if err := s.make(ctx, p, 1); err != nil {
		return nil, err
	}
	if ring, err = s.read(ctx, p); err == nil && len(ring) == 0 {
		err = fault.New(fault.Internal, "a key was removed while it was made")
	}
	return ring, err
}

func (s *Service) read(ctx context.Context, p place) ([]keys.Key, error) {
	if _, ok := algorithms[p.key.Algorithm]; !ok {
		return nil, fault.New(fault.Unsupported, "there is no way to sign called %q", p.key.Algorithm)
	}
	return keys.Ring(ctx, s.db, p.scope, p.format, p.key.Purpose, string(p.key.Algorithm))
}

// make makes the key of a number, unless somebody else does so first: the
// unique index decides, and the other one's key counts.
func (s *Service) make(ctx context.Context, p place, number int64) error {
	row := keys.Key{
		ScopeKind: p.scope.Kind, ScopeID: p.scope.ID, Format: p.format,
		Purpose: p.key.Purpose, Algorithm: string(p.key.Algorithm), Number: number, Created: s.now().UnixMicro(),
	}
	if err := s.fill(&row); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		_, err := keys.Insert(ctx, tx, row)
		return err
	})
}

func placeOf(k keys.Key) place {
	return place{
		scope:  scope.Ref{Kind: k.ScopeKind, ID: k.ScopeID},
		format: k.Format,
		key:    format.KeyName{Purpose: k.Purpose, Algorithm: format.Algorithm(k.Algorithm)},
	}
}

func public(k keys.Key) format.PublicKey {
	return format.PublicKey{ID: k.KeyID, DER: k.Public, Created: db.Time(k.Created)}
}
