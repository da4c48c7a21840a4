// Package ingot is the packages subsystem of a software forge: registries for
// projects, companies, users and the whole service, each format in its native
// protocol, beside one REST API and the pages of the forge. New wires it; a
// forge mounts Handler, the server runs Run.
package ingot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"ingot.dev/models/db"
	"ingot.dev/models/migrations"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/blob/fs"
	"ingot.dev/modules/blob/spool"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/formats/all"
	"ingot.dev/modules/scope"
	"ingot.dev/modules/seal"
	"ingot.dev/modules/setting"
	"ingot.dev/routers"
	"ingot.dev/routers/gate"
	gitrouter "ingot.dev/routers/git"
	"ingot.dev/routers/middleware"
	packagesrouter "ingot.dev/routers/packages"
	restrouter "ingot.dev/routers/registry"
	"ingot.dev/routers/web"
	"ingot.dev/services/access"
	"ingot.dev/services/advisories"
	"ingot.dev/services/documents"
	"ingot.dev/services/forge"
	"ingot.dev/services/keyring"
	"ingot.dev/services/login"
	"ingot.dev/services/outbox"
	"ingot.dev/services/pass"
	"ingot.dev/services/registry"
	"ingot.dev/services/tags"
)

// documentMemory bounds the bytes of derived documents kept in memory.
const documentMemory = 128 << 20

// stageMemory is the size up to which a body is staged in memory.
const stageMemory = 256 << 10

// App is an Ingot. Several can live in one process.
type App struct {
	Config   *setting.Config
	Log      *slog.Logger
	Forge    *forge.Forge // the embedded one; nil where another forge is mounted
	Registry *registry.Service
	Tags     *tags.Service
	Keys     *keyring.Service

	Advisories *advisories.Service

	db      *db.DB
	jobs    *outbox.Service
	handler http.Handler
	listen  net.Listener
	areas   areas
}

// areas are kept for tests that walk every route.
type areas struct {
	packages *packagesrouter.Mount
	rest     *restrouter.API
	git      *gitrouter.Mount
	web      *web.Pages
}

// Option changes how New wires.
type Option func(*options)

type options struct {
	log     *slog.Logger
	listen  net.Listener
	step    func(string)
	forge   host.Forge
	formats []format.Format
}

// WithForge mounts Ingot into another forge: accounts, scopes and rights are
// asked of f, and neither accounts nor repositories nor their pages are
// served. Where f is a host.Repositories too, packages are made from tags.
func WithForge(f host.Forge) Option { return func(o *options) { o.forge = f } }

// WithFormats serves these formats in place of all that Ingot has.
func WithFormats(list []format.Format) Option { return func(o *options) { o.formats = list } }

// WithLog sends the log to h.
func WithLog(h slog.Handler) Option {
	return func(o *options) { o.log = middleware.Logger(h) }
}

// WithListener serves on l instead of the configured address.
func WithListener(l net.Listener) Option { return func(o *options) { o.listen = l } }

// WithStep calls step at each named step of publishing, deleting and
// collecting, so that a test can end the process there.
func WithStep(step func(name string)) Option { return func(o *options) { o.step = step } }

// New opens the data of cfg, brings the database to the present schema and
// wires everything. It starts nothing; Run does.
func New(ctx context.Context, cfg *setting.Config, opts ...Option) (app *App, err error) {
	o := options{log: middleware.Logger(slog.DiscardHandler), step: func(string) {}, formats: all.All()}
	for _, opt := range opts {
		opt(&o)
	}
	a := &App{Config: cfg, Log: o.log, listen: o.listen}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	root, err := a.root()
	if err != nil {
		return nil, err
	}
	if err := a.open(ctx); err != nil {
		return nil, err
	}
	store, err := fs.New(cfg.Paths.Blobs(), fs.WithStep(o.step))
	if err != nil {
		return nil, err
	}
	staging, err := spool.New(cfg.Paths.Spool(), stageMemory)
	if err != nil {
		return nil, err
	}
	if err := a.wire(root, store, staging, o); err != nil {
		return nil, err
	}
	return a, nil
}

