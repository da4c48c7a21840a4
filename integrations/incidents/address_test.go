package incidents

import (
	"net/http"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/scope"
)

func (w *world) path(project string) scope.Path {
	return scope.Path{Kind: scope.Project, Owner: owners[project], Name: project}
}

// Incident 10 (Nexus CVE-2024-4956): a file outside was read through encoded
// separators. The contract of formats tries the native addresses; these are
// all others that end in a file.
func TestIncident10(t *testing.T) {
	w := newWorld(t)
	session := house.Cookie(w.Session(t, w.annUser))
	for _, prefix := range []string{
		"/", "/assets/", "/project/ann/open/raw/", "/project/ann/open/tree/", "/project/ann/open.git/",
		"/project/ann/open.git/objects/", "/registry/", "/registry/project/ann/open/package/generic/", "/rest-api/registry/", "/api/packages/ann/",
		"/project/", "/company/", "/user/", "/package/", "/project/ann/open/package/generic/",
	} {
		for _, climb := range []string{
			"../../../../../../../../etc/passwd", "..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd", "%2F%2F..%2F%2F..%2F%2F..%2F%2Fetc%2Fpasswd",
			"%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "..%5c..%5c..%5c..%5cetc%5cpasswd", "%252e%252e%252fetc%252fpasswd", "/etc/passwd", "%2fetc%2fpasswd",
			"..;/..;/..;/etc/passwd", "%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd", "a.txt%00.png", "./../../ingot.db", "..%2fingot.db", ".git/config", "HEAD",
		} {
			reply := w.Do(t, house.Call{Path: prefix + climb, As: session, Header: http.Header{"Accept": {"text/html"}}})
			body := string(reply.Body)
			if reply.Status < 400 && reply.Status/100 != 3 || reply.Status >= 500 || strings.Contains(body, "root:") || strings.Contains(body, "SQLite format") {
				t.Errorf("%s%s: %s", prefix, climb, reply)
			}
		}
	}
	w.Want(t, http.StatusOK, house.Call{Path: "/project/ann/open/raw/a.txt", As: session})
}
