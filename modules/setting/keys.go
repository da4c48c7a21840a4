package setting

import (
	"errors"
	"time"
)

// key is one line of app.ini: its place, its default as the file writes it,
// and how a text becomes its value.
type key struct {
	section, name, fallback string
	set                     func(string) error
}

// String names the key as messages do.
func (k key) String() string { return "[" + k.section + "] " + k.name }

// env names the variable that overrides the key.
func (k key) env() string { return envName(k.section, k.name) }

// keys lists every key there is, bound to the fields of c, in the order of
// app.example.ini. A new key is a field, a line here and a paragraph there.
func keys(c *Config) []key {
	const ever = 1 << 62
	return []key{
		{"server", "HTTP_ADDR", "127.0.0.1", host(&c.Server.HTTPAddr)},
		{"server", "HTTP_PORT", "8080", integer(&c.Server.HTTPPort, 0, 65535)},
		{"server", "ROOT_URL", "", rootURL(&c.Server.RootURL)},
		{"server", "READ_HEADER_TIMEOUT", "10s", duration(&c.Server.ReadHeaderTimeout, time.Millisecond, time.Hour)},
		{"server", "IDLE_TIMEOUT", "2m", duration(&c.Server.IdleTimeout, time.Millisecond, 24*time.Hour)},
		{"server", "SHUTDOWN_TIMEOUT", "30s", duration(&c.Server.ShutdownTimeout, 0, 24*time.Hour)},
		{"server", "TRUSTED_PROXIES", "", prefixes(&c.Server.TrustedProxies)},

		{"paths", "DATA", "./data", directory(&c.Paths.Data)},

		{"database", "TYPE", SQLite, oneOf(&c.Database.Type, SQLite, Postgres)},
		{"database", "DSN", "", secret(&c.Database.DSN)},

		{"packages", "MAX_FILE_SIZE", "4 GiB", size(&c.Packages.MaxFileSize, 1, ever)},
		{"packages", "QUOTA_PROJECT", "0", size(&c.Packages.QuotaProject, 0, ever)},
		{"packages", "QUOTA_COMPANY", "0", size(&c.Packages.QuotaCompany, 0, ever)},
		{"packages", "QUOTA_USER", "0", size(&c.Packages.QuotaUser, 0, ever)},
		{"packages", "QUOTA_SERVICE", "0", size(&c.Packages.QuotaService, 0, ever)},
		{"packages", "SERVICE_PUBLIC", "false", boolean(&c.Packages.ServicePublic)},

		{"security", "REQUIRE_SIGN_IN", "false", boolean(&c.Security.RequireSignIn)},
		{"security", "REGISTRATION", "false", boolean(&c.Security.Registration)},
		{"security", "SESSION_LIFETIME", "720h", duration(&c.Security.SessionLifetime, time.Minute, ever)},
		{"security", "SIGNIN_ATTEMPTS", "10", integer(&c.Security.SignInAttempts, 1, 1_000_000)},
		{"security", "SIGNIN_WINDOW", "10m", duration(&c.Security.SignInWindow, time.Second, ever)},
		{"security", "SECRET_KEY", "", secretKey(&c.Security.SecretKey)},

		{"git", "PATH", "git", text(&c.Git.Path)},
		{"git", "TIMEOUT", "1h", duration(&c.Git.Timeout, time.Second, ever)},
		{"git", "MAX_PUSH_SIZE", "2 GiB", size(&c.Git.MaxPushSize, 1*KiB, ever)},

		{"log", "LEVEL", "info", level(&c.Log.Level)},
		{"log", "FORMAT", "text", oneOf(&c.Log.Format, "text", "json")},
		{"log", "SLOW", "1s", duration(&c.Log.Slow, 0, ever)},

		{"metrics", "ENABLED", "true", boolean(&c.Metrics.Enabled)},
		{"metrics", "TOKEN", "", secret(&c.Metrics.Token)},

		{"gc", "INTERVAL", "24h", duration(&c.GC.Interval, 0, ever)},
		{"gc", "LEASE", "2h", duration(&c.GC.Lease, time.Second, ever)},
		{"gc", "UPLOADS", "24h", duration(&c.GC.Session, time.Minute, ever)},
	}
}

// check looks at values that are right alone and wrong together.
func (c *Config) check() error {
	if c.Database.Type == Postgres && c.Database.DSN == "" {
		return errors.New("[database] TYPE = postgres needs [database] DSN: write postgres://USER:PASSWORD@HOST/DATABASE")
	}
	return nil
}
