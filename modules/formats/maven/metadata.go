package maven

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/xml"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// Kinds of documents.
const (
	artifactKind = "artifact" // the key is the package
	snapshotKind = "snapshot" // package and version
	groupKind    = "group"    // the group
	catalogKind  = "catalog"
)

// kind gives the kind of an index, or of a checksum of it.
func kind(of, sum string) string { return strings.TrimSuffix(of+"."+sum, ".") }

// builder makes an index.
type builder func(ctx context.Context, b format.Build) (any, error)

// Documents implements format.Indexed: four indexes, each with its checksums,
// which are made by the same builder and so agree with it.
func (Maven) Documents() []format.Document {
	var out []format.Document
	for _, d := range []struct {
		format.Document
		build builder
	}{
		{format.Document{Kind: artifactKind}, buildArtifact},
		{format.Document{Kind: snapshotKind, Package: func(key string) string {
			pkg, _ := coordinatesOf(key)
			return pkg
		}}, buildSnapshot},
		{format.Document{Kind: groupKind, Whole: true}, buildGroup},
		{format.Document{Kind: catalogKind, Whole: true}, buildCatalog},
	} {
		of := d.Kind
		d.ContentType, d.Build = "application/xml", func(ctx context.Context, b format.Build, w io.Writer) error {
			return write(ctx, b, w, d.build)
		}
		out = append(out, d.Document)
		for _, sum := range checksums {
			d.Kind, d.ContentType, d.Build = kind(of, sum), "text/plain; charset=utf-8", func(ctx context.Context, b format.Build, w io.Writer) error {
				h := hasher(sum)
				if err := write(ctx, b, h, d.build); err != nil {
					return err
				}
				_, err := io.WriteString(w, hex.EncodeToString(h.Sum(nil)))
				return err
			}
			out = append(out, d.Document)
		}
	}
	return out
}

func hasher(algorithm string) hash.Hash {
	switch algorithm {
	case "md5":
		return md5.New()
	case "sha1":
		return sha1.New()
	case "sha256":
		return sha256.New()
	default:
		return sha512.New()
	}
}

func write(ctx context.Context, b format.Build, w io.Writer, build builder) error {
	made, err := build(ctx, b)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	enc := xml.NewEncoder(&out)
	enc.Indent("", "  ")
	if err := enc.Encode(made); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err = w.Write(out.Bytes())
	return err
}

// metadata is an index ("Repository Metadata", model 1.1.0).
type metadata struct {
	XMLName    xml.Name    `xml:"metadata"`
	Model      string      `xml:"modelVersion,attr"`
	Group      string      `xml:"groupId,omitempty"`
	Artifact   string      `xml:"artifactId,omitempty"`
	Version    string      `xml:"version,omitempty"`
	Versioning *versioning `xml:"versioning,omitempty"`
	Plugins    *pluginList `xml:"plugins"`
}

type versioning struct {
	Latest   string     `xml:"latest,omitempty"`
	Release  string     `xml:"release,omitempty"`
	Snapshot *stamp     `xml:"snapshot,omitempty"`
	Versions *nameList  `xml:"versions"`
	Updated  string     `xml:"lastUpdated"`
	Builds   *buildList `xml:"snapshotVersions"`
}

// The lists have elements of their own, which are left out where a list is.
type (
	pluginList struct {
		Plugins []plugin `xml:"plugin"`
	}
	nameList struct {
		Names []string `xml:"version"`
	}
	buildList struct {
		Builds []buildLine `xml:"snapshotVersion"`
	}
)

type stamp struct {
	Time   string `xml:"timestamp"`
	Number int    `xml:"buildNumber"`
}

type buildLine struct {
	Classifier string `xml:"classifier,omitempty"`
	Extension  string `xml:"extension"`
	Value      string `xml:"value"`
	Updated    string `xml:"updated"`
}

// modelVersion is that of the indexes.
const modelVersion = "1.1.0"

// when writes a time as indexes do.
func when(t time.Time) string { return t.UTC().Format("20060102150405") }

