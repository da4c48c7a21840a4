package container

import (
	"encoding/base64"
	"fmt"
	"mime"
	"strconv"
	"strings"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/ordered"
)

// The media types of manifests.
const (
	ociManifest    = "application/vnd.oci.image.manifest.v1+json"
	ociIndex       = "application/vnd.oci.image.index.v1+json"
	dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	dockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
)

// Bounds of a manifest. The specification asks for at least 4 megabytes.
const (
	maxManifest    = 8 << 20
	maxDescriptors = 2048
	maxDepth       = 32
	maxValues      = 100_000
)

// Manifest is what a manifest says, an image's or an index's.
type Manifest struct {
	MediaType    string
	ArtifactType string
	Config       *Descriptor  // of an image or artifact
	Layers       []Descriptor // likewise
	Manifests    []Descriptor // of an index
	Subject      *Descriptor
	Annotations  map[string]string
}

// Descriptor refers to bytes (Image Specification, "Content Descriptors").
type Descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int64             `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	Platform     *Platform         `json:"platform,omitempty"`

	elsewhere bool // the bytes need not be in the repository
}

// Platform is what an image runs on.
type Platform struct {
	OS           string `json:"os,omitempty"`
	Architecture string `json:"architecture,omitempty"`
	Variant      string `json:"variant,omitempty"`
	OSVersion    string `json:"os.version,omitempty"`
}

// String writes the platform as clients take it: "linux/arm/v7".
func (p *Platform) String() string {
	if p == nil || p.OS == "" && p.Architecture == "" {
		return ""
	}
	s := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	return s
}

func isIndex(mediaType string) bool { return mediaType == ociIndex || mediaType == dockerList }
func isManifest(mediaType string) bool {
	return mediaType == ociManifest || mediaType == dockerManifest
}

// keys are all that Parse looks at in an object. One in another case is
// refused: some clients take it for the same, others do not.
var keys = [...]string{
	"schemaVersion", "mediaType", "artifactType", "config", "layers", "manifests", "subject", "annotations",
	"digest", "size", "urls", "data", "platform", "fsLayers",
}

// Parse reads a manifest that came with a Content-Type, which may be missing.
// fault.Invalid where it is none, or one that clients could understand in two
// ways.
func Parse(text []byte, contentType string) (*Manifest, error) {
	top, err := ordered.Parse(text, ordered.Limits{Bytes: maxManifest, Depth: maxDepth, Values: maxValues})
	if err != nil {
		return nil, wrong("it is no JSON that can be read: %v", err)
	}
	if top.Kind != ordered.Map {
		return nil, wrong("it must be an object, and is %s", top.Kind)
	}
	r := &reader{}
	m := &Manifest{MediaType: r.text(top, "", "mediaType"), ArtifactType: r.text(top, "", "artifactType")}
	r.cases(top, "")
	if err := r.version(top); err != nil {
		return nil, err
	}
	if err := m.settle(contentType); err != nil {
		return nil, err
	}
	m.Annotations = r.annotations(top, "")
	m.Subject = r.descriptor(top, "subject")
	parts, foreign := []string{"config", "layers"}, []string{"manifests"}
	if isIndex(m.MediaType) {
		parts, foreign = foreign, parts
	}
	for _, key := range foreign {
		if v, ok := top.Lookup(key); ok && v.Kind != ordered.Null {
			return nil, wrong("%q has no place in a manifest of the type %s", key, m.MediaType)
		}
	}
	for _, key := range parts {
		switch key {
		case "config":
			if m.Config = r.descriptor(top, key); m.Config == nil {
				r.fail("config", "is missing")
			}
		case "layers":
			m.Layers = r.descriptors(top, key)
		case "manifests":
			m.Manifests = r.descriptors(top, key)
		}
	}
	return m, r.err
}

func wrong(format string, args ...any) error {
	return fault.New(fault.Invalid, "the manifest is not taken: %s", fmt.Sprintf(format, args...)).At("manifest")
}

// settle finds the media type, which the request and the manifest both say.
func (m *Manifest) settle(contentType string) error {
	header, _, err := mime.ParseMediaType(contentType)
	if contentType != "" && err != nil {
		return wrong("the Content-Type %.200q is malformed", contentType)
	}
	switch {
	case m.MediaType == "" && (header == dockerManifest || header == dockerList):
		return wrong("mediaType is missing")
	case m.MediaType == "":
		m.MediaType = header
	case header != "" && header != m.MediaType:
		return wrong("its mediaType is %.200q, the Content-Type of the request is %.200q", m.MediaType, header)
	}
	if !isManifest(m.MediaType) && !isIndex(m.MediaType) {
		return wrong("the type %.200q is none of %s", m.MediaType, strings.Join([]string{ociManifest, ociIndex, dockerManifest, dockerList}, ", "))
	}
	return nil
}

// reader reads parts of a manifest until one is wrong.
type reader struct{ err error }

func (r *reader) fail(path, words string, args ...any) {
	if r.err == nil {
		r.err = wrong("%s %s", strings.TrimPrefix(path, "."), fmt.Sprintf(words, args...))
	}
}

// version holds the schema to 2.
func (r *reader) version(top ordered.Value) error {
	v, _ := top.Lookup("schemaVersion")
	if _, old := top.Lookup("fsLayers"); old || v.Text == "1" {
		return wrong("schema 1 is not taken any more: push with a client of today")
	}
	if v.Kind != ordered.Number || v.Text != "2" {
		return wrong("schemaVersion must be 2")
	}
	return r.err
}

func (r *reader) cases(v ordered.Value, path string) {
	for _, m := range v.Members {
		for _, key := range keys {
			if m.Key != key && strings.EqualFold(m.Key, key) {
				r.fail(path+"."+m.Key, "must be written %q", key)
			}
		}
	}
}

// text gives a short text, empty where there is none.
func (r *reader) text(v ordered.Value, path, key string) string {
	t, ok := v.Lookup(key)
	switch {
	case !ok || t.Kind == ordered.Null:
	case t.Kind != ordered.String:
		r.fail(path+"."+key, "must be a string")
	case len(t.Text) > 255:
		r.fail(path+"."+key, "is longer than 255 bytes")
	}
	return t.Text
}

func (r *reader) annotations(v ordered.Value, path string) map[string]string {
	a, ok := v.Lookup("annotations")
	if !ok || a.Kind == ordered.Null {
		return nil
	}
	if a.Kind != ordered.Map {
		r.fail(path+".annotations", "must be an object")
	}
	out := make(map[string]string, len(a.Members))
	for _, m := range a.Members {
		if m.Value.Kind != ordered.String {
			r.fail(path+".annotations", "must have strings only, and %.100q is none", m.Key)
		}
		out[m.Key] = m.Value.Text
	}
	return out
}

func (r *reader) descriptor(v ordered.Value, key string) *Descriptor {
	d, ok := v.Lookup(key)
	if !ok || d.Kind == ordered.Null {
		return nil
	}
	return r.reference(d, "."+key)
}

func (r *reader) descriptors(v ordered.Value, key string) []Descriptor {
	list, ok := v.Lookup(key)
	switch {
	case !ok || list.Kind == ordered.Null:
		return nil
	case list.Kind != ordered.Array:
		r.fail(key, "must be a list")
	case len(list.Items) > maxDescriptors:
		r.fail(key, "has more than %d entries", maxDescriptors)
		return nil
	}
	out := make([]Descriptor, 0, len(list.Items))
	for i, item := range list.Items {
		if r.err != nil {
			break
		}
		out = append(out, *r.reference(item, "."+key+"."+strconv.Itoa(i)))
	}
	return out
}

// reference reads one descriptor.
func (r *reader) reference(v ordered.Value, path string) *Descriptor {
	if v.Kind != ordered.Map {
		r.fail(path, "must be an object")
		return &Descriptor{}
	}
	r.cases(v, path)
	d := &Descriptor{
		MediaType: r.text(v, path, "mediaType"), Digest: r.text(v, path, "digest"), ArtifactType: r.text(v, path, "artifactType"),
		Annotations: r.annotations(v, path), Platform: r.platform(v, path),
	}
	if d.MediaType == "" {
		r.fail(path+".mediaType", "is missing")
	}
	if !isDigest(d.Digest) {
		r.fail(path+".digest", "is no digest: write sha256: or sha512: and lower case hex digits")
	}
	size, _ := v.Lookup("size")
	var bad bool
	if d.Size, bad = position(size.Text); bad || size.Kind != ordered.Number {
		r.fail(path+".size", "must be a number of bytes")
	}
	if urls, ok := v.Lookup("urls"); ok && len(urls.Items) > 0 {
		d.elsewhere = true
	}
	if strings.Contains(d.MediaType, ".nondistributable.") || strings.Contains(d.MediaType, ".foreign.") {
		d.elsewhere = true
	}
	r.embedded(v, path, d)
	return d
}

// embedded compares the bytes that are in the descriptor with what it says of
// them.
func (r *reader) embedded(v ordered.Value, path string, d *Descriptor) {
	data, ok := v.Lookup("data")
	if !ok || data.Kind == ordered.Null || r.err != nil {
		return
	}
	raw, err := base64.StdEncoding.DecodeString(data.Text)
	if err != nil || data.Kind != ordered.String {
		r.fail(path+".data", "must be base64")
	} else if int64(len(raw)) != d.Size || digestOf(d.Digest, blob.FromBytes(raw).Digests()) != d.Digest {
		r.fail(path+".data", "is not what its size and digest say")
	}
}

func (r *reader) platform(v ordered.Value, path string) *Platform {
	p, ok := v.Lookup("platform")
	if !ok || p.Kind == ordered.Null {
		return nil
	}
	path += ".platform"
	if p.Kind != ordered.Map {
		r.fail(path, "must be an object")
		return nil
	}
	return &Platform{
		OS: r.text(p, path, "os"), Architecture: r.text(p, path, "architecture"),
		Variant: r.text(p, path, "variant"), OSVersion: r.text(p, path, "os.version"),
	}
}

// blobs lists what has to be in the repository besides manifests, each once.
func (m *Manifest) blobs() ([]Descriptor, error) {
	var all, out []Descriptor
	if m.Config != nil {
		all = append(all, *m.Config)
	}
	all = append(all, m.Layers...)
	for _, d := range m.Manifests {
		if !isManifest(d.MediaType) && !isIndex(d.MediaType) {
			all = append(all, d)
		}
	}
	at := map[string]int{}
	for _, d := range all {
		i, twice := at[d.Digest]
		switch {
		case !twice:
			at[d.Digest] = len(out)
			out = append(out, d)
		case out[i].Size != d.Size:
			return nil, sized(d, out[i].Size)
		default:
			out[i].elsewhere = out[i].elsewhere && d.elsewhere
		}
	}
	return out, nil
}

// sized is the fault of a descriptor that says another size than the true one.
func sized(d Descriptor, size int64) error {
	return fault.New(fault.Invalid, "the manifest is not taken: it says that %s has %d bytes, and it has %d", d.Digest, d.Size, size).At("size")
}
