package npm

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/ordered"
)

// body is a document that a client puts in the place of a package: a
// publication where it has attachments, an edit of what is there where it has
// none.
type body struct {
	source io.ReaderAt

	Name, Rev   string
	Tags        []tag // those of the document; nil where it names none
	Versions    []bodyVersion
	Attachments []attachment
	HasVersions bool // it says which versions there are
	HasOwners   bool // it says who the maintainers are
}

// tag is a dist-tag.
type tag struct{ Name, Version string }

// bodyVersion is one of the versions that a body lists.
type bodyVersion struct {
	Version    string
	Deprecated string
	manifest   span
}

// attachment is a file within a body.
type attachment struct {
	Name, Type string
	Length     string // as the client says, often empty
	data       span
}

var bodyLimits = ordered.Limits{Bytes: maxOutline, Depth: maxNesting, Values: 1_000_000}

// maxManifest bounds what a version says of itself. Real ones are under
// 200 KiB.
const maxManifest = 4 << 20

// bodyKeys are the members of a document that are read; the others are what a
// client repeats of what it was told.
var bodyKeys = []string{"_id", "name", "_rev", "dist-tags", "versions", "_attachments"}

// readBody reads a document of any size in bounded memory.
func readBody(r io.ReaderAt, size int64) (*body, error) {
	kept, spans, err := outline(r, size, func(path []string) look {
		switch {
		case len(path) == 1 && !slices.Contains(bodyKeys, path[0]):
			return skip
		case path[0] == "versions" && len(path) == 2:
			return note
		case path[0] == "versions" && len(path) == 3 && path[2] != deprecatedKey:
			return skip
		case path[0] == "_attachments" && len(path) == 3 && path[2] == "data":
			return note | skip
		case len(path) == 4:
			return skip
		}
		return 0
	})
	if err != nil {
		return nil, err
	}
	doc, err := ordered.Parse(kept, bodyLimits)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the body is no JSON: %v", err)
	}
	if doc.Kind != ordered.Map {
		return nil, fault.New(fault.Invalid, "the body has to be an object that describes a package, as npm publish sends it")
	}
	b := &body{source: r}
	if err := b.fill(doc, spans); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *body) fill(doc ordered.Value, spans []span) error {
	places := make(map[string]span, len(spans))
	for _, s := range spans {
		places[s.path[0]+"\x00"+s.path[1]] = s
	}
	id := textOf(doc, "_id")
	if b.Name = textOf(doc, "name"); b.Name == "" {
		b.Name = id
	}
	if id != "" && id != b.Name {
		return fault.New(fault.Invalid, "the body has two names: %q and, as _id, %q", b.Name, id)
	}
	b.Rev = textOf(doc, "_rev")
	_, b.HasOwners = doc.Lookup("maintainers")
	if tags, ok := doc.Lookup("dist-tags"); ok && tags.Kind == ordered.Map {
		b.Tags = []tag{}
		for _, m := range tags.Members {
			b.Tags = append(b.Tags, tag{m.Key, m.Value.Text})
		}
	}
	versions, ok := doc.Lookup("versions")
	b.HasVersions = ok && versions.Kind == ordered.Map
	for _, m := range versions.Members {
		b.Versions = append(b.Versions, bodyVersion{m.Key, textOf(m.Value, deprecatedKey), places["versions\x00"+m.Key]})
	}
	attachments, _ := doc.Lookup("_attachments")
	if len(attachments.Items) > 0 {
		return fault.New(fault.Invalid, `"_attachments" has to be an object of files by their names`)
	}
	for _, m := range attachments.Members {
		a := attachment{Name: m.Key, Type: textOf(m.Value, "content_type"), data: places["_attachments\x00"+m.Key]}
		if length, ok := m.Value.Lookup("length"); ok && length.Kind == ordered.Number {
			a.Length = length.Text
		}
		if a.data.end-a.data.start < 2 || !b.isText(a.data) {
			return fault.New(fault.Invalid, "the attachment %q has no data", m.Key)
		}
		b.Attachments = append(b.Attachments, a)
	}
	return nil
}

