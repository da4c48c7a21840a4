package npm

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/ordered"
	"ingot.dev/modules/version"
)

// put takes a document: a new version, or what somebody made of the document
// that they were told. Both come to the same address.
func (n *NPM) put(q *format.Request) error {
	staged, err := q.Receive(0)
	if err != nil {
		return err
	}
	defer staged.Discard()
	b, err := readBody(staged, staged.Size())
	if err != nil {
		return err
	}
	// Incident 20 (npm, November 2021): one name was looked at, another written.
	if name := nameOf(q); b.Name != name {
		return fault.New(fault.Invalid, "the address is of the package %q, and the body of %q", name, b.Name)
	}
	if len(b.Attachments) > 0 {
		return n.publish(q, b)
	}
	return n.edit(q, b)
}

// publish makes a version of a body with a tarball.
func (n *NPM) publish(q *format.Request, b *body) (err error) {
	packed, bundle, err := b.parts()
	if err != nil {
		return err
	}
	tarball, err := q.Reg.Stage(q.Context(), b.tarball(packed), 0)
	if err != nil {
		return err
	}
	defer func() { tarball.Discard() }()
	if size := strconv.FormatInt(tarball.Size(), 10); packed.Length != "" && packed.Length != size {
		return fault.New(fault.Invalid, "the tarball has %s bytes, and the body says %s; publish it again", size, packed.Length)
	}
	c, err := openTarball(archive.While(q.Context(), tarball), tarball.Size())
	if err != nil {
		return err
	}
	said, err := b.manifest(b.Versions[0])
	if err != nil {
		return err
	}
	if v := b.Versions[0].Version; v != textOf(said, "version") || b.Name != textOf(said, "name") {
		return fault.New(fault.Invalid, "the body lists %s %s under the name of %s %s", textOf(said, "name"), textOf(said, "version"), b.Name, v)
	}
	if err := c.Manifest.agree(said, sumsOf(tarball.Digests())); err != nil {
		return err
	}
	tags, err := b.publishedTags()
	if err != nil {
		return err
	}
	rel, err := release(q, c, tarball, said, tags)
	if err != nil {
		return err
	}
	if bundle != nil {
		f, err := provenance(q, b, *bundle, c.Manifest, tarball.Digests())
		if err != nil {
			return err
		}
		rel.Files = append(rel.Files, f)
	}
	switch _, err := publish(q, rel); {
	case fault.Is(err, fault.Conflict): // clients know it by this status and the words
		return fault.Wrap(fault.Denied, err, "%s", fault.From(err).Message)
	case err != nil:
		return err
	}
	return q.JSON(http.StatusCreated, struct {
		done
		Success bool `json:"success"`
	}{done{OK: true, ID: rel.Package}, true})
}

// publishedTags are the tags for the one version that a body brings.
func (b *body) publishedTags() ([]string, error) {
	if err := checkTags(len(b.Tags)); err != nil {
		return nil, err
	}
	var tags []string
	for _, t := range b.Tags {
		if t.Version != b.Versions[0].Version {
			return nil, fault.New(fault.Invalid, "the body points the tag %q at %q, and brings %q", t.Name, t.Version, b.Versions[0].Version)
		}
		if err := checkTag(t.Name); err != nil {
			return nil, err
		}
		tags = append(tags, t.Name)
	}
	return tags, nil
}

// publish publishes a release, and refuses one that is there in the words that
// clients look for.
func publish(q *format.Request, rel format.Release) (*format.Version, error) {
	v, err := q.Reg.Publish(q.Context(), rel)
	if fault.Is(err, fault.Conflict) {
		return nil, fault.Wrap(fault.Conflict, err, "You cannot publish over the previously published versions: %s. %s", rel.Version, fault.From(err).Message)
	}
	return v, err
}

// What a client says of how it made a version, as far as it is kept.
var (
	commitForm = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)
	toolForm   = regexp.MustCompile(`^[0-9A-Za-z.+-]{1,64}$`)
)

// release makes a release of a tarball. said is what the client says of it, the
// zero Value where it says nothing.
func release(q *format.Request, c *contents, tarball blob.Staged, said ordered.Value, tags []string) (format.Release, error) {
	m := c.Manifest
	sum := integrity(tarball.Digests().SHA512)
	signed, err := sign(q.Context(), q.Reg, m.Name, m.Version, sum)
	if err != nil {
		return format.Release{}, err
	}
	record, err := json.Marshal(tarballRecord{c.Files, c.Unpacked, []signature{signed}})
	if err != nil {
		return format.Release{}, err
	}
	o := m.object
	o.Set("_id", ordered.Quote(m.Name+"@"+m.Version))
	commit := textOf(said, "gitHead")
	if !commitForm.MatchString(commit) {
		commit = ""
	}
	for _, f := range []struct {
		key, value string
		ok         bool
	}{
		{"gitHead", commit, commit != ""},
		{"_nodeVersion", textOf(said, "_nodeVersion"), toolForm.MatchString(textOf(said, "_nodeVersion"))},
		{"_npmVersion", textOf(said, "_npmVersion"), toolForm.MatchString(textOf(said, "_npmVersion"))},
	} {
		if f.ok {
			o.Set(f.key, ordered.Quote(f.value))
		}
	}
	if q.Actor.Name != "" {
		o.Set("_npmUser", quoted(person{Name: q.Actor.Name}))
	}
	if c.Shrinkwrap {
		o.Set("_hasShrinkwrap", json.RawMessage("true"))
	}
	if tags, err = withLatest(q.Context(), q.Reg, m.Name, tags); err != nil {
		return format.Release{}, err
	}
	return format.Release{
		Package: m.Name, Version: m.Version, Description: m.Description, Metadata: o.AppendJSON(nil),
		Prerelease: version.Prerelease(m.Version), Readme: format.Readme{Name: c.ReadmeName, Text: c.Readme},
		Tags: tags, Origin: format.Origin{Commit: commit},
		Files: []format.NewFile{{Name: tarballName(m.Name, m.Version), MediaType: "application/gzip", Metadata: record, Body: tarball}},
	}, nil
}

// withLatest adds the tag latest to those of a new version where no version
// has it, and where no tag is asked for.
func withLatest(ctx context.Context, reg format.Reader, name string, tags []string) ([]string, error) {
	if len(tags) == 0 {
		return []string{latestTag}, nil
	}
	if slices.Contains(tags, latestTag) {
		return tags, nil
	}
	current, err := reg.Tags(ctx, name)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if current[latestTag] == "" {
		tags = append(tags, latestTag)
	}
	return tags, nil
}
