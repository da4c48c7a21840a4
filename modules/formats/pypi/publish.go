package pypi

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/crypto/blake2b"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// Bounds of the upload form: it repeats all the metadata.
const (
	maxParts  = 20_000
	maxValues = 8 << 20
)

// claim is what an uploader says of a file beside it. What is empty is not
// said.
type claim struct {
	name, version, filetype string
	blake2, attestations    string
}

// upload takes the form that twine sends ("Upload API", PyPI): one file, which
// joins its version. The fields that repeat the file's metadata are not looked
// at, apart from name, version and type; a signature (gpg_signature) is passed over.
func (p *PyPI) upload(q *format.Request) error {
	form, err := q.Form(format.FormLimits{Parts: maxParts, Values: maxValues, Files: 2})
	if err != nil {
		return err
	}
	defer form.Discard()
	v := form.Values
	switch action := v.Get(":action"); {
	case action != "file_upload":
		return fault.New(fault.Invalid, `the :action %.40q is not known here; send "file_upload"`, action).At(":action")
	case v.Has("protocol_version") && v.Get("protocol_version") != "1":
		return fault.New(fault.Invalid, "the protocol_version %.10q is not known here; send 1", v.Get("protocol_version")).At("protocol_version")
	}
	in := form.File("content")
	if in.Body == nil {
		return fault.New(fault.Invalid, `the form has no file: send it in the field "content", with its name`).At("content")
	}
	if err := checkDigests(v, in.Body.Digests()); err != nil {
		return err
	}
	said := claim{
		name: v.Get("name"), version: v.Get("version"), filetype: v.Get("filetype"),
		blake2: strings.ToLower(v.Get("blake2_256_digest")), attestations: v.Get("attestations"),
	}
	for _, field := range []string{"name", "version"} {
		if v.Get(field) == "" {
			return fault.New(fault.Invalid, "the form has no field %q", field).At(field)
		}
	}
	// An upload that is repeated because its answer was lost succeeds.
	if _, err := p.publish(q, in, said); err != nil && !errors.Is(err, errSame) {
		return err
	}
	return q.Text(http.StatusOK, "OK\n")
}

// checkDigests compares the digests that the form gives with those received.
// twine writes md5 in hex, PyPI itself in base64.
func checkDigests(v url.Values, d blob.Digests) error {
	wrong := func(field, want, have string) error {
		return fault.New(fault.Invalid, "the file has the %s %s, and %.70q was announced; send it again", strings.TrimSuffix(field, "_digest"), have, want).At(field)
	}
	if want := v.Get("sha256_digest"); want != "" && !strings.EqualFold(want, d.SHA256) {
		return wrong("sha256_digest", want, d.SHA256)
	}
	want := v.Get("md5_digest")
	if raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(want, "=")); err == nil && len(raw) == 16 {
		want = hex.EncodeToString(raw)
	}
	if want != "" && !strings.EqualFold(want, d.MD5) {
		return wrong("md5_digest", want, d.MD5)
	}
	return nil
}

// Upload implements format.Uploading.
func (p *PyPI) Upload() format.Upload {
	return format.Upload{
		Put:    []string{"{package}/{version}/{file}"},
		Get:    []string{"{package}/{version}/{file}"},
		Accept: ".whl,.tar.gz,.zip",
		Receive: func(q *format.Request, in format.Incoming) (*format.Version, error) {
			if name := q.Param("file"); name != "" {
				in.Name = name
			}
			return p.publish(q, in, claim{name: q.Param("package"), version: q.Param("version")})
		},
		Locate: p.locate,
	}
}

// publish reads the file and adds it to its version.
func (p *PyPI) publish(q *format.Request, in format.Incoming, said claim) (*format.Version, error) {
	rel, err := p.release(q, in, said)
	if err != nil {
		in.Body.Discard()
		return nil, err
	}
	ref := format.FileRef{Package: rel.Package, Version: rel.Version, File: in.Name}
	sum := in.Body.Digests().SHA256
	v, err := q.Reg.Publish(q.Context(), rel)
	if fault.Is(err, fault.Conflict) {
		err = taken(q.Context(), q.Reg, ref, sum)
	}
	return v, err
}

// errSame is the cause of a conflict with the very same bytes.
var errSame = errors.New("the same file")

// taken is the conflict of a file that is there already. twine and others look
// for its first words.
func taken(ctx context.Context, reg format.Reader, ref format.FileRef, sha256 string) error {
	f, err := reg.File(ctx, ref)
	switch {
	case err != nil && !fault.Is(err, fault.NotFound):
		return err
	case err == nil && f.Digests.SHA256 == sha256:
		return fault.Wrap(fault.Conflict, errSame, "File already exists: %s, with identical content", ref.File)
	}
	return fault.New(fault.Conflict, "File already exists: %s, with other content. A published file is never replaced; publish a new version", ref.File)
}

