// Package condatest is what conda tells the suites of all formats, and packages
// for the tests of the format itself.
package condatest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/zstd"

	"ingot.dev/modules/format/formattest"
)

// Build is a package to be made.
type Build struct {
	Name, Version, Build string
	Index                string             // of info/index.json; empty: what the names above say
	Info, Files          []formattest.Entry // further files, of the folder info and others
}

// File gives the name of the file in its second form.
func (b Build) File() string { return b.stem() + ".conda" }

func (b Build) stem() string { return b.Name + "-" + b.Version + "-" + b.Build }

func (b Build) index() string {
	if b.Index != "" {
		return b.Index
	}
	return fmt.Sprintf(`{"name":%s,"version":%s,"build":%s,"build_number":0,"depends":[],"noarch":"generic","subdir":"noarch","license":"MIT","timestamp":1700000000000}`,
		formattest.Quote(b.Name), formattest.Quote(b.Version), formattest.Quote(b.Build))
}

func (b Build) info() []formattest.Entry {
	return append([]formattest.Entry{{Name: "info/index.json", Text: b.index()}}, b.Info...)
}

// Tar packs the first form, uncompressed.
func (b Build) Tar() []byte { return formattest.Tar(append(b.info(), b.Files...)...) }

// Conda packs the second form.
func (b Build) Conda() []byte {
	return b.zip(zstandard(formattest.Tar(b.info()...)), zstandard(formattest.Tar(b.Files...)))
}

// zip packs two archives as the second form does.
func (b Build) zip(info, pkg []byte) []byte {
	return Stored(
		formattest.Entry{Name: "metadata.json", Text: `{"conda_pkg_format_version": 2}`},
		formattest.Entry{Name: "pkg-" + b.stem() + ".tar.zst", Text: string(pkg)},
		formattest.Entry{Name: "info-" + b.stem() + ".tar.zst", Text: string(info)},
	)
}

// Stored makes a zip file that compresses nothing.
func Stored(entries ...formattest.Entry) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.Name, Method: zip.Store})
		formattest.Must(err)
		_, err = io.WriteString(f, e.Text)
		formattest.Must(err)
	}
	formattest.Must(w.Close())
	return b.Bytes()
}

func zstandard(plain []byte) []byte {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	formattest.Must(err)
	return z.EncodeAll(plain, nil)
}

// Hostile gives packages that must be refused, by what is wrong with them.
func (b Build) Hostile() map[string][]byte {
	index, pkg := b.index(), zstandard(formattest.Tar())
	bad := formattest.HostileZips("info/index.json", index)
	for what, packed := range formattest.HostileTarballs("info/index.json", index) {
		bad[what+", within"] = b.zip(recompressed(packed), pkg)
	}
	with := func(index string, more ...formattest.Entry) []byte {
		b := b
		b.Index, b.Info = index, more
		return b.Conda()
	}
	changed := func(from, to string) []byte { return with(strings.Replace(index, from, to, 1)) }
	other := b
	other.Name = "other"
	for what, body := range map[string][]byte{
		"another name":               other.Conda(),
		"another build":              changed(`"build":"0"`, `"build":"1"`),
		"index of a list":            with(`[]`),
		"index twice":                with(index, formattest.Entry{Name: "info/index.json", Text: index}),
		"a deep index":               changed(`"depends":[]`, `"x":`+strings.Repeat("[", 4000)+strings.Repeat("]", 4000)),
		"a key twice":                changed(`"depends":[]`, `"name":"other"`),
		"a long index":               changed(`"depends":[]`, `"x":"`+strings.Repeat("x", 1<<18)+`"`),
		"depends of numbers":         changed(`"depends":[]`, `"depends":[1]`),
		"depends of a text":          changed(`"depends":[]`, `"depends":"python"`),
		"a huge number":              changed(`"build_number":0`, `"build_number":1e400`),
		"a negative number":          changed(`"build_number":0`, `"build_number":-1`),
		"a subdir that climbs":       changed(`"subdir":"noarch"`, `"subdir":"../x"`),
		"a record of a client":       with(index, formattest.Entry{Name: "info/repodata_record.json", Text: "{}"}),
		"info among the files":       b.zip(zstandard(formattest.Tar(b.info()...)), zstandard(formattest.Tar(b.info()...))),
		"files in info's archive":    with(index, formattest.Entry{Name: "bin/evil", Text: ""}),
		"no files":                   Stored(formattest.Entry{Name: "info-" + b.stem() + ".tar.zst", Text: string(zstandard(formattest.Tar(b.info()...)))}),
		"a third archive":            append(b.Conda()[:0:0], Stored(formattest.Entry{Name: "evil", Text: ""})...),
		"compressed by the zip":      formattest.Zip(formattest.Entry{Name: "metadata.json", Text: `{"conda_pkg_format_version": 2}` + strings.Repeat(" ", 4096)}),
		"a form that nobody knows":   Stored(formattest.Entry{Name: "metadata.json", Text: `{"conda_pkg_format_version": 3}`}),
		"run_exports of numbers":     with(index, formattest.Entry{Name: "info/run_exports.json", Text: `{"weak":[1]}`}),
		"malformed paths":            with(index, formattest.Entry{Name: "info/paths.json", Text: `{"paths":[{"_path"`}),
		"an about that is no object": with(index, formattest.Entry{Name: "info/about.json", Text: `"x"`}),
	} {
		bad[what] = body
	}
	return bad
}

