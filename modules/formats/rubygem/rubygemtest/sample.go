// Package rubygemtest is what RubyGems tells the suites of all formats.
package rubygemtest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"net/http"
	"strings"

	"ingot.dev/modules/format/formattest"
)

// Spec is the YAML of a specification as gem build writes it. more are further
// lines.
func Spec(name, version string, more ...string) string {
	return "--- !ruby/object:Gem::Specification\nname: " + formattest.Quote(name) +
		"\nversion: !ruby/object:Gem::Version\n  version: " + formattest.Quote(version) +
		"\nplatform: ruby\nauthors:\n- Ann\nsummary: Amounts\ndescription: Exact amounts\nlicenses:\n- MIT\n" + strings.Join(more, "")
}

// Gem makes the file of a gem from the YAML of its specification, the same
// bytes every time.
func Gem(spec string, files ...formattest.Entry) []byte {
	return GemOf(pack(spec), formattest.Tarball(files...))
}

// GemOf makes the file of a gem from its two parts, with their checksums.
func GemOf(metadata, data []byte) []byte {
	sums := fmt.Sprintf("---\nSHA256:\n  metadata.gz: %x\n  data.tar.gz: %x\nSHA512:\n  metadata.gz: %x\n  data.tar.gz: %x\n",
		sha256.Sum256(metadata), sha256.Sum256(data), sha512.Sum512(metadata), sha512.Sum512(data))
	return formattest.Tar(
		formattest.Entry{Name: "metadata.gz", Text: string(metadata)}, formattest.Entry{Name: "data.tar.gz", Text: string(data)},
		formattest.Entry{Name: "checksums.yaml.gz", Text: string(pack(sums))},
	)
}

func pack(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	formattest.Must(err)
	formattest.Must(w.Close())
	return b.Bytes()
}

// Sample publishes the file of a gem as gem push does.
func Sample() formattest.Sample {
	const name = "acme-money"
	content := func(name, version string) []byte {
		return Gem(Spec(name, version), formattest.Entry{Name: "lib/money.rb", Text: "# " + version + "\n"})
	}
	put := func(method, path string) func(name, version string) formattest.Request {
		return func(name, version string) formattest.Request {
			return formattest.Request{Method: method, Path: path, Body: content(name, version), Header: []string{"Content-Type", "application/octet-stream"}}
		}
	}
	file := func(name, version string) string { return "gems/" + name + "-" + version + ".gem" }
	return formattest.Sample{
		Name:     name,
		Put:      put(http.MethodPost, "api/v1/gems"),
		Rest:     put(http.MethodPut, "rubygem"),
		Bytes:    content,
		File:     file,
		RestFile: func(name, version string) string { return "rubygem/" + name + "/" + version },
		Fill: func(r formattest.Request, n int) formattest.Request {
			r.Body = Gem(Spec(name, "1.0.0"), formattest.Entry{Name: "noise.bin", Text: formattest.Noise(n)})
			return r
		},
		Documents: func(name, version string) []string {
			return []string{
				"versions", "info/" + name, "specs.4.8", "latest_specs.4.8", "quick/Marshal.4.8/" + name + "-" + version + ".gemspec.rz",
			}
		},
		Packed: func(string, string) []string { return []string{"specs.4.8.gz", "latest_specs.4.8.gz"} },
		Lists: func(name, version string) []string {
			return []string{
				"", "names", "prerelease_specs.4.8", "prerelease_specs.4.8.gz", "api/v1/dependencies", "api/v1/dependencies?gems=" + name, "api/v1/dependencies.json?gems=" + name, "api/v1/search.json?query=money",
				"api/v1/gems/" + name + ".json", "api/v1/versions/" + name + ".json", "api/v1/versions/" + name + "/latest.json",
				"api/v1/gems/" + name + "/owners.json", "api/v1/gems/" + name + "/owners.yaml",
			}
		},
		Account:    []string{"key", "makeKey", "widenKey"},
		Publishers: []string{"yank", "removeOwner"},
		Bodies:     bodies,
		Spellings:  []string{"Acme-Money", "ACME-MONEY"},
		Stored: formattest.Stored{
			File:  name + "-1.0.0.gem",
			Known: func(string) map[string]string { return map[string]string{"gem": name + "-1.0.0"} },
		},
	}
}

