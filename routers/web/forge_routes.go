package web

import (
	"net/http"
	"slices"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// forgeRoutes are the pages of the forge itself: accounts, companies,
// projects, repositories, administration.
func (p *Pages) forgeRoutes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	browse := forge.Public // lists of what the reader may see
	if p.Config.Security.RequireSignIn {
		browse = forge.SignedIn
	}
	routes := []Route{
		{Name: "home", Method: get, Pattern: "", Need: forge.Public, handle: (*call).front},
		{Name: "sign.in", Method: get, Pattern: "sign-in", Need: forge.Public, handle: (*call).signIn},
		{Name: "sign.enter", Method: post, Pattern: "sign-in", Need: forge.Public, handle: (*call).enter},
		{Name: "sign.out", Method: post, Pattern: "sign-out", Need: forge.Public, handle: (*call).signOut},
		{Name: "display", Method: post, Pattern: "display", Need: forge.Public, handle: (*call).display},

		{Name: "settings.profile", Method: get, Pattern: "settings", Need: forge.SignedIn, handle: (*call).askProfile},
		{Name: "settings.profile.save", Method: post, Pattern: "settings", Need: forge.SignedIn, handle: (*call).saveProfile},
		{Name: "settings.password", Method: get, Pattern: "settings/password", Need: forge.SignedIn, handle: (*call).askPassword},
		{Name: "settings.password.save", Method: post, Pattern: "settings/password", Need: forge.SignedIn, handle: (*call).savePassword},
		{Name: "settings.sessions", Method: get, Pattern: "settings/sessions", Need: forge.SignedIn, handle: (*call).sessions},
		{Name: "settings.sessions.end", Method: post, Pattern: "settings/sessions/end", Need: forge.SignedIn, handle: (*call).endSessions},
		{Name: "settings.session.end", Method: post, Pattern: "settings/sessions/{session}/end", Need: forge.SignedIn, handle: (*call).endSession},
		{Name: "settings.tokens", Method: get, Pattern: "settings/tokens", Need: forge.SignedIn, handle: (*call).tokens},
		{Name: "settings.tokens.make", Method: post, Pattern: "settings/tokens", Need: forge.SignedIn, handle: (*call).makeToken},
		{Name: "settings.token.ask", Method: get, Pattern: "settings/tokens/{token}/revoke", Need: forge.SignedIn, handle: (*call).askRevoke},
		{Name: "settings.token.revoke", Method: post, Pattern: "settings/tokens/{token}/revoke", Need: forge.SignedIn, handle: (*call).revokeToken},

		{Name: "companies", Method: get, Pattern: "companies", Need: browse, handle: (*call).companies},
		{Name: "company.new", Method: get, Pattern: "companies/new", Need: forge.SignedIn, handle: (*call).newCompany},
		{Name: "company.create", Method: post, Pattern: "companies/new", Need: forge.SignedIn, handle: (*call).createCompany},
		{Name: "project.new", Method: get, Pattern: "projects/new", Need: forge.SignedIn, handle: (*call).newProject},
		{Name: "project.create", Method: post, Pattern: "projects/new", Need: forge.SignedIn, handle: (*call).createProject},
	}
	if p.Config.Security.Registration {
		routes = append(routes,
			Route{Name: "sign.up", Method: get, Pattern: "sign-up", Need: forge.Public, handle: (*call).signUp},
			Route{Name: "sign.register", Method: post, Pattern: "sign-up", Need: forge.Public, handle: (*call).register})
	}
	return slices.Concat(routes, ownerRoutes(), projectRoutes(), adminRoutes())
}

// ownerRoutes are the pages of companies and users.
func ownerRoutes() []Route {
	const get, post, of = http.MethodGet, http.MethodPost, scope.Company
	crew := crew{"/members", (*call).companyMembers}
	return []Route{
		{Name: "user", Method: get, Pattern: "user/{user}", Of: scope.User, Need: forge.ReadPackages, handle: (*call).userFront},
		{Name: "company", Method: get, Pattern: "company/{company}", Of: of, Need: forge.ReadPackages, handle: (*call).companyFront},
		{Name: "company.members", Method: get, Pattern: "company/{company}/members", Of: of, Need: forge.ReadPackages, handle: (*call).companyMembers},
		{Name: "company.member.add", Method: post, Pattern: "company/{company}/members", Of: of, Need: forge.Manage, handle: crew.add},
		{Name: "company.member.change", Method: post, Pattern: "company/{company}/members/{member}", Of: of, Need: forge.Manage, handle: crew.change},
		{Name: "company.member.ask", Method: get, Pattern: "company/{company}/members/{member}/remove", Of: of, Need: forge.Manage, handle: crew.askRemove},
		{Name: "company.member.remove", Method: post, Pattern: "company/{company}/members/{member}/remove", Of: of, Need: forge.Manage, handle: crew.remove},
		{Name: "company.settings", Method: get, Pattern: "company/{company}/settings", Of: of, Need: forge.Manage, handle: (*call).companySettings},
		{Name: "company.settings.save", Method: post, Pattern: "company/{company}/settings", Of: of, Need: forge.Manage, handle: (*call).saveCompany},
		{Name: "company.delete.ask", Method: get, Pattern: "company/{company}/settings/delete", Of: of, Need: forge.Manage, handle: (*call).askDeleteCompany},
		{Name: "company.delete", Method: post, Pattern: "company/{company}/settings/delete", Of: of, Need: forge.Manage, handle: (*call).deleteCompany},
	}
}

