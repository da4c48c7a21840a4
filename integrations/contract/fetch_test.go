package contract

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/scope"
)

const v1, v2 = "1.0.0", "2.0.0"

// furnished gives a new project with the first version.
func (c *contract) furnished(t *testing.T) place {
	t.Helper()
	p := c.project(t, false)
	c.publish(t, p, v1)
	return p
}

// addresses lists all that is read of the first version.
func (c *contract) addressesOf(t *testing.T, p place) (files, documents, lists []string) {
	files = []string{c.native(p, c.File(c.Name, v1))}
	if c.RestFile != nil {
		files = append(files, c.restOf(t, p, v1))
	}
	for _, d := range c.Documents(c.Name, v1) {
		documents = append(documents, c.native(p, d))
	}
	documents = append(documents, c.packed(p)...)
	for _, l := range c.Lists(c.Name, v1) {
		lists = append(lists, c.native(p, l))
	}
	return files, documents, append(lists, c.rest(p, ""))
}

// packed lists the documents of the first version that are packed files.
func (c *contract) packed(p place) (documents []string) {
	if c.Packed == nil {
		return nil
	}
	for _, d := range c.Packed(c.Name, v1) {
		documents = append(documents, c.native(p, d))
	}
	return documents
}

// restOf gives the address of a version's file by the REST API.
func (c *contract) restOf(t *testing.T, p place, version string) string {
	t.Helper()
	path := c.RestFile(c.Name, version)
	if !strings.Contains(path, "{") {
		return c.rest(p, path)
	}
	id, file := "absent", "absent"
	if known, ok := c.packages(t, p)[strings.ToLower(c.Name)]; ok {
		id = known
	}
	for _, v := range c.versions(t, p) {
		if v.Version == version {
			file = v.PackageFiles[0].ID
		}
	}
	return c.rest(p, strings.NewReplacer("{packageUuid}", id, "{fileUuid}", file).Replace(path))
}

// roundTrip: what came in by either door goes out by both, byte by byte, in
// each kind of scope and under each of its addresses.
func (c *contract) roundTrip(t *testing.T) {
	for _, p := range c.places {
		c.publish(t, p, v1)
		if c.Rest != nil {
			call := c.at(c.rest(p, ""), c.Rest(c.Name, v2))
			reply := c.Want(t, http.StatusOK, call)
			if !strings.Contains(string(reply.Body), `"version":"`+v2+`"`) || !strings.Contains(string(reply.Body), `"packageUploadType":"API"`) {
				t.Errorf("the answer to %s is %s", call.Path, reply)
			}
		} else {
			c.publish(t, p, v2)
		}
		for _, version := range []string{v1, v2} {
			want := c.Bytes(c.Name, version)
			var paths []string
			if c.RestFile != nil {
				rest := c.restOf(t, p, version)
				paths = append(paths, rest, "/rest-api"+rest)
			}
			for _, prefix := range prefixes(p) {
				paths = append(paths, prefix+"/"+c.id+"/"+c.File(c.Name, version))
			}
			for _, path := range paths {
				if got := c.get(t, path); got.Status != 200 || !bytes.Equal(got.Body, want) {
					t.Errorf("%s: %s, want %q", path, got, want)
				}
			}
		}
	}
}

// prefixes gives what stands before a format's name in the native addresses of
// a place.
func prefixes(p place) []string {
	switch p.Kind {
	case scope.Project:
		return []string{"/" + p.String() + "/package/-"}
	case scope.Service:
		return []string{"/package/-", "/registry/package/-"}
	}
	return []string{"/" + p.String() + "/package/-", "/api/packages/" + p.Owner}
}

// head: the same status and headers, and no body.
func (c *contract) head(t *testing.T) {
	files, documents, lists := c.addressesOf(t, c.furnished(t))
	if documents != nil { // or their time may become whole between the two
		house.Until(time.Now().Truncate(time.Second).Add(time.Second))
	}
	for _, path := range append(append(files, documents...), lists...) {
		get := c.Want(t, http.StatusOK, house.Call{Path: path, As: c.owner})
		head := c.Want(t, http.StatusOK, house.Call{Method: http.MethodHead, Path: path, As: c.owner})
		if diff := cmp.Diff(lasting(get.Header), lasting(head.Header)); diff != "" {
			t.Errorf("%s (-GET +HEAD):\n%s", path, diff)
		}
		if len(head.Body) > 0 || get.Header.Get("Content-Length") != fmt.Sprint(len(get.Body)) {
			t.Errorf("%s: HEAD has %d bytes, GET %d and says %s", path, len(head.Body), len(get.Body), get.Header.Get("Content-Length"))
		}
	}
}

// lasting leaves out what is of one answer only.
func lasting(h http.Header) http.Header {
	h = maps.Clone(h)
	h.Del("Date")
	h.Del("X-Request-Id")
	return h
}

