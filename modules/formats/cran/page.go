package cran

import (
	"bufio"
	"context"
	"encoding/json"
	"html"
	"io"
	"slices"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// page answers with the page that CRAN has of a package.
func (c *CRAN) page(q *format.Request) error {
	name, err := CanonicalName(q.Param("package"))
	if err != nil {
		return absent(q.Param("package"))
	}
	return q.Document(pageKind, name)
}

// buildPage writes the page of a package: what its newest version says of
// itself, and all of its files. Addresses are relative to the page, so that
// they hold by whatever way the reader came.
func buildPage(ctx context.Context, b format.Build, w io.Writer) error {
	versions, err := b.Reg.Versions(ctx, b.Key)
	if err != nil {
		return err
	}
	if len(versions) == 0 {
		return fault.New(fault.NotFound, "there is no package %q here", b.Key)
	}
	d := description{}
	if err := json.Unmarshal(versions[0].Metadata, &d); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	put := func(texts ...string) {
		for _, t := range texts {
			_, _ = out.WriteString(t) // Flush gives the error
		}
	}
	name := html.EscapeString(versions[0].Package)
	put("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>", name, "</title>\n</head>\n<body>\n")
	put("<h2>", name, ": ", html.EscapeString(d["Title"]), "</h2>\n<table>\n")
	row := func(label, value string) {
		if value != "" {
			put("<tr><td>", label, ":</td><td>", html.EscapeString(value), "</td></tr>\n")
		}
	}
	row("Version", versions[0].Name)
	for _, field := range slices.Concat(requiring, []string{"License", "Maintainer", "URL", "BugReports", "NeedsCompilation", "SystemRequirements"}) {
		row(field, d[field])
	}
	put("</table>\n<h4>Downloads:</h4>\n<ul>\n")
	for _, v := range versions {
		for _, f := range v.Files {
			path := f.Name
			if !strings.Contains(path, "/") {
				path = sources + "/" + path
			}
			path = html.EscapeString(path)
			put("<li><a href=\"../../../", path, "\">", path, "</a></li>\n")
		}
	}
	put("</ul>\n</body>\n</html>\n")
	return out.Flush()
}
