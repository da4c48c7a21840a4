package composer

// Manifest is a composer.json that passed [ParseManifest].
type Manifest struct {
	Name        string // passed CheckName
	Version     string // as written, passed Normalize; "" where the file has none
	Description string
	Type        string // "library" where the file has none
	License     []string
	Keywords    []string
	Homepage    string
	Readme      string // path of the readme within the package, where the file names one
	Authors     []Author
	Support     map[string]string // "issues", "source", "docs", ... to addresses
	Funding     []Funding
	Require     []Link // in the order of the file
	RequireDev  []Link
	Suggest     []Link // the constraint is a reason in words
	Abandoned   Abandoned

	// ArchiveExclude is archive.exclude, for CompileExclude.
	ArchiveExclude []string

	// Raw is the whole object in canonical form: compact, its keys in the
	// order of the file, unknown ones included.
	Raw []byte
}

// Link is one line of require and its kin.
type Link struct {
	Name       string // "vendor/package" or a platform's name such as "php", "ext-json"
	Constraint string
}

// Author is one of a package's authors. Any field may be empty.
type Author struct {
	Name, Email, Homepage, Role string
}

// Funding is a way to pay for a package.
type Funding struct {
	Type, URL string
}

// Abandoned says whether nobody cares for a package any more.
type Abandoned struct {
	Yes         bool
	Replacement string // a package or an address to use instead; may be empty
}
