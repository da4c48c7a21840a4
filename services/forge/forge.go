package forge

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"ingot.dev/models/accounts"
	"ingot.dev/models/db"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// Config says how the forge works. Fields with a default may be left out.
type Config struct {
	// Repositories is the folder of the bare repositories; see repository.go.
	Repositories string
	// RootURL gives the address of the server as its users write it.
	RootURL func() string

	// ServicePublic lets everybody read the service-wide packages.
	ServicePublic bool
	// SessionLifetime is how long a browser stays signed in; 30 days by default.
	SessionLifetime time.Duration
	// SignInAttempts is how many wrong passwords an account takes within
	// SignInWindow; 10 in 15 minutes by default. An address, from which many
	// people may come, takes five times as many.
	SignInAttempts int
	SignInWindow   time.Duration
	// FlushEvery is how often the last uses of tokens are stored; 10 seconds
	// by default.
	FlushEvery time.Duration
	// Now is the clock; time.Now by default.
	Now func() time.Time
	// Log is told of chores that failed; nobody by default.
	Log *slog.Logger

	// Vacate is asked, inside the transaction that deletes a scope, whether
	// anything is left in it: it refuses with Conflict, or removes what other
	// parts keep for an empty scope. May be nil.
	Vacate func(ctx context.Context, tx *db.Tx, s scope.Ref) error
}

// Forge is the embedded forge. It is safe for concurrent use, and any number
// of processes may each have one on the same database.
type Forge struct {
	cfg     Config
	db      *db.DB
	epochs  db.Memo[struct{}, int64]
	current atomic.Pointer[generation]

	gate     hashGate
	decoy    string // the hash that passwords of unknown accounts are compared with
	proofs   proofs
	flight   singleflight.Group
	attempts attempts
	used     uses
}

var (
	_ host.Forge        = (*Forge)(nil)
	_ host.Repositories = (*Forge)(nil)
	_ host.Watcher      = (*Forge)(nil)
	_ host.Issuer       = (*Forge)(nil)
)

// New makes a forge on a migrated database. It starts nothing: Run does.
func New(d *db.DB, cfg Config) (*Forge, error) {
	switch {
	case cfg.Repositories == "":
		return nil, errors.New("the forge needs a folder for repositories")
	case cfg.RootURL == nil:
		return nil, errors.New("the forge needs the server's address")
	}
	defaults(&cfg.SessionLifetime, 30*24*time.Hour)
	defaults(&cfg.SignInAttempts, 10)
	defaults(&cfg.SignInWindow, 15*time.Minute)
	defaults(&cfg.FlushEvery, 10*time.Second)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	f := &Forge{cfg: cfg, db: d, gate: newHashGate(), proofs: newProofs(), decoy: decoyHash()}
	f.attempts = newAttempts(cfg.SignInWindow, cfg.Now)
	return f, nil
}

func defaults[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// Run does the forge's chores until ctx ends: it stores the last uses of
// tokens and tidies. A chore that fails is logged and done again
// at its next turn.
func (f *Forge) Run(ctx context.Context) {
	flush, tidy := time.NewTicker(f.cfg.FlushEvery), time.NewTicker(time.Hour)
	defer flush.Stop()
	defer tidy.Stop()
	f.chore(ctx, "tidy", f.Tidy)
	for {
		select {
		case <-ctx.Done():
			return
		case <-flush.C:
			f.chore(ctx, "flush", f.Flush)
		case <-tidy.C:
			f.chore(ctx, "tidy", f.Tidy)
		}
	}
}

func (f *Forge) chore(ctx context.Context, name string, do func(context.Context) error) {
	if err := do(ctx); err != nil && ctx.Err() == nil {
		f.cfg.Log.ErrorContext(ctx, "chore of the forge failed", "chore", name, "error", err)
	}
}

// Tidy removes ended sessions, and what interrupted creations and deletions
// left in the workshop of repositories.
func (f *Forge) Tidy(ctx context.Context) error {
	// The clock ends sessions, not this: so no change of rights.
	return errors.Join(
		f.db.Write(ctx, func(tx *db.Tx) error { return accounts.DeleteExpiredSessions(ctx, tx, f.now()) }),
		f.sweep())
}

// Close stores the last uses of tokens. The database stays open.
func (f *Forge) Close() error { return f.Flush(context.Background()) }

// now is the present as rows store it.
func (f *Forge) now() int64 { return f.cfg.Now().UnixMicro() }

// root is the server's address without the slash at its end.
func (f *Forge) root() string { return strings.TrimRight(f.cfg.RootURL(), "/") }

// stored and moment turn times into what rows store and back; 0 is the zero time.
func stored(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(micro int64) time.Time {
	if micro == 0 {
		return time.Time{}
	}
	return db.Time(micro)
}
