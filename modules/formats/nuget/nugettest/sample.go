// Package nugettest is what NuGet tells the suites of all formats.
package nugettest

import (
	"bytes"
	"encoding/binary"
	"html"
	"maps"
	"mime/multipart"
	"net/http"
	"strings"

	"ingot.dev/modules/format/formattest"
)

// boundary is that of Form.
const boundary = "5ab9b9b2c6f04d4f"

// Nuspec writes a manifest with more elements in its metadata.
func Nuspec(id, version, more string) string {
	return `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>` + html.EscapeString(id) + `</id>
    <version>` + html.EscapeString(version) + `</version>
    <authors>Ann</authors>
    <description>Amounts</description>
    ` + more + `
  </metadata>
</package>
`
}

// Package packs a package: its manifest, what other tools look for in such an
// archive, and more files.
func Package(id, version, metadata string, more ...formattest.Entry) []byte {
	return formattest.Zip(append([]formattest.Entry{
		{Name: "_rels/.rels", Text: "<Relationships/>"},
		{Name: "package.nuspec", Text: Nuspec(id, version, metadata)},
		{Name: "[Content_Types].xml", Text: "<Types/>"},
	}, more...)...)
}

// Form is the form that clients send a package in, and its type.
func Form(content []byte) (body []byte, contentType string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	formattest.Must(w.SetBoundary(boundary))
	part, err := w.CreateFormFile("package", "package.nupkg")
	formattest.Must(err)
	_, err = part.Write(content)
	formattest.Must(err)
	formattest.Must(w.Close())
	return b.Bytes(), w.FormDataContentType()
}

// PDB makes the least of a portable PDB, with an id.
func PDB(guid [16]byte) string {
	const version = "PDB v1.0\x00\x00\x00\x00"
	b := []byte("BSJB\x01\x00\x01\x00\x00\x00\x00\x00")
	b = binary.LittleEndian.AppendUint32(b, uint32(len(version)))
	b = append(b, version...)
	b = append(b, 0, 0, 1, 0) // flags, one stream
	b = binary.LittleEndian.AppendUint32(b, uint32(len(b)+16))
	b = binary.LittleEndian.AppendUint32(b, 32)
	b = append(b, "#Pdb\x00\x00\x00\x00"...)
	b = append(b, guid[:]...)
	return string(append(b, make([]byte, 16)...)) // stamp, entry point, tables
}

// Sample publishes a package in the form that clients send.
func Sample() formattest.Sample {
	content := func(id, version string, more ...formattest.Entry) []byte {
		return Package(id, version, "<tags>money exact</tags>", append([]formattest.Entry{{Name: "lib/net45/money.txt", Text: "of version " + version + "\n"}}, more...)...)
	}
	publish := func(content []byte) formattest.Request {
		body, kind := Form(content)
		return formattest.Request{Method: http.MethodPut, Body: body, Header: []string{"Content-Type", kind}}
	}
	flat := func(id, version string) string {
		return "v3/flatcontainer/" + strings.ToLower(id) + "/" + version + "/"
	}
	file := func(id, version string) string { return strings.ToLower(id) + "." + version + ".nupkg" }
	return formattest.Sample{
		Name: "Acme.Money",
		Put:  func(id, version string) formattest.Request { return publish(content(id, version)) },
		Rest: func(id, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: "nuget", Body: content(id, version)}
		},
		Bytes:    func(id, version string) []byte { return content(id, version) },
		File:     func(id, version string) string { return flat(id, version) + file(id, version) },
		RestFile: func(id, version string) string { return "nuget/" + id + "/" + version },
		Fill: func(r formattest.Request, n int) formattest.Request {
			large := content("Acme.Money", "1.0.0", formattest.Entry{Name: "noise.bin", Text: formattest.Noise(n)})
			if bytes.HasPrefix(r.Body, []byte("--"+boundary)) {
				return publish(large)
			}
			r.Body = large
			return r
		},
		Documents: func(id, version string) []string {
			low := strings.ToLower(id)
			return []string{
				"v3/flatcontainer/" + low + "/index.json", flat(id, version) + low + ".nuspec",
				"v3/registration/" + low + "/index.json", "v3/registration/" + low + "/page/0.json", "v3/registration/" + low + "/" + version + ".json",
				"v3/registration-semver2/" + low + "/index.json", "v3/registration-semver2/" + low + "/" + version + ".json",
			}
		},
		Lists: func(id, version string) []string {
			return []string{
				"index.json", "v3/index.json", "v3/query?q=money&prerelease=true&semVerLevel=2.0.0", "v3/query?q=tags:exact", "v3/autocomplete?q=acme",
				"v3/autocomplete?id=" + id, "v3/vulnerability/index.json", "v3/vulnerability/all.json",
				"", "$metadata", "Packages()", "Packages(Id='" + id + "',Version='" + version + "')", "FindPackagesById()?id='" + id + "'",
				"Search()?searchTerm='money'&$filter=IsLatestVersion", "Search()/$count?searchTerm='money'",
				"GetUpdates()?packageIds='" + id + "'&versions='0.1'",
			}
		},
		Bodies: func(id string) map[string][]byte {
			bad := formattest.HostileZips("package.nuspec", Nuspec(id, "1.0.0", ""))
			spec := func(what, text string) {
				bad[what] = formattest.Zip(formattest.Entry{Name: "package.nuspec", Text: text})
			}
			spec("no XML", "id: Acme.Money")
			spec("half of it", Nuspec(id, "1.0.0", "")[:200])
			spec("a DOCTYPE", `<!DOCTYPE package [<!ENTITY a "b">]>`+strings.TrimPrefix(Nuspec(id, "1.0.0", ""), `<?xml version="1.0" encoding="utf-8"?>`))
			spec("deep", Nuspec(id, "1.0.0", strings.Repeat("<a>", 10_000)+strings.Repeat("</a>", 10_000)))
			spec("long", Nuspec(id, "1.0.0", "<summary>"+strings.Repeat("x", 2<<20)+"</summary>"))
			spec("two ids", Nuspec(id, "1.0.0", "<id>Acme.Other</id>"))
			spec("two versions", Nuspec(id, "1.0.0", "<version>6.6.6</version>"))
			spec("no id", Nuspec("", "1.0.0", ""))
			spec("no version", Nuspec(id, "", ""))
			spec("a version that is none", Nuspec(id, "../1", ""))
			spec("a range that is none", Nuspec(id, "1.0.0", `<dependencies><dependency id="A" version="[1,"/></dependencies>`))
			spec("a dependency that is none", Nuspec(id, "1.0.0", `<dependencies><dependency id="../A" version="1"/></dependencies>`))
			bad["two manifests"] = Package(id, "1.0.0", "", formattest.Entry{Name: "other.nuspec", Text: Nuspec(id, "6.6.6", "")})
			bad["two spellings of a file"] = Package(id, "1.0.0", "", formattest.Entry{Name: "lib/A.dll"}, formattest.Entry{Name: "LIB/a.dll"})
			bad["a manifest in a folder"] = formattest.Zip(formattest.Entry{Name: "in/package.nuspec", Text: Nuspec(id, "1.0.0", "")})
			for what, content := range maps.Clone(bad) {
				bad[what+", in the form"] = publish(content).Body
			}
			return bad
		},
		Publishers: []string{"unlist", "unlistV2"},
		Spellings:  []string{"acme.money", "ACME.MONEY"},
		Stored: formattest.Stored{
			File: "acme.money.1.0.0.nupkg",
			Known: func(string) map[string]string {
				return map[string]string{"key": "Id='Acme.Money',Version='1.0.0'", "page": "0"}
			},
		},
	}
}
