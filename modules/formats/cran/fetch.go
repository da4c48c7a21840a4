package cran

import (
	"encoding/json"
	"path"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// source answers with the source of any version, the newest or an older one.
func (c *CRAN) source(q *format.Request) error {
	f, err := find(q, tree{}, q.Param("file"))
	if err != nil {
		return err
	}
	return q.File(f)
}

// olderSource answers with the source of any version by the address of older
// ones.
func (c *CRAN) olderSource(q *format.Request) error {
	name, _, _, _ := splitFileName(q.Param("file"))
	if !strings.EqualFold(name, q.Param("package")) {
		return absent(q.Param("file"))
	}
	return c.source(q)
}

// built answers with a built package.
func (c *CRAN) built(q *format.Request) error {
	t, ok := parseTree("bin/" + q.Param("tree"))
	if !ok {
		return noTree(q)
	}
	f, err := find(q, t, q.Param("file"))
	if err != nil {
		return err
	}
	return q.File(f)
}

// find finds a file of a tree. A tree for macOS has those of the common one
// too, where it can run them.
func find(q *format.Request, t tree, file string) (*format.File, error) {
	name, version, k, ok := splitFileName(file)
	if !ok || k != t.kind() {
		return nil, absent(file)
	}
	f, err := q.Reg.File(q.Context(), format.FileRef{Package: name, Version: version, File: path.Join(t.String(), file)})
	if t.flavour == "" || !fault.Is(err, fault.NotFound) {
		return f, err
	}
	f, err = q.Reg.File(q.Context(), format.FileRef{Package: name, Version: version, File: path.Join(t.common().String(), file)})
	if err != nil {
		return nil, err
	}
	var r record
	if err := json.Unmarshal(f.Metadata, &r); err != nil {
		return nil, err
	}
	if !t.runs(r.platform()) {
		return nil, absent(file)
	}
	return f, nil
}

func absent(file string) error { return fault.New(fault.NotFound, "there is no %.220q here", file) }

func noTree(q *format.Request) error {
	return fault.New(fault.NotFound, "there is no folder bin/%.100s here: built packages are below bin/windows/contrib/4.2, bin/macosx/big-sur-arm64/contrib/4.2 and the like", q.Param("tree"))
}

// locate finds a file by the REST API: a built one by platform and version of R.
func (c *CRAN) locate(q *format.Request) (*format.File, error) {
	file, platform := q.Param("file"), q.Query("platform")
	name, version, k, ok := splitFileName(file)
	switch {
	case !ok:
		return nil, absent(file)
	case k == source:
		return find(q, tree{}, file)
	case platform == "":
		return nil, fault.New(fault.Invalid, "say of which platform %s is: platform=macosx or platform=windows", file).At("platform")
	}
	t, err := newTree(platform, q.Query("languageVersion"))
	if err != nil {
		return nil, err
	}
	f, err := find(q, t, file)
	if t != (tree{system: macOS, r: t.r}) || !fault.Is(err, fault.NotFound) {
		return f, err
	}
	// The platform macosx stands for all builds of R for macOS.
	v, err := q.Reg.Version(q.Context(), name, version)
	if err != nil {
		return nil, err
	}
	for _, f := range v.Files {
		if of, ok := treeOf(f); ok && of.common() == t && strings.EqualFold(path.Base(f.Name), file) {
			return f, nil
		}
	}
	return nil, absent(file)
}
