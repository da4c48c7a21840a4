// Package setting is the configuration of an Ingot: one typed struct for each
// section of app.ini, filled from defaults, the file and the environment, in
// that order. Nothing here is global: Load gives a Config, and what needs a
// part of it is handed that part.
package setting

import (
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Config is a whole configuration, every value checked.
type Config struct {
	Server   Server
	Paths    Paths
	Database Database
	Packages Packages
	Security Security
	Git      Git
	Log      Log
	Metrics  Metrics
	GC       GC
}

// Server is where and how Ingot listens.
type Server struct {
	HTTPAddr          string         // host name or address to listen on; empty for every interface
	HTTPPort          int            // 0 lets the kernel choose
	RootURL           string         // as users see it: scheme and host, no trailing slash; empty where Root derives it
	ReadHeaderTimeout time.Duration  // for the head of a request
	IdleTimeout       time.Duration  // for a kept-alive connection without a request
	ShutdownTimeout   time.Duration  // for running requests to end after a signal
	TrustedProxies    []netip.Prefix // peers whose X-Forwarded-For and X-Forwarded-Proto count
}

// Address gives what net.Listen wants for "tcp".
func (s Server) Address() string {
	return net.JoinHostPort(s.HTTPAddr, strconv.Itoa(s.HTTPPort))
}

// Root gives the address that users type, without a trailing slash: RootURL
// where it is set, else one made from the address that the server really
// listens on, which is "localhost" for every interface.
func (s Server) Root(listening net.Addr) string {
	if s.RootURL != "" {
		return s.RootURL
	}
	host, port, err := net.SplitHostPort(listening.String())
	if err != nil {
		return "http://" + listening.String()
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return strings.TrimSuffix("http://"+net.JoinHostPort(host, port), ":80")
}

// Paths is where Ingot keeps what it keeps. Below Data lie
//
//	ingot.db       the database, where it is SQLite
//	secret.key     the secret that things are sealed with, where SECRET_KEY is empty
//	blobs/         the bytes of package files
//	spool/         uploads that have not become blobs yet
//	repositories/  bare git repositories
type Paths struct {
	Data string // absolute
}

// Database is the file of the SQLite database.
func (p Paths) Database() string { return filepath.Join(p.Data, "ingot.db") }

// Secret is the file of the server's secret, which counts where
// Security.SecretKey is empty.
func (p Paths) Secret() string { return filepath.Join(p.Data, "secret.key") }

// Blobs is the folder of the local blob store.
func (p Paths) Blobs() string { return filepath.Join(p.Data, "blobs") }

// Spool is the folder of uploads under way. Whatever is in it when the server
// starts is rubbish.
func (p Paths) Spool() string { return filepath.Join(p.Data, "spool") }

// Repositories is the folder of git repositories.
func (p Paths) Repositories() string { return filepath.Join(p.Data, "repositories") }

// The values of Database.Type.
const (
	SQLite   = "sqlite3"
	Postgres = "postgres"
)

// Database is where rows live.
type Database struct {
	Type string // SQLite or Postgres
	DSN  Secret // for Postgres: a URL or key=value pairs
}

// Packages is what packages may be. A quota of 0 is no limit.
type Packages struct {
	MaxFileSize   Size // of one file of a version
	QuotaProject  Size
	QuotaCompany  Size
	QuotaUser     Size
	QuotaService  Size
	ServicePublic bool // service-wide packages are readable without signing in
}

// Security is who gets in.
type Security struct {
	RequireSignIn   bool // nothing is readable without signing in
	Registration    bool // visitors may make themselves an account
	SessionLifetime time.Duration
	SignInAttempts  int // wrong passwords per account and address, within SignInWindow
	SignInWindow    time.Duration
	SecretKey       Secret // decoded: at least 32 bytes; empty where the file Paths.Secret has it
}

// Git is how repositories are served.
type Git struct {
	Path        string        // the git program: a name to look up in PATH, or a path
	Timeout     time.Duration // for one fetch or push
	MaxPushSize Size          // of the objects in one push
}

// Log is what is written about what happens.
type Log struct {
	Level  slog.Level
	Format string        // "text" or "json"
	Slow   time.Duration // a request that takes longer is logged as a warning; 0 for never
}

// Metrics is the page /metrics.
type Metrics struct {
	Enabled bool
	Token   Secret // wanted as bearer token; empty lets in clients on this machine only
}

// GC is how storage is given back.
type GC struct {
	Interval time.Duration // between runs; 0 for never
	Session  time.Duration // how long an unfinished upload, and what no version refers to yet, are kept
	Lease    time.Duration // how long a blob without a version is kept for the upload that brought it
}

// Secret is a value that must not be shown. Printing or logging it gives
// dots; convert it to string to use it.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "•••"
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the secret from encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
