package npm

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/ordered"
)

// Kinds of documents, and the type by which clients ask for the short one.
const (
	fullKind        = "packument"
	abbreviatedKind = "abbreviated"
	abbreviatedType = "application/vnd.npm.install-v1+json"
)

// Documents implements format.Indexed.
func (*NPM) Documents() []format.Document {
	return []format.Document{
		{Kind: fullKind, ContentType: "application/json", Vary: "Accept", Build: func(ctx context.Context, b format.Build, w io.Writer) error {
			return buildPackument(ctx, b, w, false)
		}},
		{Kind: abbreviatedKind, ContentType: abbreviatedType, Vary: "Accept", Build: func(ctx context.Context, b format.Build, w io.Writer) error {
			return buildPackument(ctx, b, w, true)
		}},
	}
}

func (*NPM) packument(q *format.Request) error {
	kind := fullKind
	if accepts(q.R.Header.Values("Accept"), abbreviatedType) {
		kind = abbreviatedKind
	}
	return q.Document(kind, strings.ToLower(nameOf(q)))
}

// accepts tells whether a client names a media type among those it takes.
func accepts(accept []string, media string) bool {
	for _, header := range accept {
		for part := range strings.SplitSeq(header, ",") {
			name, params, _ := strings.Cut(part, ";")
			weight, weighted := strings.CutPrefix(strings.TrimSpace(params), "q=")
			if strings.EqualFold(strings.TrimSpace(name), media) && !(weighted && strings.Trim(weight, "0.") == "") {
				return true
			}
		}
	}
	return false
}

// timeForm is how JavaScript writes a time.
const timeForm = "2006-01-02T15:04:05.000Z"

func stamp(t time.Time) json.RawMessage { return ordered.Quote(t.UTC().Format(timeForm)) }

// buildPackument writes all versions of a package, the oldest first.
func buildPackument(ctx context.Context, b format.Build, w io.Writer, abbreviated bool) error {
	p, err := b.Reg.Package(ctx, b.Key)
	if err != nil {
		return err
	}
	list, err := b.Reg.Versions(ctx, b.Key)
	if err != nil {
		return err
	}
	stored, err := b.Reg.Tags(ctx, b.Key)
	if err != nil {
		return err
	}
	slices.Reverse(list)
	var versions []versionEntry
	var times ordered.Object
	byName := make(map[string]ordered.Object, len(list))
	var newest string
	for _, v := range list {
		o, ok, err := versionObject(b.Base, v, abbreviated)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		versions = append(versions, versionEntry{v.Name, o})
		times = append(times, ordered.Field{Key: v.Name, Raw: stamp(v.Created)})
		byName[v.Name], newest = o, v.Name
	}
	if newest == "" {
		return fault.New(fault.NotFound, "%s has no version", p.Name)
	}
	tags := distTags(stored, p.Latest, newest)
	if abbreviated {
		return writePackument(w, ordered.Object{
			{Key: "name", Raw: ordered.Quote(p.Name)},
			{Key: "modified", Raw: stamp(p.Modified)},
			{Key: "dist-tags", Raw: tagsJSON(tags)},
		}, versions)
	}
	doc, err := fullPackument(ctx, b.Reg, p, byName[tags[latestTag]], tags)
	if err != nil {
		return err
	}
	doc.Set("maintainers", quoted(maintainers(list)))
	doc.Set("time", append(ordered.Object{{Key: "created", Raw: stamp(p.Created)}, {Key: "modified", Raw: stamp(p.Modified)}}, times...).AppendJSON(nil))
	return writePackument(w, doc, versions)
}

// versionEntry is a version under its number.
type versionEntry struct {
	name   string
	object ordered.Object
}

// writePackument writes a document that ends with its versions, one at a time:
// together they may be as large as everything else that the server holds.
func writePackument(w io.Writer, head ordered.Object, versions []versionEntry) error {
	text := head.AppendJSON(nil)
	text = append(text[:len(text)-1], `,"versions":{`...)
	for i, v := range versions {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(append(text, ordered.Quote(v.name)...), ':')
		if _, err := w.Write(v.object.AppendJSON(text)); err != nil {
			return err
		}
		text = text[:0]
	}
	_, err := io.WriteString(w, "}}")
	return err
}

