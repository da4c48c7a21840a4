package nuget

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// What a package is for, as its nuspec says.
const (
	dependencyType = "Dependency" // where nothing is said
	symbolsType    = "SymbolsPackage"
)

const (
	packageExtension = ".nupkg"
	symbolsExtension = ".snupkg"
	iconFolder       = "icon"
	symbolsFolder    = "symbols/" // then the signature of a file; its name
	maxSymbols       = 1000       // symbol files of a package

	mediaType = "application/octet-stream"
)

// push takes a package ("Push a package"): a form whose first part it is,
// whatever that is called, or the bytes by themselves.
func (n *NuGet) push(q *format.Request) error {
	body, err := received(q)
	if err != nil {
		return err
	}
	if _, err := publish(q, body, false); err != nil {
		return err
	}
	return q.Empty(http.StatusCreated)
}

// pushSymbols takes the symbols of a package ("Push symbol package").
func (n *NuGet) pushSymbols(q *format.Request) error {
	body, err := received(q)
	if err != nil {
		return err
	}
	if _, err := publish(q, body, true); err != nil {
		return err
	}
	return q.Empty(http.StatusCreated)
}

// received stages what a client pushes.
func received(q *format.Request) (blob.Staged, error) {
	if media, _, _ := mime.ParseMediaType(q.R.Header.Get("Content-Type")); media != "multipart/form-data" {
		return q.Receive(0)
	}
	parts, err := q.R.MultipartReader()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "send a form: Content-Type multipart/form-data with a boundary")
	}
	part, err := parts.NextPart()
	if err != nil {
		return nil, broken(err)
	}
	body, err := q.Reg.Stage(q.Context(), part, 0)
	if err != nil {
		return nil, err
	}
	if _, err := parts.NextPart(); !errors.Is(err, io.EOF) {
		body.Discard()
		if err == nil {
			return nil, fault.New(fault.Invalid, "the form has more parts than the package: send one")
		}
		return nil, broken(err)
	}
	return body, nil
}

func broken(err error) error {
	return fault.Wrap(fault.Invalid, err, "the form is malformed or broke off: send the package again, as its only part")
}

// Upload implements format.Uploading.
func (n *NuGet) Upload() format.Upload {
	return format.Upload{
		Put:    []string{""},
		Get:    []string{"{package}/{version}"},
		Accept: packageExtension + "," + symbolsExtension,
		Receive: func(q *format.Request, in format.Incoming) (*format.Version, error) {
			return publish(q, in.Body, strings.EqualFold(path.Ext(in.Name), symbolsExtension))
		},
		Locate: func(q *format.Request) (*format.File, error) {
			return locate(q, q.Param("package"), q.Param("version"), packageExtension)
		},
	}
}

// publish reads a package and makes it a version, or its symbols part of one.
func publish(q *format.Request, body blob.Staged, symbols bool) (*format.Version, error) {
	c, err := readPackage(q.Context(), body, body.Size())
	if err == nil && symbols && !c.Is(symbolsType) {
		err = fault.New(fault.Invalid, "%s %s is no package of symbols: its packageType is not %s", c.ID, c.version, symbolsType)
	}
	if err != nil {
		body.Discard()
		return nil, err
	}
	if c.Is(symbolsType) {
		return publishSymbols(q, c, body)
	}
	files := []format.NewFile{{Name: fileName(c.ID, c.version, packageExtension), MediaType: mediaType, Body: body}}
	about, err := json.Marshal(c.Nuspec)
	if err == nil && c.icon != nil {
		file := format.NewFile{Name: "icon." + c.IconKind, Folder: iconFolder, MediaType: iconTypes[c.IconKind].media}
		if file.Body, err = q.Reg.Stage(q.Context(), bytes.NewReader(c.icon), maxIcon); err == nil {
			files = append(files, file)
		}
	}
	if err != nil {
		body.Discard()
		return nil, err
	}
	return q.Reg.Publish(q.Context(), format.Release{
		Package: c.ID, Version: c.version.String(), Prerelease: c.version.Prerelease(), Description: c.title(),
		Metadata: about, Readme: c.readme, About: c.about(), Files: files,
		Properties: map[string]string{nuspecProperty: base64.StdEncoding.EncodeToString(c.nuspec)},
	})
}

// nuspecProperty is the property of a version that holds its manifest in
// base64, which may be in any encoding of XML's. Walks do not read it.
const nuspecProperty = "nuspec"

