package rubygem

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/formats/rubygem/marshal"
)

const (
	maxAsked = 100 // gems in one question for dependencies
	perPage  = 30  // gems that a search finds at once
)

// answer is what is told of a version to those who ask for dependencies.
type answer struct {
	Name         string      `json:"name"`
	Number       string      `json:"number"`
	Platform     string      `json:"platform"`
	Dependencies [][2]string `json:"dependencies"` // names and requirements
}

// answers gives the versions that are not yanked of the gems that a request asks
// for. They hold nothing else of them, for there may be many.
func answers(q *format.Request) ([]answer, error) {
	list := []answer{}
	names := slices.DeleteFunc(strings.Split(q.Query("gems"), ","), func(name string) bool { return name == "" })
	if len(names) > maxAsked {
		return nil, fault.New(fault.Unprocessable, "Too many gems! (use --full-index instead) There may be %d in one request.", maxAsked)
	}
	if len(names) == 0 {
		return list, nil
	}
	for versions, err := range q.Reg.Each(q.Context(), format.Filter{Packages: names}) {
		if err != nil {
			return nil, err
		}
		for _, v := range versions {
			f, err := gemOf(v)
			if v.Yanked || err != nil || !slices.Contains(names, v.Package) {
				continue
			}
			r, err := recordOf(f)
			if err != nil {
				return nil, err
			}
			a := answer{Name: v.Package, Dependencies: [][2]string{}}
			a.Number, a.Platform = split(v.Name)
			for _, n := range r.Needs {
				a.Dependencies = append(a.Dependencies, [2]string{n.Name, strings.Join(n.Requirement, ", ")})
			}
			list = append(list, a)
		}
	}
	return list, nil
}

// dependencies answers what some gems need ("Dependency API", of before the
// compact index). Clients ask it without any gem to learn whether it is there.
func (g *RubyGems) dependencies(q *format.Request) error {
	list, err := answers(q)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	m := marshal.NewWriter(&b)
	m.Array(len(list))
	for _, a := range list {
		m.Hash(4)
		for _, field := range [...]struct{ key, value string }{{"name", a.Name}, {"number", a.Number}, {"platform", a.Platform}} {
			m.Symbol(field.key)
			m.String(field.value)
		}
		m.Symbol("dependencies")
		m.Array(len(a.Dependencies))
		for _, d := range a.Dependencies {
			m.Strings(d[:])
		}
	}
	if err := m.Flush(); err != nil {
		return err
	}
	return q.Bytes(http.StatusOK, marshalType, b.Bytes())
}

// dependenciesJSON is the same as JSON.
func (g *RubyGems) dependenciesJSON(q *format.Request) error {
	list, err := answers(q)
	if err != nil {
		return err
	}
	return q.JSON(http.StatusOK, list)
}

// needed is a dependency as the API tells it.
type needed struct {
	Name         string `json:"name"`
	Requirements string `json:"requirements"`
}

// gem is what the API tells of a gem, by its newest version ("RubyGems.org
// API", Gem Methods).
type gem struct {
	Name             string              `json:"name"`
	Downloads        int64               `json:"downloads"`
	Version          string              `json:"version"`
	VersionCreated   time.Time           `json:"version_created_at"`
	VersionDownloads int64               `json:"version_downloads"`
	Platform         string              `json:"platform"`
	Authors          string              `json:"authors"`
	Info             string              `json:"info"`
	Licences         []string            `json:"licenses"`
	Metadata         map[string]string   `json:"metadata"`
	Yanked           bool                `json:"yanked"`
	SHA              string              `json:"sha,omitempty"`
	Gem              string              `json:"gem_uri"`
	Homepage         *string             `json:"homepage_uri"`
	Wiki             *string             `json:"wiki_uri"`
	Documentation    *string             `json:"documentation_uri"`
	MailingList      *string             `json:"mailing_list_uri"`
	Source           *string             `json:"source_code_uri"`
	Bugs             *string             `json:"bug_tracker_uri"`
	Changelog        *string             `json:"changelog_uri"`
	Funding          *string             `json:"funding_uri"`
	Dependencies     map[string][]needed `json:"dependencies"`
}

// newGem tells of a package by a version of it, which may come without files.
func newGem(q *format.Request, v *format.Version, downloads int64) (*gem, error) {
	s, err := specOf(v)
	if err != nil {
		return nil, err
	}
	out := &gem{
		Name: v.Package, Downloads: downloads, VersionCreated: v.Created.UTC(), VersionDownloads: v.Downloads,
		Authors: strings.Join(s.Authors, ", "), Info: s.info(), Licences: s.Licences, Metadata: s.Metadata, Yanked: v.Yanked,
		Gem:      q.Base + "/gems/" + fullName(v.Package, v.Name) + extension,
		Homepage: s.link("homepage_uri"), Wiki: s.link("wiki_uri"), Documentation: s.link("documentation_uri"), MailingList: s.link("mailing_list_uri"),
		Source: s.link("source_code_uri"), Bugs: s.link("bug_tracker_uri"), Changelog: s.link("changelog_uri"), Funding: s.link("funding_uri"),
		Dependencies: map[string][]needed{"development": {}, "runtime": {}},
	}
	out.Version, out.Platform = split(v.Name)
	if f, err := gemOf(v); err == nil {
		out.SHA = f.Digests.SHA256
	}
	for _, d := range s.Dependencies {
		kind := "runtime"
		if d.Development {
			kind = "development"
		}
		out.Dependencies[kind] = append(out.Dependencies[kind], needed{d.Name, strings.Join(d.Requirement, ", ")})
	}
	return out, nil
}

