package generic

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/version"
)

// Generic implements format.Format.
type Generic struct {
	name, file *regexp.Regexp
}

var (
	_ format.Format    = (*Generic)(nil)
	_ format.Naming    = (*Generic)(nil)
	_ format.Uploading = (*Generic)(nil)
	_ format.Presented = (*Generic)(nil)
)

// New makes the format.
func New() *Generic {
	return &Generic{
		name: regexp.MustCompile(`^[A-Za-z0-9._+-]+$`),
		file: regexp.MustCompile(`^[A-Za-z0-9._+=:;()\[\]{}~!@#$%^& -]+$`),
	}
}

// Info implements format.Format.
func (g *Generic) Info() format.Info {
	return format.Info{ID: "generic", Title: "Generic", Short: "bin", PURL: "generic"}
}

// Routes implements format.Format.
func (g *Generic) Routes() []format.Route {
	return []format.Route{
		{Name: "putFile", Method: http.MethodPut, Pattern: "{package}/{version}/{file}", Need: forge.PublishPackages, Handle: g.put},
		{Name: "latestFile", Method: http.MethodGet, Pattern: "{package}/latest/{file}", Need: forge.ReadPackages, Handle: g.latest},
		{Name: "getFile", Method: http.MethodGet, Pattern: "{package}/{version}/{file}", Need: forge.ReadPackages, Handle: g.fetch},
		{Name: "deleteFile", Method: http.MethodDelete, Pattern: "{package}/{version}/{file}", Need: forge.DeletePackages, Handle: g.remove},
		{Name: "deleteVersion", Method: http.MethodDelete, Pattern: "{package}/{version}", Need: forge.DeletePackages, Handle: g.remove},
		{Name: "listVersions", Method: http.MethodGet, Pattern: "{package}", Need: forge.ReadPackages, Handle: g.list},
	}
}

// CanonicalName implements format.Naming: names are unique without letter case.
func (g *Generic) CanonicalName(name string) (string, error) {
	if !g.name.MatchString(name) || len(name) > 255 || name == ".." || len(name) == 1 && strings.ContainsAny(name, "._+-") {
		return "", fault.New(fault.Invalid, "the package name %q is not allowed: letters, digits and . _ - + only", name)
	}
	return strings.ToLower(name), nil
}

