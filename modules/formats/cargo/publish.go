package cargo

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/version"
)

// maxMetadata bounds what a client says of a crate besides the package, in
// bytes, as crates.io does.
const maxMetadata = 1 << 20

// publish takes what cargo publish sends: the length of a JSON document and the
// document, the length of the package and the package ("Web API", Publish).
func (*Cargo) publish(q *format.Request) error {
	said, err := readPublished(q.R.Body)
	if err != nil {
		return err
	}
	body, err := stage(q)
	if err != nil {
		return err
	}
	defer body.Discard()
	c, err := openCrate(archive.While(q.Context(), body), body.Size())
	if err != nil {
		return err
	}
	c.settle(q.Base)
	// Incident 7 (GitLab CVE-2024-6595): what was read of the body was not what
	// was in the archive.
	if err := c.agree(said, ends(q)); err != nil {
		return err
	}
	if _, err := publish(q, c, body); err != nil {
		return err
	}
	return q.JSON(http.StatusOK, map[string]warnings{"warnings": c.warnings()})
}

// warnings is what cargo shows after a publication.
type warnings struct {
	Categories []string `json:"invalid_categories"`
	Badges     []string `json:"invalid_badges"`
	Other      []string `json:"other"`
}

func (c *contents) warnings() warnings {
	w := warnings{[]string{}, []string{}, []string{}}
	if c.ReadmeFile != "" && c.Readme.Name == "" {
		w.Other = append(w.Other, "the README "+c.ReadmeFile+" is not shown: it is not in the package, or larger than 512 KiB")
	}
	return w
}

// length reads the length of a part of the body.
func length(r io.Reader) (int64, error) {
	var n [4]byte
	_, err := io.ReadFull(r, n[:])
	return int64(binary.LittleEndian.Uint32(n[:])), whole(err)
}

// whole makes the early end of a body the client's fault. Other errors of the
// body are faults already.
func whole(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.Wrap(fault.Invalid, err, "the body is shorter than it says; publish the crate again with cargo publish")
	}
	return err
}

// readPublished reads the first part of the body.
func readPublished(r io.Reader) (*published, error) {
	n, err := length(r)
	if err != nil {
		return nil, err
	}
	if n > maxMetadata {
		return nil, fault.New(fault.TooLarge, "the metadata before the crate has %d bytes; the limit is %d, the README included", n, maxMetadata)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, whole(err)
	}
	return parsePublished(text)
}

// stage receives the second part of the body, which ends it.
func stage(q *format.Request) (blob.Staged, error) {
	n, err := length(q.R.Body)
	if err != nil {
		return nil, err
	}
	body, err := q.Reg.Stage(q.Context(), io.LimitReader(q.R.Body, n), 0)
	if err != nil {
		return nil, err
	}
	if err := last(q.R.Body, n-body.Size()); err != nil {
		body.Discard()
		return nil, err
	}
	return body, nil
}

// last checks that a body ends where it should; missing is what did not come.
func last(r io.Reader, missing int64) error {
	if missing > 0 {
		return whole(io.ErrUnexpectedEOF)
	}
	_, err := io.ReadFull(r, make([]byte, 1))
	switch {
	case err == nil:
		return fault.New(fault.Invalid, "something follows the crate; publish it again with cargo publish")
	case errors.Is(err, io.EOF):
		return nil
	}
	return err
}

// publish makes a version of a package, which it owns from then on.
func publish(q *format.Request, c *contents, body blob.Staged) (*format.Version, error) {
	c.Publisher = q.Actor.Name
	return q.Reg.Publish(q.Context(), format.Release{
		Package: c.Name, Version: c.Version, Description: c.Description, Metadata: written(c.about),
		Prerelease: version.Prerelease(c.Version), Readme: c.Readme, Origin: format.Origin{Commit: c.Commit},
		Files: []format.NewFile{{Name: fileName(c.Name, c.Version), MediaType: "application/gzip", Metadata: written(c.line), Body: body}},
	})
}

// written gives the JSON of a value whose types cannot fail to be written, with
// < and its like as they are.
func written(v any) json.RawMessage {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Upload implements format.Uploading.
func (c *Cargo) Upload() format.Upload {
	return format.Upload{Put: []string{""}, Get: []string{"{package}/{version}"}, Accept: ".crate", Receive: c.receive, Locate: locate}
}

// receive publishes a package by itself.
func (*Cargo) receive(q *format.Request, in format.Incoming) (*format.Version, error) {
	c, err := openCrate(archive.While(q.Context(), in.Body), in.Body.Size())
	if err != nil {
		in.Body.Discard()
		return nil, err
	}
	c.settle(q.Base)
	v, err := publish(q, c, in.Body)
	if err != nil {
		in.Body.Discard()
	}
	return v, err
}