// packageKeys are what the newest version says of the package.
var packageKeys = []string{"description", "homepage", "keywords", "repository", "bugs", "author", "contributors", "license"}

// fullPackument is the head of the full document.
func fullPackument(ctx context.Context, reg format.Reader, p *format.Package, latest ordered.Object, tags map[string]string) (ordered.Object, error) {
	readme, err := reg.Readme(ctx, p.Name, tags[latestTag])
	if err != nil {
		return nil, err
	}
	doc := ordered.Object{
		{Key: "_id", Raw: ordered.Quote(p.Name)},
		{Key: "_rev", Raw: ordered.Quote(revision(p))},
		{Key: "name", Raw: ordered.Quote(p.Name)},
		{Key: "dist-tags", Raw: tagsJSON(tags)},
	}
	for _, key := range packageKeys {
		if raw, ok := latest.Lookup(key); ok {
			doc.Set(key, raw)
		}
	}
	doc.Set("readme", ordered.Quote(readme.Text))
	doc.Set("readmeFilename", ordered.Quote(readme.Name))
	doc.Set("users", json.RawMessage("{}"))
	return doc, nil
}

// latestTag is the tag that is installed where none is asked for.
const latestTag = "latest"

// distTags gives the tags of a package. There is always a latest: where its
// version went, the newest release takes its place.
func distTags(stored map[string]string, release, newest string) map[string]string {
	tags := maps.Clone(stored)
	if tags == nil {
		tags = map[string]string{}
	}
	if tags[latestTag] == "" {
		tags[latestTag] = newest
		if release != "" {
			tags[latestTag] = release
		}
	}
	return tags
}

// tagsJSON writes tags in their order, latest first.
func tagsJSON(tags map[string]string) json.RawMessage {
	o := ordered.Object{{Key: latestTag, Raw: ordered.Quote(tags[latestTag])}}
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		if name != latestTag {
			o = append(o, ordered.Field{Key: name, Raw: ordered.Quote(tags[name])})
		}
	}
	return o.AppendJSON(nil)
}

// person is somebody as documents name them. Addresses of e-mail are the
// forge's and are told nobody.
type person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// maintainers are those who published the versions there are.
func maintainers(versions []*format.Version) []person {
	people := []person{}
	seen := map[string]bool{}
	for _, v := range versions {
		if by := publisher(v); by != "" && !seen[by] {
			seen[by] = true
			people = append(people, person{Name: by})
		}
	}
	return people
}

// publisher is who published a version; empty where it is not known.
func publisher(v *format.Version) string {
	var m struct {
		By person `json:"_npmUser"`
	}
	if json.Unmarshal(v.Metadata, &m) != nil {
		return ""
	}
	return m.By.Name
}

// revision names a state of a package as CouchDB does: a number that grows,
// and which package of that name it is.
func revision(p *format.Package) string {
	return strconv.FormatInt(p.Revision, 10) + "-" + strings.ReplaceAll(p.UUID, "-", "")
}

// unchanged makes a change fail where the package is no longer in the state
// that rev names.
func unchanged(p *format.Package, rev string) (format.Unchanged, error) {
	number, of, ok := strings.Cut(rev, "-")
	n, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil {
		return format.Unchanged{}, fault.New(fault.Invalid, "%.100q is no revision of %s: send the _rev of its document", rev, p.Name)
	}
	if of != strings.ReplaceAll(p.UUID, "-", "") {
		return format.Unchanged{}, stale(p.Name)
	}
	return format.Unchanged{Revision: n}, nil
}

// stale is the answer to a change of what has changed meanwhile.
func stale(name string) error {
	return fault.New(fault.Conflict, "%s was changed by somebody else meanwhile; try again", name)
}
