package parity

import (
	"bytes"
	"mime"
	"mime/multipart"
	"net/http"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/scope"
)

// trip: what PUT brings, GET gives, byte by byte and with 200 both ways; below
// both addresses of the API, as the body and as the file of a form. A format
// that the API does not publish is published by its own protocol.
func (k *kind) trip(t *testing.T) {
	for _, p := range k.places(t) {
		calls := map[string]house.Call{v1: k.publication(p, k.Name, v1), v2: k.publication(p, k.Name, v2)}
		if k.Rest != nil {
			form := calls[v2]
			form.Path = "/rest-api" + form.Path
			form.Body, form.Header = formOf(form.Body)
			calls[v2] = form
			raw := calls[v1]
			raw.Header.Set("Content-Type", "application/octet-stream")
		}
		for _, v := range []string{v1, v2} {
			reply := k.Do(t, calls[v])
			if k.Rest != nil && reply.Status != http.StatusOK || reply.Status/100 != 2 {
				t.Fatalf("%s %s: %s", calls[v].Method, calls[v].Path, reply)
			}
			if k.Rest != nil {
				found, _ := k.one(t, p, k.Name)
				now := k.Want(t, http.StatusOK, house.Call{Path: p.rest(found.ID + "/" + v), As: p.as})
				if !bytes.Equal(reply.Body, now.Body) {
					t.Errorf("PUT answers %s, and the version is %s", reply, now)
				}
			}
		}
		for _, v := range []string{v1, v2} {
			paths := []string{k.address(t, p, k.Name, v), p.native(k.id, k.File(k.Name, v))}
			if k.RestFile != nil {
				paths = append(paths, "/rest-api"+paths[0])
			}
			for _, path := range paths {
				got := k.Want(t, http.StatusOK, house.Call{Path: path, As: p.as})
				if want := k.Bytes(k.Name, v); !bytes.Equal(got.Body, want) {
					t.Errorf("%s: %s, want %.300q", path, got, want)
				}
			}
			k.named(t, p, v)
		}
		if k.Rest != nil {
			k.taken(t, p)
		}
		if p.Kind == scope.Service {
			k.clear(t, p, k.Name)
		}
	}
}

// named: the file is called in the API what a download by it is.
func (k *kind) named(t *testing.T, p place, v string) {
	t.Helper()
	if k.RestFile == nil {
		return
	}
	found, _ := k.one(t, p, k.Name)
	files := read[version](t, k.world, p, found.ID+"/"+v).PackageFiles
	reply := k.Do(t, house.Call{Path: k.address(t, p, k.Name, v), As: p.as})
	_, params, err := mime.ParseMediaType(reply.Header.Get("Content-Disposition"))
	if err != nil || len(files) != 1 || files[0].Name != params["filename"] {
		t.Errorf("what is downloaded is %q, and of %s there are %+v", reply.Header.Get("Content-Disposition"), v, files)
	}
}

// taken: what is there already is 409, and says so.
func (k *kind) taken(t *testing.T, p place) {
	t.Helper()
	call := k.publication(p, k.Name, v1)
	reply := k.Want(t, http.StatusConflict, call)
	failed(t, call, reply)
	if !bytes.Contains(reply.Body, []byte("already exists")) {
		t.Errorf("a client that looks for the words finds %s", reply)
	}
}

// formOf is a file as a form brings it.
func formOf(content []byte) ([]byte, http.Header) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "file.bin")
	formattest.Must(err)
	_, err = part.Write(content)
	formattest.Must(err)
	formattest.Must(w.Close())
	return b.Bytes(), header([]string{"Content-Type", w.FormDataContentType()})
}
