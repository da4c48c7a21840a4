package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	embedded "ingot.dev/services/forge"
	"ingot.dev/templates"
)

// tokensPage lists an account's tokens and makes new ones.
type tokensPage struct {
	templates.Page
	Tabs   []templates.Tab
	Tokens []embedded.Token
	Now    time.Time

	Action  string
	Trouble string
	Name    templates.Field
	Preset  string // of presets, or "own"
	Presets []templates.Option
	Grants  []grantChoice
	Wrong   string // what is wrong with the grants
	Within  templates.Field
	Expires templates.Field
}

type grantChoice struct {
	Name    string
	Text    string
	Checked bool
}

// presets are the sets of grants that most tokens need.
var presets = map[string]forge.Grant{"transport": forge.Transport, "api": forge.API}

func (c *call) tokens() error {
	list, err := c.p.Forge.Tokens(c.r.Context(), c.actor.ID)
	if err != nil {
		return err
	}
	form := c.ask("/settings/tokens", "",
		templates.Field{Name: "name", Label: c.tr("token.name"), Hint: c.tr("token.name_hint"), Required: true, Autocomplete: "off"},
		templates.Field{Name: "within", Label: c.tr("token.within"), Hint: c.tr("token.within_hint"), Placeholder: "project/acme/money", Autocomplete: "off"},
		templates.Field{Name: "expires", Label: c.tr("token.expires"), Hint: c.tr("token.expires_hint"), Type: "date"},
	)
	data := tokensPage{
		Page: c.page(c.tr("settings.tokens")), Tabs: c.settingsTabs("tokens"), Tokens: list, Now: c.p.now(),
		Action: form.Action, Trouble: form.Trouble, Name: form.Fields[0], Within: form.Fields[1], Expires: form.Fields[2],
		Preset: "transport",
	}
	if c.trouble != nil {
		data.Preset = c.form.Get("preset")
		if c.trouble.Field == "grants" {
			data.Wrong, data.Trouble = c.trouble.Message, ""
		}
	}
	for _, name := range forge.AllGrants.Names() {
		data.Grants = append(data.Grants, grantChoice{name, c.tr("grant." + strings.ReplaceAll(name, ":", "_")), slices.Contains(c.form["grant"], name)})
	}
	return c.show("settings/tokens", data)
}

// tokenPage shows the secret of a token that was just made, for the only time.
type tokenPage struct {
	templates.Page
	Tabs   []templates.Tab
	Name   string
	Secret string
	Steps  []format.Step
}

func (c *call) makeToken() error {
	n, err := c.readToken()
	if err != nil {
		return c.again(err, (*call).tokens)
	}
	secret, err := c.p.Forge.CreateToken(c.r.Context(), c.actor.ID, n)
	if err != nil {
		return c.again(err, (*call).tokens)
	}
	c.secretly()
	return c.render(http.StatusOK, "settings/token", tokenPage{
		Page: c.page(c.tr("token.made_title")), Tabs: c.settingsTabs("tokens"), Name: n.Name, Secret: secret,
		Steps: c.tokenSteps(n, secret),
	})
}

func (c *call) readToken() (n embedded.NewToken, err error) {
	n.Name = c.form.Get("name")
	var known bool
	if n.Grants, known = presets[c.form.Get("preset")]; !known {
		for _, name := range c.form["grant"] {
			g, ok := forge.ParseGrant(name)
			if !ok {
				return n, fault.New(fault.Invalid, "there is no grant %q", name).At("grants")
			}
			n.Grants |= g
		}
	}
	if text := strings.Trim(strings.TrimSpace(c.form.Get("within")), "/"); text != "" {
		path, err := scope.ParsePath(text)
		if err != nil {
			return n, fault.Wrap(fault.Invalid, err, "%s", c.tr("token.within_wrong")).At("within")
		}
		sc, err := c.p.Gate.Scope(c.r.Context(), c.actor, path, forge.ReadPackages)
		if err != nil {
			if k := fault.KindOf(err); k == fault.Internal {
				return n, err
			}
			return n, fault.New(fault.Invalid, "%s", fault.From(err).Message).At("within")
		}
		n.Within = &sc.Ref
	}
	if text := c.form.Get("expires"); text != "" {
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return n, fault.New(fault.Invalid, "%s", c.tr("token.expires_wrong")).At("expires")
		}
		n.Expires = day.AddDate(0, 0, 1) // the day itself is still good
	}
	return n, nil
}

// tokenSteps say how to use a token, as far as its grants go.
func (c *call) tokenSteps(n embedded.NewToken, secret string) []format.Step {
	host := c.p.Root
	if u, err := url.Parse(c.p.Root); err == nil {
		host = u.Host
	}
	step := func(name, code string) format.Step {
		return format.Step{Name: name, Title: format.Text{En: c.tr("token.use." + name), Ru: c.tr("token.use." + name)}, Code: code}
	}
	var steps []format.Step
	if n.Grants.Has(forge.GrantRepositoryRead) {
		scheme, rest, _ := strings.Cut(c.p.Root, "://")
		steps = append(steps, step("git", "git clone "+scheme+"://"+c.actor.Name+"@"+rest+"/project/OWNER/PROJECT.git"))
	}
	if n.Grants.Has(forge.GrantPackagesRead) {
		steps = append(steps, step("composer", "composer config --global --auth http-basic."+host+" "+c.actor.Name+" "+secret))
	}
	if n.Grants.Has(forge.GrantManage) || len(steps) == 0 {
		steps = append(steps, step("curl", "curl --header 'Authorization: token "+secret+"' "+c.p.Root+"/rest-api/registry/package"))
	}
	return steps
}

// token finds the account's own token that the address names.
func (c *call) token() (embedded.Token, error) {
	list, err := c.p.Forge.Tokens(c.r.Context(), c.actor.ID)
	if err != nil {
		return embedded.Token{}, err
	}
	id := c.params.Value("token")
	i := slices.IndexFunc(list, func(t embedded.Token) bool { return strconv.FormatInt(t.ID, 10) == id })
	if i < 0 {
		return embedded.Token{}, fault.New(fault.NotFound, "there is no such token: it may be revoked already")
	}
	return list[i], nil
}

func (c *call) askRevoke() error {
	t, err := c.token()
	if err != nil {
		return err
	}
	return c.confirm(confirmPage{
		Page: c.page(c.tr("token.revoke_title", t.Name)), Text: c.tr("token.revoke_text"), Goes: t.Grants.Names(),
		Form: c.ask(c.r.URL.EscapedPath(), c.tr("token.revoke")),
	}, "/settings/tokens")
}

func (c *call) revokeToken() error {
	t, err := c.token()
	if err != nil {
		return err
	}
	if err := c.p.Forge.RevokeToken(c.r.Context(), c.actor.ID, t.ID); err != nil {
		return err
	}
	return c.done("/settings/tokens", c.tr("token.revoked", t.Name))
}