// root gives the address that users type.
func (a *App) root() (string, error) {
	if a.listen != nil {
		return a.Config.Server.Root(a.listen.Addr()), nil
	}
	if a.Config.Server.RootURL == "" && a.Config.Server.HTTPPort == 0 {
		return "", errors.New("with HTTP_PORT = 0 nobody knows the address: set ROOT_URL")
	}
	return a.Config.Server.Root(address(a.Config.Server.Address())), nil
}

// address is a net.Addr that is not resolved.
type address string

func (a address) Network() string { return "tcp" }
func (a address) String() string  { return string(a) }

func (a *App) open(ctx context.Context) error {
	if err := os.MkdirAll(a.Config.Paths.Data, 0o700); err != nil {
		return fmt.Errorf("the data folder: %w", err)
	}
	source := db.Config{Dialect: db.SQLite, Source: a.Config.Paths.Database()}
	if a.Config.Database.Type == setting.Postgres {
		source = db.Config{Dialect: db.Postgres, Source: string(a.Config.Database.DSN)}
	}
	var err error
	if a.db, err = db.Open(ctx, source); err != nil {
		return err
	}
	return migrations.Run(ctx, a.db)
}

func (a *App) wire(root string, store blob.Store, staging registry.Spool, o options) (err error) {
	cfg := a.Config
	box, err := a.box()
	if err != nil {
		return err
	}
	a.Keys = keyring.New(a.db, box, time.Now)
	a.Advisories = advisories.New(a.db)
	if a.Registry, err = registry.New(a.db, store, staging, o.formats, registry.Config{
		MaxFileSize: int64(cfg.Packages.MaxFileSize),
		Quota:       quotas(cfg.Packages),
		Lease:       cfg.GC.Lease,
		Session:     cfg.GC.Session,
		Keys:        a.Keys,
		Step:        o.step,
		Log:         a.Log,
	}); err != nil {
		return err
	}
	if o.forge == nil {
		if err := a.embed(root); err != nil {
			return err
		}
		o.forge = a.Forge
	}
	a.jobs = outbox.New(a.db, a.Log)
	a.Tags = tags.New(a.db, a.Registry, a.jobs, o.forge)
	docs, err := documents.New(a.Registry, documentMemory, stamp()+" "+root)
	if err != nil {
		return err
	}
	door := &gate.Gate{Forge: o.forge, Access: access.New(o.forge, cfg.Security.RequireSignIn), Log: a.Log}
	logins := login.New(a.db, time.Now)
	a.areas.packages = packagesrouter.New(packagesrouter.Options{
		Gate: door, Registry: a.Registry, Documents: docs, Tags: a.Tags, Logins: logins,
		Passes: pass.New(box, time.Now), Advisories: a.Advisories, Root: root,
	})
	a.areas.rest = restrouter.New(door, a.Registry, a.areas.packages)
	areas := []routers.Area{a.areas.packages, a.areas.rest}
	if a.Forge != nil {
		server, err := gitrouter.New(gitrouter.Options{
			Path: cfg.Git.Path, Timeout: cfg.Git.Timeout, MaxPush: int64(cfg.Git.MaxPushSize), Log: a.Log,
		})
		if err != nil {
			return err
		}
		a.areas.git = gitrouter.NewMount(door, a.Forge, a.Tags, server)
		areas = append(areas, a.areas.git)
	}
	if a.areas.web, err = web.New(web.Options{
		Gate: door, Forge: a.Forge, Registry: a.Registry, Tags: a.Tags, Logins: logins, Packages: a.areas.packages,
		Jobs: a.jobs, Ready: a.db.Ping, Config: cfg, Root: root, Release: release(),
	}); err != nil {
		return err
	}
	var metrics *middleware.Metrics
	var exposed http.Handler
	if cfg.Metrics.Enabled {
		metrics = middleware.NewMetrics()
		exposed = metrics.Handler(string(cfg.Metrics.Token))
	}
	a.handler, err = routers.New(routers.Options{
		Gate: door,
		Middleware: middleware.Options{
			Log: a.Log, Slow: cfg.Log.Slow, Proxies: cfg.Server.TrustedProxies, Root: root, Metrics: metrics,
		},
		Metrics: exposed,
		Ready:   a.db.Ping,
		Areas:   append(areas, a.areas.web),
		Fail:    a.areas.web.Fail,
	})
	return err
}

