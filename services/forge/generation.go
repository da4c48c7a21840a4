package forge

import (
	"context"
	"sync/atomic"

	"ingot.dev/models/accounts"
	"ingot.dev/models/db"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// generation is what was read from the database while its access epoch had
// one value. The epoch is always read first, so that a generation may know
// newer things than its number says, never older ones. Only what exists is
// remembered: an unknown name or token costs a query each time, and cannot
// crowd out the known ones.
type generation struct {
	epoch    int64
	paths    memo[scope.Path, scope.Scope] // by the path in lower case
	scopes   memo[scope.Ref, scope.Scope]
	names    memo[string, int64] // account by alias or e-mail in lower case
	accounts memo[int64, *accounts.Account]
	members  memo[int64, map[scope.Ref]host.Role] // by account
	tokens   memo[digest, *knownToken]
	sessions memo[digest, *accounts.Session]
}

// pinned is the key in a context of the generation that a request keeps to.
type pinned struct{ f *Forge }

// pin is nil inside until the epoch was read, and again after the request
// itself changed something.
type pin struct{ g atomic.Pointer[generation] }

// Begin pins the rights to those of this moment: calls with the context that
// it returns read the database's epoch once instead of once each. It is made
// for one request and must not be kept longer.
func (f *Forge) Begin(ctx context.Context) context.Context {
	return context.WithValue(ctx, pinned{f}, new(pin))
}

// generation gives the one to answer from.
func (f *Forge) generation(ctx context.Context) (*generation, error) {
	p, _ := ctx.Value(pinned{f}).(*pin)
	if p != nil {
		if g := p.g.Load(); g != nil {
			return g, nil
		}
	}
	epoch, err := f.epochs.Ask(f.db, struct{}{}, func() (int64, error) { return accounts.Epoch(ctx, f.db) })
	if err != nil {
		return nil, err
	}
	g := f.at(epoch)
	if p != nil {
		p.g.Store(g)
	}
	return g, nil
}

// at gives the generation of the epoch, or a newer one that a request which
// overtook this one has begun already.
func (f *Forge) at(epoch int64) *generation {
	for {
		now := f.current.Load()
		if now != nil && now.epoch >= epoch {
			return now
		}
		next := &generation{epoch: epoch}
		if f.current.CompareAndSwap(now, next) {
			return next
		}
	}
}

// change runs a transaction that changes what generations hold. The epoch is
// raised first: see accounts.Bump.
func (f *Forge) change(ctx context.Context, fn func(tx *db.Tx) error) error {
	err := f.db.Write(ctx, func(tx *db.Tx) error {
		if err := accounts.Bump(ctx, tx); err != nil {
			return err
		}
		return fn(tx)
	})
	if p, _ := ctx.Value(pinned{f}).(*pin); p != nil {
		p.g.Store(nil)
	}
	return err
}
