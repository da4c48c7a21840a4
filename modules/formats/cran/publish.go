package cran

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// claim is what an uploader says of a package beside it. What is empty is not
// said.
type claim struct {
	file              string // its name
	platform, version string // of R
	kinds             []kind // what it may be; nil: anything
}

// putSource takes a source package as the body: 201, or 200 where the same
// bytes are there already.
func (c *CRAN) putSource(q *format.Request) error {
	return c.put(q, claim{file: q.Param("file"), kinds: []kind{source}})
}

// putBuilt takes a built package.
func (c *CRAN) putBuilt(q *format.Request) error {
	return c.put(q, claim{
		file: q.Param("file"), kinds: []kind{tarred, zipped},
		platform: cmp.Or(q.Param("platform"), q.Query("platform")), version: cmp.Or(q.Param("rversion"), q.Query("rversion")),
	})
}

func (c *CRAN) put(q *format.Request, said claim) error {
	body, err := q.Receive(0)
	if err != nil {
		return err
	}
	_, err = c.publish(q, format.Incoming{Body: body}, said)
	switch {
	case errors.Is(err, errSame):
		// An upload that is repeated because its answer was lost succeeds.
		return q.Empty(http.StatusOK)
	case err != nil:
		return err
	}
	return q.Empty(http.StatusCreated)
}

// Upload implements format.Uploading. The platform is asked for by the form,
// and may be in the query of the REST API.
func (c *CRAN) Upload() format.Upload {
	return format.Upload{
		Put:    []string{"{languageVersion}/{file}"},
		Get:    []string{"{file}"},
		Accept: ".tar.gz,.tgz,.zip",
		Fields: []format.Field{
			{
				Name: "languageVersion", Label: format.Text{En: "R version", Ru: "Версия R"},
				Hint: format.Text{En: "Such as 4.2. A built package says itself for which R it was built.", Ru: "Например, 4.2. Собранный пакет сам говорит, для какой версии R он собран."},
			},
			{
				Name: "platform", Label: format.Text{En: "Platform", Ru: "Платформа"},
				Hint: format.Text{En: "Of a built package for macOS: macosx, or a build of R such as big-sur-arm64.", Ru: "Собранного пакета для macOS: macosx или сборка R, например big-sur-arm64."},
			},
		},
		Receive: func(q *format.Request, in format.Incoming) (*format.Version, error) {
			return c.publish(q, in, claim{
				file: q.Param("file"), platform: cmp.Or(q.Param("platform"), q.Query("platform")), version: q.Param("languageVersion"),
			})
		},
		Locate: c.locate,
	}
}

// publish reads a package and adds it to its version.
func (c *CRAN) publish(q *format.Request, in format.Incoming, said claim) (*format.Version, error) {
	rel, err := c.release(q, in, said)
	if err != nil {
		in.Body.Discard()
		return nil, err
	}
	ref := format.FileRef{Package: rel.Package, Version: rel.Version, File: rel.Files[0].Path()}
	sum := in.Body.Digests().SHA256
	v, err := q.Reg.Publish(q.Context(), rel)
	if fault.Is(err, fault.Conflict) {
		err = taken(q.Context(), q.Reg, ref, sum, err)
	}
	return v, err
}

// errSame is the cause of a conflict with the very same bytes.
var errSame = errors.New("the same file")

// taken is the conflict of a file that is there already. Where it is not, the
// conflict is about the spelling of the name or version, and says so itself.
func taken(ctx context.Context, reg format.Reader, ref format.FileRef, sha256 string, conflict error) error {
	f, err := reg.File(ctx, ref)
	switch {
	case fault.Is(err, fault.NotFound):
		return conflict
	case err != nil:
		return err
	case f.Digests.SHA256 == sha256:
		return fault.Wrap(fault.Conflict, errSame, "%s %s already exists, with identical content", ref.Package, ref.Version)
	}
	return fault.New(fault.Conflict, "%s %s already exists, with other content. What is published is never replaced: give the package a new version", ref.Package, ref.Version)
}

// release is what a package makes of itself.
func (c *CRAN) release(q *format.Request, in format.Incoming, said claim) (format.Release, error) {
	var none format.Release
	p, err := readPackage(q.Context(), in.Body, in.Body.Size())
	if err != nil {
		return none, err
	}
	t, err := said.check(p)
	if err != nil {
		return none, err
	}
	d := p.description
	rel := format.Release{Package: d["Package"], Version: d["Version"], Existing: format.Add}
	record, err := json.Marshal(d.only(columns...))
	if err != nil {
		return none, err
	}
	rel.Files = []format.NewFile{{Name: p.fileName(), Folder: t.String(), MediaType: p.mediaType(), Metadata: record, Body: in.Body}}
	if p.kind != source {
		switch _, err := q.Reg.Version(q.Context(), rel.Package, rel.Version); {
		case err == nil:
			return rel, nil // it only joins the others
		case !fault.Is(err, fault.NotFound):
			return none, err
		}
	}
	rel.Language = cmp.Or(p.built.r, said.version)
	rel.Description, rel.Readme = d["Title"], p.readme
	rel.Metadata, err = json.Marshal(d.only(slices.Concat(columns, told)...))
	return rel, err
}

// check compares what was said with what the package says, and gives the tree
// that it belongs into.
func (c *claim) check(p *pack) (tree, error) {
	if c.kinds != nil && !slices.Contains(c.kinds, p.kind) {
		if p.kind == source {
			return tree{}, fault.New(fault.Invalid, "this is a source package: upload it below src")
		}
		return tree{}, fault.New(fault.Invalid, "this package was built for R %s: upload it below bin, or send the .tar.gz of R CMD build", p.built.r)
	}
	if c.file != "" && c.file != p.fileName() {
		return tree{}, fault.New(fault.Invalid, "the package is %s %s, so that its file has to be called %s, not %.220q", p.description["Package"], p.description["Version"], p.fileName(), c.file).At("file")
	}
	if c.version != "" && minor(c.version) == "" {
		return tree{}, fault.New(fault.Invalid, "the R version %.20q is none: give it like 4.2", c.version).At("languageVersion")
	}
	if p.kind == source {
		return tree{}, nil
	}
	if c.version != "" && minor(c.version) != p.built.r {
		return tree{}, fault.New(fault.Invalid, "the package was built for R %s, not for R %.20s", p.built.r, c.version).At("languageVersion")
	}
	platform := map[kind]string{tarred: macOS, zipped: windows}[p.kind]
	t, err := newTree(cmp.Or(c.platform, platform), p.built.r)
	switch {
	case err != nil:
		return t, err
	case t.kind() != p.kind:
		return t, fault.New(fault.Invalid, "the platform is %.60q, and the package was built for %s", c.platform, map[kind]string{tarred: "macOS", zipped: "Windows"}[p.kind]).At("platform")
	case !t.runs(p.built.platform):
		return t, fault.New(fault.Invalid, "the package was built for %.60s, which does not run with R of %s", p.built.platform, t.flavour).At("platform")
	}
	return t, nil
}

func (p *pack) mediaType() string {
	if p.kind == zipped {
		return "application/zip"
	}
	return "application/gzip"
}