// CanonicalVersion implements format.Naming.
func (g *Generic) CanonicalVersion(v string) (string, error) {
	if v == "" || v != strings.TrimSpace(v) || len(v) > 255 || !utf8.ValidString(v) || strings.ContainsAny(v, `/\`) || v == "." || v == ".." {
		return "", fault.New(fault.Invalid, "the version %q is not allowed: some text without blanks at its ends", v)
	}
	if v == "latest" {
		return "", fault.New(fault.Invalid, `the version "latest" is not allowed: it stands for the newest one`)
	}
	return v, nil
}

func (g *Generic) checkFile(name string) error {
	if !g.file.MatchString(name) || name != strings.TrimSpace(name) || name == "." || name == ".." || len(name) > 255 {
		return fault.New(fault.Invalid, "the file name %q is not allowed: letters, digits and ._+=:;()[]{}~!@#$%%^&- only", name)
	}
	return nil
}

// check refuses names before the body is read.
func (g *Generic) check(q *format.Request, file string) error {
	if _, err := g.CanonicalName(q.Param("package")); err != nil {
		return err
	}
	if _, err := g.CanonicalVersion(q.Param("version")); err != nil {
		return err
	}
	return g.checkFile(file)
}

func (g *Generic) put(q *format.Request) error {
	if err := g.check(q, q.Param("file")); err != nil {
		return err
	}
	body, err := q.Receive(0)
	if err != nil {
		return err
	}
	if err := declared(q.R.Header, body.Digests().SHA256); err != nil {
		body.Discard()
		return err
	}
	if _, err := g.receive(q, format.Incoming{Name: q.Param("file"), Body: body}); err != nil {
		return err
	}
	return q.Empty(http.StatusCreated)
}

// declared compares the digest that the client announced with the received one.
func declared(h http.Header, sha256 string) error {
	want := strings.ToLower(strings.TrimSpace(h.Get("X-Checksum-Sha256")))
	if digest, ok := strings.CutPrefix(h.Get("Repr-Digest"), "sha-256=:"); ok {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(digest, ":"))
		if err != nil {
			return fault.New(fault.Invalid, "the Repr-Digest header is malformed")
		}
		want = hex.EncodeToString(raw)
	}
	if want != "" && want != sha256 {
		return fault.New(fault.Invalid, "the body has the sha256 %s, but %s was announced; send it again", sha256, want)
	}
	return nil
}

func (g *Generic) receive(q *format.Request, in format.Incoming) (*format.Version, error) {
	name := q.Param("file")
	if name == "" {
		name = in.Name // the form's file brings its name
	}
	if err := g.check(q, name); err != nil {
		in.Body.Discard()
		return nil, err
	}
	return q.Reg.Publish(q.Context(), format.Release{
		Package:    q.Param("package"),
		Version:    q.Param("version"),
		Prerelease: version.Prerelease(q.Param("version")),
		Files:      []format.NewFile{{Name: name, Body: in.Body}},
		Existing:   format.Add,
	})
}

func (g *Generic) locate(q *format.Request) (*format.File, error) {
	return q.Reg.File(q.Context(), format.FileRef{Package: q.Param("package"), Version: q.Param("version"), File: q.Param("file")})
}

func (g *Generic) fetch(q *format.Request) error {
	f, err := g.locate(q)
	if err != nil {
		return err
	}
	return q.File(f)
}

func (g *Generic) latest(q *format.Request) error {
	p, err := q.Reg.Package(q.Context(), q.Param("package"))
	if err != nil {
		return err
	}
	if p.Latest == "" {
		return fault.New(fault.NotFound, "%s has no version that is not yanked", p.Name)
	}
	f, err := q.Reg.File(q.Context(), format.FileRef{Package: p.Name, Version: p.Latest, File: q.Param("file")})
	if err != nil {
		return err
	}
	return q.File(f)
}

func (g *Generic) remove(q *format.Request) error {
	ref := format.FileRef{Package: q.Param("package"), Version: q.Param("version"), File: q.Param("file")}
	if err := q.Reg.Delete(q.Context(), ref); err != nil {
		return err
	}
	return q.Empty(http.StatusNoContent)
}

func (g *Generic) list(q *format.Request) error {
	versions, err := q.Reg.Versions(q.Context(), q.Param("package"))
	if err != nil {
		return err
	}
	type file struct {
		Name   string `json:"name"`
		Size   int64  `json:"size"`
		SHA256 string `json:"sha256"`
	}
	type entry struct {
		Version string `json:"version"`
		Created string `json:"created"`
		Files   []file `json:"files"`
	}
	list := make([]entry, 0, len(versions))
	for _, v := range versions {
		e := entry{Version: v.Name, Created: v.Created.Format("2006-01-02T15:04:05Z"), Files: []file{}}
		for _, f := range v.Files {
			e.Files = append(e.Files, file{f.Name, f.Size, f.Digests.SHA256})
		}
		list = append(list, e)
	}
	return q.JSON(http.StatusOK, struct {
		Name     string  `json:"name"`
		Versions []entry `json:"versions"`
	}{versions[0].Package, list})
}

// Upload implements format.Uploading.
func (g *Generic) Upload() format.Upload {
	return format.Upload{
		Put: []string{"{package}/{version}/{file}"},
		Get: []string{"{package}/{version}/{file}"},
		Fields: []format.Field{
			{Name: "package", Required: true, Label: format.Text{En: "Package name", Ru: "Имя пакета"}, Hint: format.Text{En: "Letters, digits and . _ - +", Ru: "Латинские буквы, цифры и . _ - +"}},
			{Name: "version", Required: true, Label: format.Text{En: "Version", Ru: "Версия"}, Hint: format.Text{En: "For example 1.0.0", Ru: "Например, 1.0.0"}},
		},
		Receive: g.receive,
		Locate:  g.locate,
	}
}
