package rubygem

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// key gives a token to who sends a name and a password ("RubyGems.org API", API
// Key Methods): gem signin keeps it. Who sends a token for a password keeps
// that: one that may not make others could do nothing here.
//
// Only Basic in the request counts, never a browser's session.
func (g *RubyGems) key(q *format.Request) error {
	_, secret, basic := q.R.BasicAuth()
	if !basic {
		return fault.New(fault.Invalid, "send the name and the password of an account: RUBYGEMS_HOST=%s gem signin", q.Base)
	}
	if q.Actor.Token != nil {
		return keep(q, secret)
	}
	form, err := fields(q)
	if err != nil {
		return err
	}
	if q.R.Method == http.MethodHead {
		return q.Empty(http.StatusOK) // to ask makes no key
	}
	name := form.Get("name")
	if name == "" {
		name = "gem signin, " + time.Now().UTC().Format(time.DateOnly)
	}
	token, _, err := q.Server.Accounts().Issue(q, q.Actor, forge.NewToken{Name: name, Grants: grants(form.Has)})
	if err != nil {
		return err
	}
	return keep(q, token)
}

// keep answers with a secret, which nothing between here and the client may
// store.
func keep(q *format.Request, secret string) error {
	q.W.Header().Set("Cache-Control", "no-store")
	return q.Text(http.StatusOK, secret)
}

// powers are the scopes of keys that write.
var powers = []string{"push_rubygem", "yank_rubygem", "add_owner", "remove_owner", "access_webhooks"}

// grants gives what a key with some scopes may do. Older clients name none: to
// them a key is for everything.
func grants(has func(scope string) bool) forge.Grant {
	if !slices.ContainsFunc(powers, has) && (has("index_rubygems") || has("show_dashboard")) {
		return forge.GrantPackagesRead
	}
	return forge.GrantPackagesRead | forge.GrantPackagesPublish
}

// widen is asked for scopes that a key lacks.
func (g *RubyGems) widen(q *format.Request) error {
	return fault.New(fault.Unprocessable, "what a token may do does not change: sign out by gem signout, and in again with the scopes that are needed; %s lists your tokens", q.Root+"/settings/tokens")
}

// owner is an account as gem owner shows it.
type owner struct {
	Handle string `json:"handle" yaml:"handle"`
	Role   string `json:"role" yaml:"role"`
}

// listOwners names those who pushed what there is. Who may push is decided by the
// forge, for all gems of a scope alike.
func (g *RubyGems) listOwners(q *format.Request) error {
	list, err := q.Reg.Versions(q.Context(), q.Param("package"))
	if err != nil {
		return err
	}
	owners := []owner{}
	for _, v := range list {
		s, err := specOf(v)
		if err != nil {
			return err
		}
		if o := (owner{s.Pusher, "maintainer"}); s.Pusher != "" && !slices.Contains(owners, o) {
			owners = append(owners, o)
		}
	}
	if !strings.HasSuffix(q.R.URL.Path, ".yaml") {
		return q.JSON(http.StatusOK, owners)
	}
	b, err := yaml.Marshal(owners)
	if err != nil {
		return err
	}
	return q.Bytes(http.StatusOK, "application/yaml; charset=utf-8", b)
}

// changeOwners refuses what is decided elsewhere.
func (g *RubyGems) changeOwners(q *format.Request) error {
	p, err := q.Reg.Package(q.Context(), q.Param("package"))
	if err != nil {
		return err
	}
	members := q.Root
	if q.Scope.Kind == scope.Project || q.Scope.Kind == scope.Company {
		members += "/" + q.Scope.Path.String() + "/settings"
	}
	return fault.New(fault.Denied, "%s has no owners of its own here: whoever may push is a member of its project or company; its members are changed on %s", p.Name, members)
}
