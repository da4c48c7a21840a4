package npm

import (
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/ordered"
)

// Upload implements format.Uploading. The name comes before the scope.
func (n *NPM) Upload() format.Upload {
	patterns := []string{"{package}/{version}/{file}", "{package}/{group}/{version}/{file}"}
	return format.Upload{Put: patterns, Get: patterns, Accept: ".tgz,.tar.gz", Receive: n.receive, Locate: n.locate}
}

// restName is the name that an address of the REST API has, empty on the page.
// The scope comes with its @ or without.
func restName(q *format.Request) string {
	if group := q.Param("group"); group != "" {
		return "@" + strings.TrimPrefix(group, "@") + "/" + q.Param("package")
	}
	return q.Param("package")
}

// checkFile refuses a file that is called as no tarball is.
func checkFile(file string) error {
	if file != "" && !strings.HasSuffix(file, tarballSuffix) && !strings.HasSuffix(file, ".tar.gz") {
		return fault.New(fault.Invalid, "%q is no tarball; npm pack makes one, and its name ends in .tgz", file)
	}
	return nil
}

// receive publishes a tarball by itself. The address has to agree with what is
// in it.
func (*NPM) receive(q *format.Request, in format.Incoming) (*format.Version, error) {
	rel, err := fromTarball(q, in)
	if err != nil {
		in.Body.Discard()
		return nil, err
	}
	return publish(q, rel)
}

func fromTarball(q *format.Request, in format.Incoming) (format.Release, error) {
	if err := checkFile(q.Param("file")); err != nil {
		return format.Release{}, err
	}
	c, err := openTarball(archive.While(q.Context(), in.Body), in.Body.Size())
	if err != nil {
		return format.Release{}, err
	}
	if name := restName(q); name != "" && name != c.Manifest.Name {
		return format.Release{}, fault.New(fault.Unprocessable, "the address is of the package %q, and the tarball of %q", name, c.Manifest.Name)
	}
	if asked := q.Param("version"); asked != "" {
		v, err := cleanVersion(asked)
		if err != nil {
			return format.Release{}, err
		}
		if bare(v) != c.Manifest.Version {
			return format.Release{}, fault.New(fault.Unprocessable, "the address is of version %s, and the tarball of %s", asked, c.Manifest.Version)
		}
	}
	var tags []string
	if tag := c.Manifest.Tag; tag != "" {
		if err := checkTag(tag); err != nil {
			return format.Release{}, err
		}
		tags = []string{tag}
	}
	return release(q, c, in.Body, ordered.Value{}, tags)
}

// locate finds the tarball of a version, whatever its file is called.
func (*NPM) locate(q *format.Request) (*format.File, error) {
	name := restName(q)
	if err := checkFile(q.Param("file")); err != nil {
		return nil, fault.Wrap(fault.NotFound, err, "there is no file %q of %s", q.Param("file"), name)
	}
	version, err := CanonicalVersion(q.Param("version"))
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, err, "%s has no version %q", name, q.Param("version"))
	}
	return q.Reg.File(q.Context(), format.FileRef{Package: name, Version: version, File: tarballName(strings.ToLower(name), version)})
}
