package contract

import (
	"fmt"
	"net/http"
	"net/url"
)

// generic: any bytes are a package.
func generic() sample {
	content := func(name, version string) []byte { return fmt.Appendf(nil, "%s of version %s\n", name, version) }
	path := func(name, version string) string {
		return url.PathEscape(name) + "/" + url.PathEscape(version) + "/tool.bin"
	}
	return sample{
		name: "Tool",
		put: func(name, version string) request {
			return request{method: http.MethodPut, path: path(name, version), body: content(name, version)}
		},
		rest: func(name, version string) request {
			return request{method: http.MethodPut, path: "generic/" + path(name, version), body: content(name, version)}
		},
		bytes:    content,
		file:     path,
		restFile: func(name, version string) string { return "generic/" + path(name, version) },
		fill: func(r request, n int) request {
			r.body = append(r.body, make([]byte, n)...)
			return r
		},
		documents: func(string, string) []string { return nil },
		lists: func(name, _ string) []string {
			return []string{name, name + "/latest/tool.bin"}
		},
		remove: func(name, version string) request {
			return request{method: http.MethodDelete, path: name + "/" + version, body: nil}
		},
		spellings: []string{"tool", "TOOL"},
	}
}
