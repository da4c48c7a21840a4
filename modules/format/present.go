package format

import (
	"net/url"
	"strings"
	"unicode"

	"ingot.dev/modules/scope"
)

// Text is a sentence in the languages of the pages. It stands in the format's
// folder, so that a format brings its own words.
type Text struct{ En, Ru string }

// In gives the sentence in a language, English where it has none.
func (t Text) In(lang string) string {
	if lang == "ru" && t.Ru != "" {
		return t.Ru
	}
	return t.En
}

// View is what a page shows: a version, or, where Package is nil, a registry
// that a client is to be connected to.
type View struct {
	Package *Package
	Version *Version
	Base    string // absolute address of the format in the scope
	Host    string // host and port of the server
	Path    scope.Path
	Private bool              // reading needs a credential
	User    string            // alias of the reader, or a placeholder
	Tags    map[string]string // of the package: name to version
}

// Label makes a short name for the registry, under which clients keep its
// settings: "acme-shop" for a project, "acme" for an owner, "ingot" for the
// server. It has ASCII letters, digits, - and _ only and begins with a letter,
// so that it can be a key of TOML and the name of an XML element.
func (v View) Label() string {
	name := v.Path.Owner
	if v.Path.Name != "" {
		name += "-" + v.Path.Name
	}
	name = strings.Map(func(r rune) rune {
		if r <= unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '_' {
			return r
		}
		return '-'
	}, name)
	switch {
	case name == "":
		return "ingot"
	case !unicode.IsLetter(rune(name[0])):
		return "ingot-" + name
	}
	return name
}

// WithCredential gives an address with the reader's name and a place for a
// transport token in it, for clients that read them there. Where reading needs
// no credential it is the address itself.
func (v View) WithCredential(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !v.Private || !ok {
		return address
	}
	return scheme + "://" + url.UserPassword(v.User, "TOKEN").String() + "@" + rest
}

// Presentation is what a format knows about a version.
type Presentation struct {
	Tasks        []Task
	Licence      string
	Keywords     []string
	Dependencies []Dependencies
	Links        []Link
	Facts        []Fact
	Sections     []Section
	// Notice is a state the page should warn of: abandoned, deprecated.
	Notice Text
}

// Task is a tab of "what to type": steps to take in order.
type Task struct {
	Name  string // stable, for addresses and tests
	Title Text
	Steps []Step
}

// NewTask makes a task with a title in both languages.
func NewTask(name, en, ru string, steps ...Step) Task {
	return Task{Name: name, Title: Text{En: en, Ru: ru}, Steps: steps}
}

// Step is one thing to type, shown with a copy button.
type Step struct {
	Name  string // stable: the client scripts run the step of this name
	Title Text
	Code  string
	File  string // name of the file the code belongs into, empty for a command
}

// NewStep makes a command with a title in both languages.
func NewStep(name, en, ru, code string) Step {
	return Step{Name: name, Title: Text{En: en, Ru: ru}, Code: code}
}

// ShellWord makes a text one word of a POSIX shell, in quotes where it is not
// one already. Letters and digits of every script need none.
func ShellWord(s string) string {
	special := func(r rune) bool {
		return r == unicode.ReplacementChar || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-/:+@,=", r)
	}
	// Some shells look for a program where a word begins with =.
	if s == "" || s[0] == '=' || strings.ContainsFunc(s, special) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// Dependencies is a group of dependencies.
type Dependencies struct {
	Title Text
	Items []Dependency
}

// Dependency is a package that a version needs. Package is empty for what no
// registry holds: a language, an extension.
type Dependency struct {
	Name, Constraint string
	Package          string
}

// Link is an address that a version names. Pages show http and https only.
type Link struct {
	Title Text
	URL   string
}

// Section is a table of the page: the layers of an image, its labels.
type Section struct {
	Name    string // stable, for addresses and tests
	Title   Text
	Columns []Text
	Rows    [][]Cell
}

// Cell is a place in a table.
type Cell struct {
	Text    string
	Code    bool   // shown as code
	Size    int64  // bytes, shown for people; Text is empty
	Version string // of this package, to link to
}

// Fact is a line of the side column.
type Fact struct {
	Title Text
	Value string
}
