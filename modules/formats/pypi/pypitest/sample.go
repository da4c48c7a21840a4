// Package pypitest is what PyPI tells the suites of all formats.
package pypitest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"strings"

	"ingot.dev/modules/format/formattest"
)

// boundary is that of Form.
const boundary = "5ab9b9b2c6f04d4f"

func stem(name, version string) string {
	return strings.ReplaceAll(strings.ToLower(name), "-", "_") + "-" + version
}

// Wheel packs a package: what has to be in a wheel, more files, and a RECORD
// that is right.
func Wheel(name, version string, more ...formattest.Entry) []byte {
	info := stem(name, version) + ".dist-info/"
	entries := append([]formattest.Entry{
		{Name: info + "METADATA", Text: "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\nSummary: Amounts\n"},
		{Name: info + "WHEEL", Text: "Wheel-Version: 1.0\nTag: py3-none-any\n"},
	}, more...)
	var record strings.Builder
	for _, e := range entries {
		sum := sha256.Sum256([]byte(e.Text))
		fmt.Fprintf(&record, "%s,sha256=%s,%d\n", e.Name, base64.RawURLEncoding.EncodeToString(sum[:]), len(e.Text))
	}
	return formattest.Zip(append(entries, formattest.Entry{Name: info + "RECORD", Text: record.String() + info + "RECORD,,\n"})...)
}

// Form is the form that twine sends a file in, and its type.
func Form(name, version, file string, content []byte) (body []byte, contentType string) {
	kind := "sdist"
	if strings.HasSuffix(file, ".whl") {
		kind = "bdist_wheel"
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	formattest.Must(w.SetBoundary(boundary))
	for _, field := range [][2]string{{":action", "file_upload"}, {"protocol_version", "1"}, {"filetype", kind}, {"name", name}, {"version", version}} {
		formattest.Must(w.WriteField(field[0], field[1]))
	}
	part, err := w.CreateFormFile("content", file)
	formattest.Must(err)
	_, err = part.Write(content)
	formattest.Must(err)
	formattest.Must(w.Close())
	return b.Bytes(), w.FormDataContentType()
}

// Sample publishes a wheel, in the form of twine.
func Sample() formattest.Sample {
	file := func(name, version string) string { return stem(name, version) + "-py3-none-any.whl" }
	wheel := func(name, version string, more ...formattest.Entry) []byte {
		return Wheel(name, version, append([]formattest.Entry{{Name: "money.py", Text: "# of version " + version + "\n"}}, more...)...)
	}
	publish := func(name, version string, content []byte) formattest.Request {
		body, kind := Form(name, version, file(name, version), content)
		return formattest.Request{Method: http.MethodPost, Body: body, Header: []string{"Content-Type", kind}}
	}
	path := func(name, version string) string { return name + "/" + version + "/" + file(name, version) }
	return formattest.Sample{
		Name: "acme-money",
		Put: func(name, version string) formattest.Request {
			return publish(name, version, wheel(name, version))
		},
		Rest: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: "pypi/" + path(name, version), Body: wheel(name, version)}
		},
		Bytes:    func(name, version string) []byte { return wheel(name, version) },
		File:     func(name, version string) string { return "files/" + path(name, version) },
		RestFile: func(name, version string) string { return "pypi/" + path(name, version) },
		Fill: func(r formattest.Request, n int) formattest.Request {
			large := wheel("acme-money", "1.0.0", formattest.Entry{Name: "noise.bin", Text: formattest.Noise(n)})
			if bytes.HasPrefix(r.Body, []byte("--"+boundary)) {
				return publish("acme-money", "1.0.0", large)
			}
			r.Body = large
			return r
		},
		Documents: func(name, version string) []string {
			page := "simple/" + name + "/"
			return []string{
				"simple/", page, page + "?format=application/vnd.pypi.simple.v1%2Bjson",
				"files/" + path(name, version) + ".metadata",
			}
		},
		Lists: func(name, version string) []string {
			return []string{"pypi/" + name + "/json", "pypi/" + name + "/" + version + "/json"}
		},
		Bodies: func(name string) map[string][]byte {
			info := stem(name, "1.0.0") + ".dist-info/"
			bad := formattest.HostileZips(info+"METADATA", "Metadata-Version: 2.1\nName: "+name+"\nVersion: 1.0.0\n")
			bad["another version"] = wheel(name, "6.6.6")
			bad["another name"] = wheel("other", "1.0.0")
			bad["a file beside RECORD"] = formattest.Zip(
				formattest.Entry{Name: info + "METADATA", Text: "Metadata-Version: 2.1\nName: " + name + "\nVersion: 1.0.0\n"}, formattest.Entry{Name: info + "WHEEL", Text: "Wheel-Version: 1.0\n"},
				formattest.Entry{Name: info + "RECORD", Text: ""}, formattest.Entry{Name: "evil.py", Text: ""},
			)
			for what, content := range maps.Clone(bad) {
				bad[what+", in the form"] = publish(name, "1.0.0", content).Body
			}
			return bad
		},
		Idempotent: true,
		Spellings:  []string{"Acme-Money", "acme.money", "ACME__MONEY"},
		Stored:     formattest.Stored{File: "acme_money-1.0.0-py3-none-any.whl"},
	}
}
