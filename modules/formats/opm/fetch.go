package opm

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"path"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// Kinds of documents.
const (
	listKind     = "list"
	devListKind  = "dev-list"
	packagesKind = "packages"
)

// Documents implements format.Indexed.
func (*OPM) Documents() []format.Document {
	const text = "text/plain; charset=utf-8"
	return []format.Document{
		{Kind: listKind, ContentType: text, Whole: true, Build: listOf(stable)},
		{Kind: devListKind, ContentType: text, Whole: true, Build: listOf(dev)},
		{Kind: packagesKind, ContentType: "application/json", Whole: true, Build: buildPackages},
	}
}

// listOf builds the list of the packages of a channel. The client asks for
// packages by the very names that it finds there.
func listOf(c channel) func(context.Context, format.Build, io.Writer) error {
	return func(ctx context.Context, b format.Build, w io.Writer) error {
		out := bufio.NewWriter(w)
		// Those of dev are in its folder; of the others, newest takes its own.
		for versions, err := range b.Reg.Each(ctx, format.Filter{Files: c.folder()}) {
			if err != nil {
				return err
			}
			if v := newest(versions, c); v != nil {
				_, _ = out.WriteString(v.Package + "\n") // Flush gives the error
			}
		}
		return out.Flush()
	}
}

// newest gives the version that a channel's clients get who ask for none. In
// the channel stable a release is preferred to a later pre-release.
func newest(versions []*format.Version, c channel) *format.Version {
	var first *format.Version
	for _, v := range versions {
		if c.file(v) == nil {
			continue
		}
		if c == dev || !isPrerelease(v.Name) {
			return v
		}
		if first == nil {
			first = v
		}
	}
	return first
}

// fetch answers with a package of a channel: {name}.ospx is the newest.
func fetch(c channel) func(*format.Request) error {
	return func(q *format.Request) error {
		v, err := find(q, c)
		if err != nil {
			return err
		}
		if v != nil {
			if f := c.file(v); f != nil {
				return q.File(f)
			}
		}
		return fault.New(fault.NotFound, "there is no %.300s in the channel %s here", q.Param("stem")+suffix, c)
	}
}

// find gives the version that an address means; nil where it means none. The
// folder of the address tells where the name ends and the version begins:
// incident 18 (RubyGems CVE-2022-29176).
func find(q *format.Request, c channel) (*format.Version, error) {
	name, err := CanonicalName(q.Param("package"))
	if err != nil {
		return nil, nil
	}
	stem := fold(q.Param("stem"))
	if stem == name {
		versions, err := q.Reg.Versions(q.Context(), name)
		return newest(versions, c), err
	}
	version, ok := strings.CutPrefix(stem, name+"-")
	if _, err := CanonicalVersion(version); !ok || err != nil {
		return nil, nil
	}
	return q.Reg.Version(q.Context(), name, version)
}

// locate finds a file for the REST API, in stable first.
func locate(q *format.Request) (*format.File, error) {
	v, err := q.Reg.Version(q.Context(), q.Param("package"), q.Param("version"))
	if err != nil {
		return nil, err
	}
	for _, c := range []channel{stable, dev} {
		if f := c.file(v); f != nil && fold(q.Param("file")) == fold(path.Base(f.Name)) {
			return f, nil
		}
	}
	return nil, fault.New(fault.NotFound, "%s %s has no file %.300q", v.Package, v.Name, q.Param("file"))
}

// listed is a file in the list of all packages.
type listed struct {
	Version      string       `json:"version"`
	Channel      channel      `json:"channel"`
	URL          string       `json:"url"` // below the registry's address
	Size         int64        `json:"size"`
	SHA256       string       `json:"sha256"`
	Published    time.Time    `json:"published"`
	Dependencies []Dependency `json:"dependencies,omitempty"`
}

// buildPackages writes all packages with their versions, newest first.
func buildPackages(ctx context.Context, b format.Build, w io.Writer) error {
	out := bufio.NewWriter(w)
	separator := "["
	for versions, err := range b.Reg.Each(ctx, format.Filter{}) {
		if err != nil {
			return err
		}
		var about struct {
			Name     string   `json:"name"`
			Versions []listed `json:"versions"`
		}
		about.Name = versions[0].Package
		for _, v := range versions {
			for _, c := range []channel{stable, dev} {
				if f := c.file(v); f != nil {
					about.Versions = append(about.Versions, describe(v, f, c))
				}
			}
		}
		text, err := json.Marshal(about)
		if err != nil {
			return err
		}
		_, _ = out.WriteString(separator + "\n") // Flush gives the error
		_, _ = out.Write(text)
		separator = ","
	}
	if separator == "[" {
		_, _ = out.WriteString("[")
	}
	_, _ = out.WriteString("]\n")
	return out.Flush()
}

func describe(v *format.Version, f *format.File, c channel) listed {
	var m Manifest
	_ = json.Unmarshal(f.Metadata, &m) // without it, there is nothing to tell of dependencies
	address := path.Join(c.folder(), v.Package, fileName(v.Package, v.Name))
	return listed{v.Name, c, address, f.Size, f.Digests.SHA256, f.Created.UTC(), m.Dependencies}
}