// validators: whoever has the present bytes is told so, without them.
func (c *contract) validators(t *testing.T) {
	files, documents, _ := c.addressesOf(t, c.furnished(t))
	if documents != nil { // whose times are whole once the second of the change is over
		house.Until(time.Now().Truncate(time.Second).Add(time.Second))
	}
	for _, path := range append(files, documents...) {
		get := c.get(t, path)
		tag, modified := get.Header.Get("ETag"), get.Header.Get("Last-Modified")
		if len(tag) < 10 || tag[0] != '"' {
			t.Errorf("%s has the validator %q, which is not a strong one", path, tag)
		}
		if at, err := http.ParseTime(modified); err != nil || at.After(time.Now()) {
			t.Errorf("%s was last modified at %q", path, modified)
		}
		for _, have := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			reply := c.get(t, path, "If-None-Match", have)
			if reply.Status != http.StatusNotModified || len(reply.Body) > 0 || reply.Header.Get("ETag") != tag {
				t.Errorf("%s, of which the client has %s: %s with %q", path, have, reply, reply.Header.Get("ETag"))
			}
		}
		if reply := c.get(t, path, "If-Modified-Since", modified); reply.Status != http.StatusNotModified {
			t.Errorf("%s since %s: %s", path, modified, reply)
		}
		// If-None-Match outweighs the time (RFC 9110 section 13.2.2).
		for _, headers := range [][]string{
			{"If-None-Match", `"other"`},
			{"If-None-Match", `"other"`, "If-Modified-Since", modified},
			{"If-Modified-Since", "Thu, 01 Jan 2004 00:00:00 GMT"},
			{"If-Modified-Since", "yesterday"},
		} {
			if reply := c.get(t, path, headers...); reply.Status != http.StatusOK || !bytes.Equal(reply.Body, get.Body) {
				t.Errorf("%s with %q: %s", path, headers, reply)
			}
		}
	}
}

// change: no validator of before a publication holds after it, be it within
// the same second.
func (c *contract) change(t *testing.T) {
	p := c.furnished(t)
	_, documents, _ := c.addressesOf(t, p)
	before := map[string]house.Reply{}
	for _, path := range documents {
		before[path] = c.Want(t, http.StatusOK, house.Call{Path: path, As: c.owner})
	}
	c.publish(t, p, v2)
	for path, old := range before {
		for _, name := range []string{"ETag", "Last-Modified"} {
			condition := map[string]string{"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}[name]
			if reply := c.get(t, path, condition, old.Header.Get(name)); reply.Status != http.StatusOK || reply.Header.Get("ETag") == old.Header.Get("ETag") {
				t.Errorf("%s with the old %s: %s", path, name, reply)
			}
		}
	}
}

// ranges: RFC 9110 section 14.
func (c *contract) ranges(t *testing.T) {
	files, _, _ := c.addressesOf(t, c.furnished(t))
	want := c.Bytes(c.Name, v1)
	n := len(want)
	for _, path := range files {
		tag := c.get(t, path).Header.Get("ETag")
		for asked, part := range map[string][2]int{
			"bytes=0-0": {0, 1}, "bytes=2-5": {2, 6}, "bytes=3-": {3, n}, "bytes=-4": {n - 4, n},
			fmt.Sprintf("bytes=%d-%d", n-1, n+1000): {n - 1, n},
		} {
			reply := c.get(t, path, "Range", asked)
			says := fmt.Sprintf("bytes %d-%d/%d", part[0], part[1]-1, n)
			if reply.Status != http.StatusPartialContent || !bytes.Equal(reply.Body, want[part[0]:part[1]]) || reply.Header.Get("Content-Range") != says {
				t.Errorf("%s, %s: %s of %q", path, asked, reply, reply.Header.Get("Content-Range"))
			}
		}
		for _, asked := range []string{fmt.Sprintf("bytes=%d-", n), "bytes=5-2", "bytes=x", "bytes=99999999999999999999-"} {
			reply := c.get(t, path, "Range", asked)
			if reply.Status != http.StatusRequestedRangeNotSatisfiable || bytes.Contains(reply.Body, want[:8]) {
				t.Errorf("%s, %s: %s", path, asked, reply)
			}
		}
		c.several(t, path, want)
		// A unit that the server does not know is no condition, and neither is a
		// range of bytes that the client has in another state.
		for _, headers := range [][]string{
			{"Range", "lines=1-2"},
			{"Range", "bytes=0-0", "If-Range", `"other"`},
			{"Range", "bytes=" + strings.Repeat("0-,", 1000) + "0-"}, // would be a thousand times the file
		} {
			if reply := c.get(t, path, headers...); reply.Status != http.StatusOK || !bytes.Equal(reply.Body, want) {
				t.Errorf("%s with %.60q: %s", path, headers, reply)
			}
		}
		if reply := c.get(t, path, "Range", "bytes=0-0", "If-Range", tag); reply.Status != http.StatusPartialContent {
			t.Errorf("%s with its own If-Range: %s", path, reply)
		}
	}
}

func (c *contract) several(t *testing.T, path string, want []byte) {
	t.Helper()
	reply := c.get(t, path, "Range", "bytes=0-1,4-6")
	kind, params, err := mime.ParseMediaType(reply.Header.Get("Content-Type"))
	if reply.Status != http.StatusPartialContent || err != nil || kind != "multipart/byteranges" {
		t.Errorf("%s, two ranges: %s of type %s", path, reply, kind)
		return
	}
	r := multipart.NewReader(bytes.NewReader(reply.Body), params["boundary"])
	for _, piece := range [][]byte{want[0:2], want[4:7]} {
		part, err := r.NextPart()
		if err != nil {
			t.Errorf("%s, two ranges: %v", path, err)
			return
		}
		if got, err := io.ReadAll(part); err != nil || !bytes.Equal(got, piece) {
			t.Errorf("%s, two ranges: %q, %v, want %q", path, got, err, piece)
		}
	}
}

// Incident 8 (GitLab MR 202213): a file never runs on the forge's origin.
func (c *contract) inert(t *testing.T) {
	p := c.furnished(t)
	files, _, _ := c.addressesOf(t, p)
	for _, path := range files {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			reply := c.Do(t, house.Call{Method: method, Path: path, As: c.owner, Header: header([]string{"Accept", "text/html"})})
			h := reply.Header
			disposition, params, err := mime.ParseMediaType(h.Get("Content-Disposition"))
			if err != nil || disposition != "attachment" || params["filename"] == "" {
				t.Errorf("%s: Content-Disposition %q", path, h.Get("Content-Disposition"))
			}
			if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") || !strings.Contains(csp, "default-src 'none'") {
				t.Errorf("%s: Content-Security-Policy %q", path, csp)
			}
			if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Set-Cookie") != "" {
				t.Errorf("%s: %v", path, h)
			}
			for _, live := range []string{"html", "script", "xml", "svg", "css"} {
				if strings.Contains(h.Get("Content-Type"), live) {
					t.Errorf("%s: Content-Type %q", path, h.Get("Content-Type"))
				}
			}
			sum := sha256.Sum256(c.Bytes(c.Name, v1))
			if want := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"; h.Get("Repr-Digest") != want {
				t.Errorf("%s: Repr-Digest %q, want %q", path, h.Get("Repr-Digest"), want)
			}
		}
	}
}

