package forge

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ingot.dev/modules/fault"
)

// alias is the grammar of names in addresses.
var alias = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?$`)

// reserved are the words that no user or company can have for a name: they
// mean, or may come to mean, something in addresses or as a user name of
// clients. In lower case, sorted.
var reserved = []string{
	"-", "about", "account", "admin", "administrator", "anonymous", "api", "api-docs", "assets", "auth",
	"companies", "company", "container", "docs", "explore", "files", "ghost", "git", "graphql", "healthz",
	"helm", "help", "ingot", "install", "login", "logout", "me", "metrics", "new", "nobody", "notifications", "null",
	"oauth", "oauth2", "package", "packages", "project", "projects", "readyz", "registry", "rest-api",
	"search", "security", "self", "service", "session", "sessions", "settings", "sign-in", "sign-out", "sign-up",
	"static", "system", "token", "tokens", "undefined", "user", "users", "v1", "v2", "x-access-token", "x-token-auth",
}

// reservedProjects are the words that no project can have for a name.
var reservedProjects = []string{"-", "import", "new", "package", "packages", "project", "settings"}

// nameless are the user names of clients that know only a token: with them,
// the token says who it is. They are no aliases of anybody.
var nameless = []string{"", "__token__", "oauth2", "token", "x-access-token", "x-token-auth"}

// checkAlias refuses a name that addresses cannot hold. What is the thing that
// gets the name.
func checkAlias(what, name string, reserved []string) error {
	switch {
	case !alias.MatchString(name):
		return fault.New(fault.Invalid,
			"%q cannot be the name of a %s: use 1 to 40 letters of a to z, digits, '.', '-' and '_', with a letter or digit at both ends", name, what).At("alias")
	case slices.Contains(reserved, strings.ToLower(name)):
		return fault.New(fault.Invalid, "%q cannot be the name of a %s: the word is reserved", name, what).At("alias")
	}
	return nil
}

func checkProjectAlias(name string) error {
	if strings.HasSuffix(strings.ToLower(name), ".git") {
		return fault.New(fault.Invalid, "%q cannot be the name of a project: leave out .git, its clone address adds it", name).At("alias")
	}
	return checkAlias("project", name, reservedProjects)
}

// checkEmail refuses what is no plain e-mail address.
func checkEmail(email string) error {
	a, err := mail.ParseAddress(email)
	if err != nil || a.Name != "" || a.Address != email || len(email) > nameMax || !printable(email) {
		return fault.New(fault.Invalid, "%q is no e-mail address: write it as name@example.org", email).At("email")
	}
	return nil
}

const (
	titleMax       = 100 // characters
	descriptionMax = 1000
)

// line cleans a text of one line, called what, and refuses one that is longer
// than limit. Field is its name in forms.
func line(field, what, text string, limit int) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case utf8.RuneCountInString(text) > limit:
		return "", fault.New(fault.Invalid, "the %s is too long: at most %d characters", what, limit).At(field)
	case !printable(text):
		return "", fault.New(fault.Invalid, "the %s has characters that cannot be shown: it must be one line of text", what).At(field)
	}
	return text, nil
}

// printable tells whether a text is valid and has neither control characters
// nor those that turn the direction of what follows.
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
	})
}
