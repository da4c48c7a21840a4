package container

import (
	"net/http"
	"strings"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// manifestFile is the name of the manifest among the files of a version.
const manifestFile = "manifest.json"

// manifest gives a manifest as it was pushed, whatever media types the client
// says to accept: one that takes only others could do nothing with the version.
func (c *Container) manifest(q *format.Request) error {
	name, digest := q.Param("name"), q.Param("reference")
	if !isDigest(digest) {
		var err error
		if digest, err = q.Reg.Tagged(q.Context(), name, digest); err != nil {
			return err
		}
	}
	f, err := q.Reg.File(q.Context(), format.FileRef{Package: name, Version: digest, File: manifestFile})
	if err != nil {
		return err
	}
	q.W.Header().Set("Docker-Content-Digest", digest)
	return q.File(f)
}

// deleteManifest deletes a version with its tags, or a tag alone.
func (c *Container) deleteManifest(q *format.Request) error {
	name, reference := q.Param("name"), q.Param("reference")
	var err error
	if isDigest(reference) {
		err = q.Reg.Delete(q.Context(), format.FileRef{Package: name, Version: reference})
	} else {
		err = q.Reg.Edit(q.Context(), name, format.Tag{Name: reference})
	}
	if err != nil {
		return err
	}
	return q.Empty(http.StatusAccepted)
}

func (c *Container) blob(q *format.Request) error {
	digest := q.Param("digest")
	f, err := q.Reg.Blob(q.Context(), q.Param("name"), digest)
	if err != nil {
		return err
	}
	q.W.Header().Set("Docker-Content-Digest", digest)
	return q.File(f)
}

// deleteBlob takes a blob out of the repository, unless a manifest needs it.
func (c *Container) deleteBlob(q *format.Request) error {
	if err := q.Reg.Drop(q.Context(), q.Param("name"), q.Param("digest")); err != nil {
		if fault.Is(err, fault.Conflict) {
			return fault.Wrap(fault.Conflict, err, "a manifest refers to %s: delete that first", q.Param("digest"))
		}
		return err
	}
	return q.Empty(http.StatusAccepted)
}

// digestOf gives one of the digests of some bytes: that of the algorithm that
// another digest is of.
func digestOf(like string, d blob.Digests) string {
	if strings.HasPrefix(like, "sha512:") {
		return "sha512:" + d.SHA512
	}
	return "sha256:" + d.SHA256
}
