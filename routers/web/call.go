package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/i18n"
	"ingot.dev/modules/scope"
	"ingot.dev/routers/gate"
	"ingot.dev/services/access"
	"ingot.dev/templates"
)

// call is one request of a page, with its permission decided.
type call struct {
	p      *Pages
	w      http.ResponseWriter
	r      *http.Request
	actor  forge.Actor
	scope  scope.Scope
	params format.Params
	locale *i18n.Locale
	form   url.Values // of a POST; empty otherwise
	nav    string     // active entry of the bar

	trouble *fault.Fault // why the form was refused that the page is shown for
}

// maxForm bounds a form without files in bytes.
const maxForm = 256 << 10

func (c *call) serve(route Route) (err error) {
	if c.actor, err = c.p.Gate.Browser(c.r); err != nil {
		return err
	}
	if err := c.admit(route); err != nil {
		return err
	}
	c.form = url.Values{}
	if c.r.Method == http.MethodPost && !strings.HasPrefix(c.r.Header.Get("Content-Type"), "multipart/") {
		if c.form, err = readForm(c.w, c.r); err != nil {
			return err
		}
	}
	return route.handle(c)
}

// admit finds the scope of a page and checks the permission. Whoever may not
// know a scope sees the page of one that does not exist.
func (c *call) admit(route Route) error {
	if route.Of == 0 {
		err := c.p.Gate.Access.Check(c.r.Context(), c.actor, scope.Scope{}, route.Need)
		return c.invite(err, true)
	}
	path := scope.Path{Kind: route.Of}
	switch route.Of {
	case scope.Project:
		path.Owner, path.Name = c.params.Value("owner"), c.params.Value("project")
	case scope.Company:
		path.Owner = c.params.Value("company")
	case scope.User:
		path.Owner = c.params.Value("user")
	}
	sc, err := c.p.Gate.Scope(c.r.Context(), c.actor, path, route.Need)
	if err == nil {
		c.scope = sc
		return nil
	}
	if !fault.Is(err, fault.Unauthenticated) {
		return err
	}
	// The invitation must not tell what there is: where nobody sees anything
	// without an account it meets every address, elsewhere what is seen anyway.
	may := c.p.Config.Security.RequireSignIn || route.Of == scope.Service ||
		sc.UUID != "" && c.p.Gate.Access.Check(c.r.Context(), c.actor, sc, forge.ReadPackages) == nil
	if !may {
		err = access.Absent(path)
	}
	return c.invite(err, may)
}

// errInvited ends a call that was answered by leading to the sign-in page.
var errInvited = errors.New("invited to sign in")

// invite leads somebody who has to sign in, and only has to do that, there.
func (c *call) invite(err error, may bool) error {
	if !may || c.p.Forge == nil || !fault.Is(err, fault.Unauthenticated) || c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return err
	}
	c.redirect("/sign-in?back=" + url.QueryEscape(c.r.URL.RequestURI()))
	return errInvited
}

// readForm reads a form without files. It is read by hand because ParseForm
// would take a multipart body to the disk.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, fault.New(fault.TooLarge, "the form is larger than %d bytes", maxForm)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the form broke off")
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the form is malformed")
	}
	return values, nil
}

// may tells whether the reader has permission p in this page's scope.
func (c *call) may(p forge.Permission) bool {
	return c.p.Gate.Access.Check(c.r.Context(), c.actor, c.scope, p) == nil
}

// tr gives a text in the reader's language.
func (c *call) tr(key string, args ...any) string { return c.locale.Tr(key, args...) }

// page makes the frame of a page.
func (c *call) page(title string) templates.Page {
	page := templates.Page{
		Title: title, Site: "Ingot", Release: c.p.Release, Theme: theme(c.r), Here: c.r.URL.RequestURI(),
		Nav: c.nav, Flashes: c.flashes(), Guest: c.p.Forge == nil,
	}
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		page.Here = "/"
	}
	if !c.actor.Anonymous() {
		page.Account = &templates.Account{Name: c.actor.Name, Title: c.actor.Title, Admin: c.actor.Admin}
	}
	return page
}

// render answers with a page. What it shows depends on who looks and on
// their language, so nobody else keeps it.
func (c *call) render(status int, name string, data any) error {
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	h.Set("Vary", "Accept-Language, Cookie")
	w := &late{c.w, status, false}
	return c.p.templates.Render(w, c.locale, name, data)
}

// late writes the status with the first bytes: a template that fails leaves
// room for the error page.
type late struct {
	http.ResponseWriter
	status int
	begun  bool
}

func (l *late) Write(b []byte) (int, error) {
	if !l.begun {
		l.begun = true
		l.ResponseWriter.WriteHeader(l.status)
	}
	return l.ResponseWriter.Write(b)
}

// redirect leads to a page after a form.
func (c *call) redirect(to string) {
	c.w.Header().Set("Location", to)
	c.w.WriteHeader(http.StatusSeeOther)
}

// done leads to a page and has it say text.
func (c *call) done(to, text string) error {
	c.flash("good", text)
	c.redirect(to)
	return nil
}

// fail answers with an error page, or with text where no browser asks.
func (c *call) fail(err error) {
	if errors.Is(err, errInvited) {
		return
	}
	f := c.p.Gate.Explain(c.r, err)
	gate.Headers(c.w.Header(), f)
	status := gate.Status(f.Kind)
	if c.r.Method != http.MethodHead && strings.Contains(c.r.Header.Get("Accept"), "text/html") {
		// The browser's own dialog for Basic would cover the page.
		c.w.Header().Del("WWW-Authenticate")
		if c.render(status, "error/fault", faultPage{Page: c.page(c.tr("fault.title")), Status: status, Message: f.Message, Invite: c.actor.Anonymous() && c.p.Forge != nil}) == nil {
			return
		}
	}
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		_, _ = io.WriteString(c.w, f.Message+"\n")
	}
}

// faultPage is what the error page shows.
type faultPage struct {
	templates.Page
	Status  int
	Message string
	Invite  bool // whether signing in may help
}

// back gives the page of ours that a form wants to return to, or another.
func (c *call) back(other string) string {
	to := c.form.Get("back")
	if to == "" {
		to = c.r.URL.Query().Get("back")
	}
	if u, err := url.Parse(to); err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(to, "/") ||
		strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		return other
	}
	return to
}

// number reads a number of the query, at least least; other where it is none.
func (c *call) number(name string, least, other int) int {
	n, err := strconv.Atoi(c.r.URL.Query().Get(name))
	if err != nil || n < least || n > 1_000_000 {
		return other
	}
	return n
}

// perPage is the number of rows of a list.
const perPage = 25

// pager makes the foot of a list of which offset to offset+shown are on this
// page. The address keeps its other parameters.
func (c *call) pager(offset, shown, total int) templates.Pager {
	var g templates.Pager
	if total == 0 {
		return g
	}
	at := func(offset int) string {
		q := c.r.URL.Query()
		q.Set("from", strconv.Itoa(offset))
		if offset == 0 {
			q.Del("from")
		}
		return strings.TrimSuffix(c.r.URL.EscapedPath()+"?"+q.Encode(), "?")
	}
	g.From, g.To, g.Total = int64(min(offset+1, offset+shown)), int64(offset+shown), int64(total)
	if offset > 0 {
		g.Prev = at(max(0, offset-perPage))
	}
	if offset+shown < total && shown > 0 {
		g.Next = at(offset + shown)
	}
	return g
}
