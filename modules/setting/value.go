package setting

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Size is a number of bytes.
type Size int64

// The units of Size.
const (
	KiB Size = 1 << (10 * (iota + 1))
	MiB
	GiB
	TiB
)

// units is in the order in which String tries them.
var units = [...]struct {
	name  string
	bytes Size
}{
	{"TiB", TiB},
	{"GiB", GiB},
	{"MiB", MiB},
	{"KiB", KiB},
	{"TB", 1e12},
	{"GB", 1e9},
	{"MB", 1e6},
	{"KB", 1e3},
	{"B", 1},
}

// ParseSize reads a whole number of bytes: "1048576", "512 MiB", "1GiB",
// "10 MB" (a million bytes each). Letter case does not matter.
func ParseSize(s string) (Size, error) {
	end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	unit := "B"
	if end >= 0 {
		s, unit = s[:end], strings.TrimSpace(s[end:])
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, errors.New("write a whole number of bytes with or without a unit, as in 512 MiB")
	}
	for _, u := range units {
		if !strings.EqualFold(unit, u.name) {
			continue
		}
		if n > int64(1<<63-1)/int64(u.bytes) {
			return 0, errors.New("more bytes than can be counted")
		}
		return Size(n) * u.bytes, nil
	}
	return 0, fmt.Errorf("%q is no unit: write B, KiB, MiB, GiB, TiB, or KB, MB, GB, TB for powers of a thousand", unit)
}

// String writes the size exactly, in the largest unit that divides it.
func (s Size) String() string {
	for _, u := range units {
		if s != 0 && s%u.bytes == 0 {
			return strconv.FormatInt(int64(s/u.bytes), 10) + " " + u.name
		}
	}
	return "0"
}

func text(p *string) func(string) error {
	return func(s string) error {
		if s == "" {
			return errors.New("must not be empty")
		}
		*p = s
		return nil
	}
}

func secret(p *Secret) func(string) error {
	return func(s string) error {
		*p = Secret(s)
		return nil
	}
}

// secretKey takes random bytes in base64, and does not repeat what it refuses.
func secretKey(p *Secret) func(string) error {
	const least = 32
	return func(s string) error {
		key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
		switch {
		case err != nil:
			return fmt.Errorf("is not base64: write what \"openssl rand -base64 %d\" prints", least)
		case s != "" && len(key) < least:
			return fmt.Errorf("has %d bytes and needs at least %d: write what \"openssl rand -base64 %[2]d\" prints", len(key), least)
		}
		*p = Secret(key)
		return nil
	}
}

func oneOf(p *string, words ...string) func(string) error {
	return func(s string) error {
		if !slices.Contains(words, s) {
			return fmt.Errorf("%q is not known: write %s", s, strings.Join(words, " or "))
		}
		*p = s
		return nil
	}
}

func boolean(p *bool) func(string) error {
	return func(s string) error {
		switch strings.ToLower(s) {
		case "true", "yes", "on", "1":
			*p = true
		case "false", "no", "off", "0":
			*p = false
		default:
			return fmt.Errorf("%q is neither true nor false", s)
		}
		return nil
	}
}

func integer(p *int, low, high int) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", s)
		}
		*p = n
		return within(n, low, high)
	}
}

func size(p *Size, low, high Size) func(string) error {
	return func(s string) error {
		n, err := ParseSize(s)
		if err != nil {
			return fmt.Errorf("%q is not a size: %w", s, err)
		}
		*p = n
		return within(n, low, high)
	}
}

func duration(p *time.Duration, low, high time.Duration) func(string) error {
	return func(s string) error {
		d, err := time.ParseDuration(s)
		if err != nil {
			return fmt.Errorf("%q is not a duration: write 90s, 10m, 24h", s)
		}
		*p = d
		return within(d, low, high)
	}
}

func within[T int | Size | time.Duration](v, low, high T) error {
	switch {
	case v < low:
		return fmt.Errorf("%v is too small: the least is %v", v, low)
	case v > high:
		return fmt.Errorf("%v is too large: the most is %v", v, high)
	}
	return nil
}

func level(p *slog.Level) func(string) error {
	return func(s string) error {
		for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
			if strings.EqualFold(s, l.String()) {
				*p = l
				return nil
			}
		}
		return fmt.Errorf("%q is no level: write debug, info, warn or error", s)
	}
}

func directory(p *string) func(string) error {
	return func(s string) error {
		if s == "" {
			return errors.New("must not be empty")
		}
		abs, err := filepath.Abs(s)
		*p = abs
		return err
	}
}

// host takes what net.Listen takes before the port.
func host(p *string) func(string) error {
	return func(s string) error {
		_, err := netip.ParseAddr(s)
		if err != nil && strings.ContainsAny(s, ":/ []@") {
			return fmt.Errorf("%q is neither an address nor a host name: write 127.0.0.1, ::1 or localhost; the port is HTTP_PORT", s)
		}
		*p = s
		return nil
	}
}

// rootURL takes an absolute address without a path: containers and several
// package clients only find what lies at a host's root.
func rootURL(p *string) func(string) error {
	return func(s string) error {
		if s == "" {
			return nil
		}
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
			return fmt.Errorf("%q is not an address: write https://packages.example.com", s)
		}
		if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
			return fmt.Errorf("%q has more than scheme, host and port: write %s://%s", u.Redacted(), u.Scheme, u.Host)
		}
		*p = u.Scheme + "://" + strings.ToLower(u.Host)
		return nil
	}
}

// prefixes takes networks and single addresses, divided by commas or spaces.
func prefixes(p *[]netip.Prefix) func(string) error {
	return func(s string) error {
		var list []netip.Prefix
		for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
			prefix, err := netip.ParsePrefix(word)
			if err != nil {
				addr, err := netip.ParseAddr(word)
				if err != nil {
					return fmt.Errorf("%q is neither a network nor an address: write 10.0.0.0/8, ::1", word)
				}
				prefix = netip.PrefixFrom(addr, addr.BitLen())
			}
			list = append(list, prefix.Masked())
		}
		*p = list
		return nil
	}
}