// Names of a package's properties, by which it is searched. They say what any
// version of it was.
const (
	plainProperty = "semver1" // it has versions that clients before 4.3 read
	tagProperty   = "tag:"
	typeProperty  = "type:"
)

func (n *Nuspec) about() map[string]string {
	about := map[string]string{}
	for _, t := range n.Tags {
		about[tagProperty+strings.ToLower(t)] = "1"
	}
	for _, t := range n.Types {
		about[typeProperty+strings.ToLower(t.Name)] = "1"
	}
	if len(n.Types) == 0 {
		about[typeProperty+strings.ToLower(dependencyType)] = "1"
	}
	if !n.SemVer2 {
		about[plainProperty] = "1"
	}
	return about
}

// publishSymbols adds a package of symbols to its version, with each of its
// files apart, in a folder called by the signature that debuggers ask for. What
// is there stays as it is.
func publishSymbols(q *format.Request, c *contents, body blob.Staged) (_ *format.Version, err error) {
	rel := format.Release{
		Package: c.ID, Version: c.version.String(), Existing: format.Add,
		Files: []format.NewFile{{Name: fileName(c.ID, c.version, symbolsExtension), MediaType: mediaType, Body: body}},
	}
	defer func() {
		for _, f := range rel.Files { // Publish discards them too, which does no harm
			f.Body.Discard()
		}
	}()
	if _, err := locate(q, rel.Package, rel.Version, packageExtension); err != nil {
		if fault.Is(err, fault.NotFound) {
			err = fault.New(fault.NotFound, "%s %s is not here: push the package before its symbols", c.ID, c.version)
		}
		return nil, err
	}
	for _, f := range c.zip.Files() {
		if !strings.EqualFold(path.Ext(f.Name), ".pdb") || !f.Mode.IsRegular() {
			continue
		}
		if len(rel.Files) > maxSymbols {
			return nil, fault.New(fault.TooLarge, "the package has more than %d symbol files", maxSymbols)
		}
		content, err := c.zip.Open(f.Name)
		if err != nil {
			return nil, err
		}
		staged, err := q.Reg.Stage(q.Context(), content, 0)
		if err != nil {
			return nil, err
		}
		file := format.NewFile{Name: path.Base(f.Name), MediaType: mediaType, Body: staged}
		signature, err := ParsePDB(staged, staged.Size())
		if err != nil {
			staged.Discard()
			return nil, fault.Wrap(fault.Invalid, err, "%q: %s", f.Name, fault.From(err).Message)
		}
		file.Folder = symbolsFolder + signature
		same := func(g format.NewFile) bool { return strings.EqualFold(g.Path(), file.Path()) }
		if i := slices.IndexFunc(rel.Files, same); i >= 0 {
			staged.Discard() // the same file for another framework
			if rel.Files[i].Body.Digests().SHA256 != staged.Digests().SHA256 {
				return nil, fault.New(fault.Invalid, "the package has two files %s of one signature", file.Name)
			}
			continue
		}
		rel.Files = append(rel.Files, file)
	}
	if len(rel.Files) == 1 {
		return nil, fault.New(fault.Invalid, "the package of symbols has no .pdb file")
	}
	v, err := q.Reg.Publish(q.Context(), rel)
	if fault.Is(err, fault.Conflict) {
		err = fault.Wrap(fault.Conflict, err, "the symbols of %s %s already exist, or some of these files; what is published is never replaced", c.ID, c.version)
	}
	return v, err
}

// Names and values of the setting that says what a deletion does.
const (
	deleteSetting = "delete"
	deletes       = "delete"
)

// unlist takes a version back, as nuget.org understands a deletion: it is found
// no more, and given to whoever names it. A registry may choose to delete.
func (n *NuGet) unlist(q *format.Request) error {
	how, err := q.Reg.Setting(q.Context(), deleteSetting)
	if err != nil {
		return err
	}
	if how != deletes {
		return list(q, false, http.StatusNoContent)
	}
	reg, err := q.With(forge.DeletePackages)
	if err != nil {
		return err
	}
	if err := reg.Delete(q.Context(), format.FileRef{Package: q.Param("package"), Version: q.Param("version")}); err != nil {
		return err
	}
	return q.Empty(http.StatusNoContent)
}

// relist takes an unlisting back.
func (n *NuGet) relist(q *format.Request) error { return list(q, true, http.StatusOK) }

func list(q *format.Request, listed bool, status int) error {
	err := q.Reg.Edit(q.Context(), q.Param("package"), format.Yank{Version: q.Param("version"), On: !listed})
	if err != nil {
		return err
	}
	return q.Empty(status)
}
