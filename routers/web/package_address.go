package web

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
)

// scopeURL gives the address of a scope's own page.
func scopeURL(p scope.Path) string {
	if p.Kind == scope.Service {
		return "/package"
	}
	return "/" + p.String()
}

// registryURL gives the address of the registry page of a scope.
func registryURL(p scope.Path) string {
	if p.Kind == scope.Service {
		return "/package"
	}
	return "/" + p.String() + "/package"
}

// packageURL gives the address of a package's page.
func packageURL(p scope.Path, format, uuid string) string {
	return registryURL(p) + "/" + url.PathEscape(format) + "/" + uuid
}

// versionURL gives the address of the page of a version, below that of its
// package. A version that no path can hold, or that is called like one of the
// package's other pages, stands in the query.
func versionURL(pkg, version string) string {
	segments := strings.Split(version, "/")
	odd := slices.Contains([]string{"versions", "feed", "delete", "files", "manage"}, segments[0])
	for i, s := range segments {
		odd = odd || s == "" || s == "." || s == ".." || strings.ContainsFunc(s, unheard)
		segments[i] = url.PathEscape(s)
	}
	if odd {
		return pkg + "?version=" + url.QueryEscape(version)
	}
	return pkg + "/" + strings.Join(segments, "/")
}

// unheard tells of signs that the server takes in no address.
func unheard(r rune) bool { return unicode.IsControl(r) || r == '\\' || r == unicode.ReplacementChar }

// subject finds the package that an address names.
func (c *call) subject() (*format.Package, *registry.Kind, error) {
	uuid := c.params.Value("uuid")
	p, k, err := c.p.Registry.ByUUID(c.r.Context(), c.scope.Ref, uuid)
	if err == nil && c.p.Registry.Kind(c.params.Value("format")) != k {
		err = fault.New(fault.NotFound, "there is no package %q here", uuid)
	}
	return p, k, err
}

// packageURL gives the address of the page of a package of the call's scope.
func (c *call) packageURL(p *format.Package) string {
	return packageURL(c.scope.Path, p.Format, p.UUID)
}

// view is what a format needs to tell what to type.
func (c *call) view(k *registry.Kind) format.View {
	v := format.View{Base: c.p.Packages.Base(c.scope, k), User: c.actor.Name, Path: c.scope.Path}
	if u, err := url.Parse(c.p.Root); err == nil {
		v.Host = u.Host
	}
	if v.User == "" {
		v.User = "USER"
	}
	v.Private = c.p.Gate.Access.Check(c.r.Context(), forge.Actor{}, c.scope, forge.ReadPackages) != nil
	return v
}

// with gives this page's address with some parameters of the query changed;
// empty ones go. The place in the list goes with them.
func (c *call) with(pairs ...string) string {
	q := c.r.URL.Query()
	q.Del("from")
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		}
	}
	return strings.TrimSuffix(c.r.URL.EscapedPath()+"?"+q.Encode(), "?")
}
