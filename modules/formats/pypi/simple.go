package pypi

import (
	"bufio"
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// apiVersion is that of the simple repository API.
const apiVersion = "1.4"

// timeForm is that of upload times: microseconds of UTC.
const timeForm = "2006-01-02T15:04:05.000000Z"

// Kinds of the documents of the simple index, by form.
var (
	indexKinds   = [forms]string{"simple.json", "simple.html", "simple.text"}
	projectKinds = [forms]string{"project.json", "project.html", "project.text"}
)

// Documents implements format.Indexed.
func (p *PyPI) Documents() []format.Document {
	docs := []format.Document{
		{Kind: coreKind, ContentType: "text/plain; charset=utf-8", Package: projectOf, Build: buildMetadata},
		{Kind: provenanceKind, ContentType: "application/vnd.pypi.integrity.v1+json", Package: projectOf, Build: buildProvenance},
	}
	for f := range forms {
		index, page := writeIndexHTML, writeProjectHTML
		if f == jsonForm {
			index, page = writeIndexJSON, writeProjectJSON
		}
		docs = append(docs,
			format.Document{
				Kind: indexKinds[f], ContentType: mediaTypes[f], Whole: true, Vary: "Accept",
				Build: func(ctx context.Context, b format.Build, w io.Writer) error {
					names, err := b.Reg.Names(ctx)
					if err != nil {
						return err
					}
					return index(w, names)
				},
			},
			format.Document{
				Kind: projectKinds[f], ContentType: mediaTypes[f], Vary: "Accept",
				Build: func(ctx context.Context, b format.Build, w io.Writer) error {
					l, err := listing(ctx, b)
					if err != nil {
						return err
					}
					return page(w, l)
				},
			},
		)
	}
	return docs
}

// index answers with the list of projects.
func (p *PyPI) index(q *format.Request) error {
	if !strings.HasSuffix(q.R.URL.Path, "/") {
		return redirect(q, http.StatusMovedPermanently, "simple/"+query(q))
	}
	f, err := asked(q)
	if err != nil {
		return err
	}
	return q.Document(indexKinds[f], "")
}

// project answers with the files of a project. There is one address for it.
func (p *PyPI) project(q *format.Request) error {
	name := q.Param("package")
	canon, err := CanonicalName(name)
	if err != nil {
		return fault.New(fault.NotFound, "there is no project %.220q: no name is of that form", name)
	}
	switch slash := strings.HasSuffix(q.R.URL.Path, "/"); {
	case !slash:
		return redirect(q, http.StatusMovedPermanently, canon+"/"+query(q))
	case name != canon:
		return redirect(q, http.StatusMovedPermanently, "../"+canon+"/"+query(q))
	}
	f, err := asked(q)
	if err != nil {
		return err
	}
	err = q.Document(projectKinds[f], canon)
	if fault.Is(err, fault.NotFound) {
		return p.elsewhere(q, canon, err)
	}
	return err
}

// asked gives the form that a client wants: by the parameter format, where it
// has one, else by Accept.
func asked(q *format.Request) (form, error) {
	name := q.Query("format")
	if name == "" {
		return negotiate(strings.Join(q.R.Header.Values("Accept"), ",")), nil
	}
	// In a query a plus that nobody escaped stands for a blank.
	f, ok := formOf(strings.ReplaceAll(name, " ", "+"))
	if !ok || strings.Contains(name, "*") {
		return 0, fault.New(fault.Invalid, "the format %.100q is not known here; there are %s and %s", name, mediaTypes[jsonForm], mediaTypes[htmlForm]).At("format")
	}
	return f, nil
}

func query(q *format.Request) string {
	if q.R.URL.RawQuery == "" {
		return ""
	}
	return "?" + q.R.URL.RawQuery
}

// list is what an index tells of a project.
type list struct {
	Meta struct {
		Version string `json:"api-version"`
	} `json:"meta"`
	Name     string   `json:"name"` // normalised
	Status   status   `json:"project-status"`
	Versions []string `json:"versions"`
	Files    []listed `json:"files"`
}

// listed is what an index tells of a file.
//
// dist-info-metadata, the older name of core-metadata, is left out: pip 22.3 to
// 23.0 know it and break on a digest there (PEP 714).
type listed struct {
	Filename       string `json:"filename"`
	URL            string `json:"url"`
	Hashes         sums   `json:"hashes"`
	RequiresPython string `json:"requires-python,omitempty"`
	Metadata       any    `json:"core-metadata"` // sums or false
	Yanked         any    `json:"yanked"`        // a reason, true or false
	Size           int64  `json:"size"`
	UploadTime     string `json:"upload-time"`
	Provenance     any    `json:"provenance"` // an address or null
}

type sums struct {
	SHA256 string `json:"sha256"`
}

// listing gathers a project's files, the newest version first.
//
// Addresses of files are relative to the page: so they lead to the host, the
// scheme and the prefix by which the client came, and its credentials hold.
// Only that of a provenance has to be absolute (PEP 740).
func listing(ctx context.Context, b format.Build) (*list, error) {
	pkg, err := b.Reg.Package(ctx, b.Key)
	if err != nil {
		return nil, err
	}
	versions, err := b.Reg.Versions(ctx, b.Key)
	if err != nil {
		return nil, err
	}
	l := &list{Name: b.Key, Status: statusOf(pkg), Versions: []string{}, Files: []listed{}}
	l.Meta.Version = apiVersion
	for _, v := range versions {
		l.Versions = append(l.Versions, v.Name)
		if l.Status.Status == quarantined {
			continue
		}
		for _, f := range v.Files {
			r, err := factsOf(f)
			if err != nil {
				return nil, err
			}
			path := b.Key + "/" + url.PathEscape(v.Name) + "/" + url.PathEscape(f.Name)
			e := listed{
				Filename: f.Name, URL: "../../files/" + path, Hashes: sums{f.Digests.SHA256}, RequiresPython: r.RequiresPython,
				Metadata: false, Yanked: v.Yanked, Size: f.Size, UploadTime: f.Created.UTC().Format(timeForm),
			}
			if r.Metadata != nil {
				e.Metadata = sums{r.Metadata.SHA256}
			}
			if v.Yanked && v.YankReason != "" {
				e.Yanked = v.YankReason
			}
			if len(r.Attestations) > 0 {
				e.Provenance = b.Base + "/integrity/" + path + "/provenance"
			}
			l.Files = append(l.Files, e)
		}
	}
	return l, nil
}

func writeIndexJSON(w io.Writer, names []string) error {
	type project struct {
		Name string `json:"name"`
	}
	var index struct {
		Meta struct {
			Version string `json:"api-version"`
		} `json:"meta"`
		Projects []project `json:"projects"`
	}
	index.Meta.Version = apiVersion
	index.Projects = make([]project, len(names))
	for i, n := range names {
		index.Projects[i].Name = n
	}
	return encode(w, index)
}

func writeProjectJSON(w io.Writer, l *list) error { return encode(w, l) }

func encode(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(v)
}

const htmlHead = "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"pypi:repository-version\" content=\"" + apiVersion + "\">\n"

func writeIndexHTML(w io.Writer, names []string) error {
	out := bufio.NewWriter(w)
	put := func(texts ...string) {
		for _, t := range texts {
			_, _ = out.WriteString(t) // Flush gives the error
		}
	}
	put(htmlHead, "<title>Simple index</title>\n</head>\n<body>\n")
	for _, n := range names {
		canon, err := CanonicalName(n)
		if err != nil {
			return err
		}
		put(`<a href="`, canon, `/">`, html.EscapeString(n), "</a><br>\n")
	}
	put("</body>\n</html>\n")
	return out.Flush()
}

// writeProjectHTML writes a project's page. Its form is frozen: what came after
// version 1.4 is told in JSON only (PEP 833).
func writeProjectHTML(w io.Writer, l *list) error {
	out := bufio.NewWriter(w)
	put := func(texts ...string) {
		for _, t := range texts {
			_, _ = out.WriteString(t) // Flush gives the error
		}
	}
	attribute := func(name, value string) { put(" ", name, `="`, html.EscapeString(value), `"`) }
	meta := func(name, content string) {
		put("<meta")
		attribute("name", name)
		attribute("content", content)
		put(">\n")
	}
	put(htmlHead)
	if l.Status.Status != active {
		meta("pypi:project-status", l.Status.Status)
		if l.Status.Reason != "" {
			meta("pypi:project-status-reason", l.Status.Reason)
		}
	}
	put("<title>Links for ", l.Name, "</title>\n</head>\n<body>\n<h1>Links for ", l.Name, "</h1>\n")
	for _, f := range l.Files {
		put("<a")
		attribute("href", f.URL+"#sha256="+f.Hashes.SHA256)
		if f.RequiresPython != "" {
			attribute("data-requires-python", f.RequiresPython)
		}
		if core, ok := f.Metadata.(sums); ok {
			attribute("data-core-metadata", "sha256="+core.SHA256)
			attribute("data-dist-info-metadata", "sha256="+core.SHA256) // its older name
		}
		switch yanked := f.Yanked.(type) {
		case string:
			attribute("data-yanked", yanked)
		case bool:
			if yanked {
				attribute("data-yanked", "")
			}
		}
		if address, ok := f.Provenance.(string); ok {
			attribute("data-provenance", address)
		}
		put(">", html.EscapeString(f.Filename), "</a><br>\n")
	}
	put("</body>\n</html>\n")
	return out.Flush()
}
