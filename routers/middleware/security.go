package middleware

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"ingot.dev/modules/fault"
)

// policy lets a page use its own origin's files and nothing else: no script,
// style or handler inside the page, no frames around it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// headers are the same for every reply but those of Sandbox. Their values are shared between
// replies: a handler replaces one and never changes it in place.
var headers = [...]struct {
	name  string
	value []string
}{
	{"Content-Security-Policy", []string{policy}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Referrer-Policy", []string{"same-origin"}},
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"X-Frame-Options", []string{"DENY"}},
}

func secure(g *gin.Context) {
	h := g.Writer.Header()
	for i := range headers {
		h[headers[i].name] = headers[i].value
	}
}

// inert is the policy of what is no page.
var inert = []string{"default-src 'none'; frame-ancestors 'none'; sandbox"}

// Sandbox makes a browser take a body for inert bytes, whatever they are: for
// what programs fetch, and for files that users brought, which come from the
// forge's own origin. What only a page needs is left away: the protocols of
// packages answer thousands of times a second.
func Sandbox(h http.Header) {
	h["Content-Security-Policy"] = inert
	h.Set("X-Content-Type-Options", "nosniff")
	for _, name := range [...]string{"Cross-Origin-Opener-Policy", "Referrer-Policy", "X-Frame-Options"} {
		delete(h, name)
	}
}

// refuseCrossSite refuses what a page of another site makes a browser send
// with the cookies of this one. Clients that are no browsers pass.
func refuseCrossSite(root string, fail func(http.ResponseWriter, *http.Request, *fault.Fault)) (gin.HandlerFunc, error) {
	var protection http.CrossOriginProtection
	if root != "" {
		// Behind a proxy that sets another Host, the origin is still ours.
		if err := protection.AddTrustedOrigin(root); err != nil {
			return nil, fmt.Errorf("the address users see: %w", err)
		}
	}
	return func(g *gin.Context) {
		if err := protection.Check(g.Request); err != nil {
			g.Abort()
			fail(g.Writer, g.Request, fault.Wrap(fault.Denied, err,
				"this request came from a page of another site; open the page here and try again"))
		}
	}, nil
}
