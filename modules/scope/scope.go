// Package scope names the owners of packages: a project, a company, a user,
// or the whole service. It is pure data; the forge resolves it.
package scope

import (
	"fmt"
	"strings"
)

// Kind is the sort of owner. Its values are stored in the database and must
// not be renumbered.
type Kind uint8

// The four kinds of owner.
const (
	Project Kind = iota + 1
	Company
	User
	Service
)

var kinds = map[Kind]string{Project: "project", Company: "company", User: "user", Service: "service"}

// String gives the kind's word in addresses and command lines.
func (k Kind) String() string { return kinds[k] }

// Ref is the identity of a scope as rows refer to it. The service has ID 0.
type Ref struct {
	Kind Kind
	ID   int64
}

// Path is how a scope is written: Owner and Name for a project, Owner alone
// for a company or a user, neither for the service.
type Path struct {
	Kind  Kind
	Owner string
	Name  string
}

// String writes the path as addresses do: "project/o/p", "company/c",
// "user/u"; the service is the empty string.
func (p Path) String() string {
	switch p.Kind {
	case Project:
		return "project/" + p.Owner + "/" + p.Name
	case Company, User:
		return p.Kind.String() + "/" + p.Owner
	default:
		return ""
	}
}

// ParsePath reads what String writes; "service" is taken for the service too.
func ParsePath(s string) (Path, error) {
	part := strings.Split(s, "/")
	switch {
	case s == "" || s == "service":
		return Path{Kind: Service}, nil
	case part[0] == "project" && len(part) == 3 && part[1] != "" && part[2] != "":
		return Path{Kind: Project, Owner: part[1], Name: part[2]}, nil
	case part[0] == "company" && len(part) == 2 && part[1] != "":
		return Path{Kind: Company, Owner: part[1]}, nil
	case part[0] == "user" && len(part) == 2 && part[1] != "":
		return Path{Kind: User, Owner: part[1]}, nil
	}
	return Path{}, fmt.Errorf("%q is no scope: write project/OWNER/PROJECT, company/COMPANY, user/USER or service", s)
}

// Scope is a resolved owner of packages.
type Scope struct {
	Ref
	UUID    string // stable public id
	Path    Path   // with the spelling the forge keeps
	Title   string
	Private bool
	Parent  Ref // a project's owner; zero otherwise
}