func (b *body) isText(s span) bool {
	var c [1]byte
	_, err := b.source.ReadAt(c[:], s.start)
	return err == nil && c[0] == '"'
}

// textOf gives a string of an object, the empty one where there is none.
func textOf(v ordered.Value, key string) string {
	field, _ := v.Lookup(key)
	if field.Kind != ordered.String {
		return ""
	}
	return field.Text
}

// manifest reads what the body says of a version.
func (b *body) manifest(v bodyVersion) (ordered.Value, error) {
	size := v.manifest.end - v.manifest.start
	if size > maxManifest {
		return ordered.Value{}, fault.New(fault.TooLarge, "the description of %s has %d bytes; the limit is %d", v.Version, size, maxManifest)
	}
	raw := make([]byte, size)
	if _, err := b.source.ReadAt(raw, v.manifest.start); err != nil && err != io.EOF {
		return ordered.Value{}, err
	}
	m, err := ordered.Parse(raw, manifestLimits)
	if err != nil {
		return ordered.Value{}, fault.New(fault.Invalid, "the body's description of %s: %v", v.Version, err)
	}
	if m.Kind != ordered.Map {
		return ordered.Value{}, fault.New(fault.Invalid, "the body's description of %s has to be an object", v.Version)
	}
	return m, nil
}

// inside reads the text of an attachment's data without its quotes.
func (b *body) inside(a attachment) io.Reader {
	return io.NewSectionReader(b.source, a.data.start+1, a.data.end-a.data.start-2)
}

// tarball decodes an attachment in base64.
func (b *body) tarball(a attachment) io.Reader {
	r := b.inside(a)
	if a.data.escaped {
		r = unslashed{bufio.NewReader(r)}
	}
	return base64Reader{base64.NewDecoder(base64.StdEncoding, r)}
}

// base64Reader tells what is wrong with data that cannot be decoded.
type base64Reader struct{ r io.Reader }

// Read implements io.Reader.
func (b base64Reader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if _, corrupt := errors.AsType[base64.CorruptInputError](err); corrupt || err == io.ErrUnexpectedEOF {
		err = fault.Wrap(fault.Invalid, err, "the data of the attachment is no base64")
	}
	return n, err
}

// text decodes an attachment that is a string.
func (b *body) text(a attachment, limit int64) (string, error) {
	size := a.data.end - a.data.start
	if size > limit {
		return "", fault.New(fault.TooLarge, "the attachment %q has %d bytes; the limit is %d", a.Name, size, limit)
	}
	raw := make([]byte, size)
	if _, err := b.source.ReadAt(raw, a.data.start); err != nil && err != io.EOF {
		return "", err
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", fault.New(fault.Invalid, "the attachment %q is no text", a.Name)
	}
	return s, nil
}

// parts tells the tarball and the provenance of a publication.
func (b *body) parts() (tarball attachment, bundle *attachment, err error) {
	tarballs := 0
	for i, a := range b.Attachments {
		if strings.HasSuffix(a.Name, bundleSuffix) {
			if bundle != nil {
				return tarball, nil, fault.New(fault.Invalid, "the body has more than one provenance bundle")
			}
			bundle = &b.Attachments[i]
			continue
		}
		tarball = a
		tarballs++
	}
	if tarballs != 1 || len(b.Versions) != 1 {
		err = fault.New(fault.Invalid, "the body has %d tarballs and %d versions; publish one version at a time, with its tarball", tarballs, len(b.Versions))
	}
	return tarball, bundle, err
}

// sums are the digests of a tarball in the forms that documents of npm have.
type sums struct {
	Integrity string // "sha512-" and base64 (Subresource Integrity)
	Shasum    string // sha1 in hex
}

func sumsOf(d blob.Digests) sums { return sums{integrity(d.SHA512), d.SHA1} }
