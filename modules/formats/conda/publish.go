package conda

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// errSame is the cause of a conflict with the very same bytes.
var errSame = errors.New("the same file")

// put takes a file as it is. The folders of the address are the channel, and may
// end with the subdir, which the package names anyway.
func (c *Conda) put(q *format.Request) error {
	if _, err := parseFileName(q.Param("file")); err != nil {
		return err // before the body comes
	}
	body, err := q.Receive(0)
	if err != nil {
		return err
	}
	in := format.Incoming{Name: q.Param("file"), Body: body}
	return answer(q, c.publish(q, in, q.Query("channel"), q.Param("folders")))
}

// upload takes the form of rattler-build's "upload prefix": the file in the field
// "file", perhaps an attestation beside it, which is passed over.
func (c *Conda) upload(q *format.Request) error { return c.form(q, "file") }

// quetzFiles takes the form of quetz ("Upload packages"): files in the field
// "files". Its field "force" is passed over: what is published stays.
func (c *Conda) quetzFiles(q *format.Request) error { return c.form(q, "files") }

// quetzUpload takes a file as quetz's clients, rattler-build among them, stream it:
// with its digest in the query.
func (c *Conda) quetzUpload(q *format.Request) error {
	body, err := q.Receive(0)
	if err != nil {
		return err
	}
	if want := q.Query("sha256"); want != "" && !strings.EqualFold(want, body.Digests().SHA256) {
		body.Discard()
		return fault.New(fault.Invalid, "the file has the sha256 %s, and %.70q was announced; send it again", body.Digests().SHA256, want).At("sha256")
	}
	return answer(q, c.publish(q, format.Incoming{Name: q.Param("file"), Body: body}, q.Param("channel"), ""))
}

// maxForm bounds the files of one form.
const maxForm = 50

// form publishes the files that a form has in a field, one after the other. Where
// one of them is broken none is published.
func (c *Conda) form(q *format.Request, field string) error {
	form, err := q.Form(format.FormLimits{Parts: 2 * maxForm, Values: 1 << 20, Files: maxForm})
	if err != nil {
		return err
	}
	defer form.Discard()
	var releases []format.Release
	for _, f := range form.Files {
		if f.Field != field {
			continue
		}
		rel, err := c.release(q, f.Incoming, q.Param("channel"), "")
		if err != nil {
			return err
		}
		releases = append(releases, rel)
	}
	if len(releases) == 0 {
		return fault.New(fault.Invalid, "the form has no file: send it in the field %q, with its name", field).At(field)
	}
	same := true
	for _, rel := range releases {
		_, err := c.commit(q, rel)
		if err != nil && !errors.Is(err, errSame) {
			return err
		}
		same = same && err != nil
	}
	if same {
		return answer(q, errSame)
	}
	return answer(q, nil)
}

// answer tells how a native publication ended. One that is repeated because its
// answer was lost succeeds.
func answer(q *format.Request, err error) error {
	switch {
	case errors.Is(err, errSame):
		return q.Text(http.StatusOK, "the registry has this file already\n")
	case err != nil:
		return err
	}
	return q.Text(http.StatusCreated, "published\n")
}

// Upload implements format.Uploading.
func (c *Conda) Upload() format.Upload {
	channel := func(q *format.Request) string {
		if channel := q.Param("channel"); channel != "" {
			return channel // a field of the page
		}
		return q.Query("channel")
	}
	return format.Upload{
		Put: []string{"{file}"},
		Get: []string{"{platform}/{file}"},
		Fields: []format.Field{{
			Name: "channel", Label: format.Text{En: "Channel", Ru: "Канал"},
			Hint: format.Text{En: "Empty for the root channel; else, for example, main", Ru: "Пусто: корневой канал; иначе, например, main"},
		}},
		Accept: second + "," + first,
		Receive: func(q *format.Request, in format.Incoming) (*format.Version, error) {
			if name := q.Param("file"); name != "" {
				in.Name = name
			}
			rel, err := c.release(q, in, channel(q), "")
			if err != nil {
				in.Body.Discard()
				return nil, err
			}
			return c.commit(q, rel)
		},
		Locate: func(q *format.Request) (*format.File, error) {
			return c.find(q, folder{strings.Trim(q.Query("channel"), "/"), q.Param("platform")}, q.Param("file"))
		},
	}
}

// publish puts a file into a channel.
func (c *Conda) publish(q *format.Request, in format.Incoming, channel, folders string) error {
	rel, err := c.release(q, in, channel, folders)
	if err != nil {
		in.Body.Discard()
		return err
	}
	_, err = c.commit(q, rel)
	return err
}

// release is what a file makes of itself: a build that joins its version.
func (c *Conda) release(q *format.Request, in format.Incoming, channel, folders string) (format.Release, error) {
	var none format.Release
	name, err := parseFileName(in.Name)
	if err != nil {
		return none, err
	}
	p, err := readPackage(q.Context(), in.Body, name)
	if err != nil {
		return none, err
	}
	to, err := place(channel, folders, p.subdir)
	if err != nil {
		return none, err
	}
	kept := build{Record: p.record(in.Body.Size(), in.Body.Digests()), RunExports: p.exports, Traits: p.traits}
	rel := format.Release{
		Package: p.name, Version: p.version, Prerelease: prerelease(strings.ToLower(p.version)), Existing: format.Add,
		Files: []format.NewFile{{Name: name.String(), Folder: to.String(), Metadata: kept.text(), Body: in.Body}},
	}
	switch _, err := q.Reg.Version(q.Context(), rel.Package, rel.Version); {
	case err == nil:
		return rel, nil // the first build has told what the version is
	case !fault.Is(err, fault.NotFound):
		return none, err
	}
	if p.about.Licence == "" {
		p.about.Licence = p.index.text("license")
	}
	rel.Metadata, err = json.Marshal(p.about)
	rel.Description = p.about.Summary
	if p.description != "" {
		rel.Readme = format.Readme{Name: "README.md", Text: p.description}
	}
	return rel, err
}

func (c *Conda) commit(q *format.Request, rel format.Release) (*format.Version, error) {
	ref := format.FileRef{Package: rel.Package, Version: rel.Version, File: rel.Files[0].Path()}
	sum := rel.Files[0].Body.Digests().SHA256
	v, err := q.Reg.Publish(q.Context(), rel)
	if fault.Is(err, fault.Conflict) {
		err = taken(q.Context(), q.Reg, ref, sum)
	}
	return v, err
}

// taken is the conflict of a file that is there already.
func taken(ctx context.Context, reg format.Reader, ref format.FileRef, sha256 string) error {
	f, err := reg.File(ctx, ref)
	switch {
	case err != nil && !fault.Is(err, fault.NotFound):
		return err
	case err == nil && f.Digests.SHA256 == sha256:
		return fault.Wrap(fault.Conflict, errSame, "%s already exists, with identical content", ref.File)
	}
	return fault.New(fault.Conflict, "%s already exists, with other content. A published build is never replaced: raise its build number or publish a new version", ref.File)
}
