package nuget

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// locate finds the file of a version by its extension.
func locate(q *format.Request, id, version, extension string) (*format.File, error) {
	v, err := ParseVersion(version)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, err, "%.120s has no version %.80q", id, version)
	}
	return q.Reg.File(q.Context(), format.FileRef{Package: id, Version: version, File: fileName(id, v, extension)})
}

// file answers with the package of a version, or with that of its symbols.
func (n *NuGet) file(q *format.Request) error {
	id, version := q.Param("package"), q.Param("version")
	for _, extension := range []string{packageExtension, symbolsExtension} {
		if strings.EqualFold(q.Param("file"), id+"."+version+extension) {
			return give(q, extension)
		}
	}
	return fault.New(fault.NotFound, "there is no file %.120q of %.120s %.80s", q.Param("file"), id, version)
}

// download answers clients of version 2.
func (n *NuGet) download(q *format.Request) error { return give(q, packageExtension) }

func give(q *format.Request, extension string) error {
	f, err := locate(q, q.Param("package"), q.Param("version"), extension)
	if err != nil {
		return err
	}
	return q.File(f)
}

// readme answers with the README of a version ("README URL template").
func (n *NuGet) readme(q *format.Request) error {
	r, err := q.Reg.Readme(q.Context(), q.Param("package"), q.Param("version"))
	if err != nil {
		return err
	}
	if r.Text == "" {
		return fault.New(fault.NotFound, "%s %s has no README", q.Param("package"), q.Param("version"))
	}
	return q.Bytes(http.StatusOK, "text/markdown; charset=utf-8", []byte(r.Text))
}

// nuspec answers with the manifest as it stands in the package.
func (n *NuGet) nuspec(q *format.Request) error {
	if !strings.EqualFold(q.Param("file"), q.Param("package")) {
		return fault.New(fault.NotFound, "there is no %.120q here: a manifest is called by the package's id", q.Param("file")+".nuspec")
	}
	return serveVersion(q, nuspecKind)
}

// icon answers with the picture in a package, which was taken out when it was
// published. To show it is no download.
func (n *NuGet) icon(q *format.Request) error {
	v, err := q.Reg.Version(q.Context(), q.Param("package"), q.Param("version"))
	if err != nil {
		return err
	}
	for _, f := range v.Files {
		if strings.HasPrefix(f.Name, iconFolder+"/") {
			shown := *f
			shown.VersionID = 0
			return q.File(&shown)
		}
	}
	return fault.New(fault.NotFound, "%s %s has no icon", v.Package, v.Name)
}

// symbols answers a debugger ("SSQP key conventions"): a file by its name and
// signature, whatever package it came with.
func (n *NuGet) symbols(q *format.Request) error {
	file, signature := strings.ToLower(q.Param("file")), strings.ToLower(q.Param("signature"))
	absent := fault.New(fault.NotFound, "there are no symbols %.120q of the signature %.60q here", file, signature)
	if len(signature) != 2*guidLen+len(portable) || strings.Trim(signature, "0123456789abcdef") != "" || !strings.EqualFold(q.Param("name"), file) {
		return absent
	}
	f, err := symbolsCalled(q, symbolsFolder+signature+"/"+file)
	if err != nil {
		return err
	}
	if f == nil {
		return absent
	}
	return q.File(f)
}

// symbolsCalled finds a file in any version; nil where there is none, which is
// most often: debuggers ask for each module that is loaded. Of several packages
// that have it, as the symbols of one module go into some, the first one's is
// meant: nobody who comes later gives a debugger others. A walk holds a connection
// to the database, so it is over before the file is given out, for which a client
// takes as long as it likes.
func symbolsCalled(q *format.Request, name string) (first *format.File, err error) {
	for versions, err := range q.Reg.Each(q.Context(), format.Filter{File: name}) {
		if err != nil {
			return nil, err
		}
		for _, v := range versions {
			if f := v.Files[0]; first == nil || f.Created.Before(first.Created) {
				first = f
			}
		}
	}
	return first, nil
}

// details sends a browser to the page of a version ("Package details URL
// template").
func (n *NuGet) details(q *format.Request) error {
	v, err := q.Reg.Version(q.Context(), q.Param("package"), q.Param("version"))
	if err != nil {
		return err
	}
	p, err := q.Reg.Package(q.Context(), v.Package)
	if err != nil {
		return err
	}
	place := ""
	if q.Scope.Kind != scope.Service {
		place = "/" + q.Scope.Path.String()
	}
	q.W.Header().Set("Location", q.Root+place+"/package/nuget/"+p.UUID+"/"+url.PathEscape(v.Name))
	return q.Empty(http.StatusFound)
}

// packed gives the package of a version; nil where somebody took it out.
func packed(v *format.Version) *format.File {
	for _, f := range v.Files {
		if strings.HasSuffix(strings.ToLower(f.Name), packageExtension) {
			return f
		}
	}
	return nil
}

// nuspecOf gives what was kept of a version's manifest.
func nuspecOf(v *format.Version) (*Nuspec, error) {
	var n Nuspec
	if err := json.Unmarshal(v.Metadata, &n); err != nil {
		return nil, fmt.Errorf("%s %s: %w", v.Package, v.Name, err)
	}
	return &n, nil
}

// nuspecKind is the manifest of a version.
const nuspecKind = "nuspec"

// serveVersion answers with a document of one version. All spellings of its
// address lead to the same one.
func serveVersion(q *format.Request, kind string) error {
	id, err := CanonicalName(q.Param("package"))
	version, wrong := CanonicalVersion(q.Param("version"))
	if err != nil || wrong != nil {
		return fault.New(fault.NotFound, "there is no %.120q %.80q here", q.Param("package"), q.Param("version"))
	}
	return q.Document(kind, id+"/"+version)
}

// packageOf gives the package in the key of a document of a version.
func packageOf(key string) string {
	id, _, _ := strings.Cut(key, "/")
	return id
}

// versionAt finds the version that a key names.
func versionAt(ctx context.Context, b format.Build) (*format.Version, *Nuspec, error) {
	id, version, _ := strings.Cut(b.Key, "/")
	v, err := b.Reg.Version(ctx, id, version)
	if err != nil {
		return nil, nil, err
	}
	if packed(v) == nil {
		return nil, nil, fault.New(fault.NotFound, "%s %s has no package", v.Package, v.Name)
	}
	spec, err := nuspecOf(v)
	return v, spec, err
}

// buildNuspec writes a manifest as it was when the package was published.
func buildNuspec(ctx context.Context, b format.Build, w io.Writer) error {
	v, _, err := versionAt(ctx, b)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, base64.NewDecoder(base64.StdEncoding, strings.NewReader(v.Properties[nuspecProperty])))
	return err
}
