// Package cargotest is what cargo's format tells the suites of all formats.
package cargotest

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"ingot.dev/modules/format/formattest"
)

// Sample publishes crates as cargo publish does.
func Sample() formattest.Sample {
	const name, v1 = "money", "1.0.0"
	address := func(name, version string) string {
		return "api/v1/crates/" + url.PathEscape(name) + "/" + url.PathEscape(version)
	}
	return formattest.Sample{
		Name: name,
		Put: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: "api/v1/crates/new", Body: Publication(said(name, version), Crate(name, version))}
		},
		Rest: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: "cargo", Body: Crate(name, version)}
		},
		Bytes:    func(name, version string) []byte { return Crate(name, version) },
		File:     func(name, version string) string { return address(name, version) + "/download" },
		RestFile: func(name, version string) string { return "cargo/" + name + "/" + version },
		Fill: func(r formattest.Request, n int) formattest.Request {
			large := Crate(name, v1, formattest.Entry{Name: "money-1.0.0/src/noise.bin", Text: formattest.Noise(n)})
			if !bytes.HasPrefix(r.Body, []byte("\x1f\x8b")) {
				large = Publication(said(name, v1), large)
			}
			r.Body = large
			return r
		},
		Documents: func(name, _ string) []string { return []string{name[:2] + "/" + name[2:4] + "/" + name} },
		Lists: func(name, version string) []string {
			return []string{
				"", "config.json", "api/v1/crates?q=mon", "api/v1/crates", "api/v1/crates/" + name, "api/v1/crates/" + name + "/versions",
				"api/v1/crates/" + name + "/owners", address(name, version), address(name, version) + "/dependencies", address(name, version) + "/readme",
			}
		},
		Publishers: []string{"yank", "removeOwners"},
		Bodies:     bodies,
		Spellings:  []string{"Money", "MONEY"},
		Complaint: func(contentType string, body []byte) string {
			var e struct {
				Errors []struct{ Detail string }
			}
			if err := json.Unmarshal(body, &e); err != nil || contentType != "application/json" || len(e.Errors) != 1 || len(e.Errors[0].Detail) < 5 {
				return "it is no object with errors"
			}
			return ""
		},
		Stored: formattest.Stored{
			File:  "money-1.0.0.crate",
			Known: func(string) map[string]string { return map[string]string{"first": "mo", "second": "ne"} },
		},
	}
}

// Manifest is a Cargo.toml as cargo package writes it, with more behind it.
func Manifest(name, version, more string) string {
	return fmt.Sprintf("[package]\nname = %s\nversion = %s\nedition = \"2021\"\ndescription = \"Exact amounts\"\nreadme = \"README.md\"\nlicense = \"MIT\"\n%s",
		formattest.Quote(name), formattest.Quote(version), more)
}

// Crate is a package as cargo package makes it, with more files in it.
func Crate(name, version string, more ...formattest.Entry) []byte {
	return packed(name, version, Manifest(name, version, ""), more...)
}

func packed(name, version, manifest string, more ...formattest.Entry) []byte {
	folder := strings.ReplaceAll(name, "\x00", "") + "-" + version + "/" // no tar archive can have that
	return formattest.Tarball(append([]formattest.Entry{
		{Name: folder + "Cargo.toml", Text: manifest}, {Name: folder + "README.md", Text: "# " + name + "\n"}, {Name: folder + "src/lib.rs", Text: "// " + version + "\n"},
	}, more...)...)
}

// said is what cargo says of such a crate.
func said(name, version string) string {
	return fmt.Sprintf(`{"name":%s,"vers":%s,"deps":[],"features":{},"authors":[],"description":"Exact amounts","readme":"# money\n","license":"MIT","links":null,"badges":{}}`,
		formattest.Quote(name), formattest.Quote(version))
}

// Publication is the body that cargo publish sends.
func Publication(said string, crate []byte) []byte {
	body := binary.LittleEndian.AppendUint32(nil, uint32(len(said)))
	body = append(body, said...)
	body = binary.LittleEndian.AppendUint32(body, uint32(len(crate)))
	return append(body, crate...)
}

