package maven

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// found is a line of a search's answer, as Maven Central writes it.
type found struct {
	ID       string `json:"id"`
	Group    string `json:"g"`
	Artifact string `json:"a"`
	Version  string `json:"v,omitempty"`             // of a search for versions
	Latest   string `json:"latestVersion,omitempty"` // of one for artifacts
	Time     int64  `json:"timestamp"`               // milliseconds since 1970
	Versions int    `json:"versionCount,omitempty"`
}

// asked is a query of Maven Central's search: words, and fields with a colon.
type asked struct{ text, group, artifact, version string }

// parseQuery reads a query: "guice", "g:com.google.inject AND a:guice".
// fault.Invalid for fields that nothing here answers.
func parseQuery(q string) (asked, error) {
	var out asked
	var words []string
	for _, word := range strings.Fields(q) {
		if word == "AND" {
			continue
		}
		name, value, ok := strings.Cut(word, ":")
		value = strings.Trim(value, `"`)
		switch {
		case !ok || value == "":
			words = append(words, strings.Trim(strings.TrimSuffix(word, ":"), `"`))
		case name == "g":
			out.group = value
		case name == "a":
			out.artifact = value
		case name == "v":
			out.version = value
		default:
			return out, fault.New(fault.Invalid, "a search takes words and the fields g:, a: and v:, not %q", name)
		}
	}
	out.text = strings.Join(words, " ")
	return out, nil
}

// mostFound bounds what a search looks at.
const mostFound = 250

// search answers as search.maven.org does at /solrsearch/select.
func (Maven) search(q *format.Request) error {
	query, err := parseQuery(q.Query("q"))
	if err != nil {
		return err
	}
	var lines []found
	if query.version != "" || q.Query("core") == "gav" {
		lines, err = ofVersions(q, query)
	} else {
		lines, err = ofArtifacts(q, query)
	}
	if err != nil {
		return err
	}
	total := len(lines)
	start := min(number(q.Query("start"), 0), total)
	rows := min(number(q.Query("rows"), 20), mostFound, total-start)
	type header struct {
		Status int `json:"status"`
	}
	type response struct {
		Found int     `json:"numFound"`
		Start int     `json:"start"`
		Docs  []found `json:"docs"`
	}
	return q.JSON(http.StatusOK, struct {
		Header   header   `json:"responseHeader"`
		Response response `json:"response"`
	}{header{}, response{total, start, lines[start : start+rows]}})
}

func number(s string, otherwise int) int {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return n
	}
	return otherwise
}

// ofArtifacts finds artifacts. The registry finds parts of names, of which
// these are those that have the fields.
func ofArtifacts(q *format.Request, query asked) ([]found, error) {
	lines := []found{}
	ask := format.Query{Text: query.text, Limit: mostFound}
	if query.group != "" {
		ask.Prefix = query.group + ":" + query.artifact
	} else if query.artifact != "" && query.text == "" {
		ask.Text = ":" + query.artifact
	}
	packages, _, err := q.Reg.Search(q.Context(), ask)
	for _, p := range packages {
		group, artifact, _ := strings.Cut(p.Name, ":")
		if query.group != "" && group != query.group || query.artifact != "" && artifact != query.artifact {
			continue
		}
		lines = append(lines, found{
			ID: p.Name, Group: group, Artifact: artifact, Latest: p.Latest, Time: p.Updated.UnixMilli(), Versions: p.Versions,
		})
	}
	return lines, err
}

// ofVersions lists the versions of an artifact.
func ofVersions(q *format.Request, query asked) ([]found, error) {
	if query.group == "" || query.artifact == "" {
		return nil, fault.New(fault.Invalid, "versions are searched of one artifact: q=g:GROUPID AND a:ARTIFACTID")
	}
	versions, err := q.Reg.Versions(q.Context(), query.group+":"+query.artifact)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	lines := make([]found, 0, len(versions))
	for _, v := range versions {
		lines = append(lines, found{
			ID: v.Package + ":" + v.Name, Group: query.group, Artifact: query.artifact, Version: v.Name, Time: v.Created.UnixMilli(),
		})
	}
	return slices.DeleteFunc(lines, func(l found) bool { return query.version != "" && l.Version != query.version }), nil
}