// projectRoutes are the pages of projects.
func projectRoutes() []Route {
	const get, post, of = http.MethodGet, http.MethodPost, scope.Project
	const at = "project/{owner}/{project}"
	crew := crew{"/settings", (*call).projectSettings}
	return []Route{
		{Name: "project", Method: get, Pattern: at, Of: of, Need: forge.ReadRepository, handle: (*call).code},
		{Name: "project.tree", Method: get, Pattern: at + "/tree/{path...}", Of: of, Need: forge.ReadRepository, handle: (*call).tree},
		{Name: "project.raw", Method: get, Pattern: at + "/raw/{path...}", Of: of, Need: forge.ReadRepository, handle: (*call).raw},
		{Name: "project.commits", Method: get, Pattern: at + "/commits", Of: of, Need: forge.ReadRepository, handle: (*call).commits},
		{Name: "project.settings", Method: get, Pattern: at + "/settings", Of: of, Need: forge.Manage, handle: (*call).projectSettings},
		{Name: "project.settings.save", Method: post, Pattern: at + "/settings", Of: of, Need: forge.Manage, handle: (*call).saveProject},
		{Name: "project.publish_on_push", Method: post, Pattern: at + "/settings/publish-on-push", Of: of, Need: forge.Manage, handle: (*call).savePublishOnPush},
		{Name: "project.member.add", Method: post, Pattern: at + "/settings/members", Of: of, Need: forge.Manage, handle: crew.add},
		{Name: "project.member.change", Method: post, Pattern: at + "/settings/members/{member}", Of: of, Need: forge.Manage, handle: crew.change},
		{Name: "project.member.ask", Method: get, Pattern: at + "/settings/members/{member}/remove", Of: of, Need: forge.Manage, handle: crew.askRemove},
		{Name: "project.member.remove", Method: post, Pattern: at + "/settings/members/{member}/remove", Of: of, Need: forge.Manage, handle: crew.remove},
		{Name: "project.delete.ask", Method: get, Pattern: at + "/settings/delete", Of: of, Need: forge.Manage, handle: (*call).askDeleteProject},
		{Name: "project.delete", Method: post, Pattern: at + "/settings/delete", Of: of, Need: forge.Manage, handle: (*call).deleteProject},
	}
}

// adminRoutes are the pages of those who run the service.
func adminRoutes() []Route {
	const get, post, of = http.MethodGet, http.MethodPost, scope.Service
	const account = "admin/users/{account}"
	return []Route{
		{Name: "admin", Method: get, Pattern: "admin", Of: of, Need: forge.Administer, handle: (*call).adminOverview},
		{Name: "admin.companies", Method: get, Pattern: "admin/companies", Of: of, Need: forge.Administer, handle: (*call).adminCompanies},
		{Name: "admin.health", Method: get, Pattern: "admin/health", Of: of, Need: forge.Administer, handle: (*call).adminHealth},
		{Name: "admin.collect.ask", Method: get, Pattern: "admin/health/collect", Of: of, Need: forge.Administer, handle: (*call).adminAskCollect},
		{Name: "admin.collect", Method: post, Pattern: "admin/health/collect", Of: of, Need: forge.Administer, handle: (*call).adminCollect},
		{Name: "admin.users", Method: get, Pattern: "admin/users", Of: of, Need: forge.Administer, handle: (*call).adminUsers},
		{Name: "admin.user.add", Method: post, Pattern: "admin/users", Of: of, Need: forge.Administer, handle: (*call).adminAddUser},
		{Name: "admin.user", Method: get, Pattern: account, Of: of, Need: forge.Administer, handle: (*call).adminUser},
		{Name: "admin.user.admin", Method: post, Pattern: account + "/admin", Of: of, Need: forge.Administer, handle: (*call).adminSetAdmin},
		{Name: "admin.user.block.ask", Method: get, Pattern: account + "/block", Of: of, Need: forge.Administer, handle: (*call).adminAskBlock},
		{Name: "admin.user.block", Method: post, Pattern: account + "/block", Of: of, Need: forge.Administer, handle: (*call).adminBlock},
		{Name: "admin.user.unblock", Method: post, Pattern: account + "/unblock", Of: of, Need: forge.Administer, handle: (*call).adminUnblock},
		{Name: "admin.user.password.ask", Method: get, Pattern: account + "/password", Of: of, Need: forge.Administer, handle: (*call).adminAskPassword},
		{Name: "admin.user.password", Method: post, Pattern: account + "/password", Of: of, Need: forge.Administer, handle: (*call).adminSetPassword},
		{Name: "admin.user.delete.ask", Method: get, Pattern: account + "/delete", Of: of, Need: forge.Administer, handle: (*call).adminAskDelete},
		{Name: "admin.user.delete", Method: post, Pattern: account + "/delete", Of: of, Need: forge.Administer, handle: (*call).adminDelete},
	}
}
