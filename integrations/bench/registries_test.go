package bench

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/all/alltest"
)

// ofPackage are the indexes of one package, by formats; {name} stands for its
// name. ofRegistry are those of a whole registry.
var (
	ofPackage = map[string][]string{
		"nuget":   {"v3/registration-semver2/{name}/index.json"},
		"rubygem": {"info/{name}"},
		"cargo":   {"mo/ne/{name}"},
	}
	ofRegistry = map[string][]string{
		"rubygem": {"versions"},
		"cran":    {"src/contrib/PACKAGES"},
		"conda":   {"noarch/repodata.json"},
		"helm":    {"index.yaml"},
	}
)

// called gives the name of the i-th of many packages, which every format takes.
func called(i int) string { return fmt.Sprintf("money%dx", i) }

// native gives the address of a format in a user's scope.
func native(format, path string) string { return "/user/ann/package/-/" + format + "/" + path }

// sendTo is send of what a client sends below an address.
func (h *house) sendTo(base string, r formattest.Request) error {
	return h.send(r.Method, strings.TrimSuffix(base+r.Path, "/"), contentType(r), r.Body)
}

func contentType(r formattest.Request) string {
	for i := 0; i < len(r.Header); i += 2 {
		if r.Header[i] == "Content-Type" {
			return r.Header[i+1]
		}
	}
	return "application/octet-stream"
}

// registries holds the indexes of the formats that have a sample against the
// same bytes from bare gin: at 1,000 versions of a package, and at 10,000
// packages of a registry.
func registries(b *testing.B, t *table) {
	versions, packages := 1000, 10_000
	if *quick {
		versions, packages = 200, 1000
	}
	samples := alltest.Samples()
	h := build(b, func(h *house) {
		for _, id := range slices.Sorted(maps.Keys(ofPackage)) {
			h.fill(versions, func(i int) error {
				return h.sendTo(native(id, ""), samples[id].Put("money", numbered(i)))
			})
		}
		for _, id := range slices.Sorted(maps.Keys(ofRegistry)) {
			h.fill(packages, func(i int) error {
				return h.sendTo(native(id, ""), samples[id].Put(called(i), "1.0.0"))
			})
		}
	})
	compare := func(what, path string) {
		document := h.get(path, http.StatusOK, "Accept-Encoding: gzip")
		content := document.once(b)
		reference := get(bareServer(b, map[string][]byte{"index.gz": content}), "/bytes/index.gz", http.StatusOK, "Accept-Encoding: gzip")
		if !bytes.Equal(reference.once(b), content) {
			b.Fatal("the two sides write different bytes")
		}
		versus(b, connections, document, reference).ratio(b, t, fmt.Sprintf("%s, %d KiB of gzip", what, len(content)>>10), "bare gin", atLeast(0.5))
	}
	for _, id := range slices.Sorted(maps.Keys(ofPackage)) {
		for _, path := range ofPackage[id] {
			compare(fmt.Sprintf("%s %s, %d versions", id, path, versions), native(id, strings.ReplaceAll(path, "{name}", "money")))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(ofRegistry)) {
		for _, path := range ofRegistry[id] {
			compare(fmt.Sprintf("%s %s, %d packages", id, path, packages), native(id, path))
		}
	}
}

// fullRegistry compares a publication into a registry of 10,000 packages with
// one into an empty one, and what the first request of the index costs after
// it with that of a registry a tenth as large.
func fullRegistry(b *testing.B, t *table) {
	packages := 10_000
	if *quick {
		packages = 1000
	}
	samples := alltest.Samples()
	owner := func(name, id string) string { return "/user/" + name + "/package/-/" + id + "/" }
	for _, id := range slices.Sorted(maps.Keys(ofRegistry)) {
		s, paths, tokens := samples[id], ofRegistry[id], map[string]string{}
		h := build(b, func(h *house) {
			tokens["ann"] = h.token
			for name, n := range map[string]int{"bob": packages / 10, "eve": 0} {
				tokens[name] = h.tokenOf(h.member(name))
				h.token = tokens[name]
				h.fill(n, func(i int) error { return h.sendTo(owner(name, id), s.Put(called(i), "1.0.0")) })
			}
			h.token = tokens["ann"]
			h.fill(packages, func(i int) error { return h.sendTo(owner("ann", id), s.Put(called(i), "1.0.0")) })
		})
		published, built := map[string][]float64{}, map[string][]float64{}
		for i := range 3 * rounds() {
			for k := range 3 { // each comes behind each: what one leaves to do is not one other's alone
				name := []string{"ann", "bob", "eve"}[(k+i)%3]
				h.token = tokens[name]
				r := s.Put(called(packages+i), "1.0.0")
				start := time.Now()
				h.ask(r.Method, strings.TrimSuffix(owner(name, id)+r.Path, "/"), contentType(r), r.Body, http.StatusOK, http.StatusCreated, http.StatusAccepted)
				published[name] = append(published[name], time.Since(start).Seconds())
				// The index is asked for each time, so that one which is made at a
				// publication would show.
				index := h.get(owner(name, id)+paths[0], http.StatusOK, "Accept-Encoding: gzip")
				start = time.Now()
				index.once(b)
				built[name] = append(built[name], time.Since(start).Seconds())
			}
		}
		full, empty := median(published["ann"]), median(published["eve"])
		t.ratio(b, fmt.Sprintf("%s publication beside %d packages", id, packages), fmt.Sprintf("%.2f ms", full*1e3),
			fmt.Sprintf("in an empty registry %.2f ms", empty*1e3), full/empty, atMost(1.5))
		all, few := median(built["ann"])/float64(packages), median(built["bob"])/float64(packages/10)
		t.ratio(b, fmt.Sprintf("first %s after a publish, per package at %d", paths[0], packages), fmt.Sprintf("%.1f µs", all*1e6),
			fmt.Sprintf("at %d %.1f µs", packages/10, few*1e6), all/few, atMost(1.5))
	}
}
