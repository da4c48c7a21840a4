package npm

import (
	"net/http"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

func (*NPM) tarball(q *format.Request) error {
	name, file := nameOf(q), q.Param("file")
	version, err := versionOf(name, file)
	if err != nil {
		return err
	}
	f, err := q.Reg.File(q.Context(), format.FileRef{Package: name, Version: version, File: file})
	if err != nil {
		return err
	}
	return q.File(f)
}

// manifest answers with one version, by its number or by a tag.
func (*NPM) manifest(q *format.Request) error {
	v, err := find(q, nameOf(q), q.Param("version"))
	if err != nil {
		return err
	}
	o, ok, err := versionObject(q.Base, v, false)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.NotFound, "%s %s has no tarball", v.Package, v.Name)
	}
	return q.Bytes(http.StatusOK, "application/json", o.AppendJSON(nil))
}

// find gives a version by its number or by a tag.
func find(q *format.Request, name, version string) (*format.Version, error) {
	if _, err := parseVersion(version); err == nil {
		return q.Reg.Version(q.Context(), name, version)
	}
	tags, err := tagsOf(q, name)
	if err != nil {
		return nil, err
	}
	target, ok := tags[version]
	if !ok {
		return nil, fault.New(fault.NotFound, "%s has no version or tag %q", name, version)
	}
	return q.Reg.Version(q.Context(), name, target)
}

// tagsOf gives the tags of a package, latest always among them.
func tagsOf(q *format.Request, name string) (map[string]string, error) {
	p, err := q.Reg.Package(q.Context(), name)
	if err != nil {
		return nil, err
	}
	tags, err := q.Reg.Tags(q.Context(), name)
	if err != nil {
		return nil, err
	}
	return distTags(tags, p.Latest, p.Latest), nil
}