// encodings: packed or not, the same document, told apart by its validator. A
// packed file is not packed once more.
func (c *contract) encodings(t *testing.T) {
	p := c.furnished(t)
	_, documents, _ := c.addressesOf(t, p)
	files := c.packed(p)
	for _, path := range documents {
		plain := c.get(t, path)
		if slices.Contains(files, path) {
			for _, accept := range []string{"gzip", "zstd", "identity", "br, gzip;q=0.5"} {
				if reply := c.get(t, path, "Accept-Encoding", accept); reply.Header.Get("Content-Encoding") != "" || !bytes.Equal(reply.Body, plain.Body) {
					t.Errorf("%s for %q: %s as %q", path, accept, reply, reply.Header.Get("Content-Encoding"))
				}
			}
			continue
		}
		tags := map[string]string{plain.Header.Get("ETag"): "plain"}
		for _, encoding := range []string{"gzip", "zstd"} {
			packed := c.get(t, path, "Accept-Encoding", encoding)
			if got := packed.Header.Get("Content-Encoding"); got != encoding || !strings.Contains(packed.Header.Get("Vary"), "Accept-Encoding") {
				t.Errorf("%s as %s comes as %q, and varies by %q", path, encoding, got, packed.Header.Get("Vary"))
				continue
			}
			if got, err := unpacked(encoding, packed.Body); err != nil || !bytes.Equal(got, plain.Body) {
				t.Errorf("%s as %s: %q, %v, want %q", path, encoding, got, err, plain.Body)
			}
			tag := packed.Header.Get("ETag")
			if other := tags[tag]; other != "" {
				t.Errorf("%s as %s has the validator of %s", path, encoding, other)
			}
			tags[tag] = encoding
			if reply := c.get(t, path, "Accept-Encoding", encoding, "If-None-Match", tag); reply.Status != http.StatusNotModified {
				t.Errorf("%s as %s with its own validator: %s", path, encoding, reply)
			}
		}
		for _, accept := range []string{"identity", "br", "gzip;q=0, zstd;q=0.0"} {
			if reply := c.get(t, path, "Accept-Encoding", accept); reply.Header.Get("Content-Encoding") != "" || !bytes.Equal(reply.Body, plain.Body) {
				t.Errorf("%s for %q: %s as %q", path, accept, reply, reply.Header.Get("Content-Encoding"))
			}
		}
	}
}

func unpacked(encoding string, b []byte) ([]byte, error) {
	if encoding == "gzip" {
		r, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	}
	r, err := zstd.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
