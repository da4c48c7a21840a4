package npm

import (
	"strings"

	"ingot.dev/modules/ordered"
)

// description is what a manifest says to people.
type description struct {
	Description string
	Licence     string
	Keywords    []string
	Author      string
	Homepage    string
	Repository  string // an address for browsers
	Bugs        string
	root        ordered.Value
}

// describe reads a stored manifest. It was checked when it was published; what
// has another shape all the same is left out.
func describe(metadata []byte) description {
	root, err := ordered.Parse(metadata, manifestLimits)
	if err != nil {
		return description{}
	}
	return newDescription(root)
}

// members reads some members of a stored manifest and passes over the others,
// which are most of it.
func members(metadata []byte, keys []string) ordered.Value {
	root := ordered.Value{Kind: ordered.Map}
	o, err := ordered.ParseObject(metadata)
	if err != nil {
		return root
	}
	for _, key := range keys {
		raw, ok := o.Lookup(key)
		if !ok {
			continue
		}
		if v, err := ordered.Parse(raw, manifestLimits); err == nil {
			root.Members = append(root.Members, ordered.Member{Key: key, Value: v})
		}
	}
	return root
}

func newDescription(root ordered.Value) description {
	d := description{
		root: root, Description: shorten(textOf(root, "description")), Licence: textOf(root, "license"),
		Homepage: address(textOf(root, "homepage")),
	}
	if d.Licence == "" { // an older form
		licence, _ := root.Lookup("license")
		d.Licence = textOf(licence, "type")
	}
	keywords, _ := root.Lookup("keywords")
	for _, k := range keywords.Items {
		if k.Text != "" {
			d.Keywords = append(d.Keywords, k.Text)
		}
	}
	for word := range strings.FieldsFuncSeq(keywords.Text, func(r rune) bool { return r == ',' || r == ' ' }) {
		d.Keywords = append(d.Keywords, word)
	}
	author, _ := root.Lookup("author")
	d.Author = shorten(personName(author))
	repository, _ := root.Lookup("repository")
	if d.Repository = repositoryPage(textOf(repository, "url")); d.Repository == "" {
		d.Repository = repositoryPage(repository.Text)
	}
	bugs, _ := root.Lookup("bugs")
	if d.Bugs = address(textOf(bugs, "url")); d.Bugs == "" {
		d.Bugs = address(bugs.Text)
	}
	d.Keywords = d.Keywords[:min(len(d.Keywords), maxKeywords)]
	for i, word := range d.Keywords {
		d.Keywords[i] = shorten(word)
	}
	return d
}

// The bounds of what lists and searches, which tell of many packages, repeat of
// each. The documents of a package have all of it.
const (
	maxText     = 2000 // bytes
	maxKeywords = 50
)

func shorten(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "")
}

// personName reads "Ann <ann@example.com> (https://example.com)" or an object.
func personName(v ordered.Value) string {
	name := textOf(v, "name")
	if name == "" && v.Kind == ordered.String {
		name, _, _ = strings.Cut(v.Text, "<")
		name, _, _ = strings.Cut(name, "(")
	}
	return strings.TrimSpace(name)
}

// address passes what a browser may be sent to.
func address(s string) string {
	if len(s) <= maxText && (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) {
		return s
	}
	return ""
}

// repositoryPage makes an address for browsers of one that git clones from.
func repositoryPage(s string) string {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "git+"), ".git")
	if rest, ok := strings.CutPrefix(s, "git://"); ok {
		s = "https://" + rest
	}
	if rest, ok := strings.CutPrefix(s, "ssh://git@"); ok {
		s = "https://" + rest
	}
	return address(s)
}

func (d description) links() map[string]string {
	links := map[string]string{}
	for name, url := range map[string]string{"homepage": d.Homepage, "repository": d.Repository, "bugs": d.Bugs} {
		if url != "" {
			links[name] = url
		}
	}
	return links
}
