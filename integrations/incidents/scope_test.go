package incidents

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
	host "ingot.dev/services/forge"
)

type hostUser = host.User

// ids are those of a package and of its only file.
type ids struct{ pkg, file string }

// put publishes a generic file and gives its ids.
func (w *world) put(t *testing.T, who house.Proof, project, name, content string) ids {
	t.Helper()
	w.Want(t, http.StatusCreated, house.Call{
		Method: http.MethodPut, Path: w.native(project, "generic/"+name+"/1.0.0/tool.bin"), As: who, Body: []byte(content),
	})
	return w.ids(t, who, project, name)
}

func (w *world) ids(t *testing.T, who house.Proof, project, name string) ids {
	t.Helper()
	var list struct {
		Embedded struct {
			Packages []struct{ ID, Name string }    `json:"simplePackageInfoModelList"`
			Files    []struct{ ID, HashMd5 string } `json:"simplePackageFileModelList"`
		} `json:"_embedded"`
	}
	read := func(path string) {
		reply := w.Want(t, http.StatusOK, house.Call{Path: path, As: who})
		if err := json.Unmarshal(reply.Body, &list); err != nil {
			t.Fatal(err)
		}
	}
	read(w.rest(project, "") + "?size=100")
	for _, p := range list.Embedded.Packages {
		if p.Name == name {
			read(w.rest(project, p.ID+"/package-file"))
			return ids{p.ID, list.Embedded.Files[0].ID}
		}
	}
	t.Fatalf("%s has no package %s", project, name)
	return ids{}
}

// Incident 17 (Harbor CVE-2022-31667): whoever owns a project named objects of
// another one by their ids.
func TestIncident17(t *testing.T) {
	w := newWorld(t)
	theirs := w.put(t, w.ann, "vault", "safe", "gold")
	own := w.put(t, w.ben, "own", "tool", "steel")
	other := w.put(t, w.ben, "own", "other", "iron")
	session := house.Cookie(w.Session(t, w.benUser))
	const page = "/project/ben/own/package/generic/"
	for _, call := range []house.Call{
		{Path: w.rest("own", theirs.pkg)},
		{Path: w.rest("own", theirs.pkg+"/version-list")},
		{Path: w.rest("own", theirs.pkg+"/package-file")},
		{Path: w.rest("own", theirs.pkg+"/1.0.0")},
		{Method: http.MethodPost, Path: w.rest("own", theirs.pkg+"/delete")},
		{Method: http.MethodPost, Path: w.rest("own", theirs.pkg+"/1.0.0/delete")},
		{Method: http.MethodPost, Path: w.rest("own", theirs.pkg+"/1.0.0/"+theirs.file+"/delete")},
		{Method: http.MethodPost, Path: w.rest("own", own.pkg+"/1.0.0/"+theirs.file+"/delete")},
		{Method: http.MethodPost, Path: w.rest("own", own.pkg+"/1.0.0/"+other.file+"/delete")},
		{Path: strings.Replace(w.rest("own", theirs.pkg), "project/ben/own", "user/ben", 1)},
		{As: session, Path: page + theirs.pkg},
		{As: session, Path: page + theirs.pkg + "/versions"},
		{As: session, Path: page + theirs.pkg + "/feed"},
		{As: session, Path: page + theirs.pkg + "/files/" + theirs.file},
		{As: session, Path: page + own.pkg + "/files/" + theirs.file},
		{As: session, Path: page + own.pkg + "/files/" + other.file},
		{As: session, Path: page + theirs.pkg + "/delete"},
		form(page+theirs.pkg+"/delete", session, "typed", "safe"),
		form(page+own.pkg+"/delete", session, "file", theirs.file),
		form(page+own.pkg+"/delete", session, "file", other.file),
	} {
		if call.As == nil {
			call.As = w.ben
		}
		reply := w.Want(t, http.StatusNotFound, call)
		if strings.Contains(string(reply.Body), "gold") || strings.Contains(string(reply.Body), "safe") {
			t.Errorf("%s tells of it: %s", call.Path, reply)
		}
	}
	for who, path := range map[*house.Proof]string{
		&w.ann: w.native("vault", "generic/safe/1.0.0/tool.bin"),
		&w.ben: w.native("own", "generic/other/1.0.0/tool.bin"),
	} {
		w.Want(t, http.StatusOK, house.Call{Path: path, As: *who})
	}
}

