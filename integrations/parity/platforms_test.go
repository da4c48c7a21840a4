package parity

import (
	"bytes"
	"net/http"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/conda/condatest"
	"ingot.dev/modules/formats/cran/crantest"
)

// What is built for a platform is published at the same address as the source,
// and is told from it by the query when it is downloaded; languageVersion is
// that of R.
func TestPlatforms(t *testing.T) {
	w := newWorld(t)
	k := &kind{world: w, id: "cran", Sample: sampleOf(t, "cran")}
	p := w.project(t, w.ann.Ref(), false)
	k.publish(t, p, "money", v1)
	files := map[string]struct {
		platform string
		content  []byte
	}{
		"money_1.0.0.zip": {"windows", formattest.Zip(built("", "windows")...)},
		"money_1.0.0.tgz": {"macosx", formattest.Tarball(built("aarch64-apple-darwin20", "unix")...)},
	}
	for name, f := range files {
		put := house.Call{Method: http.MethodPut, Path: p.rest("cran/4.2/" + name), As: p.as, Body: f.content}
		w.Want(t, http.StatusOK, put)
		failed(t, put, w.Want(t, http.StatusConflict, put))
	}
	for name, f := range files {
		address := p.rest("cran/" + name)
		got := w.Want(t, http.StatusOK, house.Call{Path: address + "?languageVersion=4.2&platform=" + f.platform, As: p.as})
		if !bytes.Equal(got.Body, f.content) {
			t.Errorf("%s is %s", name, got)
		}
		for query, status := range map[string]int{
			"?languageVersion=4.2":                  400, // the platform is wanted
			"?languageVersion=4.2&platform=beos":    400,
			"?languageVersion=3.6&platform=windows": 404,
		} {
			w.Want(t, status, house.Call{Path: address + query, As: p.as})
		}
	}
	w.Want(t, http.StatusOK, house.Call{Path: p.rest("cran/money_1.0.0.tar.gz?languageVersion=4.2"), As: p.as})
	id, versions := k.one(t, p, "money")
	if len(versions) != 1 || len(versions[0].PackageFiles) != 3 {
		t.Errorf("there are %+v", versions)
	}
	reply := w.Want(t, http.StatusOK, house.Call{Path: p.rest(id.ID + "/" + v1), As: p.as})
	if !bytes.Contains(reply.Body, []byte(`"languageVersion":"4.2"`)) {
		t.Errorf("it is for the R of %s", reply)
	}
}

// built are the files of a package that R built.
func built(platform, system string) []formattest.Entry {
	line := "Built: R 4.2.2; " + platform + "; 2026-01-02 12:00:00 UTC; " + system + "\n"
	return []formattest.Entry{
		{Name: "money/DESCRIPTION", Text: crantest.Description("money", v1, line)}, {Name: "money/Meta/package.rds", Text: "x"},
	}
}

// A conda package is published to a channel, the root where none is named, and
// downloaded by its platform from the root.
func TestChannels(t *testing.T) {
	w := newWorld(t)
	k := &kind{world: w, id: "conda", Sample: sampleOf(t, "conda")}
	p := w.project(t, w.ann.Ref(), false)
	root, named := condatest.Build{Name: "money", Version: "1.0.0", Build: "0"}, condatest.Build{Name: "money", Version: "2.0.0", Build: "0"}
	w.Want(t, http.StatusOK, house.Call{Method: http.MethodPut, Path: p.rest("conda/" + root.File()), As: p.as, Body: root.Conda()})
	w.Want(t, http.StatusOK, house.Call{Method: http.MethodPut, Path: p.rest("conda/" + named.File() + "?channel=main"), As: p.as, Body: named.Conda()})
	for path, want := range map[string][]byte{
		"conda/noarch/" + root.File():                    root.Conda(),
		"conda/noarch/" + named.File():                   nil,
		"conda/linux-64/" + root.File():                  nil,
		"conda/noarch/" + named.File() + "?channel=main": named.Conda(),
	} {
		status := http.StatusOK
		if want == nil {
			status = http.StatusNotFound
		}
		if reply := w.Want(t, status, house.Call{Path: p.rest(path), As: p.as}); want != nil && !bytes.Equal(reply.Body, want) {
			t.Errorf("%s is %s", path, reply)
		}
	}
	if _, versions := k.one(t, p, "money"); len(versions) != 2 {
		t.Errorf("there are %+v", versions)
	}
}
