package helm

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// Kinds of documents.
const (
	indexKind    = "index"    // index.yaml
	listKind     = "charts"   // all charts, as ChartMuseum lists them
	versionsKind = "versions" // those of one chart
)

// Documents implements format.Indexed.
func (*Helm) Documents() []format.Document {
	const jsonType = "application/json"
	return []format.Document{
		{Kind: indexKind, ContentType: "text/yaml; charset=utf-8", Whole: true, Build: buildIndex},
		{Kind: listKind, ContentType: jsonType, Whole: true, Build: func(ctx context.Context, b format.Build, w io.Writer) error {
			out := bufio.NewWriter(w)
			if _, err := writeEntries(ctx, b.Reg, format.Filter{}, out); err != nil {
				return err
			}
			return out.Flush()
		}},
		{Kind: versionsKind, ContentType: jsonType, Build: buildVersions},
	}
}

func (*Helm) index(q *format.Request) error { return q.Document(indexKind, "") }

func (*Helm) versions(q *format.Request) error {
	name, err := CanonicalName(q.Param("package"))
	if err != nil {
		return fault.New(fault.NotFound, "there is no chart %.300q here", q.Param("package"))
	}
	return q.Document(versionsKind, name)
}

// buildIndex writes the index of a registry ("The Chart Repository Guide"). It
// depends on what is in the registry alone, its time too: that of the newest
// version.
func buildIndex(ctx context.Context, b format.Build, w io.Writer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	write(out, `{"apiVersion":"v1","entries":`)
	newest, err := writeEntries(ctx, b.Reg, format.Filter{}, out)
	if err != nil {
		return err
	}
	if !newest.IsZero() {
		write(out, `,"generated":"`, stamp(newest), `"`)
	}
	write(out, "}\n")
	return out.Flush()
}

// writeEntries writes an object of charts, each with the list of its versions,
// and gives the time of the newest.
func writeEntries(ctx context.Context, reg format.Reader, f format.Filter, out *bufio.Writer) (newest time.Time, err error) {
	separator := "{"
	for versions, err := range reg.Each(ctx, f) {
		if err != nil {
			return newest, err
		}
		name, err := json.Marshal(versions[0].Package)
		if err != nil {
			return newest, err
		}
		write(out, separator, "\n", string(name), ":")
		separator = ","
		if err := writeVersions(out, versions); err != nil {
			return newest, err
		}
		for _, v := range versions {
			if v.Created.After(newest) {
				newest = v.Created
			}
		}
	}
	if separator == "{" {
		write(out, "{")
	}
	write(out, "}")
	return newest, nil
}

// buildVersions writes the versions of one chart, as ChartMuseum lists them.
func buildVersions(ctx context.Context, b format.Build, w io.Writer) error {
	versions, err := b.Reg.Versions(ctx, b.Key)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if err := writeVersions(out, versions); err != nil {
		return err
	}
	return out.Flush()
}

func writeVersions(out *bufio.Writer, versions []*format.Version) error {
	separator := "["
	for _, v := range versions {
		e, err := entry(v)
		if err != nil {
			return err
		}
		if e != nil {
			write(out, separator, "\n")
			_, _ = out.Write(e) // Flush gives the error
			separator = ","
		}
	}
	if separator == "[" {
		write(out, "[")
	}
	write(out, "]")
	return nil
}

// entry is a version in a list: where and when its chart is, with its digest in
// bare hex, and then what is kept of its Chart.yaml. nil where there is no chart.
func entry(v *format.Version) ([]byte, error) {
	f := archiveOf(v)
	if f == nil {
		return nil, nil
	}
	if len(v.Metadata) < 2 || v.Metadata[0] != '{' {
		return nil, fmt.Errorf("the record of %s %s is no object", v.Package, v.Name)
	}
	address, err := json.Marshal("charts/" + f.Name)
	if err != nil {
		return nil, err
	}
	e := fmt.Appendf(nil, `{"urls":[%s],"created":"%s","digest":"%s"`, address, stamp(v.Created), f.Digests.SHA256)
	if rest := v.Metadata[1:]; string(rest) != "}" {
		e = append(e, ',')
		return append(e, rest...), nil
	}
	return append(e, '}'), nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func write(out *bufio.Writer, texts ...string) {
	for _, t := range texts {
		_, _ = out.WriteString(t) // Flush gives the error
	}
}

// maxPage is how many charts a page of the list has at most.
const maxPage = 100

// list answers with all charts, or with a page of them (ChartMuseum, "API").
func (*Helm) list(q *format.Request) error {
	if q.Query("offset") == "" && q.Query("limit") == "" {
		return q.Document(listKind, "")
	}
	offset, err := number(q, "offset", 0)
	if err != nil {
		return err
	}
	limit, err := number(q, "limit", maxPage)
	if err != nil {
		return err
	}
	names, err := q.Reg.Names(q.Context())
	if err != nil {
		return err
	}
	from := min(offset, len(names))
	page := names[from:min(from+min(limit, maxPage), len(names))]
	if len(page) == 0 {
		return q.JSON(http.StatusOK, struct{}{})
	}
	var b bytes.Buffer
	out := bufio.NewWriter(&b)
	if _, err := writeEntries(q.Context(), q.Reg, format.Filter{Packages: page}, out); err != nil {
		return err
	}
	_ = out.Flush() // to memory
	return q.Bytes(http.StatusOK, "application/json", b.Bytes())
}

func number(q *format.Request, name string, otherwise int) (int, error) {
	text := q.Query(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Invalid, "the %s %.20q is no number of charts", name, text).At(name)
	}
	return n, nil
}

// version answers with one version, as ChartMuseum describes it.
func (*Helm) version(q *format.Request) error {
	v, err := q.Reg.Version(q.Context(), q.Param("package"), q.Param("version"))
	if err != nil {
		return err
	}
	e, err := entry(v)
	if err != nil {
		return err
	}
	if e == nil {
		return fault.New(fault.NotFound, "%s %s has no chart any more", v.Package, v.Name)
	}
	return q.Bytes(http.StatusOK, "application/json", e)
}