// form is a form of a page, sent by a browser.
func form(path string, session house.Proof, values ...string) house.Call {
	body := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		body.Set(values[i], values[i+1])
	}
	return house.Call{
		Method: http.MethodPost, Path: path, As: session, Body: []byte(body.Encode()),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	}
}

// Incident 20 (npm 2021): the name in the address was authorised, the one in
// the payload was written. The payload's name is written where the address is
// authorised, and nowhere else, whoever has a package of that name.
func TestIncident20(t *testing.T) {
	w := newWorld(t)
	publish := func(who house.Proof, path string, content []byte) house.Reply {
		return w.Do(t, house.Call{Method: http.MethodPut, Path: path, As: who, Body: content})
	}
	theirs, mine := library(`{"name":"acme/money","version":"1.0.0"}`, "theirs"), library(`{"name":"acme/money","version":"1.0.0"}`, "mine")
	dist := "composer/dists/acme/money/1.0.0/acme-money-1.0.0.zip"
	if reply := publish(w.ann, w.native("open", "composer"), theirs); reply.Status != http.StatusCreated {
		t.Fatal(reply)
	}
	for _, c := range []struct {
		path string
		want int
	}{
		{w.native("own", "composer"), http.StatusCreated},
		{w.native("own", "composer") + "?name=acme/other&owner=ann&project=open", http.StatusConflict},
		{w.native("open", "composer"), http.StatusForbidden},
		{w.native("vault", "composer"), http.StatusNotFound},
		{w.rest("open", "composer/1.0.0"), http.StatusForbidden},
		{"/user/ann/package/-/composer", http.StatusForbidden},
		{"/api/packages/ann/composer", http.StatusForbidden},
		{"/package/-/composer", http.StatusForbidden},
	} {
		if reply := publish(w.ben, c.path, mine); reply.Status != c.want {
			t.Errorf("%s: %s, want %d", c.path, reply, c.want)
		}
	}
	for project, want := range map[string][]byte{"open": theirs, "own": mine} {
		if got := w.Want(t, http.StatusOK, house.Call{Path: w.native(project, dist)}); !bytes.Equal(got.Body, want) {
			t.Errorf("%s holds another package", project)
		}
	}
}

// library packs a PHP library.
func library(manifest, content string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range [][2]string{{"composer.json", manifest}, {"src/a.php", content}} {
		if f, err := z.Create(e[0]); err != nil {
			panic(err) // writing to memory
		} else if _, err := f.Write([]byte(e[1])); err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Incident 30 (left-pad): deleting wants a right of its own, by every door, and
// on the page the name of what goes.
func TestIncident30(t *testing.T) {
	w := newWorld(t)
	tool := w.put(t, w.ann, "open", "tool", "steel")
	builder := house.Token(w.Token(t, w.annUser, forge.Transport, nil))
	page := "/project/ann/open/package/generic/" + tool.pkg
	for _, call := range []house.Call{
		{Method: http.MethodDelete, Path: w.native("open", "generic/tool/1.0.0/tool.bin")},
		{Method: http.MethodDelete, Path: w.native("open", "generic/tool/1.0.0")},
		{Method: http.MethodPost, Path: w.rest("open", tool.pkg+"/delete")},
		{Method: http.MethodPost, Path: w.rest("open", tool.pkg+"/1.0.0/delete")},
		{Method: http.MethodPost, Path: w.rest("open", tool.pkg+"/1.0.0/"+tool.file+"/delete")},
	} {
		call.As = builder
		reply := w.Want(t, http.StatusForbidden, call)
		if !strings.Contains(string(reply.Body), "packages:delete") {
			t.Errorf("%s: %s does not say which grant is missing", call.Path, reply)
		}
	}
	session := house.Cookie(w.Session(t, w.annUser))
	w.Want(t, http.StatusForbidden, form(page+"/delete", house.Cookie(w.Session(t, w.benUser)), "typed", "tool"))
	for _, typed := range []string{"", "too", "TOOL", "other"} {
		if reply := w.Do(t, form(page+"/delete", session, "typed", typed)); reply.Status < 400 {
			t.Errorf("%q for the name of the package: %s", typed, reply)
		}
	}
	w.Want(t, http.StatusOK, house.Call{Path: w.native("open", "generic/tool/1.0.0/tool.bin")})
	w.Want(t, http.StatusSeeOther, form(page+"/delete", session, "typed", "tool"))
	w.Want(t, http.StatusNotFound, house.Call{Path: w.native("open", "generic/tool/1.0.0/tool.bin")})
}