// recompressed packs by zstd what was packed by gzip, as far as it was.
func recompressed(packed []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return packed
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		return packed
	}
	return zstandard(plain)
}

// Sample publishes a package without a platform.
func Sample() formattest.Sample {
	of := func(name, version string) Build {
		return Build{Name: name, Version: version, Build: "0", Files: []formattest.Entry{{Name: "site-packages/money.py", Text: "# of version " + version + "\n"}}}
	}
	pack := func(name, version string) []byte { return of(name, version).Conda() }
	file := func(name, version string) string { return of(name, version).File() }
	return formattest.Sample{
		Name: "acme-money",
		Put: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: escape(file(name, version)), Body: pack(name, version)}
		},
		Rest: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: "conda/" + file(name, version), Body: pack(name, version)}
		},
		Bytes:    pack,
		File:     func(name, version string) string { return "noarch/" + file(name, version) },
		RestFile: func(name, version string) string { return "conda/noarch/" + file(name, version) },
		Fill: func(r formattest.Request, n int) formattest.Request {
			b := of("acme-money", "1.0.0")
			b.Files = append(b.Files, formattest.Entry{Name: "noise", Text: formattest.Noise(n)})
			r.Body = b.Conda()
			return r
		},
		Fields:     map[string]string{"channel": ""},
		Idempotent: true,
		Documents: func(string, string) []string {
			return []string{"noarch/repodata.json", "noarch/current_repodata.json", "noarch/run_exports.json", "channeldata.json"}
		},
		Packed: func(string, string) []string {
			return []string{"noarch/repodata.json.zst", "noarch/current_repodata.json.zst", "noarch/run_exports.json.zst", "noarch/repodata_shards.msgpack.zst"}
		},
		Lists:     func(string, string) []string { return []string{"linux-64/repodata.json"} },
		Bodies:    func(name string) map[string][]byte { return of(name, "1.0.0").Hostile() },
		Spellings: []string{"Acme-Money", "ACME-MONEY"},
		Stored: formattest.Stored{
			File: "acme-money-1.0.0-0.conda", Folder: "noarch",
			Known: func(string) map[string]string { return map[string]string{"subdir": "noarch", "platform": "noarch"} },
		},
	}
}

// escape writes what cannot stand in a path.
func escape(name string) string {
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case c <= ' ', c >= 0x7f, c == '%', c == '?', c == '#':
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
