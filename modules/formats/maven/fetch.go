package maven

import (
	"net/http"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// fetch answers whatever a client reads.
func (m Maven) fetch(q *format.Request) error {
	p, err := ParsePath(q.Param("path"))
	if err != nil {
		return fault.Wrap(fault.NotFound, err, "there is no %q in this repository", q.Param("path"))
	}
	switch p.Kind {
	case Catalog:
		return q.Document(kind(catalogKind, p.Sum), "")
	case Snapshot:
		return q.Document(kind(snapshotKind, p.Sum), p.Package()+":"+p.Version)
	case Metadata:
		return index(q, p)
	}
	f, err := locate(q, p)
	if err != nil {
		return err
	}
	if p.Sum != "" {
		return q.Text(http.StatusOK, sumOf(f.Digests, p.Sum))
	}
	h := q.W.Header()
	for _, sum := range checksums { // so that clients need not ask for them ("Expected Checksums")
		h.Set("X-Checksum-"+sum, sumOf(f.Digests, sum))
	}
	return q.File(f)
}

// index answers with the index of the artifact at a path, or with that of the
// group of plugins there.
func index(q *format.Request, p Path) error {
	if p.Artifact != "" {
		err := q.Document(kind(artifactKind, p.Sum), p.Package())
		if p.Plugins == "" || !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return q.Document(kind(groupKind, p.Sum), p.Plugins)
}

// locate finds the file of a path. A file of a SNAPSHOT that is asked for by
// that word stands for the newest build of it.
func locate(q *format.Request, p Path) (*format.File, error) {
	f, err := q.Reg.File(q.Context(), format.FileRef{Package: p.Package(), Version: p.Version, File: p.Name.File})
	if err == nil && f.Name != p.Name.File { // in other letters
		return nil, fault.New(fault.NotFound, "there is no file %q of %s %s here", p.Name.File, p.Package(), p.Version)
	}
	if !fault.Is(err, fault.NotFound) || !IsSnapshot(p.Version) || p.Name.Build != (Build{}) {
		return f, err
	}
	v, missing := q.Reg.Version(q.Context(), p.Package(), p.Version)
	if missing != nil {
		return nil, err
	}
	for _, b := range newest(v) {
		if b.name.Classifier == p.Name.Classifier && b.name.Extension == p.Name.Extension {
			return b.file, nil
		}
	}
	return nil, err
}

// coordinatesOf splits the key of a SNAPSHOT's index.
func coordinatesOf(key string) (pkg, version string) {
	at := strings.LastIndexByte(key, ':') // a version has none
	return key[:at], key[at+1:]
}
