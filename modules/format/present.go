package format

import "ingot.dev/modules/scope"

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

// Step is one thing to type, shown with a copy button.
type Step struct {
	Name  string // stable: the client scripts run the step of this name
	Title Text
	Code  string
	File  string // name of the file the code belongs into, empty for a command
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
