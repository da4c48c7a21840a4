package container

import (
	"context"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// maxTags bounds the tags of one push.
const maxTags = 100

// maxAbout bounds the annotations of a manifest with a subject, which every
// list of the subject's referrers has to hold.
const maxAbout = 256 << 10

// putManifest takes a manifest under a digest or a tag, and under the tags of
// the parameter tag.
func (c *Container) putManifest(q *format.Request) error {
	name, err := repository(q)
	if err != nil {
		return err
	}
	reference, extra := q.Param("reference"), q.R.URL.Query()["tag"]
	tags := extra
	if !isDigest(reference) {
		tags = append([]string{reference}, extra...)
	}
	if err := checkTags(tags); err != nil {
		return err
	}
	text, digests, err := receive(q)
	if err != nil {
		return err
	}
	digest := "sha256:" + digests.SHA256
	if isDigest(reference) {
		if digest = digestOf(reference, digests); digest != reference {
			return fault.New(fault.Invalid, "the manifest has the digest %s, not %s", digest, reference).At("digest")
		}
	}
	m, err := Parse(text, q.R.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	if err := publish(q.Context(), q.Reg, format.Release{Package: name, Version: digest, Tags: tags}, m, text); err != nil {
		return err
	}
	h := q.W.Header()
	h.Set("Location", place(q, name)+"/manifests/"+digest)
	h.Set("Docker-Content-Digest", digest)
	if m.Subject != nil {
		h.Set("OCI-Subject", m.Subject.Digest)
	}
	for _, tag := range extra {
		h.Add("OCI-Tag", tag)
	}
	return q.Empty(http.StatusCreated)
}

func checkTags(tags []string) error {
	if len(tags) > maxTags {
		return fault.New(fault.Invalid, "one push takes at most %d tags", maxTags)
	}
	for _, tag := range tags {
		if !isTag(tag) {
			return fault.New(fault.Invalid, "the tag %.200q is not allowed: up to 128 letters, digits and . _ -, the first one no . or -", tag)
		}
	}
	return nil
}

// receive reads a manifest.
func receive(q *format.Request) ([]byte, blob.Digests, error) {
	body, err := q.Receive(maxManifest)
	if err != nil {
		return nil, blob.Digests{}, err
	}
	defer body.Discard()
	text := make([]byte, body.Size())
	if _, err := body.ReadAt(text, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, blob.Digests{}, err
	}
	return text, body.Digests(), nil
}

// attempts is how often a push begins anew after it was overtaken by others,
// who deleted what it found.
const attempts = 6

// pause is at most how long a push waits before it begins anew, twice as long
// each time.
const pause = 8 * time.Millisecond

// publish makes the version of a manifest, or points tags at it where it is
// there: the same digest is the same manifest, so that to push it again, or
// twice at once, is to set the tags. Who was first, Publish decides.
func publish(ctx context.Context, reg format.Registry, rel format.Release, m *Manifest, text []byte) error {
	var err error
	for i := range attempts {
		if i > 0 {
			if err := wait(ctx, pause<<(i-1)); err != nil {
				return err
			}
		}
		if _, err = reg.File(ctx, format.FileRef{Package: rel.Package, Version: rel.Version, File: manifestFile}); err == nil {
			err = point(ctx, reg, rel)
		}
		if !fault.Is(err, fault.NotFound) {
			return err
		}
		if rel.Files, err = held(ctx, reg, rel.Package, m); err != nil {
			return err
		}
		var r record
		if r, err = inspect(ctx, reg, m, rel.Files); err != nil {
			return err
		}
		r.Size = len(text)
		if rel.Metadata, err = r.bytes(); err != nil {
			return err
		}
		if m.Subject != nil {
			rel.Subject = m.Subject.Digest
		}
		rel.Description = r.description()
		rel.Files = append([]format.NewFile{{Name: manifestFile, MediaType: m.MediaType, Body: blob.FromBytes(text)}}, rel.Files...)
		if _, err = reg.Publish(ctx, rel); !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return fault.Wrap(fault.Unavailable, err, "the repository is being changed by others: push again")
}

// wait waits for between half of d and d, so that those who met do not meet
// again.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d/2 + rand.N(d/2)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// point sets the tags of a version that exists.
func point(ctx context.Context, reg format.Registry, rel format.Release) error {
	if len(rel.Tags) == 0 {
		return nil
	}
	changes := make([]format.Change, len(rel.Tags))
	for i, tag := range rel.Tags {
		changes[i] = format.Tag{Name: tag, Version: rel.Version}
	}
	return reg.Edit(ctx, rel.Package, changes...)
}

// held finds what a manifest refers to, and gives the blobs of it as files.
func held(ctx context.Context, reg format.Reader, name string, m *Manifest) ([]format.NewFile, error) {
	for _, d := range m.Manifests {
		if !isManifest(d.MediaType) && !isIndex(d.MediaType) {
			continue
		}
		f, err := reg.File(ctx, format.FileRef{Package: name, Version: d.Digest, File: manifestFile})
		if err != nil {
			return nil, unknown(d, err)
		}
		if f.Size != d.Size {
			return nil, sized(d, f.Size)
		}
	}
	list, err := m.blobs()
	if err != nil {
		return nil, err
	}
	files := make([]format.NewFile, 0, len(list))
	for _, d := range list {
		f, err := reg.Blob(ctx, name, d.Digest)
		switch {
		case d.elsewhere && fault.Is(err, fault.NotFound):
		case err != nil:
			return nil, unknown(d, err)
		case f.Size != d.Size:
			return nil, sized(d, f.Size)
		default:
			files = append(files, format.NewFile{Name: d.Digest, MediaType: d.MediaType, Held: f})
		}
	}
	return files, nil
}

// unknown is the fault of a manifest that refers to what is not here.
func unknown(d Descriptor, err error) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	return fault.Wrap(fault.NotFound, err, "the manifest refers to %s, which is not in the repository: push it first", d.Digest).At("blob")
}

// inspect makes the record of a manifest whose blobs were found.
func inspect(ctx context.Context, reg format.Reader, m *Manifest, files []format.NewFile) (record, error) {
	if m.Subject != nil {
		size := 0
		for name, value := range m.Annotations {
			size += len(name) + len(value)
		}
		if size > maxAbout {
			return record{}, wrong("the annotations of a manifest with a subject may have %d bytes, and these have %d", maxAbout, size)
		}
	}
	config, err := readConfig(ctx, reg, m, files)
	return describe(m, config), err
}

// readConfig reads the config, if it is of a kind that pages show and no
// larger than such a thing can be.
func readConfig(ctx context.Context, reg format.Reader, m *Manifest, files []format.NewFile) ([]byte, error) {
	if m.Config == nil || m.Config.Size > maxConfig || !slices.Contains([]string{ociConfig, dockerConfig, helmConfig}, m.Config.MediaType) {
		return nil, nil
	}
	i := slices.IndexFunc(files, func(f format.NewFile) bool { return f.Name == m.Config.Digest })
	if i < 0 {
		return nil, nil
	}
	r, err := reg.Open(ctx, files[i].Held)
	if err != nil {
		return nil, unknown(*m.Config, err)
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxConfig))
}

// sorted gives the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
