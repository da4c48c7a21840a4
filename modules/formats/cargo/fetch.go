package cargo

import (
	"net/http"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

func (*Cargo) download(q *format.Request) error {
	f, err := locate(q)
	if err != nil {
		return err
	}
	return q.File(f)
}

// locate finds the package of a version. A yanked one is given out: lock files
// name it.
func locate(q *format.Request) (*format.File, error) {
	v, err := find(q)
	if err != nil {
		return nil, err
	}
	f := crateOf(v)
	if f == nil {
		return nil, fault.New(fault.NotFound, "%s %s has no package", v.Package, v.Name)
	}
	return f, nil
}

// find gives the version that an address names.
func find(q *format.Request) (*format.Version, error) {
	name, version := q.Param("package"), q.Param("version")
	if _, err := CanonicalName(name); err != nil {
		return nil, absent(name)
	}
	if _, err := CanonicalVersion(version); err != nil {
		return nil, fault.Wrap(fault.NotFound, err, "%s has no version %.100q", name, version)
	}
	return q.Reg.Version(q.Context(), name, version)
}

func (*Cargo) readme(q *format.Request) error {
	v, err := find(q)
	if err != nil {
		return err
	}
	r, err := q.Reg.Readme(q.Context(), v.Package, v.Name)
	if err != nil {
		return err
	}
	if r.Name == "" {
		return fault.New(fault.NotFound, "%s %s has no README", v.Package, v.Name)
	}
	return q.Text(http.StatusOK, r.Text)
}

func (c *Cargo) yank(q *format.Request) error { return mark(q, true) }

func (c *Cargo) unyank(q *format.Request) error { return mark(q, false) }

// mark takes a version back or takes that back. Nothing is deleted.
func mark(q *format.Request, yanked bool) error {
	v, err := find(q)
	if err != nil {
		return err
	}
	if err := q.Reg.Edit(q.Context(), v.Package, format.Yank{Version: v.Name, On: yanked}); err != nil {
		return err
	}
	return q.JSON(http.StatusOK, done{true})
}