// last gives the time of the newest of a version's files.
func last(v *format.Version) time.Time {
	t := v.Created
	for _, f := range v.Files {
		if f.Created.After(t) {
			t = f.Created
		}
	}
	return t
}

func buildArtifact(ctx context.Context, b format.Build) (any, error) {
	versions, err := b.Reg.Versions(ctx, b.Key)
	if err != nil {
		return nil, err
	}
	m := artifactIndex(b.Key, versions)
	if strings.Contains(m.Artifact, ".") {
		return m, nil // no group has its path
	}
	list, err := plugins(ctx, b.Reg, m.Group+"."+m.Artifact)
	if len(list) > 0 {
		m.Plugins = &pluginList{list}
	}
	return m, err
}

// artifactIndex lists the versions of an artifact, which come newest first.
// What is the latest is decided by their order, not by the time they came.
func artifactIndex(name string, versions []*format.Version) *metadata {
	group, artifact, _ := strings.Cut(name, ":")
	names := make([]string, 0, len(versions))
	all := &versioning{}
	var updated time.Time
	for _, v := range versions {
		names = append(names, v.Name)
		if all.Release == "" && !IsSnapshot(v.Name) {
			all.Release = v.Name
		}
		if t := last(v); t.After(updated) {
			updated = t
		}
	}
	if len(versions) > 0 {
		all.Latest = versions[0].Name
	}
	slices.Reverse(names)
	all.Versions, all.Updated = &nameList{names}, when(updated)
	return &metadata{Model: modelVersion, Group: group, Artifact: artifact, Versioning: all}
}

func buildSnapshot(ctx context.Context, b format.Build) (any, error) {
	pkg, version := coordinatesOf(b.Key)
	v, err := b.Reg.Version(ctx, pkg, version)
	if err != nil {
		return nil, err
	}
	return snapshotIndex(v), nil
}

// snapshotIndex tells which builds of a SNAPSHOT are the newest.
func snapshotIndex(v *format.Version) *metadata {
	group, artifact, _ := strings.Cut(v.Package, ":")
	all := &versioning{Updated: when(last(v)), Builds: &buildList{}}
	var top Build
	for _, b := range newest(v) {
		all.Builds.Builds = append(all.Builds.Builds, buildLine{b.name.Classifier, b.name.Extension, b.name.value(v.Name), b.updated()})
		if b.name.Build.compare(top) > 0 {
			top = b.name.Build
		}
	}
	if top != (Build{}) {
		all.Snapshot = &stamp{top.Time, top.Number}
	}
	return &metadata{Model: modelVersion, Group: group, Artifact: artifact, Version: v.Name, Versioning: all}
}

// built is a file of a SNAPSHOT.
type built struct {
	name Name
	file *format.File
}

// updated gives the time of the build.
func (b built) updated() string {
	if b.name.Build == (Build{}) {
		return when(b.file.Created)
	}
	return strings.Replace(b.name.Build.Time, ".", "", 1)
}

// newest gives the newest build of each classifier and extension, by these.
func newest(v *format.Version) []built {
	_, artifact, _ := strings.Cut(v.Package, ":")
	var all []built
	for _, f := range v.Files {
		if name, err := ParseName(artifact, v.Name, f.Name); err == nil {
			all = append(all, built{name, f})
		}
	}
	slices.SortFunc(all, func(a, b built) int {
		return cmp.Or(strings.Compare(a.name.Classifier, b.name.Classifier), strings.Compare(a.name.Extension, b.name.Extension),
			strings.Compare(b.updated(), a.updated()), b.name.Build.compare(a.name.Build))
	})
	return slices.CompactFunc(all, func(a, b built) bool {
		return a.name.Classifier == b.name.Classifier && a.name.Extension == b.name.Extension
	})
}

func buildGroup(ctx context.Context, b format.Build) (any, error) {
	list, err := plugins(ctx, b.Reg, b.Key)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "there is no artifact here, nor a group of plugins, that is called %q", b.Key)
	}
	return &metadata{Model: modelVersion, Plugins: &pluginList{list}}, nil
}
