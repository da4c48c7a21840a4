package pypi

import (
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/ascii"
	"ingot.dev/modules/fault"
)

const (
	maxMetadata = 4 << 20   // bytes of a METADATA or PKG-INFO
	maxHeader   = 512 << 10 // bytes of its fields, long description aside
	maxFields   = 10_000
	maxReadme   = 512 << 10 // bytes; a longer one is passed over
)

// Metadata is what a distribution says of itself ("Core metadata
// specifications", 1.0 to 2.5), in the names of the legacy JSON API. The long
// description is not in it: it is the version's README.
type Metadata struct {
	MetadataVersion        string   `json:"metadata_version"`
	Name                   string   `json:"name"`
	Version                string   `json:"version"`
	Summary                string   `json:"summary,omitempty"`
	DescriptionContentType string   `json:"description_content_type,omitempty"`
	Keywords               string   `json:"keywords,omitempty"`
	HomePage               string   `json:"home_page,omitempty"`
	DownloadURL            string   `json:"download_url,omitempty"`
	Author                 string   `json:"author,omitempty"`
	AuthorEmail            string   `json:"author_email,omitempty"`
	Maintainer             string   `json:"maintainer,omitempty"`
	MaintainerEmail        string   `json:"maintainer_email,omitempty"`
	License                string   `json:"license,omitempty"`
	LicenseExpression      string   `json:"license_expression,omitempty"`
	RequiresPython         string   `json:"requires_python,omitempty"`
	LicenseFiles           []string `json:"license_files,omitempty"`
	Classifiers            []string `json:"classifiers,omitempty"`
	Platforms              []string `json:"platform,omitempty"`
	SupportedPlatforms     []string `json:"supported_platform,omitempty"`
	RequiresDist           []string `json:"requires_dist,omitempty"`
	RequiresExternal       []string `json:"requires_external,omitempty"`
	ProvidesDist           []string `json:"provides_dist,omitempty"`
	ProvidesExtra          []string `json:"provides_extra,omitempty"`
	ObsoletesDist          []string `json:"obsoletes_dist,omitempty"`
	ProjectURLs            []string `json:"project_urls,omitempty"` // "label, address"
	Dynamic                []string `json:"dynamic,omitempty"`

	description string
	version     Version
	canon       string // of the name
}

// single and multiple find the place of a field by its name in lower case.
// Unknown ones are passed over.
func (m *Metadata) single(field string) *string {
	switch field {
	case "metadata-version":
		return &m.MetadataVersion
	case "name":
		return &m.Name
	case "version":
		return &m.Version
	case "summary":
		return &m.Summary
	case "description":
		return &m.description
	case "description-content-type":
		return &m.DescriptionContentType
	case "keywords":
		return &m.Keywords
	case "home-page":
		return &m.HomePage
	case "download-url":
		return &m.DownloadURL
	case "author":
		return &m.Author
	case "author-email":
		return &m.AuthorEmail
	case "maintainer":
		return &m.Maintainer
	case "maintainer-email":
		return &m.MaintainerEmail
	case "license":
		return &m.License
	case "license-expression":
		return &m.LicenseExpression
	case "requires-python":
		return &m.RequiresPython
	}
	return nil
}

func (m *Metadata) multiple(field string) *[]string {
	switch field {
	case "license-file":
		return &m.LicenseFiles
	case "classifier":
		return &m.Classifiers
	case "platform":
		return &m.Platforms
	case "supported-platform":
		return &m.SupportedPlatforms
	case "requires-dist":
		return &m.RequiresDist
	case "requires-external":
		return &m.RequiresExternal
	case "provides-dist":
		return &m.ProvidesDist
	case "provides-extra":
		return &m.ProvidesExtra
	case "obsoletes-dist":
		return &m.ObsoletesDist
	case "project-url":
		return &m.ProjectURLs
	case "dynamic":
		return &m.Dynamic
	}
	return nil
}

