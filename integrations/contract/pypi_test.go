package contract

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
)

// pypi: a wheel, sent in the form of twine.
func pypi() sample {
	const boundary = "5ab9b9b2c6f04d4f"
	stem := func(name, version string) string {
		return strings.ReplaceAll(strings.ToLower(name), "-", "_") + "-" + version
	}
	file := func(name, version string) string { return stem(name, version) + "-py3-none-any.whl" }
	wheel := func(name, version string, more ...entry) []byte {
		info := stem(name, version) + ".dist-info/"
		entries := append([]entry{
			{"money.py", "# of version " + version + "\n"},
			{info + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\nSummary: Amounts\n"},
			{info + "WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n"},
		}, more...)
		var record strings.Builder
		for _, e := range entries {
			sum := sha256.Sum256([]byte(e.text))
			fmt.Fprintf(&record, "%s,sha256=%s,%d\n", e.name, base64.RawURLEncoding.EncodeToString(sum[:]), len(e.text))
		}
		return zipped(append(entries, entry{info + "RECORD", record.String() + info + "RECORD,,\n"})...)
	}
	form := func(name, version string, content []byte) []byte {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		must(w.SetBoundary(boundary))
		for _, field := range [][2]string{{":action", "file_upload"}, {"protocol_version", "1"}, {"filetype", "bdist_wheel"}, {"name", name}, {"version", version}} {
			must(w.WriteField(field[0], field[1]))
		}
		part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {
			fmt.Sprintf(`form-data; name="content"; filename=%q`, file(name, version)),
		}})
		must(err)
		_, err = part.Write(content)
		must(err)
		must(w.Close())
		return b.Bytes()
	}
	path := func(name, version string) string { return name + "/" + version + "/" + file(name, version) }
	return sample{
		name: "acme-money",
		put: func(name, version string) request {
			return request{
				method: http.MethodPost, body: form(name, version, wheel(name, version)),
				header: []string{"Content-Type", "multipart/form-data; boundary=" + boundary},
			}
		},
		rest: func(name, version string) request {
			return request{method: http.MethodPut, path: "pypi/" + path(name, version), body: wheel(name, version)}
		},
		bytes:    func(name, version string) []byte { return wheel(name, version) },
		file:     func(name, version string) string { return "files/" + path(name, version) },
		restFile: func(name, version string) string { return "pypi/" + path(name, version) },
		fill: func(r request, n int) request {
			large := wheel("acme-money", "1.0.0", entry{"noise.bin", noise(n)})
			if bytes.HasPrefix(r.body, []byte("--"+boundary)) {
				large = form("acme-money", "1.0.0", large)
			}
			r.body = large
			return r
		},
		documents: func(name, version string) []string {
			page := "simple/" + name + "/"
			return []string{
				"simple/", page, page + "?format=application/vnd.pypi.simple.v1%2Bjson",
				"files/" + path(name, version) + ".metadata",
			}
		},
		lists: func(name, version string) []string {
			return []string{"pypi/" + name + "/json", "pypi/" + name + "/" + version + "/json"}
		},
		bodies: func(name string) map[string][]byte {
			info := stem(name, "1.0.0") + ".dist-info/"
			bad := archives(info+"METADATA", "Metadata-Version: 2.1\nName: "+name+"\nVersion: 1.0.0\n")
			bad["another version"] = wheel(name, "6.6.6")
			bad["another name"] = wheel("other", "1.0.0")
			bad["a file beside RECORD"] = zipped(
				entry{info + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: 1.0.0\n"}, entry{info + "WHEEL", "Wheel-Version: 1.0\n"},
				entry{info + "RECORD", ""}, entry{"evil.py", ""},
			)
			for what, content := range bad {
				bad[what+", in the form"] = form(name, "1.0.0", content)
			}
			return bad
		},
		idempotent: true,
		spellings:  []string{"Acme-Money", "acme.money", "ACME__MONEY"},
	}
}
