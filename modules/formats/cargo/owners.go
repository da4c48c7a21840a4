package cargo

import (
	"encoding/json"
	"net/http"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// owner is somebody as the web API names them.
type owner struct {
	ID    uint32  `json:"id"`
	Login string  `json:"login"`
	Name  *string `json:"name"`
}

// owners names those who published what there is. Who else may do so, the
// project or company decides, for all crates alike.
func (*Cargo) owners(q *format.Request) error {
	list, err := versionsOf(q)
	if err != nil {
		return err
	}
	users := []owner{}
	seen := map[string]bool{}
	for _, v := range list {
		if by := aboutOf(v).Publisher; by != "" && !seen[by] {
			seen[by] = true
			users = append(users, owner{ID: uint32(v.PublisherID), Login: by})
		}
	}
	return q.JSON(http.StatusOK, map[string][]owner{"users": users})
}

// changeOwners refuses to, and says where it is done.
func (*Cargo) changeOwners(q *format.Request) error {
	if _, err := packageOf(q); err != nil {
		return err
	}
	where := q.Root
	if q.Scope.Kind == scope.Project || q.Scope.Kind == scope.Company {
		where += "/" + q.Scope.Path.String() + "/settings"
	}
	return fault.New(fault.Denied, "crates have no owners of their own here: whoever may publish is a member of their project or company; its members are changed on %s", where)
}

// packageOf gives the crate that an address names.
func packageOf(q *format.Request) (*format.Package, error) {
	name := q.Param("package")
	if _, err := CanonicalName(name); err != nil {
		return nil, absent(name)
	}
	return q.Reg.Package(q.Context(), name)
}

// versionsOf gives the versions of the crate that an address names, the newest
// first.
func versionsOf(q *format.Request) ([]*format.Version, error) {
	name := q.Param("package")
	if _, err := CanonicalName(name); err != nil {
		return nil, absent(name)
	}
	return q.Reg.Versions(q.Context(), name)
}

// aboutOf reads the record of a version. What has another shape is left out.
func aboutOf(v *format.Version) about {
	var a about
	_ = json.Unmarshal(v.Metadata, &a)
	return a
}

// lineOf reads what the index tells of the package of a version.
func lineOf(f *format.File) line {
	var l line
	_ = json.Unmarshal(f.Metadata, &l)
	return l
}