// bodies are gems that none may push.
func bodies(name string) map[string][]byte {
	spec := Spec(name, "1.0.0")
	metadata, data := pack(spec), formattest.Tarball(formattest.Entry{Name: "lib/money.rb"})
	right := GemOf(metadata, data)
	entry := func(name string, content []byte) formattest.Entry {
		return formattest.Entry{Name: name, Text: string(content)}
	}
	two := []formattest.Entry{entry("metadata.gz", metadata), entry("data.tar.gz", data)}
	bad := map[string][]byte{
		"nothing":                 {},
		"a page":                  []byte("<!doctype html><script>alert(1)</script>"),
		"noise":                   []byte(formattest.Noise(4096)),
		"half a gem":              right[:len(right)/2],
		"bytes behind it":         append(bytes.Clone(right), "GARBAGE"...),
		"two gems":                append(bytes.Clone(right), right...),
		"no specification":        formattest.Tar(entry("data.tar.gz", data)),
		"no data":                 formattest.Tar(entry("metadata.gz", metadata)),
		"two specifications":      formattest.Tar(append(two, entry("metadata.gz", pack(Spec("other", "1.0.0"))))...),
		"a plain one beside it":   formattest.Tar(append(two, entry("metadata", []byte(Spec("other", "1.0.0"))))...),
		"a file beside":           formattest.Tar(append(two, entry("evil.rb", nil))...),
		"a packed gem":            pack(string(right)),
		"another checksum":        formattest.Tar(append(two, entry("checksums.yaml.gz", pack("---\nSHA256:\n  data.tar.gz: "+strings.Repeat("0", 64)+"\n")))...),
		"no checksum":             formattest.Tar(append(two, entry("checksums.yaml.gz", pack("---\nMD5:\n  data.tar.gz: 0\n")))...),
		"a checksum of nothing":   formattest.Tar(append(two, entry("checksums.yaml.gz", pack("---\nSHA256:\n  other.gz: 0\n")))...),
		"a bomb of a description": Gem(Spec(name, "1.0.0", "description: \""+strings.Repeat("x", 40<<20)+"\"\n")),
	}
	for what, text := range map[string]string{
		"no YAML":                  "a: [",
		"no mapping":               "--- []\n",
		"no tag":                   strings.Replace(spec, " !ruby/object:Gem::Specification", "", 1),
		"another class":            strings.Replace(spec, "Gem::Specification", "Kernel", 1),
		"an object to run":         spec + "metadata: !ruby/object:Gem::Installer\n  i: x\n",
		"a hash to run":            spec + "metadata: !ruby/hash:ActionDispatch::Routing {}\n",
		"a regular expression":     spec + "homepage: !ruby/regexp /(a+)+$/\n",
		"two documents":            spec + "--- {}\n",
		"no name":                  strings.Replace(spec, "name: ", "nick: ", 1),
		"a name twice":             spec + "name: other\n",
		"a name of digits":         Spec("123", "1.0.0"),
		"a name of several lines":  Spec(name+"\nevil", "1.0.0"),
		"a name with a climb":      Spec("../money", "1.0.0"),
		"no version":               strings.Replace(spec, "version: ", "number: ", 2),
		"a version with a dash":    Spec(name, "1.0-rc1"),
		"a version with a climb":   Spec(name, "1.0/../../x"),
		"a number for a version":   strings.Replace(spec, `"1.0.0"`, "1.10", 1),
		"a platform with a climb":  strings.Replace(spec, "platform: ruby", "platform: ../x", 1),
		"a dependency on a path":   spec + "dependencies:\n- !ruby/object:Gem::Dependency\n  name: ../x\n",
		"a wrong requirement":      spec + "required_ruby_version: !ruby/object:Gem::Requirement\n  requirements:\n  - - '>>'\n    - '1'\n",
		"deep":                     spec + "metadata: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n",
		"aliases of aliases":       spec + "a: &a [x,x]\nb: &b [*a,*a]\nmetadata: {a: *b}\n",
		"a text many times":        spec + "homepage: &h " + strings.Repeat("x", 100_000) + "\nemail: [" + strings.Repeat("*h,", 1000) + "*h]\n",
		"a text of half a million": spec + "homepage: " + strings.Repeat("x", 500_000) + "\n",
		"very many lines":          spec + "files:\n" + strings.Repeat("- a\n", 500_000),
	} {
		bad[what] = Gem(text)
	}
	for what, archive := range formattest.HostileTarballs("lib/money.rb", "# 1.0.0\n") {
		switch what {
		case "no manifest", "two folders", "a file beside", "another case": // which a gem may have
		default:
			bad[what+", as the data"] = GemOf(metadata, archive)
		}
	}
	return bad
}
