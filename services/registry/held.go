package registry

import (
	"context"
	"encoding/hex"
	"errors"
	"math"
	"strings"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// digest is what a client calls bytes by.
type digest struct{ algorithm, hex string }

func parseDigest(s string) (digest, error) {
	algorithm, digits, _ := strings.Cut(s, ":")
	size := map[string]int{"sha256": 32, "sha512": 64}[algorithm]
	if raw, err := hex.DecodeString(digits); err != nil || size == 0 || len(raw) != size || hex.EncodeToString(raw) != digits {
		return digest{}, fault.New(fault.Invalid, `%.150q is no digest: it is "sha256:" and 64, or "sha512:" and 128 lower case hex digits`, s)
	}
	return digest{algorithm, digits}, nil
}

// check compares the digest that is wanted with those of what came.
func (d digest) check(came blob.Digests) error {
	is := came.SHA256
	if d.algorithm == "sha512" {
		is = came.SHA512
	}
	if is != d.hex {
		return fault.New(fault.Invalid, "the bytes have the digest %[1]s:%[2]s, not %[1]s:%[3]s", d.algorithm, is, d.hex)
	}
	return nil
}

func digestsOf(b *packages.Blob) blob.Digests {
	return blob.Digests{MD5: b.Md5, SHA1: b.Sha1, SHA256: b.Sha256, SHA512: b.Sha512}
}

func keyOf(b *packages.Blob) blob.Key { return blob.Key{SHA256: b.Sha256, Row: b.ID} }

// keep stores a body by steps 2 to 4 of a publication. refer runs in the
// transaction that commits it, to make something refer to the blob.
func (s *Service) keep(ctx context.Context, body blob.Staged, refer func(tx *db.Tx, blobID int64) error) error {
	s.cfg.Step("session:staged")
	key := blob.Key{SHA256: body.Digests().SHA256}
	for range attempts {
		var present bool
		err := s.db.Note(ctx, func(tx *db.Tx) (err error) {
			key.Row, present, err = packages.Lease(ctx, tx, body.Digests(), body.Size(), until(s.cfg.Lease))
			return err
		})
		if err != nil {
			return err
		}
		s.cfg.Step("session:leased")
		if !present {
			if err := s.store.Put(ctx, key, body); err != nil {
				return err
			}
		}
		s.cfg.Step("session:stored")
		err = s.db.Write(ctx, func(tx *db.Tx) error {
			ok, err := packages.Present(ctx, tx, key.Row, until(s.cfg.Lease))
			switch {
			case err != nil:
				return err
			case !ok:
				return errLeaseLost
			}
			return refer(tx, key.Row)
		})
		if !errors.Is(err, errLeaseLost) {
			return err
		}
		if err := s.store.Delete(context.WithoutCancel(ctx), key); err != nil {
			return err
		}
	}
	return fault.New(fault.Unavailable, "the server was too slow to store what came; send it again")
}

// left gives the bytes that may still come into the scope. What was received
// counts, although no version has it yet.
func (b *bound) left(ctx context.Context) (int64, error) {
	limit := b.s.Quota(b.scope.Ref)
	if limit <= 0 {
		return math.MaxInt64, nil
	}
	used, err := b.s.UsedBytes(ctx, b.scope.Ref)
	if err != nil {
		return 0, err
	}
	pending, err := packages.Pending(ctx, b.s.db, b.scope.Ref)
	return limit - used - pending, err
}

// room refuses more bytes than may still come into the scope.
func (b *bound) room(ctx context.Context, size int64) error {
	left, err := b.left(ctx)
	if err == nil && left < size {
		err = b.usedUp(left)
	}
	return err
}

// usedUp is the fault of a scope that has so many bytes left.
func (b *bound) usedUp(left int64) error {
	limit := b.s.Quota(b.scope.Ref)
	return fault.New(fault.Quota, "the registry's storage is used up: %d of %d bytes", limit-left, limit)
}

// Hold implements format.Sessions.
func (b *bound) Hold(ctx context.Context, name string, body blob.Staged) (*format.File, error) {
	defer body.Discard()
	canon, err := b.into(name)
	if err != nil {
		return nil, err
	}
	if err := b.room(ctx, body.Size()); err != nil {
		return nil, err
	}
	if err := b.s.keep(ctx, body, func(tx *db.Tx, blobID int64) error { return b.hold(ctx, tx, canon, blobID) }); err != nil {
		return nil, err
	}
	b.s.cfg.Step("hold:committed")
	return b.Blob(ctx, name, "sha256:"+body.Digests().SHA256)
}

func (b *bound) hold(ctx context.Context, tx *db.Tx, canon string, blobID int64) error {
	return packages.Hold(ctx, tx, b.scope.Ref, b.k.Info.ID, canon, blobID, until(b.s.cfg.Session))
}

// Mount implements format.Sessions.
func (b *bound) Mount(ctx context.Context, name string, f *format.File) (*format.File, error) {
	canon, err := b.into(name)
	if err != nil {
		return nil, err
	}
	if err := b.room(ctx, f.Size); err != nil {
		return nil, err
	}
	err = b.s.db.Write(ctx, func(tx *db.Tx) error {
		ok, err := packages.Present(ctx, tx, f.Key.Row, until(b.s.cfg.Lease))
		switch {
		case err != nil:
			return err
		case !ok:
			return fault.New(fault.NotFound, "%s is gone", f.Name)
		}
		return b.hold(ctx, tx, canon, f.Key.Row)
	})
	if err != nil {
		return nil, err
	}
	return b.Blob(ctx, name, "sha256:"+f.Key.SHA256)
}

// Drop implements format.Sessions.
func (b *bound) Drop(ctx context.Context, name, digest string) error {
	if err := b.allow(forge.DeletePackages); err != nil {
		return err
	}
	d, err := parseDigest(digest)
	if err != nil {
		return err
	}
	canon, err := b.k.CanonicalName(name)
	if err != nil {
		return noBlob(name, digest)
	}
	return b.s.db.Write(ctx, func(tx *db.Tx) error {
		f, ok, err := packages.BlobIn(ctx, tx, b.scope.Ref, b.k.Info.ID, canon, d.algorithm, d.hex)
		switch {
		case err != nil:
			return err
		case ok && f.Used:
			return fault.New(fault.Conflict, "a version of %s refers to %s; delete it first", name, digest)
		case !ok || f.Until < db.Now():
			return noBlob(name, digest)
		}
		return packages.Unhold(ctx, tx, b.scope.Ref, b.k.Info.ID, canon, f.ID)
	})
}

// Blob implements format.Reader.
func (b *bound) Blob(ctx context.Context, name, digest string) (*format.File, error) {
	d, err := parseDigest(digest)
	if err != nil {
		return nil, err
	}
	canon, err := b.k.CanonicalName(name)
	if err != nil {
		return nil, noBlob(name, digest)
	}
	// That a hold runs out is no commit, which a memo would see.
	f, err := b.s.blobs.Ask(b.s.db, place{scope: b.scope.Ref, format: b.k.Info.ID, pkg: canon, file: digest}, func() (packages.Found, error) {
		f, ok, err := packages.BlobIn(ctx, b.s.db, b.scope.Ref, b.k.Info.ID, canon, d.algorithm, d.hex)
		if err == nil && !ok {
			err = noBlob(name, digest)
		}
		return f, err
	})
	if err != nil {
		return nil, err
	}
	if !f.Used && f.Until < db.Now() {
		return nil, noBlob(name, digest)
	}
	return &format.File{
		Package: canon, Name: digest, Size: f.Size, Digests: digestsOf(&f.Blob), MediaType: "application/octet-stream",
		Created: db.Time(f.Created), Key: keyOf(&f.Blob),
	}, nil
}

func noBlob(name, digest string) error {
	return fault.New(fault.NotFound, "there is no %s in %s here", digest, name)
}
