package format

// Setting is a choice that people make on the pages for a registry, a package
// or a version. Handlers find it by Reader.Setting or among the properties of
// the package or version, under its name.
type Setting struct {
	Name    string
	Of      Level
	Label   Text
	Hint    Text
	Choices []Choice // empty: a line of text
	// Check gives fault.Invalid for a value that cannot be. It is not asked
	// about the empty one, which takes the choice back.
	Check func(value string) error
}

// Level is what a setting is of.
type Level uint8

// The levels. A registry's settings need the permission to manage the scope,
// the others that to publish.
const (
	OfRegistry Level = iota + 1
	OfPackage
	OfVersion
)

// Choice is one of the values of a setting.
type Choice struct {
	Value string
	Label Text
}
