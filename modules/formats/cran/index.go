package cran

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"iter"
	"path"
	"slices"

	"ingot.dev/modules/format"
	"ingot.dev/modules/formats/cran/rds"
)

// Kinds of the documents. The packed ones alone are served of those in R's
// serialisation.
const (
	indexKind  = "packages"
	matrixKind = "packages.rds"
	olderKind  = "archive.rds"
	newestKind = "current.rds"
	pageKind   = "page"

	gzipped = ".gz" // behind the kind of what is packed
)

// Documents implements format.Indexed. The key of an index is the folder of
// its tree.
func (c *CRAN) Documents() []format.Document {
	const binary = "application/octet-stream"
	docs := []format.Document{
		{Kind: indexKind, ContentType: "text/plain; charset=utf-8", Build: buildIndex},
		{Kind: matrixKind, ContentType: binary, Build: buildMatrix},
		{Kind: olderKind, ContentType: binary, Build: buildOlder},
		{Kind: newestKind, ContentType: binary, Build: buildNewest},
	}
	for i, d := range docs {
		docs[i].Whole = true
		packed := format.Document{Kind: d.Kind + gzipped, ContentType: d.ContentType, Packed: format.Packed{Of: d.Kind, As: "gzip"}}
		if d.Kind == indexKind {
			packed.ContentType = "application/gzip"
		}
		docs = append(docs, packed)
	}
	return append(docs, format.Document{Kind: pageKind, ContentType: "text/html; charset=utf-8", Build: buildPage})
}

// whole answers with a document about the sources.
func whole(kind string) func(*format.Request) error {
	return func(q *format.Request) error { return q.Document(kind, "") }
}

// ofTree answers with an index of a tree. An empty one is as good as any: R
// asks for it, and would warn.
func ofTree(kind string) func(*format.Request) error {
	return func(q *format.Request) error {
		t, ok := parseTree("bin/" + q.Param("tree"))
		if !ok {
			return noTree(q)
		}
		return q.Document(kind, t.String())
	}
}

// record is what an index tells of a file: a row, by columns.
type record description

// platform gives that for which a package was built, empty where it has no
// compiled code.
func (r record) platform() string {
	b, _ := parseBuilt(r["Built"])
	return b.platform
}

// header gives the columns of an index.
func (t tree) header() []string {
	without := "Built"
	if t.system != "" {
		without = "NeedsCompilation"
	}
	return slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return c == without })
}

// newest goes through the packages of a tree, each by the newest version that
// it has there, as tools::write_PACKAGES does. It asks one question.
func (t tree) newest(ctx context.Context, reg format.Reader) iter.Seq2[record, error] {
	filter := format.Filter{}
	if t.system != "" {
		filter.Files = path.Join("bin", t.system) + "/"
	}
	return func(yield func(record, error) bool) {
		for versions, err := range reg.Each(ctx, filter) {
			if err != nil {
				yield(nil, err)
				return
			}
			r, err := t.first(versions)
			if (r != nil || err != nil) && !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// first gives the row of the first version that is in the tree; nil where none
// is.
func (t tree) first(versions []*format.Version) (record, error) {
	for _, v := range versions {
		var common record
		for _, f := range v.Files {
			of, ok := treeOf(f)
			if !ok || of != t && of != t.common() {
				continue
			}
			r, err := rowOf(f)
			switch {
			case err != nil:
				return nil, err
			case of == t:
				return r, nil
			case t.runs(r.platform()):
				common = r
			}
		}
		if common != nil {
			return common, nil
		}
	}
	return nil, nil
}

func rowOf(f *format.File) (record, error) {
	r := record{}
	if err := json.Unmarshal(f.Metadata, &r); err != nil {
		return nil, err
	}
	r[md5Column], r[sha256Column] = f.Digests.MD5, f.Digests.SHA256
	return r, nil
}

// buildIndex writes PACKAGES. Each field is one line: the values have no line
// breaks.
func buildIndex(ctx context.Context, b format.Build, w io.Writer) error {
	t, _ := parseTree(b.Key)
	header := t.header()
	out := bufio.NewWriter(w)
	between := ""
	for r, err := range t.newest(ctx, b.Reg) {
		if err != nil {
			return err
		}
		_, _ = out.WriteString(between) // Flush gives the error
		between = "\n"
		for _, column := range header {
			if r[column] != "" {
				_, _ = out.WriteString(column + ": " + r[column] + "\n")
			}
		}
	}
	return out.Flush()
}

// buildMatrix writes PACKAGES.rds: what read.dcf makes of PACKAGES, with names
// of the rows. A matrix is written column by column, so that all rows have to
// be there.
func buildMatrix(ctx context.Context, b format.Build, w io.Writer) error {
	t, _ := parseTree(b.Key)
	m := rds.Matrix{Columns: t.header()}
	var rows []record
	m.At = func(row, column int) (string, bool) {
		v := rows[row][m.Columns[column]]
		return v, v != ""
	}
	for r, err := range t.newest(ctx, b.Reg) {
		if err != nil {
			return err
		}
		rows, m.Rows = append(rows, r), append(m.Rows, r["Package"])
	}
	return rds.Write(w, m)
}
