package setting

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// write puts text into a file app.ini and gives its name.
func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "app.ini")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestExampleIsTheTruth(t *testing.T) {
	t.Parallel()
	const example = "../../options/conf/app.example.ini"
	data, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	entries, faults := parse(string(data))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var got []string
	for _, e := range entries {
		if e.name != "" {
			got = append(got, fmt.Sprintf("[%s] %s = %s", e.section, e.name, e.text))
		}
	}
	var want []string
	for _, k := range keys(&Config{}) {
		want = append(want, fmt.Sprintf("[%s] %s = %s", k.section, k.name, k.fallback))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the example differs from the keys (-known +example):\n%s", diff)
	}

	fromExample, err := Load(example, nil)
	if err != nil {
		t.Fatal(err)
	}
	defaults, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(defaults, fromExample, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("the example gives other values than the defaults (-default +example):\n%s", diff)
	}
}

// TestKeysCoverFields proves that no field is without a key and that no two
// keys write the same field.
func TestKeysCoverFields(t *testing.T) {
	t.Parallel()
	samples := []string{
		"true", "7777", "7777h", "7777 KiB", "https://other.example", "10.1.0.0/16",
		"debug", "json", "postgres", "local", "other", "7s", "65537",
		"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
	}
	fields := map[string]string{}
	for i, k := range keys(&Config{}) {
		before := &Config{}
		changed := ""
		for _, sample := range samples {
			after := &Config{}
			if keys(after)[i].set(sample) != nil {
				continue
			}
			if changed = difference(reflect.ValueOf(*before), reflect.ValueOf(*after), ""); changed != "" {
				break
			}
		}
		if changed == "" {
			t.Errorf("%v: no sample changes a field", k)
			continue
		}
		if other := fields[changed]; other != "" {
			t.Errorf("%v and %s both write %s", k, other, changed)
		}
		fields[changed] = k.String()
	}
	config := reflect.TypeFor[Config]()
	for i := range config.NumField() {
		section := config.Field(i)
		for j := range section.Type.NumField() {
			name := "." + section.Name + "." + section.Type.Field(j).Name
			if fields[name] == "" {
				t.Errorf("no key writes Config%s", name)
			}
		}
	}
}

// difference names the first field in which two structs differ.
func difference(a, b reflect.Value, path string) string {
	if a.Kind() != reflect.Struct {
		if reflect.DeepEqual(a.Interface(), b.Interface()) {
			return ""
		}
		return path
	}
	for i := range a.NumField() {
		if d := difference(a.Field(i), b.Field(i), path+"."+a.Type().Field(i).Name); d != "" {
			return d
		}
	}
	return ""
}

