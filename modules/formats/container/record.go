package container

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// The kinds of versions as pages tell them apart.
const (
	kindImage       = "image"
	kindIndex       = "index"
	kindChart       = "chart"
	kindSignature   = "signature"
	kindAttestation = "attestation"
	kindSBOM        = "sbom"
	kindArtifact    = "artifact"
)

// Media types that say what an artifact is.
const (
	ociConfig    = "application/vnd.oci.image.config.v1+json"
	dockerConfig = "application/vnd.docker.container.image.v1+json"
	helmConfig   = "application/vnd.cncf.helm.config.v1+json"
)

// Bounds of what is kept of a manifest and its config for pages.
const (
	maxConfig  = 4 << 20
	maxEntries = 256  // labels, annotations, steps of the history
	maxText    = 2000 // bytes of each
	maxRecord  = 512 << 10
)

// record is the metadata of a version: what pages and lists of referrers need,
// so that they read no manifest.
type record struct {
	Kind         string            `json:"kind"`
	MediaType    string            `json:"mediaType"`
	Size         int               `json:"size,omitempty"` // bytes of the manifest
	ArtifactType string            `json:"artifactType,omitempty"`
	Config       *Descriptor       `json:"config,omitempty"`
	Layers       []Descriptor      `json:"layers,omitempty"`
	Manifests    []Descriptor      `json:"manifests,omitempty"`
	Subject      *Descriptor       `json:"subject,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"` // all of them where there is a subject
	Platform     *Platform         `json:"platform,omitempty"`
	Created      string            `json:"created,omitempty"`
	Author       string            `json:"author,omitempty"`
	Labels       map[string]string `json:"labels,omitempty"`
	History      []step            `json:"history,omitempty"`
	Chart        *chartFile        `json:"chart,omitempty"`
}

// step is a line of an image's history.
type step struct {
	Command string `json:"command,omitempty"`
	Empty   bool   `json:"empty,omitempty"` // it made no layer
}

// chartFile is what the config of a chart has: its Chart.yaml.
type chartFile struct {
	Name         string       `json:"name"`
	Version      string       `json:"version"`
	Description  string       `json:"description,omitempty"`
	AppVersion   string       `json:"appVersion,omitempty"`
	KubeVersion  string       `json:"kubeVersion,omitempty"`
	Type         string       `json:"type,omitempty"`
	Home         string       `json:"home,omitempty"`
	Keywords     []string     `json:"keywords,omitempty"`
	Sources      []string     `json:"sources,omitempty"`
	Deprecated   bool         `json:"deprecated,omitempty"`
	Dependencies []dependency `json:"dependencies,omitempty"`
}

type dependency struct {
	Name       string `json:"name"`
	Version    string `json:"version,omitempty"`
	Repository string `json:"repository,omitempty"`
}

// bytes gives the metadata of a version. Lists read those of many versions at
// once, so where they would be larger than any honest manifest's, what only
// the page of the version shows is left out.
func (r *record) bytes() (json.RawMessage, error) {
	raw, err := json.Marshal(r)
	if err != nil || len(raw) <= maxRecord {
		return raw, err
	}
	short := record{Kind: r.Kind, MediaType: r.MediaType, Size: r.Size, ArtifactType: r.ArtifactType, Config: r.Config, Subject: r.Subject}
	for i := range r.Manifests {
		short.Manifests = append(short.Manifests, Descriptor{Digest: r.Manifests[i].Digest})
	}
	if r.Subject != nil {
		short.Annotations = r.Annotations
	}
	return json.Marshal(short)
}

// readRecord reads the metadata of a version, which this package has written.
func readRecord(raw json.RawMessage) record {
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		return record{}
	}
	return r
}

// describe makes the record of a manifest and of its config, which may be
// empty or anything.
func describe(m *Manifest, config []byte) record {
	r := record{
		Kind: kindOf(m), MediaType: m.MediaType, ArtifactType: m.ArtifactType,
		Config: lean(m.Config), Layers: leaner(m.Layers), Manifests: leaner(m.Manifests), Subject: lean(m.Subject),
	}
	if r.Annotations = m.Annotations; m.Subject == nil {
		r.Annotations = clipped(m.Annotations)
	}
	if m.Config == nil {
		return r
	}
	switch m.Config.MediaType {
	case ociConfig, dockerConfig:
		r.image(config)
	case helmConfig:
		r.chart(config)
	}
	return r
}

