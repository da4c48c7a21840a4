package contract

import (
	"bytes"
	"maps"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
)

// page: what a person uploads is the same as what a program does.
func (c *contract) page(t *testing.T) {
	uploading, ok := c.format.(format.Uploading)
	if !ok {
		return // it is not published as one file
	}
	p := c.project(t, false)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	fields := map[string]string{"package": c.Name, "name": c.Name, "version": v1}
	maps.Copy(fields, c.Fields)
	if grouped, ok := c.format.(format.Grouped); ok {
		fields["groupId"], fields["artifactId"] = grouped.Group(c.Name)
	}
	for _, f := range uploading.Upload().Fields {
		value, known := fields[f.Name]
		if !known && f.Required {
			t.Fatalf("the form asks for %q, which the sample does not know", f.Name)
		}
		formattest.Must(w.WriteField(f.Name, value))
	}
	part, err := w.CreateFormFile("file", path.Base(c.File(c.Name, v1)))
	formattest.Must(err)
	_, err = part.Write(c.Bytes(c.Name, v1))
	formattest.Must(err)
	formattest.Must(w.Close())
	call := house.Call{
		Method: http.MethodPost, Path: "/" + p.String() + "/package/upload/" + c.id, As: house.Cookie(c.Session(t, c.ann)),
		Header: header([]string{"Content-Type", w.FormDataContentType()}), Body: b.Bytes(),
	}
	reply := c.Want(t, http.StatusSeeOther, call)
	c.Want(t, http.StatusOK, house.Call{Path: reply.Header.Get("Location")})
	if got := c.get(t, c.native(p, c.File(c.Name, v1))); !bytes.Equal(got.Body, c.Bytes(c.Name, v1)) {
		t.Errorf("what was uploaded comes back as %s", got)
	}
	if v := c.versions(t, p); len(v) != 1 || v[0].Upload != "MANUALLY" {
		t.Errorf("there are %+v", v)
	}
	if again := c.Do(t, call); again.Status < 400 || again.Status > 499 || !strings.Contains(string(again.Body), "already exists") {
		t.Errorf("once more: %s", again)
	}
}