// info is what a gem says of itself.
func (s *spec) info() string {
	if s.Description != "" {
		return s.Description
	}
	return s.Summary
}

// link gives an address that a specification names; nil where there is none.
func (s *spec) link(key string) *string {
	address := s.Metadata[key]
	if key == "homepage_uri" && s.Homepage != "" {
		address = s.Homepage
	}
	if address == "" {
		return nil
	}
	return &address
}

// current gives the newest version of a gem that is not yanked, a release where
// there is one.
func current(ctx context.Context, reg format.Reader, name string) (*format.Version, error) {
	versions, err := reg.Versions(ctx, name)
	if err != nil {
		return nil, fault.Wrap(fault.KindOf(err), err, "This rubygem could not be found.")
	}
	if list := append(releases(versions), prereleases(versions)...); len(list) > 0 {
		return list[0], nil
	}
	return nil, fault.New(fault.NotFound, "This rubygem could not be found: all its versions are yanked.")
}

func (g *RubyGems) about(q *format.Request) error {
	v, err := current(q.Context(), q.Reg, q.Param("package"))
	if err != nil {
		return err
	}
	p, err := q.Reg.Package(q.Context(), v.Package)
	if err != nil {
		return err
	}
	out, err := newGem(q, v, p.Downloads)
	if err != nil {
		return err
	}
	return q.JSON(http.StatusOK, out)
}

func (g *RubyGems) latest(q *format.Request) error {
	v, err := current(q.Context(), q.Reg, q.Param("package"))
	if err != nil {
		return err
	}
	return q.JSON(http.StatusOK, map[string]string{"version": numberOf(v)})
}

// versionsOf lists the versions of a gem that are not yanked, the newest first.
func (g *RubyGems) versionsOf(q *format.Request) error {
	type version struct {
		Authors      string            `json:"authors"`
		Built        string            `json:"built_at,omitempty"`
		Created      time.Time         `json:"created_at"`
		Description  string            `json:"description"`
		Downloads    int64             `json:"downloads_count"`
		Metadata     map[string]string `json:"metadata"`
		Number       string            `json:"number"`
		Summary      string            `json:"summary"`
		Platform     string            `json:"platform"`
		RubyGems     string            `json:"rubygems_version"`
		Ruby         string            `json:"ruby_version"`
		Prerelease   bool              `json:"prerelease"`
		Licences     []string          `json:"licenses"`
		Requirements []string          `json:"requirements"`
		SHA          string            `json:"sha"`
	}
	versions, err := q.Reg.Versions(q.Context(), q.Param("package"))
	if err != nil {
		return fault.Wrap(fault.KindOf(err), err, "This rubygem could not be found.")
	}
	list := []version{}
	for _, v := range choose(versions, func(*format.Version) bool { return true }) {
		s, err := specOf(v)
		if err != nil {
			return err
		}
		out := version{
			Authors: strings.Join(s.Authors, ", "), Built: s.Date, Created: v.Created.UTC(), Description: s.Description, Downloads: v.Downloads,
			Metadata: s.Metadata, Summary: s.Summary, RubyGems: strings.Join(s.RubyGems, ", "), Ruby: strings.Join(s.Ruby, ", "),
			Prerelease: v.Prerelease, Licences: s.Licences, Requirements: s.Requirements,
		}
		out.Number, out.Platform = split(v.Name)
		if f, err := gemOf(v); err == nil {
			out.SHA = f.Digests.SHA256
		}
		list = append(list, out)
	}
	return q.JSON(http.StatusOK, list)
}

// search finds gems by a part of their names and summaries.
func (g *RubyGems) search(q *format.Request) error {
	page, err := strconv.Atoi(q.Query("page"))
	if err != nil || page < 1 || page > 10_000 {
		page = 1
	}
	found, _, err := q.Reg.Newest(q.Context(), format.Query{Text: q.Query("query"), Listed: true, Limit: perPage, Offset: (page - 1) * perPage})
	if err != nil {
		return err
	}
	list := []*gem{}
	for _, v := range found {
		out, err := newGem(q, v, v.Downloads)
		if err != nil {
			return err
		}
		list = append(list, out)
	}
	return q.JSON(http.StatusOK, list)
}