// release is what a file makes of itself.
func (p *PyPI) release(q *format.Request, in format.Incoming, said claim) (format.Release, error) {
	var none format.Release
	name, err := parseFileName(in.Name)
	if err != nil {
		return none, err
	}
	d, err := readDistribution(q.Context(), in.Body, in.Body.Size(), &name)
	if err != nil {
		return none, err
	}
	if err := said.check(d.Metadata, &name); err != nil {
		return none, err
	}
	r := facts{Filetype: name.kind, Pyversion: name.pyversion(), RequiresPython: d.RequiresPython}
	if name.kind == wheel || d.static() {
		r.Metadata = &core{d.path, d.digest}
	}
	if said.blake2 != "" {
		if r.Blake2, err = blake2(in.Body); err != nil {
			return none, err
		}
		if r.Blake2 != said.blake2 {
			return none, fault.New(fault.Invalid, "the file has the blake2_256 %s, and %.70q was announced; send it again", r.Blake2, said.blake2).At("blake2_256_digest")
		}
	}
	if said.attestations != "" {
		if r.Attestations, err = ParseAttestations([]byte(said.attestations), in.Name, in.Body.Digests().SHA256); err != nil {
			return none, err
		}
	}
	rel := format.Release{Package: d.Name, Version: d.version.String(), Prerelease: d.version.Prerelease(), Existing: format.Add}
	about, err := json.Marshal(r)
	if err != nil {
		return none, err
	}
	rel.Files = []format.NewFile{{Name: in.Name, MediaType: mediaType(&name), Metadata: about, Body: in.Body}}
	held, err := q.Reg.Version(q.Context(), rel.Package, rel.Version)
	if fault.Is(err, fault.NotFound) {
		return rel, d.describe(&rel)
	}
	if err != nil {
		return none, err
	}
	// The first file has told what the version is; the others only join it.
	return rel, checkTwins(held, &name)
}

// describe fills in what the version and its page tell.
func (m *Metadata) describe(rel *format.Release) (err error) {
	rel.Metadata, err = json.Marshal(m)
	summary, _, _ := strings.Cut(m.Summary, "\n")
	if summary != "UNKNOWN" { // older tools' word for nothing
		rel.Description = strings.TrimSpace(summary)
	}
	if text := strings.TrimSpace(m.description); text != "UNKNOWN" && len(text) <= maxReadme {
		rel.Readme = format.Readme{Name: "README" + m.extension(), Text: m.description}
	}
	return err
}

// extension is that of a file with the description.
func (m *Metadata) extension() string {
	kind, _, _ := strings.Cut(m.DescriptionContentType, ";")
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "text/markdown":
		return ".md"
	case "text/plain":
		return ".txt"
	default:
		return ".rst" // the specification's default
	}
}

// checkTwins refuses a second file that means the same to an installer under
// another spelling of its name.
func checkTwins(v *format.Version, name *fileName) error {
	i := slices.IndexFunc(v.Files, func(f *format.File) bool {
		other, err := parseFileName(f.Name)
		return err == nil && f.Name != name.text && other.twin(name)
	})
	if i < 0 {
		return nil
	}
	return fault.New(fault.Conflict, "File already exists: %s %s has %s, which is the same as %s to installers", v.Package, v.Name, v.Files[i].Name, name.text)
}

// check compares what was said with what the file says.
func (c *claim) check(m *Metadata, f *fileName) error {
	if c.name != "" {
		if name, err := CanonicalName(c.name); err != nil || name != m.canon {
			return fault.New(fault.Invalid, "the upload says that the project is %.220q, and %s says %q", c.name, f.text, m.Name).At("name")
		}
	}
	if c.version != "" {
		if v, err := ParseVersion(c.version); err != nil || v.Compare(m.version) != 0 {
			return fault.New(fault.Invalid, "the upload says that the version is %.140q, and %s says %q", c.version, f.text, m.Version).At("version")
		}
	}
	if c.filetype != "" && c.filetype != f.kind {
		return fault.New(fault.Invalid, "the upload says that the file is a %.40q, and %s is a %s", c.filetype, f.text, f.kind).At("filetype")
	}
	return nil
}

func blake2(body blob.Staged) (string, error) {
	h, err := blake2b.New256(nil)
	if err != nil {
		return "", err
	}
	if _, err := io.Copy(h, io.NewSectionReader(body, 0, body.Size())); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func mediaType(f *fileName) string {
	if f.zip {
		return "application/zip"
	}
	return "application/gzip"
}
