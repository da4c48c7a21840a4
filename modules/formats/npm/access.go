package npm

import (
	"net/http"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// Who may do what is decided by the forge, for all packages of a scope alike.
// These addresses tell it as far as npm access and npm owner can show it.

// settings is the page where the members of a scope are changed.
func settings(q *format.Request) string {
	if q.Scope.Kind == scope.Service || q.Scope.Kind == scope.User {
		return q.Root
	}
	return q.Root + "/" + q.Scope.Path.String() + "/settings"
}

// errOwners refuses npm owner add and its kin.
func errOwners(q *format.Request) error { return fault.New(fault.Denied, "%s", noOwners(q)) }

func noOwners(q *format.Request) string {
	return "packages have no owners of their own here: whoever may publish is a member of their project or company; its members are changed on " + settings(q)
}

func (*NPM) visibility(q *format.Request) error {
	if _, err := q.Reg.Package(q.Context(), nameOf(q)); err != nil {
		return err
	}
	return q.JSON(http.StatusOK, map[string]bool{"public": !q.Scope.Private})
}

// collaborators names those who published what there is, and the one who asks.
func (*NPM) collaborators(q *format.Request) error {
	list, err := q.Reg.Versions(q.Context(), nameOf(q))
	if err != nil {
		return err
	}
	people := map[string]string{}
	for _, p := range maintainers(list) {
		people[p.Name] = "write"
	}
	if !q.Actor.Anonymous() {
		people[q.Actor.Name] = mayPublish(q)
	}
	return q.JSON(http.StatusOK, people)
}

func mayPublish(q *format.Request) string {
	if q.May(forge.PublishPackages) {
		return "write"
	}
	return "read"
}

// packagesOf lists the packages of this registry for its owner and for the one
// who asks. npm asks for those of a group before those of a person.
func (*NPM) packagesOf(q *format.Request) error {
	if who := q.Param("owner"); !strings.EqualFold(who, q.Scope.Path.Owner) && !strings.EqualFold(who, q.Actor.Name) {
		return fault.New(fault.NotFound, "%q has no packages in this registry", who)
	}
	names, err := q.Reg.Names(q.Context())
	if err != nil {
		return err
	}
	right := mayPublish(q)
	packages := make(map[string]string, len(names))
	for _, name := range names {
		packages[name] = right
	}
	return q.JSON(http.StatusOK, packages)
}

// access takes a wish for the privacy that the scope has, and no other.
func (*NPM) access(q *format.Request) error {
	var wish struct {
		Access string `json:"access"`
	}
	if err := readJSON(q.R.Body, maxSmall, &wish, `the body has to be {"access": "public"} or {"access": "restricted"}`); err != nil {
		return err
	}
	if _, err := q.Reg.Package(q.Context(), nameOf(q)); err != nil {
		return err
	}
	switch have := map[bool]string{false: "public", true: "restricted"}[q.Scope.Private]; wish.Access {
	case have:
		return q.JSON(http.StatusOK, done{OK: true, ID: nameOf(q)})
	case "public", "restricted":
		return fault.New(fault.Invalid, "packages are as private as their project or company, and this one is %s; change that on %s", have, settings(q))
	}
	return fault.New(fault.Invalid, "of the access to a package only public and restricted can be said here; second factors are a matter of the forge")
}
