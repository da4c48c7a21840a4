package maven

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/xmldoc"
)

// put takes whatever a deployment uploads: files, checksums of them, and the
// client's own idea of the indexes.
func (m Maven) put(q *format.Request) error {
	p, err := ParsePath(q.Param("path"))
	switch {
	case err != nil:
		return err
	case p.Kind != File:
		return supersede(q)
	case p.Sum != "":
		return verify(q, p)
	}
	body, err := q.Receive(0)
	if err != nil {
		return err
	}
	sum := body.Digests().SHA256
	switch _, err := publish(q, p, body); {
	case fault.Is(err, fault.Conflict) && stored(q, p, sum):
		return q.Empty(http.StatusOK) // a deployment that is tried again
	case err != nil:
		return err
	}
	return q.Empty(http.StatusCreated)
}

// stored tells whether the very same file is there.
func stored(q *format.Request, p Path, sha256 string) bool {
	f, err := locate(q, p)
	return err == nil && f.Name == p.Name.File && f.Digests.SHA256 == sha256
}

// maxIndex bounds an index that a client uploads, in bytes.
const maxIndex = 16 << 20

// supersede accepts an index, or the checksum of one, and keeps nothing of it:
// indexes are made here, from what is really there.
func supersede(q *format.Request) error {
	n, err := io.Copy(io.Discard, io.LimitReader(q.R.Body, maxIndex+1))
	switch {
	case err != nil:
		return err
	case n > maxIndex:
		return fault.New(fault.TooLarge, "the index is larger than the limit of %d bytes", maxIndex)
	}
	return q.Empty(http.StatusCreated)
}

// maxSum bounds the file of a checksum, in bytes.
const maxSum = 4 << 10

// verify compares the checksum that a client made of a file with the file that
// is here. One that comes before its file is taken at its word: clients that
// upload in parallel do not wait, and what is answered later is made of the
// bytes that are stored then.
func verify(q *format.Request, p Path) error {
	body, err := io.ReadAll(io.LimitReader(q.R.Body, maxSum+1))
	if err != nil {
		return err
	}
	if len(body) > maxSum {
		return fault.New(fault.TooLarge, "a checksum is larger than the limit of %d bytes", maxSum)
	}
	announced, err := ParseSum(p.Sum, body)
	if err != nil {
		return err
	}
	f, err := q.Reg.File(q.Context(), format.FileRef{Package: p.Package(), Version: p.Version, File: p.Name.File})
	switch {
	case fault.Is(err, fault.NotFound):
		return q.Empty(http.StatusCreated)
	case err != nil:
		return err
	case sumOf(f.Digests, p.Sum) != announced:
		return fault.New(fault.Invalid, "%s has the %s %s here, but %s was announced: upload the file again",
			p.Name.File, p.Sum, sumOf(f.Digests, p.Sum), announced)
	}
	return q.Empty(http.StatusCreated)
}

// sumOf gives the digest of an algorithm.
func sumOf(d blob.Digests, algorithm string) string {
	switch algorithm {
	case "md5":
		return d.MD5
	case "sha1":
		return d.SHA1
	case "sha256":
		return d.SHA256
	default:
		return d.SHA512
	}
}

// ParseSum reads a checksum as tools write it: the digits alone, before the
// name of the file, or behind it and a sign of equality. fault.Invalid where
// there is none of the algorithm.
func ParseSum(algorithm string, body []byte) (string, error) {
	text := strings.ToLower(string(body))
	if _, after, ok := strings.Cut(text, "="); ok {
		text = after
	}
	if fields := strings.Fields(text); len(fields) > 0 && isSum(fields[0], algorithm) {
		return fields[0], nil
	}
	return "", fault.New(fault.Invalid, "this is no %s in hexadecimal digits", algorithm)
}

func isSum(s, algorithm string) bool {
	size := map[string]int{"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}[algorithm]
	return len(s) == size && strings.Trim(s, "0123456789abcdef") == ""
}

// publish adds a file to its version. The registry owns body from here on.
func publish(q *format.Request, p Path, body blob.Staged) (*format.Version, error) {
	rel := format.Release{
		Package: p.Package(), Version: p.Version, Prerelease: Prerelease(p.Version),
		Files:    []format.NewFile{{Name: p.Name.File, MediaType: p.Name.mediaType(), Body: body}},
		Existing: format.Add,
	}
	if IsSnapshot(p.Version) {
		rel.Existing = format.Update
	}
	if err := describe(&rel, p, body); err != nil {
		body.Discard()
		return nil, err
	}
	v, err := q.Reg.Publish(q.Context(), rel)
	if err != nil || rel.About == nil {
		return v, err
	}
	return v, touch(q, p.Group)
}

// describe takes what is known of a version from the two files that tell it,
// whichever comes first: its pom, and the jar of a plugin.
func describe(rel *format.Release, p Path, body blob.Staged) error {
	switch {
	case p.Name.IsPom():
		raw, err := readPom(body)
		if err != nil {
			return err
		}
		pom, err := ParsePom(raw, p)
		if err != nil {
			return err
		}
		rel.Description = pom.title()
		if rel.Metadata, err = json.Marshal(pom); err != nil {
			return err
		}
		if pom.Packaging == pluginPackaging {
			rel.About = map[string]string{pluginName: pom.Name}
			if pom.Name == "" {
				rel.About[pluginName] = p.Artifact
			}
		}
	case p.Name.IsMain():
		prefix, err := goalPrefix(body, p.Artifact)
		if err != nil {
			return err
		}
		if prefix != "" {
			rel.About = map[string]string{pluginPrefix: prefix}
		}
	}
	return nil
}

func readPom(body blob.Staged) ([]byte, error) {
	if body.Size() > maxPom {
		return nil, fault.New(fault.TooLarge, "the pom has %d bytes; the limit is %d", body.Size(), maxPom)
	}
	raw := make([]byte, body.Size())
	if n, err := body.ReadAt(raw, 0); n < len(raw) {
		return nil, err
	}
	return raw, nil
}

// maxDescriptor bounds the descriptor of a plugin, in bytes.
const maxDescriptor = 4 << 20

// goalPrefix reads the prefix of a plugin's goals from the descriptor in its
// jar (Plugin Descriptor). It is empty for a jar that is no plugin, or that is
// no zip file all readers agree on: whoever runs it decides what it is.
func goalPrefix(body blob.Staged, artifact string) (string, error) {
	ours := func(err error) error {
		if k := fault.KindOf(err); k == fault.Internal || k == fault.Unavailable {
			return err
		}
		return nil
	}
	zip, err := archive.OpenZip(body, body.Size(), archive.DefaultLimits())
	if err != nil {
		return "", ours(err)
	}
	raw, err := zip.ReadFile("META-INF/maven/plugin.xml", maxDescriptor)
	if err != nil {
		return "", ours(err)
	}
	var x struct {
		Artifact string `xml:"artifactId"`
		Prefix   string `xml:"goalPrefix"`
	}
	if err := xmldoc.Decode(raw, "plugin", &x); err != nil {
		return "", ours(err)
	}
	if prefix := strings.TrimSpace(x.Prefix); strings.TrimSpace(x.Artifact) == artifact && isID(prefix) && len(prefix) <= maxName {
		return prefix, nil
	}
	return "", nil
}
