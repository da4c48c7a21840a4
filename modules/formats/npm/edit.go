package npm

import (
	"net/http"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// edit makes a package what a client made of its document. npm deprecate, npm
// unpublish of a version and npm owner all send the document back; what they
// changed has to be found out. Nothing is taken away on the word of a document
// that is older than the package.
func (n *NPM) edit(q *format.Request, b *body) error {
	if !b.HasVersions {
		if b.HasOwners {
			return errOwners(q)
		}
		return fault.New(fault.Invalid, "the body has neither versions nor attachments; send the document of the package, as npm does")
	}
	rev, named := q.Param("rev"), false
	if rev == "" {
		rev = b.Rev
	} else {
		named = true
	}
	p, err := q.Reg.Package(q.Context(), b.Name)
	if err != nil {
		return err
	}
	d := difference{body: b, whole: rev != ""}
	if d.whole {
		same, err := unchanged(p, rev)
		if err != nil {
			return err
		}
		d.changes = append(d.changes, same)
	}
	if err := d.find(q); err != nil {
		return err
	}
	reg := q.Reg
	if len(d.removed) > 0 {
		if !named {
			// What came after the document was asked for is lacking, too.
			if p, err = q.Reg.Package(q.Context(), p.Name); err != nil {
				return err
			}
			if revision(p) != rev {
				return stale(p.Name)
			}
			return fault.New(fault.Invalid, "the document lacks %s %s; to remove versions send it to %s/-rev/%s, as npm unpublish does", p.Name, d.removed[0], p.Name, revision(p))
		}
		if reg, err = q.With(forge.DeletePackages); err != nil {
			return err
		}
	}
	if len(d.changes) > 1 || len(d.changes) == 1 && !d.whole {
		if err := change(q, reg, p.Name, d.changes); err != nil {
			return err
		}
	}
	return q.JSON(http.StatusOK, done{OK: true, ID: p.Name, Rev: rev})
}

// change makes changes, all or none.
func change(q *format.Request, reg format.Registry, name string, changes []format.Change) error {
	err := reg.Edit(q.Context(), name, changes...)
	if fault.Is(err, fault.Precondition) {
		return stale(name)
	}
	return err
}

// difference is what a document says and the package does not.
type difference struct {
	body    *body
	whole   bool // the document names the state that it was made from
	changes []format.Change
	removed []string // versions
}

func (d *difference) find(q *format.Request) error {
	current, err := q.Reg.Versions(q.Context(), d.body.Name)
	if err != nil {
		return err
	}
	said := make(map[string]bodyVersion, len(d.body.Versions))
	for _, v := range d.body.Versions {
		said[v.Version] = v
	}
	have := make(map[string]bool, len(current))
	for _, v := range current {
		have[v.Name] = true
		s, there := said[v.Name]
		switch was := v.Properties[deprecatedKey]; {
		case !there:
			d.removed = append(d.removed, v.Name)
		case s.Deprecated != was && (d.whole || s.Deprecated != ""):
			if err := checkDeprecated(s.Deprecated); err != nil {
				return err
			}
			d.changes = append(d.changes, format.Describe{Version: v.Name, Properties: map[string]string{deprecatedKey: s.Deprecated}})
		}
	}
	for _, v := range d.body.Versions {
		if !have[v.Version] {
			return fault.New(fault.Invalid, "the document has the version %q, which %s does not; publish it with its tarball", v.Version, d.body.Name)
		}
	}
	if !d.whole {
		d.removed = nil
		return nil
	}
	if err := d.tags(q, said); err != nil {
		return err
	}
	for _, v := range d.removed {
		d.changes = append(d.changes, format.Remove{Version: v})
	}
	return nil
}

// tags finds the tags that were moved or taken away. Those of removed versions
// go with them.
func (d *difference) tags(q *format.Request, said map[string]bodyVersion) error {
	if d.body.Tags == nil {
		return nil
	}
	current, err := q.Reg.Tags(q.Context(), d.body.Name)
	if err != nil {
		return err
	}
	before := len(d.changes)
	kept := map[string]bool{}
	for _, t := range d.body.Tags {
		kept[t.Name] = true
		if t.Version == "" || current[t.Name] == t.Version { // npm leaves latest empty where no version is left
			continue
		}
		if err := checkTag(t.Name); err != nil {
			return err
		}
		if _, there := said[t.Version]; !there {
			return fault.New(fault.Invalid, "the document points the tag %q at %q, which it does not list", t.Name, t.Version)
		}
		d.changes = append(d.changes, format.Tag{Name: t.Name, Version: t.Version})
	}
	for name, version := range current {
		if _, there := said[version]; there && !kept[name] && name != latestTag {
			d.changes = append(d.changes, format.Tag{Name: name})
		}
	}
	return checkTags(len(d.changes) - before)
}

// removePackage is npm unpublish of all versions.
func (*NPM) removePackage(q *format.Request) error {
	p, err := q.Reg.Package(q.Context(), nameOf(q))
	if err != nil {
		return err
	}
	same, err := unchanged(p, q.Param("rev"))
	if err != nil {
		return err
	}
	list, err := q.Reg.Versions(q.Context(), p.Name)
	if err != nil {
		return err
	}
	changes := []format.Change{same}
	for _, v := range list {
		changes = append(changes, format.Remove{Version: v.Name})
	}
	if err := change(q, q.Reg, p.Name, changes); err != nil {
		return err
	}
	return q.JSON(http.StatusOK, done{OK: true, ID: p.Name})
}

// removeTarball is the second step of npm unpublish of a version, which went
// with the first. Whoever skips that removes it here.
func (*NPM) removeTarball(q *format.Request) error {
	name := nameOf(q)
	version, err := versionOf(name, q.Param("file"))
	if err != nil {
		return err
	}
	p, err := q.Reg.Package(q.Context(), name)
	if err != nil {
		return err
	}
	same, err := unchanged(p, q.Param("rev"))
	if err != nil {
		return err
	}
	err = change(q, q.Reg, p.Name, []format.Change{same, format.Remove{Version: version}})
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return q.JSON(http.StatusOK, done{OK: true, ID: p.Name})
}
