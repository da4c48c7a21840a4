// Package crantest is what CRAN tells the suites of all formats.
package crantest

import (
	"net/http"
	"strings"

	"ingot.dev/modules/format/formattest"
)

// Description is the DESCRIPTION of a package, with further fields.
func Description(name, version string, more ...string) string {
	return "Package: " + name + "\nVersion: " + version + "\nTitle: Amounts\nDescription: Exact amounts of money,\n  added up.\nLicense: MIT\n" +
		"Maintainer: Ann <ann@example.com>\nNeedsCompilation: no\n" + strings.Join(more, "")
}

// Folder gives the folder that a package lies in: its name, as far as a tar
// archive knows such a one.
func Folder(name string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || strings.ContainsRune(`/\`, r) {
			return '_'
		}
		return r
	}, name)
}

// Source packs a source package.
func Source(name, description string, more ...formattest.Entry) []byte {
	return formattest.Tarball(append([]formattest.Entry{
		{Name: Folder(name) + "/DESCRIPTION", Text: description},
		{Name: Folder(name) + "/NAMESPACE", Text: "export(total)\n"},
	}, more...)...)
}

// Sample publishes a source package.
func Sample() formattest.Sample {
	file := func(name, version string) string { return name + "_" + version + ".tar.gz" }
	pack := func(name, version string) []byte {
		return Source(name, Description(name, version, "Imports: Rcpp (>= 1.0)\n"),
			formattest.Entry{Name: Folder(name) + "/R/total.R", Text: "# of version " + version + "\n"})
	}
	return formattest.Sample{
		Name: "acmeMoney",
		Put: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: "src", Body: pack(name, version)}
		},
		Rest: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: "cran/4.2/" + file(name, version), Body: pack(name, version)}
		},
		Bytes:    pack,
		File:     func(name, version string) string { return "src/contrib/" + file(name, version) },
		RestFile: func(name, version string) string { return "cran/" + file(name, version) },
		Fill: func(r formattest.Request, n int) formattest.Request {
			r.Body = Source("acmeMoney", Description("acmeMoney", "1.0.0"), formattest.Entry{Name: "acmeMoney/noise", Text: formattest.Noise(n)})
			return r
		},
		Idempotent: true,
		Documents: func(name, _ string) []string {
			return []string{
				"src/contrib/PACKAGES", "bin/windows/contrib/4.2/PACKAGES", "bin/macosx/big-sur-arm64/contrib/4.2/PACKAGES",
				"web/packages/" + name + "/index.html",
			}
		},
		Packed: func(string, string) []string {
			return []string{
				"src/contrib/PACKAGES.gz", "src/contrib/PACKAGES.rds", "src/contrib/Meta/archive.rds", "src/contrib/Meta/current.rds",
				"bin/macosx/contrib/4.2/PACKAGES.gz", "bin/windows/contrib/4.2/PACKAGES.rds",
			}
		},
		Lists: func(name, version string) []string {
			return []string{"src/contrib/Archive/" + name + "/" + file(name, version)}
		},
		Bodies: func(name string) map[string][]byte {
			bad := formattest.HostileTarballs(name+"/DESCRIPTION", Description(name, "1.0.0"))
			of := func(more ...string) []byte { return Source(name, Description(name, "1.0.0", more...)) }
			for what, body := range map[string][]byte{
				"a folder of another name":             Source("other", Description(name, "1.0.0")),
				"no version":                           Source(name, "Package: "+name+"\n"),
				"a version of one number":              Source(name, Description(name, "1")),
				"a number that is no integer of R":     Source(name, Description(name, "1.4000000000")),
				"a version of words":                   Source(name, Description(name, "1.0-beta")),
				"a requirement that stops R":           of("Depends: R (>= r70000)\n"),
				"a requirement of a bare number":       of("Imports: Rcpp (>= 1)\n"),
				"another record":                       of("\nPackage: other\nVersion: 6.6.6\n"),
				"a field twice":                        of("Version: 6.6.6\n"),
				"built":                                of("Built: R 4.2.2; ; 2026-01-02 12:00:00 UTC; unix\n"),
				"an encoding that nobody knows":        of("Encoding: EBCDIC\n"),
				"bytes that are not in its encoding":   of("Author: \xff\nEncoding: UTF-8\n"),
				"a description that is no description": Source(name, "<!doctype html>\n"),
			} {
				bad[what] = body
			}
			return bad
		},
		Spellings: []string{"acmemoney", "ACMEMONEY"},
		Stored:    formattest.Stored{File: "acmeMoney_1.0.0.tar.gz", Known: func(string) map[string]string { return map[string]string{"tree": "windows/contrib/4.2"} }},
	}
}
