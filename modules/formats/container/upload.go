package container

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// beginUpload opens an upload, unless all of it is here: in another repository
// (mount), or in the body (digest).
func (c *Container) beginUpload(q *format.Request) error {
	name, err := repository(q)
	if err != nil {
		return err
	}
	query := q.R.URL.Query()
	if algorithm := query.Get("digest-algorithm"); algorithm != "" && algorithm != "sha256" && algorithm != "sha512" {
		return fault.New(fault.Invalid, "the digest-algorithm %.100q is none of sha256 and sha512", algorithm).At("digest")
	}
	if digest := query.Get("mount"); digest != "" {
		f, err := c.mount(q, name, digest, query.Get("from"))
		if err != nil {
			return err
		}
		if f != nil {
			return stored(q, name, digest)
		}
	} else if digest := query.Get("digest"); digest != "" {
		return c.hold(q, name, digest)
	}
	s, err := q.Reg.Begin(q.Context(), name)
	if err != nil {
		return err
	}
	progress(q, name, s)
	return q.Empty(http.StatusAccepted)
}

// mount takes a blob from another repository, or keeps the one that is in this
// one already. It gives nil where there is none that the client may have: then
// it uploads it. A client whose token is not for the other repository is told
// to get one for both.
func (c *Container) mount(q *format.Request, name, digest, from string) (*format.File, error) {
	if err := checkDigest(digest); err != nil {
		return nil, err
	}
	var source format.Reader = q.Reg
	image := name
	if from != "" {
		path, other, subject, ok := find(from)
		if !ok {
			return nil, nil
		}
		var err error
		if source, err = q.Server.Elsewhere(q, path, subject); err != nil {
			return nil, unless(err, fault.NotFound, fault.Denied)
		}
		image = other
	}
	f, err := source.Blob(q.Context(), image, digest)
	if err != nil {
		return nil, unless(err, fault.NotFound)
	}
	if f, err = q.Reg.Mount(q.Context(), name, f); err != nil {
		return nil, unless(err, fault.NotFound) // deleted in this moment
	}
	return f, nil
}

// unless gives err, or nil where it is of one of the kinds.
func unless(err error, kinds ...fault.Kind) error {
	if slices.Contains(kinds, fault.KindOf(err)) {
		return nil
	}
	return err
}

// hold takes a blob as the body of one request.
func (c *Container) hold(q *format.Request, name, digest string) error {
	if err := checkDigest(digest); err != nil {
		return err
	}
	body, err := q.Receive(0)
	if err != nil {
		return err
	}
	if is := digestOf(digest, body.Digests()); is != digest {
		body.Discard()
		return fault.New(fault.Invalid, "the body has the digest %s, not %s", is, digest).At("digest")
	}
	if _, err := q.Reg.Hold(q.Context(), name, body); err != nil {
		return err
	}
	return stored(q, name, digest)
}

// upload tells how far an upload is.
func (c *Container) upload(q *format.Request) error {
	_, err := c.session(q)
	if err != nil {
		return err
	}
	return q.Empty(http.StatusNoContent)
}

// session finds the upload of a request and tells how far it is.
func (c *Container) session(q *format.Request) (*format.Session, error) {
	name, err := repository(q)
	if err != nil {
		return nil, err
	}
	s, err := q.Reg.Session(q.Context(), name, q.Param("upload"))
	if err == nil {
		progress(q, name, s)
	}
	return s, err
}

func (c *Container) appendUpload(q *format.Request) error {
	s, err := c.session(q)
	if err != nil {
		return err
	}
	if _, err = c.grow(q, s); err != nil {
		return err
	}
	return q.Empty(http.StatusAccepted)
}

// grow appends the body, which begins at the end of what is there or where
// Content-Range says.
func (c *Container) grow(q *format.Request, s *format.Session) (*format.Session, error) {
	at, body := s.Size, io.Reader(q.R.Body)
	if header := q.R.Header.Get("Content-Range"); header != "" {
		first, n, err := parseRange(header)
		if err != nil {
			return nil, err
		}
		if has := q.R.ContentLength; has >= 0 && has != n {
			return nil, fault.New(fault.Invalid, "the Content-Range %s is of %d bytes, the body has %d", header, n, has).At("size")
		}
		at, body = first, &part{body, n}
	}
	grown, err := q.Reg.Append(q.Context(), s, at, body)
	if grown != nil {
		progress(q, s.Package, grown)
	}
	return grown, err
}

// part reads as many bytes as were promised.
type part struct {
	r    io.Reader
	left int64
}

func (p *part) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.left -= int64(n)
	switch {
	case p.left < 0:
		return 0, fault.New(fault.Invalid, "the body is longer than its Content-Range").At("size")
	case err == io.EOF && p.left > 0:
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}

// parseRange reads a Content-Range as the specification has it ("Pushing a
// blob in chunks"): "0-99", both ends included.
func parseRange(s string) (first, n int64, err error) {
	a, b, _ := strings.Cut(s, "-")
	first, bad := position(a)
	last, worse := position(b)
	if bad || worse || last < first {
		return 0, 0, fault.New(fault.Invalid, `the Content-Range %.100q is no range: write "0-99" for the first 100 bytes`, s).At("upload")
	}
	return first, last - first + 1, nil
}

// position reads a number of digits alone.
func position(s string) (n int64, bad bool) {
	if s == "" || len(s) > 18 || strings.Trim(s, "0123456789") != "" {
		return 0, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err != nil
}

// finishUpload ends an upload, with its last part or without one.
func (c *Container) finishUpload(q *format.Request) error {
	s, err := c.session(q)
	if err != nil {
		return err
	}
	digest := q.Query("digest")
	if err := checkDigest(digest); err != nil {
		return err
	}
	if q.R.ContentLength != 0 {
		if s, err = c.grow(q, s); err != nil {
			return err
		}
	}
	if _, err := q.Reg.Finish(q.Context(), s, digest); err != nil {
		if fault.Is(err, fault.Invalid) {
			err = fault.From(err).At("digest")
		}
		return err
	}
	for _, name := range []string{"Range", "Docker-Upload-Uuid"} {
		q.W.Header().Del(name)
	}
	return stored(q, q.Param("name"), digest)
}

func (c *Container) cancelUpload(q *format.Request) error {
	s, err := c.session(q)
	if err != nil {
		return err
	}
	if err := q.Reg.Cancel(q.Context(), s); err != nil {
		return err
	}
	q.W.Header().Del("Location")
	return q.Empty(http.StatusNoContent)
}

// progress tells where to go on with an upload, and from which byte. The range
// of nothing is written as that of one byte.
func progress(q *format.Request, name string, s *format.Session) {
	h := q.W.Header()
	h.Set("Location", place(q, name)+"/blobs/uploads/"+s.ID)
	h.Set("Range", "0-"+strconv.FormatInt(max(s.Size-1, 0), 10))
	h.Set("Docker-Upload-Uuid", s.ID)
}

// stored answers that a blob is in the repository.
func stored(q *format.Request, name, digest string) error {
	h := q.W.Header()
	h.Set("Location", place(q, name)+"/blobs/"+digest)
	h.Set("Docker-Content-Digest", digest)
	return q.Empty(http.StatusCreated)
}

// place gives the path of a repository, which is good whatever host name the
// client used. Below root it is in lower case, as names are.
func place(q *format.Request, name string) string {
	path := strings.TrimPrefix(q.Base, q.Root) + "/" + name
	if q.Subject != "" {
		path = strings.ToLower(path)
	}
	return path
}