// box makes what only this server can read, with the secret of the settings or
// the one that lies beside the data.
func (a *App) box() (*seal.Box, error) {
	secret := []byte(a.Config.Security.SecretKey)
	if len(secret) == 0 {
		var err error
		if secret, err = seal.LoadSecret(a.Config.Paths.Secret()); err != nil {
			return nil, err
		}
	}
	return seal.New(secret)
}

// embed makes the forge of Ingot's own.
func (a *App) embed(root string) (err error) {
	cfg := a.Config
	a.Forge, err = forge.New(a.db, forge.Config{
		Repositories:    cfg.Paths.Repositories(),
		RootURL:         func() string { return root },
		ServicePublic:   cfg.Packages.ServicePublic,
		SessionLifetime: cfg.Security.SessionLifetime,
		SignInAttempts:  cfg.Security.SignInAttempts,
		SignInWindow:    cfg.Security.SignInWindow,
		Log:             a.Log,
		Vacate:          a.Registry.Vacate,
	})
	return err
}

// quotas gives the bytes that a scope of each kind may hold.
func quotas(p setting.Packages) map[scope.Kind]int64 {
	return map[scope.Kind]int64{
		scope.Project: int64(p.QuotaProject), scope.Company: int64(p.QuotaCompany),
		scope.User: int64(p.QuotaUser), scope.Service: int64(p.QuotaService),
	}
}

// release names this build, for the foot of pages.
func release() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// Handler gives the whole of Ingot as a handler. Run must run beside it.
func (a *App) Handler() http.Handler { return a.handler }

// Background does what goes on beside requests - flushing counts, working off
// the outbox, collecting garbage - until ctx ends, and returns when all of it
// has come to a good end.
func (a *App) Background(ctx context.Context) {
	var wg sync.WaitGroup
	if a.Forge != nil {
		wg.Go(func() { a.Forge.Run(ctx) })
	}
	wg.Go(func() { a.Registry.Run(ctx) })
	wg.Go(func() { a.jobs.Run(ctx) })
	wg.Go(func() {
		a.Registry.CollectEvery(ctx, a.Config.GC.Interval, func(f registry.Freed, err error) {
			if err != nil {
				a.Log.ErrorContext(ctx, "garbage collection failed", "error", err)
			} else if f.Objects > 0 {
				a.Log.InfoContext(ctx, "garbage collected", "objects", f.Objects, "bytes", f.Bytes)
			}
		})
	})
	wg.Wait()
}

// Run serves until ctx ends, then lets running requests end and stores what
// is still in memory.
func (a *App) Run(ctx context.Context) error {
	if err := a.Keys.Check(ctx); err != nil {
		return err // the secret is another one than that of the data
	}
	l := a.listen
	if l == nil {
		var err error
		if l, err = net.Listen("tcp", a.Config.Server.Address()); err != nil {
			return err
		}
	}
	// Background work outlives the last request: it may have counted a download.
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { a.Background(background) })
	defer wg.Wait()
	defer stop()
	server := &http.Server{
		Handler:           a.handler,
		ReadHeaderTimeout: a.Config.Server.ReadHeaderTimeout,
		IdleTimeout:       a.Config.Server.IdleTimeout,
		ErrorLog:          slog.NewLogLogger(a.Log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.Config.Server.ShutdownTimeout)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		a.Log.Warn("some requests were broken off at shutdown", "error", err)
		return server.Close()
	}
	return nil
}

// Close frees what New opened. Run must have ended.
func (a *App) Close() error {
	var err error
	if a.Forge != nil {
		err = errors.Join(err, a.Forge.Close())
	}
	if a.Registry != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		err = errors.Join(err, a.Registry.Flush(ctx))
	}
	if a.db != nil {
		err = errors.Join(err, a.db.Close())
	}
	return err
}

// stamp names the program to validators of derived documents: another build
// may write other bytes for the same packages. A build without a version
// differs from the next one in nothing but its file.
func stamp() string {
	file, err := os.Executable()
	if err != nil {
		return release()
	}
	info, err := os.Stat(file)
	if err != nil {
		return release()
	}
	return release() + info.ModTime().UTC().Format(time.RFC3339Nano)
}
