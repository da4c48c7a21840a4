package opm

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/text/unicode/norm"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// channel is a line of versions. The client knows two.
type channel string

const (
	stable channel = "stable"
	dev    channel = "dev"
)

// devFolder is where the channel dev is, in addresses and in versions.
const devFolder = "dev-channel"

func parseChannel(text string) (channel, error) {
	switch c := channel(strings.ToLower(strings.TrimSpace(text))); c {
	case stable, dev:
		return c, nil
	case "":
		return stable, nil
	}
	return "", fault.New(fault.Invalid, "the channel %.40q is none of stable and dev", text).At("channel")
}

// folder is the part of a version that a channel's file is in.
func (c channel) folder() string {
	if c == dev {
		return devFolder
	}
	return ""
}

// file gives the channel's file of a version; nil where it is not there.
func (c channel) file(v *format.Version) *format.File {
	for _, f := range v.Files {
		if strings.HasPrefix(f.Name, devFolder+"/") == (c == dev) {
			return f
		}
	}
	return nil
}

// parcel is a package on its way in.
type parcel struct {
	body    blob.Staged
	name    string // of its file, as it was sent; empty where nobody said
	channel channel
	force   bool // to take the place of the one that is there
}

// push takes a package as the client sends it: a bare body, and in headers the
// name of its file and the channel. Whoever may delete may replace (force).
func (o *OPM) push(q *format.Request) error {
	p := parcel{force: q.R.URL.Query().Has("force")}
	var err error
	if p.channel, err = parseChannel(q.R.Header.Get("CHANNEL")); err != nil {
		return err
	}
	if p.name, err = headerName(q.R.Header.Get("FILE-NAME")); err != nil {
		return err
	}
	if p.force {
		if _, err := q.With(forge.DeletePackages); err != nil {
			return err
		}
	}
	if p.body, err = q.Receive(0); err != nil {
		return err
	}
	v, err := publish(q, p)
	if err != nil {
		return err
	}
	return q.Text(http.StatusCreated, v.Package+" "+v.Name+" is published in the channel "+string(p.channel)+"\n")
}

// headerName reads a file's name from a header, where it is in UTF-8 or, as
// some systems have it, escaped as in addresses. No name has a percent sign.
func headerName(text string) (string, error) {
	name, err := url.PathUnescape(strings.TrimSpace(text))
	if err != nil {
		return "", fault.New(fault.Invalid, "the header FILE-NAME is malformed: %.300q", text)
	}
	return name, nil
}

// Upload implements format.Uploading.
func (o *OPM) Upload() format.Upload {
	return format.Upload{
		Put:    []string{"{file}"},
		Get:    []string{"{package}/{version}/{file}"},
		Accept: suffix,
		Receive: func(q *format.Request, in format.Incoming) (*format.Version, error) {
			c, err := parseChannel(q.Query("channel"))
			if err != nil {
				in.Body.Discard()
				return nil, err
			}
			return publish(q, parcel{body: in.Body, name: q.Param("file"), channel: c})
		},
		Locate: locate,
	}
}

// publish reads a package and adds it to its version.
func publish(q *format.Request, p parcel) (*format.Version, error) {
	rel, err := release(q, p)
	if err != nil {
		p.body.Discard()
		return nil, err
	}
	return q.Reg.Publish(q.Context(), rel)
}

// release is what a package makes of itself.
func release(q *format.Request, p parcel) (format.Release, error) {
	var none format.Release
	pkg, err := openPackage(q.Context(), p.body, p.body.Size(), func(r io.Reader) (blob.Staged, error) {
		return q.Reg.Stage(q.Context(), r, 0)
	})
	if err != nil {
		return none, err
	}
	name := fileName(pkg.Name, pkg.Version)
	if p.name != "" && norm.NFC.String(p.name) != name {
		return none, fault.New(fault.Invalid, "the package is %s %s: its file has to be called %s, not %.300q", pkg.Name, pkg.Version, name, p.name)
	}
	record, err := json.Marshal(pkg.Manifest)
	if err != nil {
		return none, err
	}
	rel := format.Release{
		Package: pkg.Name, Version: pkg.Version, Existing: format.Add,
		Files: []format.NewFile{{Name: name, Folder: p.channel.folder(), MediaType: "application/zip", Metadata: record, Body: p.body}},
	}
	if p.force {
		rel.Existing = format.Update
	}
	// What the version's page tells is what stable says, where it is there.
	if p.channel == dev {
		held, err := q.Reg.Version(q.Context(), rel.Package, rel.Version)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return none, err
		}
		if err == nil && stable.file(held) != nil {
			return rel, nil
		}
	}
	rel.Metadata, rel.Description = record, pkg.Description
	rel.Prerelease = p.channel == dev || isPrerelease(pkg.Version)
	rel.Readme = format.Readme{Name: pkg.readmeName, Text: pkg.readme}
	return rel, nil
}
