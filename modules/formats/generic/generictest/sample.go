// Package generictest is what the generic format tells the suites of all formats.
package generictest

import (
	"fmt"
	"net/http"
	"net/url"

	"ingot.dev/modules/format/formattest"
)

// Sample publishes any bytes.
func Sample() formattest.Sample {
	content := func(name, version string) []byte { return fmt.Appendf(nil, "%s of version %s\n", name, version) }
	path := func(name, version string) string {
		return url.PathEscape(name) + "/" + url.PathEscape(version) + "/tool.bin"
	}
	return formattest.Sample{
		Name: "Tool",
		Put: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: path(name, version), Body: content(name, version)}
		},
		Rest: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: "generic/" + path(name, version), Body: content(name, version)}
		},
		Bytes:    content,
		File:     path,
		RestFile: func(name, version string) string { return "generic/" + path(name, version) },
		Fill: func(r formattest.Request, n int) formattest.Request {
			r.Body = append(r.Body, make([]byte, n)...)
			return r
		},
		Lists: func(name, _ string) []string {
			return []string{name, name + "/latest/tool.bin"}
		},
		Remove: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodDelete, Path: name + "/" + version, Body: nil}
		},
		Spellings: []string{"tool", "TOOL"},
		Stored:    formattest.Stored{File: "tool.bin"},
	}
}
