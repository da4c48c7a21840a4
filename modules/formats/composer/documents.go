package composer

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/url"
	"strings"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/ordered"
)

// Kinds of documents.
const (
	rootKind   = "packages"
	taggedKind = "p2"
	devKind    = "p2~dev"
)

// withSource is the class of readers who may read the repository that the
// packages were made from: only they are told its address.
const withSource = "source"

// Documents implements format.Indexed.
func (Composer) Documents() []format.Document {
	return []format.Document{
		{Kind: rootKind, ContentType: "application/json", Whole: true, Build: buildRoot},
		{Kind: taggedKind, ContentType: "application/json", Class: class, Build: func(ctx context.Context, b format.Build, w io.Writer) error {
			return buildMetadata(ctx, b, w, false)
		}},
		{Kind: devKind, ContentType: "application/json", Class: class, Build: func(ctx context.Context, b format.Build, w io.Writer) error {
			return buildMetadata(ctx, b, w, true)
		}},
	}
}

func class(q *format.Request) string {
	if q.Clone != "" && q.May(forge.ReadRepository) {
		return withSource
	}
	return ""
}

// buildRoot writes packages.json ("Repositories", section Composer). The
// names are listed whole, so that Composer asks for nothing that is not here.
func buildRoot(ctx context.Context, b format.Build, w io.Writer) error {
	names, err := b.Reg.Names(ctx)
	if err != nil {
		return err
	}
	if names == nil {
		names = []string{}
	}
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	type advisories struct {
		Metadata bool   `json:"metadata"`
		URL      string `json:"api-url"`
	}
	if err := enc.Encode(struct {
		Packages    []struct{} `json:"packages"`
		MetadataURL string     `json:"metadata-url"`
		Available   []string   `json:"available-packages"`
		Search      string     `json:"search"`
		List        string     `json:"list"`
		NotifyBatch string     `json:"notify-batch"`
		Advisories  advisories `json:"security-advisories"`
	}{
		Packages:    []struct{}{},
		MetadataURL: b.Base + "/p2/%package%.json",
		Available:   names,
		Search:      b.Base + "/search.json?q=%query%&type=%type%",
		List:        b.Base + "/packages/list.json",
		NotifyBatch: b.Base + "/downloads",
		Advisories:  advisories{URL: b.Base + "/security-advisories"},
	}); err != nil {
		return err
	}
	return out.Flush()
}

// buildMetadata writes the p2 document of a package.
func buildMetadata(ctx context.Context, b format.Build, w io.Writer, dev bool) error {
	versions, err := b.Reg.Versions(ctx, b.Key)
	if err != nil {
		return err
	}
	var objects []ordered.Object
	for _, v := range versions {
		if IsDev(v.Canon) != dev || v.Yanked || len(v.Files) == 0 {
			continue
		}
		e := Entry{
			Name: v.Package, Version: v.Name, Normalized: v.Canon, Time: v.Created,
			Dist: Dist{URL: distURL(b.Base, v), Reference: v.Origin.Commit, SHA1: v.Files[0].Digests.SHA1},
		}
		if b.Class == withSource && v.Origin.Commit != "" {
			e.Source = Source{URL: b.Clone, Reference: v.Origin.Commit}
		}
		o, err := VersionObject(v.Metadata, e)
		if err != nil {
			return err
		}
		objects = append(objects, o)
	}
	name := b.Key
	if len(versions) > 0 {
		name = versions[0].Package
	}
	_, err = w.Write(Document(name, objects))
	return err
}

func distURL(base string, v *format.Version) string {
	var path strings.Builder
	for part := range strings.SplitSeq(v.Package+"/"+v.Name+"/"+v.Files[0].Name, "/") {
		path.WriteString("/" + url.PathEscape(part))
	}
	return base + "/dists" + path.String()
}
