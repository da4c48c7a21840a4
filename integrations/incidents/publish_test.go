package incidents

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/services/registry"
)

// Incident 7 (GitLab CVE-2024-6595): what was said beside the archive outweighed
// what is in it. Metadata come from the archive, what is said beside it has to
// agree, and what only a registry may say is not taken from either.
func TestIncident07(t *testing.T) {
	w := newWorld(t)
	evil := `{"name":"acme/money","version":"1.0.0","description":"Amounts","require":{"php":">=8.1"},
		"version_normalized":"9.9.9.9","time":"1999-01-01T00:00:00Z","uid":1,"default-branch":true,"notification-url":"https://evil.example/",
		"dist":{"type":"zip","url":"https://evil.example/x.zip","shasum":""},"source":{"type":"git","url":"https://evil.example/x.git","reference":"main"},
		"transport-options":{"ssl":{"verify_peer":false}},"installation-source":"dist"}`
	for _, path := range []string{w.native("open", "composer?version=2.0.0"), w.rest("open", "composer/2.0.0"), w.rest("open", "composer/dev-main")} {
		reply := w.Do(t, house.Call{Method: http.MethodPut, Path: path, As: w.ann, Body: library(evil, "")})
		if reply.Status != 400 && reply.Status != 422 || !strings.Contains(string(reply.Body), "1.0.0") {
			t.Errorf("%s with another version inside: %s", path, reply)
		}
	}
	w.Want(t, http.StatusNotFound, house.Call{Path: w.native("open", "composer/p2/acme/money.json")})
	w.Want(t, http.StatusCreated, house.Call{
		Method: http.MethodPut, Path: w.native("open", "composer?version=v1.0.0&name=acme/other&description=evil"), As: w.ann, Body: library(evil, ""),
	})
	reply := w.Want(t, http.StatusOK, house.Call{Path: w.native("open", "composer/p2/acme/money.json")})
	var document struct {
		Packages map[string][]map[string]any
	}
	if err := json.Unmarshal(reply.Body, &document); err != nil {
		t.Fatal(err)
	}
	version := document.Packages["acme/money"][0]
	for key, want := range map[string]string{"version": "1.0.0", "version_normalized": "1.0.0.0", "description": "Amounts", "require": "map[php:>=8.1]"} {
		if got := fmt.Sprint(version[key]); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	for _, key := range []string{"uid", "default-branch", "notification-url", "transport-options", "installation-source"} {
		if value, told := version[key]; told {
			t.Errorf("the registry says %s: %v because the package did", key, value)
		}
	}
	if strings.Contains(string(reply.Body), "evil") || strings.Contains(string(reply.Body), "1999") {
		t.Errorf("the package speaks for the registry: %s", reply.Body)
	}
	w.Want(t, http.StatusNotFound, house.Call{Path: w.native("open", "composer/p2/acme/other.json")})
}

// Incident 22 (npm CVE-2019-16776): a link in a package that leads out of it.
// The contract of formats tries that with uploads; this is a tag.
func TestIncident22(t *testing.T) {
	w := newWorld(t)
	for name, target := range map[string]string{
		"climb": "../../../../etc/passwd", "root": "/etc/passwd", "up": "..", "chain": "src/../../x",
	} {
		source := house.Repository(t, "v1.0.0", map[string]string{
			"composer.json": `{"name":"acme/evil"}`, "src/a.php": "<?php", "link": formattest.LinkTo + target,
		})
		w.Project(t, w.annUser.Ref(), name, false, source)
		reply := w.Want(t, http.StatusUnprocessableEntity, house.Call{
			Method: http.MethodPost, Path: "/project/ann/" + name + "/package/-/composer?tag=v1.0.0", As: w.ann,
		})
		if !strings.Contains(string(reply.Body), "link") {
			t.Errorf("%s: %s does not say what is wrong", target, reply)
		}
	}
	// A link within the tree is a link in the package.
	source := house.Repository(t, "v1.0.0", map[string]string{
		"composer.json": `{"name":"acme/good"}`, "src/a.php": "<?php", "bin/a": formattest.LinkTo + "../src/a.php",
	})
	w.Project(t, w.annUser.Ref(), "good", false, source)
	w.Want(t, http.StatusOK, house.Call{Method: http.MethodPost, Path: "/project/ann/good/package/-/composer?tag=v1.0.0", As: w.ann})
}

// Incident 31 (gitea#20605, files over 32 MiB were stored with no bytes;
// gitea#30171, packages that a race made undeletable): the digest of what is
// stored is that of what was received, before anything is answered.
func TestIncident31(t *testing.T) {
	w := newWorld(t)
	large := make([]byte, 33<<20)
	_, _ = rand.NewChaCha8([32]byte{31}).Read(large)
	for name, content := range map[string][]byte{"large": large, "small": []byte("x"), "empty": {}} {
		got := w.put(t, w.ann, "open", name, string(content))
		reply := w.Want(t, http.StatusOK, house.Call{Path: w.native("open", "generic/"+name+"/1.0.0/tool.bin")})
		if !bytes.Equal(reply.Body, content) {
			t.Errorf("%s: %d bytes come back, and not those that were sent", name, len(reply.Body))
		}
		files := w.Want(t, http.StatusOK, house.Call{Path: w.rest("open", got.pkg+"/package-file"), As: w.ann})
		for _, sum := range []string{
			fmt.Sprintf(`"size":%d`, len(content)), fmt.Sprintf("%x", sha256.Sum256(content)),
			fmt.Sprintf("%x", sha1.Sum(content)), fmt.Sprintf("%x", md5.Sum(content)),
		} {
			if !strings.Contains(string(files.Body), sum) {
				t.Errorf("%s: %s does not say %s", name, files, sum)
			}
		}
		if !w.stored(t, content) {
			t.Errorf("%s: no object has its bytes", name)
		}
	}
	// What a client announces is compared before anything is stored.
	before := len(w.Files(t, "blobs"))
	other := sha256.Sum256([]byte("other"))
	for name, value := range map[string]string{
		"X-Checksum-Sha256": fmt.Sprintf("%x", other),
		"Repr-Digest":       "sha-256=:" + base64.StdEncoding.EncodeToString(other[:]) + ":",
	} {
		w.Want(t, http.StatusBadRequest, house.Call{
			Method: http.MethodPut, Path: w.native("open", "generic/wrong/1.0.0/tool.bin"), As: w.ann, Body: []byte("bytes"), Header: http.Header{name: {value}},
		})
	}
	w.Want(t, http.StatusNotFound, house.Call{Path: w.native("open", "generic/wrong")})
	if after := len(w.Files(t, "blobs")); after != before {
		t.Errorf("%d objects became %d", before, after)
	}
	w.race(t)
	if err := w.Registry.Doctor(t.Context(), false, func(f registry.Finding) { t.Errorf("doctor finds %+v", f) }); err != nil {
		t.Error(err)
	}
}

// stored tells whether an object on the disk has these bytes.
func (w *world) stored(t *testing.T, content []byte) bool {
	t.Helper()
	for _, name := range w.Files(t, "blobs") {
		if got, err := os.ReadFile(w.Data + name); err == nil && bytes.Equal(got, content) {
			return true
		}
	}
	return false
}

// race publishes and deletes one package from many sides; whatever came of it
// can be deleted, and published again.
func (w *world) race(t *testing.T) {
	t.Helper()
	address := w.native("open", "generic/raced")
	for round := range 5 {
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				version := fmt.Sprintf("%s/1.%d.0", address, i%3)
				call := house.Call{Method: http.MethodPut, Path: version + "/tool.bin", As: w.ann, Body: fmt.Append(nil, round, i)}
				if i%2 == 1 {
					call = house.Call{Method: http.MethodDelete, Path: version, As: w.ann}
				}
				if reply := w.Do(t, call); reply.Status >= 500 {
					t.Errorf("%s %s: %s", call.Method, call.Path, reply)
				}
			})
		}
		wg.Wait()
	}
	for i := range 3 {
		version := fmt.Sprintf("%s/1.%d.0", address, i)
		w.Do(t, house.Call{Method: http.MethodDelete, Path: version, As: w.ann}) // there or not
		w.Want(t, http.StatusNotFound, house.Call{Method: http.MethodDelete, Path: version, As: w.ann})
	}
	w.Want(t, http.StatusNotFound, house.Call{Path: address})
	w.put(t, w.ann, "open", "raced", "again")
}