// bodies must be refused.
func bodies(name string) map[string][]byte {
	const v = "1.0.0"
	bad := formattest.HostileTarballs(name+"-"+v+"/Cargo.toml", Manifest(name, v, ""))
	for what, manifest := range map[string]string{
		"no TOML":                   "[package",
		"no package":                "[lib]\n",
		"no version":                "[package]\nname = \"money\"\n",
		"a key twice":               Manifest(name, v, "name = \"other\"\n"),
		"a table twice":             Manifest(name, v, "[package]\nname = \"other\"\n"),
		"deep":                      Manifest(name, v, "[package.metadata]\nx = "+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+"\n"),
		"many keys":                 Manifest(name, v, "[features]\n"+many("a%d = []\n", 30_000)),
		"long":                      Manifest(name, v, "# "+strings.Repeat("x", 300<<10)+"\n"),
		"another version":           Manifest(name, "6.6.6", ""),
		"another name":              Manifest("other", v, ""),
		"a name with a climb":       Manifest("../money", v, ""),
		"a device":                  Manifest("nul", v, ""),
		"a name of a folder":        Manifest("money/../money", v, ""),
		"a dependency by path":      Manifest(name, v, "[dependencies]\nx = { path = \"../x\", version = \"1\" }\n"),
		"a dependency from git":     Manifest(name, v, "[dependencies]\nx = { git = \"https://example.com/x\", version = \"1\" }\n"),
		"of any version":            Manifest(name, v, "[dependencies.x]\n"),
		"of no version":             Manifest(name, v, "[dependencies]\nx = \"newest\"\n"),
		"of a workspace":            Manifest(name, v, "[dependencies]\nx.workspace = true\n"),
		"a feature of several rows": Manifest(name, v, "[features]\n\"a\\nb\" = []\n"),
	} {
		bad[what] = packed(name, v, manifest)
	}
	folder := name + "-" + v + "/"
	for what, more := range map[string]formattest.Entry{
		"what Windows takes for Cargo.toml": {Name: folder + "cargo.toml", Text: "x"},
		"the mark of an unpacked crate":     {Name: folder + ".cargo-ok", Text: "ok"},
	} {
		bad[what] = Crate(name, v, more)
	}
	for what, crate := range maps.Clone(bad) {
		bad[what+", as cargo sends it"] = Publication(said(name, v), crate)
	}
	// Incident 7 (CVE-2024-6595): a body that says other things than its archive.
	more := "[dependencies]\nround = \"1\"\n[features]\nexact = []\n"
	dep := `{"name":"round","version_req":"^1","features":[],"optional":false,"default_features":true,"target":null,"kind":"normal","registry":"https://github.com/rust-lang/crates.io-index"}`
	right := `{"name":"money","vers":"1.0.0","deps":[` + dep + `],"features":{"exact":[]},"links":null}`
	crate := packed(name, v, Manifest(name, v, more))
	for what, replaced := range map[string][2]string{
		"another version said":      {`"1.0.0"`, `"6.6.6"`},
		"another name said":         {`"money"`, `"other"`},
		"a dependency hidden":       {dep, ``},
		"a dependency more":         {dep, dep + "," + strings.Replace(dep, "round", "evil", 1)},
		"a dependency elsewhere":    {`"https://github.com/rust-lang/crates.io-index"`, `"https://evil.example/index"`},
		"a dependency of ours":      {`"https://github.com/rust-lang/crates.io-index"`, `null`},
		"another requirement":       {`"^1"`, `"*"`},
		"a feature of a dependency": {`"features":[],"optional"`, `"features":["evil"],"optional"`},
		"a feature more":            {`"exact":[]`, `"exact":[],"evil":[]`},
		"a feature hidden":          {`"exact":[]`, ``},
		"a feature that does more":  {`"exact":[]`, `"exact":["round/evil"]`},
		"links":                     {`"links":null`, `"links":"ssl"`},
		"a list":                    {right, `[]`},
		"nothing said":              {right, ``},
	} {
		bad[what] = Publication(strings.Replace(right, replaced[0], replaced[1], 1), crate)
	}
	whole := Publication(right, crate)
	bad["a byte more"] = append(bytes.Clone(whole), 0)
	bad["a byte less"] = whole[:len(whole)-1]
	bad["a length alone"] = []byte{1, 0}
	bad["a huge document"] = append([]byte{0xff, 0xff, 0xff, 0xff}, whole...)
	return bad
}

func many(line string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, line, i)
	}
	return b.String()
}