func TestLoadLayers(t *testing.T) {
	t.Parallel()
	file := write(t, "\ufeff[server]\r\nHTTP_PORT = 9000\r\nHTTP_ADDR=::1 ; loopback\r\n\n[metrics]\nTOKEN = a#b;c%(d)s\\\n[packages]\nMAX_FILE_SIZE = 512 MiB\n")
	c, err := Load(file, []string{
		"PATH=/bin", "INGOT__SERVER__HTTP_PORT=9001", "INGOT__SERVER__TRUSTED_PROXIES=10.1.2.3/8, ::1",
		"INGOT__SERVER__ROOT_URL=https://Packages.Example.com:8443/", "INGOT__PACKAGES__SERVICE_PUBLIC=yes",
		"INGOT__LOG__LEVEL=Debug", "INGOT__PATHS__DATA=/var/lib/ingot", "INGOT_OTHER=1",
		"INGOT__DATABASE__TYPE=postgres", "INGOT__DATABASE__DSN=host=h password=a=b",
		"INGOT__SECURITY__SECRET_KEY=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY",
	})
	if err != nil {
		t.Fatal(err)
	}
	want, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	want.Server.HTTPAddr = "::1"
	want.Server.HTTPPort = 9001
	want.Server.RootURL = "https://packages.example.com:8443"
	want.Server.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	want.Paths.Data = "/var/lib/ingot"
	want.Database = Database{Type: Postgres, DSN: "host=h password=a=b"}
	want.Packages.MaxFileSize = 512 * MiB
	want.Packages.ServicePublic = true
	want.Log.Level = slog.LevelDebug
	want.Security.SecretKey = "0123456789abcdef0123456789abcdef"
	want.Metrics.Token = `a#b;c%(d)s\`
	if diff := cmp.Diff(want, c, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := c.Server.Address(); got != "[::1]:9001" {
		t.Errorf("Address() = %q", got)
	}
}

func TestLoadFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file    string
		environ []string
		want    []string // each a line of the message, FILE standing for the file
	}{
		"unknown key": {
			file: "; port\n[server]\nHTTP_PROT = 1\n",
			want: []string{"FILE:3: [server] HTTP_PROT is not known; the nearest is [server] HTTP_PORT"},
		},
		"key of another section": {
			file: "[server]\nDSN = x\n",
			want: []string{"FILE:2: [server] DSN is not known; the nearest is [database] DSN"},
		},
		"letter case": {
			file: "[server]\nhttp_port = 1\n",
			want: []string{"FILE:2: [server] http_port is not known; the nearest is [server] HTTP_PORT"},
		},
		"unknown section": {
			file: "[sever]\nHTTP_PORT = 1\n",
			want: []string{"FILE:1: there is no section [sever]; the nearest is [server]"},
		},
		"no section": {
			file: "HTTP_PORT = 1\n[server]\n",
			want: []string{"FILE:1: HTTP_PORT belongs to no [section]"},
		},
		"twice": {
			file: "[server]\nROOT_URL =\n[log]\n[server]\nROOT_URL = 1\n",
			want: []string{"FILE:5: [server] ROOT_URL is set already at FILE:2: [server] ROOT_URL"},
		},
		"no key": {
			file: "[database]\nDSN secret\n",
			want: []string{"FILE:2: a line is [section], KEY = value or # comment"},
		},
		"open section": {
			file: "[database\n",
			want: []string{"FILE:1: a section is written [name]"},
		},
		"open quote": {
			file: "[database]\nDSN = `secret\n[metrics]\nTOKEN = \"a\" b\n",
			want: []string{
				"FILE:2: DSN: the value begins with a quote and does not end with the same",
				"FILE:4: TOKEN: the value begins with a quote and does not end with the same",
			},
		},
		"unknown variable": {
			environ: []string{"INGOT__SERVER__HTTPPORT=1", "INGOT__NONSENSE=1"},
			want: []string{
				"INGOT__SERVER__HTTPPORT in the environment is not known; the nearest is INGOT__SERVER__HTTP_PORT",
				"INGOT__NONSENSE in the environment is not known; the nearest is ",
			},
		},
		"every fault at once": {
			file: "[server]\nHTTP_PORT = 70000\n[git]\nTIMEOUT = 10\nMAX_PUSH_SIZE = 2 gigs\n",
			environ: []string{
				"INGOT__SERVER__HTTP_ADDR=localhost:80", "INGOT__PACKAGES__SERVICE_PUBLIC=maybe", "INGOT__LOG__LEVEL=loud",
				"INGOT__GC__LEASE=-1h", "INGOT__DATABASE__TYPE=mysql", "INGOT__PATHS__DATA=",
				"INGOT__SERVER__TRUSTED_PROXIES=10.0.0.0/8 proxy", "INGOT__SECURITY__SIGNIN_ATTEMPTS=",
			},
			want: []string{
				"FILE:2: [server] HTTP_PORT: 70000 is too large: the most is 65535",
				`FILE:4: [git] TIMEOUT: "10" is not a duration: write 90s, 10m, 24h`,
				`FILE:5: [git] MAX_PUSH_SIZE: "2 gigs" is not a size: "gigs" is no unit`,
				`INGOT__SERVER__HTTP_ADDR: "localhost:80" is neither an address nor a host name`,
				`INGOT__PACKAGES__SERVICE_PUBLIC: "maybe" is neither true nor false`,
				`INGOT__LOG__LEVEL: "loud" is no level`,
				"INGOT__GC__LEASE: -1h0m0s is too small: the least is 1s",
				`INGOT__DATABASE__TYPE: "mysql" is not known: write sqlite3 or postgres`,
				"INGOT__PATHS__DATA: must not be empty",
				`INGOT__SERVER__TRUSTED_PROXIES: "proxy" is neither a network nor an address`,
				`INGOT__SECURITY__SIGNIN_ATTEMPTS: "" is not a whole number`,
			},
		},
		"root with path": {
			environ: []string{"INGOT__SERVER__ROOT_URL=https://example.com/packages"},
			want:    []string{`has more than scheme, host and port: write https://example.com`},
		},
		"root without scheme": {
			environ: []string{"INGOT__SERVER__ROOT_URL=example.com"},
			want:    []string{`"example.com" is not an address`},
		},
		"no secret key": {
			environ: []string{"INGOT__SECURITY__SECRET_KEY=the secret"},
			want:    []string{`INGOT__SECURITY__SECRET_KEY: is not base64: write what "openssl rand -base64 32" prints`},
		},
		"short secret key": {
			environ: []string{"INGOT__SECURITY__SECRET_KEY=c2VjcmV0"},
			want:    []string{`INGOT__SECURITY__SECRET_KEY: has 6 bytes and needs at least 32: write what "openssl rand -base64 32" prints`},
		},
		"postgres without an address": {
			environ: []string{"INGOT__DATABASE__TYPE=postgres"},
			want:    []string{"[database] TYPE = postgres needs [database] DSN"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := write(t, test.file)
			_, err := Load(file, test.environ)
			if err == nil {
				t.Fatal("no error")
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("shows a secret: %v", err)
			}
			lines := strings.Split(strings.ReplaceAll(err.Error(), file, "FILE"), "\n")[1:]
			if len(lines) != len(test.want) {
				t.Errorf("%d faults, want %d:\n%v", len(lines), len(test.want), err)
			}
			for _, want := range test.want {
				if !strings.Contains(strings.Join(lines, "\n"), want) {
					t.Errorf("no %q in:\n%v", want, err)
				}
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.ini"), nil); err == nil || !strings.Contains(err.Error(), "none.ini") {
		t.Errorf("a missing file: %v", err)
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Size{
		"0": 0, "1": 1, "1 B": 1, "1KiB": KiB, "512 MiB": 512 * MiB, "4 gib": 4 * GiB, "8388607 TiB": 8388607 * TiB,
		"10 MB": 10_000_000, "3 KB": 3000,
	} {
		got, err := ParseSize(text)
		if err != nil || got != want {
			t.Errorf("ParseSize(%q) = %d, %v, want %d", text, got, err, want)
		}
		if back, err := ParseSize(got.String()); err != nil || back != got {
			t.Errorf("%q writes itself as %q, which is %d, %v", text, got.String(), back, err)
		}
	}
	for _, text := range []string{"", " 1", "-1", "1.5 GiB", "MiB", "1 M", "8388608 TiB", "9223372036854775808", "1 MiB x"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("ParseSize(%q) = %d", text, got)
		}
	}
}

func TestRoot(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ root, ip, want string }{
		{"https://example.com", "127.0.0.1", "https://example.com"},
		{"", "127.0.0.1", "http://127.0.0.1:8080"},
		{"", "0.0.0.0", "http://localhost:8080"},
		{"", "::", "http://localhost:8080"},
		{"", "::1", "http://[::1]:8080"},
	} {
		got := Server{RootURL: test.root}.Root(&net.TCPAddr{IP: net.ParseIP(test.ip), Port: 8080})
		if got != test.want {
			t.Errorf("Root(%q on %s) = %q, want %q", test.root, test.ip, got, test.want)
		}
	}
	if got := (Server{}).Root(&net.TCPAddr{IP: net.ParseIP("::1"), Port: 80}); got != "http://[::1]" {
		t.Errorf("Root on port 80 = %q", got)
	}
}

func TestSecretStaysHidden(t *testing.T) {
	t.Parallel()
	c, err := Load("", []string{"INGOT__METRICS__TOKEN=hunter2"})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	slog.New(slog.NewTextHandler(&out, nil)).Info("config", "metrics", c.Metrics, "token", c.Metrics.Token)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("config", "metrics", c.Metrics)
	fmt.Fprintf(&out, "%v %+v %#v %s", c, c, c, c.Metrics.Token)
	if strings.Contains(out.String(), "hunter2") {
		t.Errorf("shown in %s", out.String())
	}
	if string(c.Metrics.Token) != "hunter2" {
		t.Errorf("the secret itself is %q", string(c.Metrics.Token))
	}
}

func TestLifetimes(t *testing.T) {
	t.Parallel()
	c, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Security.SessionLifetime != 30*24*time.Hour || c.GC.Lease != 2*time.Hour || c.Packages.MaxFileSize != 4*GiB {
		t.Errorf("defaults are read wrongly: %+v", c)
	}
}
