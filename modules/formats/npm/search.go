package npm

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ingot.dev/modules/format"
)

const (
	maxFound = 250 // packages in an answer

	// What is looked at for a qualifier, of which there is no index.
	maxSearched = 1_000
	maxScanned  = 16 << 20 // bytes of metadata
	scanPage    = 50       // packages that are read at once
)

// searchTerms is a search as npm's registry reads it ("Public registry API",
// section search).
type searchTerms struct {
	Text     string
	Scope    string // with the @
	Keywords []string
	Author   string
	Owner    string // maintainer
}

// readTerms takes the qualifiers out of a text. Those that are about npm's own
// registry (is:, not:, boost-exact:) say nothing here.
func readTerms(text string) searchTerms {
	var t searchTerms
	var words []string
	for word := range strings.FieldsSeq(text) {
		qualifier, value, ok := strings.Cut(word, ":")
		if !ok || value == "" {
			words = append(words, word)
			continue
		}
		switch strings.ToLower(qualifier) {
		case "keywords":
			t.Keywords = append(t.Keywords, strings.Split(strings.ToLower(value), ",")...)
		case "scope":
			t.Scope = "@" + strings.ToLower(strings.TrimPrefix(value, "@"))
		case "author":
			t.Author = strings.ToLower(value)
		case "maintainer":
			t.Owner = strings.ToLower(value)
		case "is", "not", "boost-exact":
		default:
			words = append(words, word)
		}
	}
	t.Text = strings.Join(words, " ")
	return t
}

// filtered tells whether what the registry finds has to be looked at.
func (t searchTerms) filtered() bool { return len(t.Keywords) > 0 || t.Author != "" || t.Owner != "" }

// found is a version as a search tells of it.
type found struct {
	Name        string            `json:"name"`
	Scope       string            `json:"scope"`
	Version     string            `json:"version"`
	Description string            `json:"description,omitempty"`
	Keywords    []string          `json:"keywords"`
	Date        string            `json:"date"`
	Links       map[string]string `json:"links"`
	Author      *searchPerson     `json:"author,omitempty"`
	Publisher   searchPerson      `json:"publisher"`
	Maintainers []searchPerson    `json:"maintainers"`
}

type searchPerson struct {
	Name     string `json:"name,omitempty"`
	Username string `json:"username,omitempty"`
	Email    string `json:"email"`
}

func (t searchTerms) fits(f found) bool {
	has := func(word string) bool {
		return slices.ContainsFunc(f.Keywords, func(k string) bool { return strings.EqualFold(k, word) })
	}
	switch {
	case len(t.Keywords) > 0 && !slices.ContainsFunc(t.Keywords, has):
		return false
	case t.Author != "" && (f.Author == nil || !strings.Contains(strings.ToLower(f.Author.Name), t.Author)):
		return false
	case t.Owner != "" && !strings.EqualFold(f.Publisher.Username, t.Owner):
		return false
	}
	return true
}

// foundKeys are the members of a manifest that a search reads.
var foundKeys = []string{"description", "homepage", "keywords", "author", "repository", "bugs", "_npmUser"}

// newFound reads what a search tells out of the manifest of a version.
func newFound(v *format.Version) found {
	f := found{
		Name: v.Package, Scope: "unscoped", Version: v.Name, Keywords: []string{}, Links: map[string]string{},
		Date: v.Created.UTC().Format(timeForm),
	}
	if scope, _, ok := strings.Cut(v.Package, "/"); ok {
		f.Scope = strings.TrimPrefix(scope, "@")
	}
	d := newDescription(members(v.Metadata, foundKeys))
	f.Description, f.Links = d.Description, d.links()
	if d.Keywords != nil {
		f.Keywords = d.Keywords
	}
	if d.Author != "" {
		f.Author = &searchPerson{Name: d.Author}
	}
	by, _ := d.root.Lookup("_npmUser")
	f.Publisher = searchPerson{Username: textOf(by, "name")}
	f.Maintainers = []searchPerson{f.Publisher}
	return f
}

func (*NPM) search(q *format.Request) error {
	terms := readTerms(q.Query("text"))
	size, from := number(q.Query("size"), 20, maxFound), number(q.Query("from"), 0, 1_000_000)
	query := format.Query{Text: terms.Text, Limit: max(size, 1), Offset: from}
	if terms.Scope != "" {
		query.Prefix = terms.Scope + "/"
	}
	var list []found
	var total int
	var err error
	if terms.filtered() {
		list, total, err = filter(q, query, terms)
	} else {
		var versions []*format.Version
		versions, total, err = q.Reg.Newest(q.Context(), query)
		for _, v := range versions {
			list = append(list, newFound(v))
		}
	}
	if err != nil {
		return err
	}
	list = list[:min(len(list), size)]
	type object struct {
		Package     found           `json:"package"`
		Score       json.RawMessage `json:"score"`
		SearchScore int             `json:"searchScore"`
	}
	objects := make([]object, 0, len(list))
	for _, f := range list {
		objects = append(objects, object{f, json.RawMessage(`{"final":1,"detail":{"quality":1,"popularity":1,"maintenance":1}}`), 1})
	}
	return q.JSON(http.StatusOK, map[string]any{"objects": objects, "total": total, "time": time.Now().UTC().Format(timeForm)})
}

// filter looks at packages one by one for what the registry has no index of,
// until it has read as much as one request may. The total is
// of what it looked at.
func filter(q *format.Request, query format.Query, terms searchTerms) ([]found, int, error) {
	var all []found
	size, from := query.Limit, query.Offset
	query.Limit = scanPage
	read := 0
	for query.Offset = 0; query.Offset < maxSearched && read < maxScanned; query.Offset += scanPage {
		versions, total, err := q.Reg.Newest(q.Context(), query)
		if err != nil {
			return nil, 0, err
		}
		for _, v := range versions {
			read += len(v.Metadata)
			if f := newFound(v); terms.fits(f) {
				all = append(all, f)
			}
		}
		if query.Offset+scanPage >= total {
			break
		}
	}
	from = min(from, len(all))
	return all[from:min(from+size, len(all))], len(all), nil
}

// number reads a number of the query, from zero to most.
func number(s string, otherwise, most int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return otherwise
	}
	return min(n, most)
}