// kindOf tells what a manifest is about. There is no register of such types:
// these are those of the tools that are in use.
func kindOf(m *Manifest) string {
	if isIndex(m.MediaType) && m.ArtifactType == "" {
		return kindIndex
	}
	types := []string{m.ArtifactType}
	if m.Config != nil {
		types = append(types, m.Config.MediaType)
	}
	for i := range min(len(m.Layers), 8) {
		types = append(types, m.Layers[i].MediaType)
	}
	for _, t := range types {
		switch {
		case t == helmConfig:
			return kindChart
		case strings.Contains(t, "notary.signature"), strings.Contains(t, "simplesigning"), strings.Contains(t, "cosign.artifact.sig"):
			return kindSignature
		case strings.Contains(t, "spdx"), strings.Contains(t, "cyclonedx"), strings.Contains(t, "syft"), strings.Contains(t, "sbom"):
			return kindSBOM
		case strings.Contains(t, "in-toto"), strings.Contains(t, "dsse"), strings.Contains(t, "sigstore.bundle"):
			return kindAttestation
		}
	}
	if m.ArtifactType == "" && m.Config != nil && (m.Config.MediaType == ociConfig || m.Config.MediaType == dockerConfig) {
		return kindImage
	}
	return kindArtifact
}

// referrerType is the type that lists of referrers tell of a version
// (specification, "Listing Referrers").
func (r *record) referrerType() string {
	if r.ArtifactType == "" && r.Config != nil {
		return r.Config.MediaType
	}
	return r.ArtifactType
}

// titleKey is the annotation with the name of a file.
const titleKey = "org.opencontainers.image.title"

// lean leaves the annotations of a descriptor out, but for those that pages
// show.
func lean(d *Descriptor) *Descriptor {
	if d == nil {
		return nil
	}
	short := *d
	short.Annotations = nil
	for _, name := range []string{titleKey, "vnd.docker.reference.type"} {
		if value := d.Annotations[name]; value != "" {
			if short.Annotations == nil {
				short.Annotations = map[string]string{}
			}
			short.Annotations[name] = clip(value)
		}
	}
	return &short
}

func leaner(list []Descriptor) []Descriptor {
	out := make([]Descriptor, len(list))
	for i := range list {
		out[i] = *lean(&list[i])
	}
	return out
}

// image reads the config of an image (Image Specification, "Image
// Configuration"). What is of another type than it should be is passed over.
func (r *record) image(raw []byte) {
	var c struct {
		Platform
		Created, Author string
		Config          struct{ Labels map[string]string }
		History         []struct {
			CreatedBy  string `json:"created_by"`
			Comment    string
			EmptyLayer bool `json:"empty_layer"`
		}
	}
	if !lenient(raw, &c) {
		return
	}
	p := Platform{clip(c.OS), clip(c.Architecture), clip(c.Variant), clip(c.OSVersion)}
	if p != (Platform{}) {
		r.Platform = &p
	}
	r.Created, r.Author, r.Labels = clip(c.Created), clip(c.Author), clipped(c.Config.Labels)
	for _, h := range c.History[:min(len(c.History), maxEntries)] {
		if h.CreatedBy == "" {
			h.CreatedBy = h.Comment
		}
		r.History = append(r.History, step{clip(h.CreatedBy), h.EmptyLayer})
	}
}

// chart reads the config of a chart, which is its Chart.yaml as JSON (Helm,
// "Use OCI-based registries").
func (r *record) chart(raw []byte) {
	var c chartFile
	if !lenient(raw, &c) || c.Name == "" {
		return
	}
	for _, s := range []*string{&c.Name, &c.Version, &c.Description, &c.AppVersion, &c.KubeVersion, &c.Type, &c.Home} {
		*s = clip(*s)
	}
	for _, list := range []*[]string{&c.Keywords, &c.Sources} {
		*list = (*list)[:min(len(*list), maxEntries)]
		for i, s := range *list {
			(*list)[i] = clip(s)
		}
	}
	c.Dependencies = c.Dependencies[:min(len(c.Dependencies), maxEntries)]
	for i, d := range c.Dependencies {
		c.Dependencies[i] = dependency{clip(d.Name), clip(d.Version), clip(d.Repository)}
	}
	r.Chart = &c
}

// lenient reads JSON as far as its types fit; false where it is none.
func lenient(raw []byte, into any) bool {
	if !json.Valid(raw) {
		return false
	}
	_ = json.Unmarshal(raw, into) // what has another type stays empty
	return true
}

// clip bounds a text, and takes out what no database keeps.
func clip(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if len(s) <= maxText {
		return s
	}
	cut := maxText
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// clipped bounds a map, leaving out the last ones in the order of their keys.
func clipped(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]string, min(len(m), maxEntries))
	for _, key := range sorted(m)[:min(len(m), maxEntries)] {
		if len(key) <= 255 {
			out[clip(key)] = clip(m[key])
		}
	}
	return out
}

// description is one line about a version.
func (r *record) description() string {
	const name = "org.opencontainers.image.description"
	text := r.Annotations[name]
	if text == "" {
		text = r.Labels[name]
	}
	if r.Chart != nil {
		text = r.Chart.Description
	}
	return clip(strings.Join(strings.Fields(text), " "))
}
