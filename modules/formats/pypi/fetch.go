package pypi

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// Kinds of the documents of one file.
const (
	coreKind       = "metadata"
	provenanceKind = "provenance"
)

func (p *PyPI) file(q *format.Request) error {
	f, err := p.locate(q)
	if err != nil {
		return err
	}
	return q.File(f)
}

// locate finds a file that may be downloaded.
func (p *PyPI) locate(q *format.Request) (*format.File, error) {
	f, err := q.Reg.File(q.Context(), format.FileRef{Package: q.Param("package"), Version: q.Param("version"), File: q.Param("file")})
	if err != nil {
		return nil, err
	}
	pkg, err := q.Reg.Package(q.Context(), f.Package)
	if err != nil {
		return nil, err
	}
	if err := withheld(pkg); err != nil {
		return nil, err
	}
	return f, nil
}

// withheld refuses what is in quarantine.
func withheld(pkg *format.Package) error {
	s := statusOf(pkg)
	switch {
	case s.Status != quarantined:
		return nil
	case s.Reason != "":
		return fault.New(fault.Denied, "%s is in quarantine and is not given out: %s", pkg.Name, s.Reason)
	}
	return fault.New(fault.Denied, "%s is in quarantine and is not given out", pkg.Name)
}

func (p *PyPI) metadata(q *format.Request) error { return p.beside(q, coreKind) }

func (p *PyPI) provenance(q *format.Request) error { return p.beside(q, provenanceKind) }

// beside answers with a document of one file. All spellings of its address
// lead to the same one.
func (p *PyPI) beside(q *format.Request, kind string) error {
	name, version, file := q.Param("package"), q.Param("version"), q.Param("file")
	canon, err := CanonicalName(name)
	v, wrong := ParseVersion(version)
	if err != nil || wrong != nil {
		return fault.New(fault.NotFound, "there is no file %.220q of %.220q %.140q here", file, name, version)
	}
	return q.Document(kind, canon+"/"+v.Canonical()+"/"+file)
}

// projectOf gives the name in the key of a document of one file.
func projectOf(key string) string {
	name, _, _ := strings.Cut(key, "/")
	return name
}

// find gives the file that a document's key means, and what is kept about it.
func find(ctx context.Context, b format.Build) (*format.File, facts, error) {
	name, rest, _ := strings.Cut(b.Key, "/")
	version, file, _ := strings.Cut(rest, "/")
	f, err := b.Reg.File(ctx, format.FileRef{Package: name, Version: version, File: file})
	if err != nil {
		return nil, facts{}, err
	}
	pkg, err := b.Reg.Package(ctx, name)
	if err == nil {
		err = withheld(pkg)
	}
	if err != nil {
		return nil, facts{}, err
	}
	r, err := factsOf(f)
	return f, r, err
}

// buildMetadata writes the core metadata of a file as it stands there
// (PEP 658): with it, installers resolve without the file.
func buildMetadata(ctx context.Context, b format.Build, w io.Writer) error {
	f, r, err := find(ctx, b)
	if err != nil {
		return err
	}
	if r.Metadata == nil {
		return fault.New(fault.NotFound, "%s has no metadata that holds for what is built of it", f.Name)
	}
	body, err := b.Reg.Open(ctx, f)
	if err != nil {
		return err
	}
	defer body.Close()
	text, err := extract(body, r.Metadata.Path, strings.HasSuffix(f.Name, ".tar.gz"))
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != r.Metadata.SHA256 {
		return fmt.Errorf("%s in %s has changed since it was published", r.Metadata.Path, f.Name)
	}
	_, err = w.Write(text)
	return err
}

var errFound = errors.New("found")

// extract reads one file of an archive, all of which was checked when it was
// published.
func extract(r blob.Reader, path string, tarred bool) (text []byte, err error) {
	if tarred {
		err := archive.ReadTarGz(r, limits(), func(e archive.TarEntry) (err error) {
			if e.Name != path {
				return nil
			}
			if text, err = e.ReadAll(maxMetadata); err == nil {
				err = errFound
			}
			return err
		})
		if !errors.Is(err, errFound) {
			return nil, errors.Join(fmt.Errorf("there is no %s", path), err)
		}
		return text, nil
	}
	z, err := zip.NewReader(r, r.Size())
	if err != nil {
		return nil, err
	}
	f, err := z.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxMetadata))
}

// buildProvenance writes what was attested about a file (PEP 740).
func buildProvenance(ctx context.Context, b format.Build, w io.Writer) error {
	f, r, err := find(ctx, b)
	if err != nil {
		return err
	}
	if len(r.Attestations) == 0 {
		return fault.New(fault.NotFound, "nothing is attested about %s", f.Name)
	}
	text, err := provenance(r.Attestations)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