// ParseMetadata reads a METADATA or PKG-INFO. Its faults are Invalid, with the
// line, or TooLarge.
func ParseMetadata(text []byte) (*Metadata, error) {
	fields, body, err := parseFields(text)
	if err != nil {
		return nil, err
	}
	m := &Metadata{}
	size := 0
	seen := map[string]bool{}
	for _, f := range fields {
		if f.name != "description" {
			if size += len(f.name) + len(f.value); size > maxHeader {
				return nil, fault.New(fault.TooLarge, "the fields of the core metadata have more than %d bytes", maxHeader)
			}
		}
		if many := m.multiple(f.name); many != nil {
			*many = append(*many, f.value)
			continue
		}
		one := m.single(f.name)
		if one == nil {
			continue
		}
		// Readers take the first or the last of two.
		if seen[f.name] {
			return nil, fault.New(fault.Invalid, "the core metadata has the field %q twice", f.name).At(f.name)
		}
		seen[f.name] = true
		*one = f.value
	}
	if strings.TrimSpace(body) != "" {
		m.description = body
	} else {
		m.description = dedent(m.description)
	}
	return m, m.check()
}

func (m *Metadata) check() (err error) {
	switch v := m.MetadataVersion; {
	case v == "":
		return fault.New(fault.Invalid, "the core metadata has no Metadata-Version").At("metadata_version")
	case len(v) != 3 || v[0] != '1' && v[0] != '2' || v[1] != '.' || !ascii.IsDigit(v[2]):
		return fault.New(fault.Invalid, "the core metadata is of version %.20q; 1.0 to 2.x is known here", v).At("metadata_version")
	}
	if m.canon, err = CanonicalName(m.Name); err != nil {
		return err
	}
	if m.version, err = ParseVersion(m.Version); err != nil {
		return err
	}
	return checkSpecifiers(m.RequiresPython)
}

// static tells whether the metadata of a source distribution holds for what is
// built from it: from 2.2 on, unless what it requires is only known then.
func (m *Metadata) static() bool {
	for _, field := range m.Dynamic {
		switch strings.ToLower(field) {
		case "requires-dist", "requires-python", "requires-external", "provides-extra":
			return false
		}
	}
	return m.MetadataVersion >= "2.2"
}

// field is a header field: its name in lower case, its value with lines as
// they stand.
type field struct{ name, value string }

// parseFields splits a text in the form of e-mail headers (RFC 822, as
// Python's email package reads it) from what follows the first empty line.
// What readers take differently is refused: a carriage return of its own, a
// line that belongs to no field.
func parseFields(raw []byte) (fields []field, body string, err error) {
	if len(raw) > maxMetadata {
		return nil, "", fault.New(fault.TooLarge, "the metadata has more than %d bytes", maxMetadata)
	}
	text := archive.Text(raw)
	bad := func(line int, why string) error {
		return fault.New(fault.Invalid, "the metadata is malformed in line %d: %s", line, why)
	}
	value := 0 // where that of the last field begins
	end := func(at int) {
		if n := len(fields); n > 0 {
			fields[n-1].value = strings.TrimSpace(lines(text[value:at]))
		}
	}
	at := 0
	for number := 1; at < len(text); number++ {
		line, _, ended := strings.Cut(text[at:], "\n")
		next := at + len(line)
		if ended {
			next++
		}
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			end(at)
			return fields, lines(text[next:]), nil
		}
		switch name, _, ok := strings.Cut(line, ":"); {
		case strings.Contains(line, "\r"):
			return nil, "", bad(number, "a carriage return stands within a line")
		case line[0] == ' ' || line[0] == '\t':
			if len(fields) == 0 {
				return nil, "", bad(number, "it continues a field that is not there")
			}
		case !ok || name == "" || strings.ContainsFunc(name, func(r rune) bool { return r != '-' && !ascii.IsAlphanumeric(r) }):
			return nil, "", bad(number, "it is no field; a line that continues one begins with a blank")
		case len(fields) == maxFields:
			return nil, "", fault.New(fault.TooLarge, "the metadata has more than %d fields", maxFields)
		default:
			end(at)
			fields = append(fields, field{name: strings.ToLower(name)})
			value = at + len(name) + len(":")
		}
		at = next
	}
	end(at)
	return fields, "", nil
}

func lines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// dedent takes the margin off a description that stands in a field: eight
// blanks, or seven and a bar.
func dedent(text string) string {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
			if rest, ok := strings.CutPrefix(line, "       |"); ok {
				line = rest
			} else {
				line = strings.TrimPrefix(line, "        ")
			}
		}
		b.WriteString(line)
	}
	return b.String()
}
