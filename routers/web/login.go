package web

import (
	"net/http"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/subnet"
	"ingot.dev/routers/middleware"
	"ingot.dev/services/login"
	"ingot.dev/templates"
)

// loginRoutes are where somebody lets a client sign in that has no browser.
// Where the forge makes no tokens there is nothing that a client could get.
func (p *Pages) loginRoutes() []Route {
	if _, ok := p.Gate.Forge.(forge.Issuer); !ok || p.Logins == nil {
		return nil
	}
	return []Route{
		{Name: "login", Method: http.MethodGet, Pattern: "login/{code}", Need: forge.SignedIn, handle: (*call).askLogin},
		{Name: "login.answer", Method: http.MethodPost, Pattern: "login/{code}", Need: forge.SignedIn, handle: (*call).answerLogin},
	}
}

// loginPage asks whether a client gets a token.
type loginPage struct {
	templates.Page
	Action  string
	Client  string
	Addr    string // where the client is
	Browser string // where the reader is, in the same form
	Created time.Time
	Grants  []string // what the token will do, in words
}

// loginEndPage is where a sign-in ends for the browser.
type loginEndPage struct {
	templates.Page
	Text string
}

// login finds the sign-in that the address names. It is false, and the reader
// was told, where nobody is to decide about it.
func (c *call) login() (login.Login, bool, error) {
	l, err := c.p.Logins.Find(c.r.Context(), c.params.Value("code"))
	if fault.Is(err, fault.NotFound) {
		return l, false, c.loginGone()
	}
	return l, err == nil, err
}

func (c *call) loginGone() error {
	return c.loginEnd(http.StatusNotFound, c.tr("login.gone"), c.tr("login.gone_text"))
}

func (c *call) loginEnd(status int, title, text string) error {
	return c.render(status, "login/end", loginEndPage{Page: c.page(title), Text: text})
}

func (c *call) askLogin() error {
	l, open, err := c.login()
	if !open {
		return err
	}
	data := loginPage{
		Page: c.page(c.tr("login.title", l.Client)), Action: c.r.URL.EscapedPath(), Client: l.Client, Addr: l.Addr,
		Browser: subnet.Of(middleware.ClientAddr(c.r)), Created: l.Created,
	}
	for _, name := range forge.Transport.Names() {
		data.Grants = append(data.Grants, c.tr("grant."+strings.ReplaceAll(name, ":", "_")))
	}
	return c.show("login/ask", data)
}

func (c *call) answerLogin() error {
	l, open, err := c.login()
	if !open {
		return err
	}
	code, title, text := c.params.Value("code"), c.tr("login.allowed", l.Client), c.tr("login.allowed_text")
	switch answer := c.form.Get("answer"); answer {
	case "allow":
		err = c.p.Logins.Approve(c.r.Context(), code, c.actor)
	case "refuse":
		title, text = c.tr("login.refused"), c.tr("login.refused_text", l.Client)
		err = c.p.Logins.Refuse(c.r.Context(), code)
	default:
		return fault.New(fault.Invalid, "there is no answer %q: allow or refuse", answer)
	}
	switch {
	case fault.Is(err, fault.NotFound): // somebody else, or the clock, was faster
		return c.loginGone()
	case err != nil:
		return err
	}
	return c.loginEnd(http.StatusOK, title, text)
}
