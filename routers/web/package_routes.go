package web

import (
	"net/http"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// packageRoutes are the pages of registries and packages, and the tags that
// packages are made from.
func (p *Pages) packageRoutes() []Route {
	browse := forge.Public // lists of what the reader may see
	if p.Config.Security.RequireSignIn {
		browse = forge.SignedIn
	}
	routes := []Route{
		{Name: "explore", Method: http.MethodGet, Pattern: "explore", Need: browse, handle: (*call).explore},
		{Name: "packages", Method: http.MethodGet, Pattern: "packages", Need: forge.Public, handle: (*call).myPackages},
		{Name: "tags", Method: http.MethodGet, Pattern: "project/{owner}/{project}/tags", Of: scope.Project, Need: forge.ReadRepository, handle: (*call).tags},
		{Name: "tagPublish", Method: http.MethodPost, Pattern: "project/{owner}/{project}/tags/publish", Of: scope.Project, Need: forge.PublishPackages, handle: (*call).publishTag},
	}
	routes = append(routes, registryRoutes("project/{owner}/{project}/package", scope.Project)...)
	routes = append(routes, registryRoutes("company/{company}/package", scope.Company)...)
	routes = append(routes, registryRoutes("user/{user}/package", scope.User)...)
	return append(routes, registryRoutes("package", scope.Service)...)
}

// registryRoutes are the pages of the registry of one kind of owner. Versions
// may be called like the words that stand in their place; versionURL knows.
func registryRoutes(prefix string, of scope.Kind) []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{Name: "registry", Method: get, Pattern: prefix, Of: of, Need: forge.ReadPackages, handle: (*call).registry},
		{Name: "connect", Method: get, Pattern: prefix + "/connect", Of: of, Need: forge.ReadPackages, handle: (*call).connect},
		{Name: "connectFormat", Method: get, Pattern: prefix + "/connect/{format}", Of: of, Need: forge.ReadPackages, handle: (*call).connect},
		{Name: "upload", Method: get, Pattern: prefix + "/upload", Of: of, Need: forge.PublishPackages, handle: (*call).uploadChoice},
		{Name: "uploadForm", Method: get, Pattern: prefix + "/upload/{format}", Of: of, Need: forge.PublishPackages, handle: (*call).uploadForm},
		{Name: "uploadFile", Method: post, Pattern: prefix + "/upload/{format}", Of: of, Need: forge.PublishPackages, handle: (*call).upload},
		{Name: "registrySettings", Method: get, Pattern: prefix + "/settings", Of: of, Need: forge.Manage, handle: (*call).registrySettings},
		{Name: "saveRegistrySettings", Method: post, Pattern: prefix + "/settings/{format}", Of: of, Need: forge.Manage, handle: (*call).saveRegistrySettings},
		{Name: "cleaning", Method: get, Pattern: prefix + "/settings/{format}/cleaning", Of: of, Need: forge.Manage, handle: (*call).cleaning},
		{Name: "clean", Method: post, Pattern: prefix + "/settings/{format}/cleaning", Of: of, Need: forge.Manage, handle: (*call).clean},
		{Name: "package", Method: get, Pattern: prefix + "/{format}/{uuid}", Of: of, Need: forge.ReadPackages, handle: (*call).version},
		{Name: "versions", Method: get, Pattern: prefix + "/{format}/{uuid}/versions", Of: of, Need: forge.ReadPackages, handle: (*call).versions},
		{Name: "feed", Method: get, Pattern: prefix + "/{format}/{uuid}/feed", Of: of, Need: forge.ReadPackages, handle: (*call).feed},
		{Name: "file", Method: get, Pattern: prefix + "/{format}/{uuid}/files/{file}", Of: of, Need: forge.ReadPackages, handle: (*call).file},
		{Name: "manage", Method: get, Pattern: prefix + "/{format}/{uuid}/manage", Of: of, Need: forge.PublishPackages, handle: (*call).manage},
		{Name: "saveManaged", Method: post, Pattern: prefix + "/{format}/{uuid}/manage/{form}", Of: of, Need: forge.PublishPackages, handle: (*call).saveManaged},
		{Name: "deleteForm", Method: get, Pattern: prefix + "/{format}/{uuid}/delete", Of: of, Need: forge.DeletePackages, handle: (*call).deletion},
		{Name: "delete", Method: post, Pattern: prefix + "/{format}/{uuid}/delete", Of: of, Need: forge.DeletePackages, handle: (*call).remove},
		{Name: "version", Method: get, Pattern: prefix + "/{format}/{uuid}/{version...}", Of: of, Need: forge.ReadPackages, handle: (*call).version},
	}
}
