// Package helmtest has the sample of charts for the suites that every format
// must pass.
package helmtest

import (
	"encoding/json"
	"net/http"
	"strings"

	"ingot.dev/modules/format/formattest"
)

// Sample is a chart, sent as curl sends it to ChartMuseum.
func Sample() formattest.Sample {
	const name = "acme-money"
	manifest := func(name, version string) string {
		quoted, err := json.Marshal(name)
		formattest.Must(err)
		return "apiVersion: v2\nname: " + string(quoted) + "\nversion: " + version + "\ndescription: Amounts\n"
	}
	content := func(name, version string, more ...formattest.Entry) []byte {
		folder := strings.ReplaceAll(name, "\x00", "") + "/" // which no tar archive can say
		return formattest.Tarball(append([]formattest.Entry{
			{Name: folder + "Chart.yaml", Text: manifest(name, version)}, {Name: folder + "values.yaml", Text: "# of version " + version + "\n"},
		}, more...)...)
	}
	file := func(name, version string) string { return name + "-" + version + ".tgz" }
	return formattest.Sample{
		Name: name,
		Put: func(name, version string) formattest.Request {
			return formattest.Request{
				Method: http.MethodPost, Path: "api/charts", Body: content(name, version),
				Header: []string{"Content-Type", "application/x-www-form-urlencoded"},
			}
		},
		Rest: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: "helm/" + file(name, version), Body: content(name, version)}
		},
		Bytes:    func(name, version string) []byte { return content(name, version) },
		File:     func(name, version string) string { return "charts/" + file(name, version) },
		RestFile: func(name, version string) string { return "helm/" + name + "/" + version },
		Fill: func(r formattest.Request, n int) formattest.Request {
			r.Body = content(name, "1.0.0", formattest.Entry{Name: name + "/noise.bin", Text: formattest.Noise(n)})
			return r
		},
		Documents: func(name, _ string) []string { return []string{"index.yaml", "api/charts", "api/charts/" + name} },
		Lists: func(name, version string) []string {
			return []string{"api/charts?offset=0&limit=10", "api/charts/" + name + "/" + version, file(name, version)}
		},
		Remove: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodDelete, Path: "api/charts/" + name + "/" + version}
		},
		Bodies: func(name string) map[string][]byte {
			bad := formattest.HostileTarballs(name+"/Chart.yaml", manifest(name, "1.0.0"))
			for what, text := range map[string]string{
				"no YAML":            "name: [",
				"a list":             "- name\n",
				"no name":            "version: 1.0.0\n",
				"no version":         "name: " + name + "\n",
				"another name":       manifest("other", "1.0.0"),
				"a number":           "name: " + name + "\nversion: 1\n",
				"two documents":      manifest(name, "1.0.0") + "---\nname: other\n",
				"a key twice":        manifest(name, "1.0.0") + "name: other\n",
				"a key in two cases": manifest(name, "1.0.0") + "Name: other\n",
				"another apiVersion": "apiVersion: v9\nname: " + name + "\nversion: 1.0.0\n",
				"another type":       manifest(name, "1.0.0") + "type: malware\n",
				"deep":               manifest(name, "1.0.0") + "x: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + "\n",
				"aliases of aliases": manifest(name, "1.0.0") + bomb(),
				"long":               manifest(name, "1.0.0") + "home: " + strings.Repeat("x", 300<<10) + "\n",
			} {
				bad[what] = formattest.Tarball(formattest.Entry{Name: name + "/Chart.yaml", Text: text})
			}
			bad["a name from requirements"] = content(name, "1.0.0", formattest.Entry{Name: name + "/requirements.yaml", Text: "name: other\n"})
			return bad
		},
		Spellings: []string{"Acme-Money", "ACME-MONEY"},
		Complaint: func(contentType string, body []byte) string {
			var e struct{ Error string }
			if err := json.Unmarshal(body, &e); err != nil || contentType != "application/json" || len(e.Error) < 5 {
				return "it is no object with an error"
			}
			return ""
		},
		Stored: formattest.Stored{
			Names: []string{name}, Version: "1.0.0", File: file(name, "1.0.0"),
			Known: func(string) map[string]string { return map[string]string{"stem": name + "-1.0.0"} },
		},
	}
}

// bomb is YAML in which nine lists of nine aliases each stand for a great deal.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 lol\n")
	for i := range 9 {
		from, to := "a"+string(rune('0'+i)), "a"+string(rune('1'+i))
		b.WriteString(to + ": &" + to + " [" + strings.Repeat("*"+from+", ", 8) + "*" + from + "]\n")
	}
	return b.String()
}
