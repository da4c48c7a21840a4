package pypi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// info is what the legacy JSON API tells of a version ("JSON API", PyPI). Keys
// of things that are not here are null, as there.
type info struct {
	Author                 string            `json:"author"`
	AuthorEmail            string            `json:"author_email"`
	BugtrackURL            *string           `json:"bugtrack_url"`
	Classifiers            []string          `json:"classifiers"`
	Description            string            `json:"description"`
	DescriptionContentType *string           `json:"description_content_type"`
	DocsURL                *string           `json:"docs_url"`
	DownloadURL            *string           `json:"download_url"`
	Downloads              downloads         `json:"downloads"`
	Dynamic                []string          `json:"dynamic"`
	HomePage               string            `json:"home_page"`
	Keywords               string            `json:"keywords"`
	License                string            `json:"license"`
	LicenseExpression      *string           `json:"license_expression"`
	LicenseFiles           []string          `json:"license_files"`
	Maintainer             string            `json:"maintainer"`
	MaintainerEmail        string            `json:"maintainer_email"`
	Name                   string            `json:"name"`
	PackageURL             string            `json:"package_url"`
	Platform               *string           `json:"platform"`
	ProjectURL             string            `json:"project_url"`
	ProjectURLs            map[string]string `json:"project_urls"`
	ProvidesExtra          []string          `json:"provides_extra"`
	ReleaseURL             string            `json:"release_url"`
	RequiresDist           []string          `json:"requires_dist"`
	RequiresPython         *string           `json:"requires_python"`
	Summary                string            `json:"summary"`
	Version                string            `json:"version"`
	Yanked                 bool              `json:"yanked"`
	YankedReason           *string           `json:"yanked_reason"`
}

// downloads are not counted by day.
type downloads struct {
	LastDay   int `json:"last_day"`
	LastMonth int `json:"last_month"`
	LastWeek  int `json:"last_week"`
}

var uncounted = downloads{-1, -1, -1}

// legacyFile is what the legacy JSON API tells of a file.
type legacyFile struct {
	CommentText   string  `json:"comment_text"`
	Digests       digests `json:"digests"`
	Downloads     int     `json:"downloads"`
	Filename      string  `json:"filename"`
	HasSig        bool    `json:"has_sig"`
	MD5           string  `json:"md5_digest"`
	PackageType   string  `json:"packagetype"`
	PythonVersion string  `json:"python_version"`
	Requires      *string `json:"requires_python"`
	Size          int64   `json:"size"`
	UploadTime    string  `json:"upload_time"`
	UploadTimeISO string  `json:"upload_time_iso_8601"`
	URL           string  `json:"url"`
	Yanked        bool    `json:"yanked"`
	YankedReason  *string `json:"yanked_reason"`
}

type digests struct {
	Blake2 string `json:"blake2b_256,omitempty"`
	MD5    string `json:"md5"`
	SHA256 string `json:"sha256"`
}

// vulnerability is a known weakness of the version.
type vulnerability struct {
	ID        string   `json:"id"`
	Aliases   []string `json:"aliases"`
	Summary   string   `json:"summary"`
	Details   string   `json:"details"`
	Link      string   `json:"link"`
	Source    string   `json:"source"`
	FixedIn   []string `json:"fixed_in"`
	Withdrawn *string  `json:"withdrawn"`
}

// json answers with a project, or one version of it, in the legacy form.
func (p *PyPI) json(q *format.Request) error {
	ctx, name := q.Context(), q.Param("package")
	pkg, err := q.Reg.Package(ctx, name)
	if err != nil {
		return err
	}
	versions, err := q.Reg.Versions(ctx, name)
	if err != nil {
		return err
	}
	v, err := chosen(pkg, versions, q.Param("version"))
	if err != nil {
		return err
	}
	withheld := statusOf(pkg).Status == quarantined
	out := struct {
		Info            *info                   `json:"info"`
		LastSerial      int64                   `json:"last_serial"`
		Releases        map[string][]legacyFile `json:"releases,omitempty"`
		URLs            []legacyFile            `json:"urls"`
		Vulnerabilities []vulnerability         `json:"vulnerabilities"`
	}{LastSerial: pkg.Revision}
	if out.Info, err = infoOf(q, pkg, v); err != nil {
		return err
	}
	if out.URLs, err = legacyFiles(q.Base, v, withheld); err != nil {
		return err
	}
	if q.Param("version") == "" {
		out.Releases = make(map[string][]legacyFile, len(versions))
		for _, v := range versions {
			if out.Releases[v.Name], err = legacyFiles(q.Base, v, withheld); err != nil {
				return err
			}
		}
	}
	if out.Vulnerabilities, err = vulnerabilities(q, v); err != nil {
		return err
	}
	return q.JSON(http.StatusOK, out)
}

// chosen finds the version that was asked for, or the newest.
func chosen(pkg *format.Package, versions []*format.Version, asked string) (*format.Version, error) {
	if asked == "" {
		asked = pkg.Latest
	}
	want, err := ParseVersion(asked)
	i := slices.IndexFunc(versions, func(v *format.Version) bool { return err == nil && v.Canon == want.Canonical() })
	switch {
	case i >= 0:
		return versions[i], nil
	case asked == "" && len(versions) > 0: // all of them are yanked
		return versions[0], nil
	default:
		return nil, fault.New(fault.NotFound, "%s has no version %.140q", pkg.Name, asked)
	}
}

func infoOf(q *format.Request, pkg *format.Package, v *format.Version) (*info, error) {
	var m Metadata
	if err := json.Unmarshal(v.Metadata, &m); err != nil {
		return nil, err
	}
	readme, err := q.Reg.Readme(q.Context(), v.Package, v.Name)
	if err != nil {
		return nil, err
	}
	page := pages(q.Base) + "/pypi/" + pkg.UUID
	i := &info{
		Author: m.Author, AuthorEmail: m.AuthorEmail, Classifiers: orEmpty(m.Classifiers), Description: readme.Text,
		DescriptionContentType: optional(m.DescriptionContentType), DownloadURL: optional(m.DownloadURL), Downloads: uncounted,
		Dynamic: m.Dynamic, HomePage: m.HomePage, Keywords: m.Keywords, License: m.License,
		LicenseExpression: optional(m.LicenseExpression), LicenseFiles: m.LicenseFiles,
		Maintainer: m.Maintainer, MaintainerEmail: m.MaintainerEmail, Name: v.Package, PackageURL: page,
		Platform: optional(strings.Join(m.Platforms, ",")), ProjectURL: page, ProvidesExtra: m.ProvidesExtra, ReleaseURL: page + "/" + url.PathEscape(v.Name),
		RequiresDist: m.RequiresDist, RequiresPython: optional(m.RequiresPython), Summary: m.Summary, Version: v.Name,
		Yanked: v.Yanked,
	}
	for _, u := range m.addresses() {
		if i.ProjectURLs == nil {
			i.ProjectURLs = map[string]string{}
		}
		i.ProjectURLs[u.label] = u.url
	}
	if v.Yanked {
		i.YankedReason = optional(v.YankReason)
	}
	return i, nil
}

// pages gives the address of the registry's pages from that of the protocol.
func pages(base string) string {
	home := strings.TrimSuffix(base, "/-/pypi")
	if root, ok := strings.CutSuffix(home, "/registry/package"); ok { // the whole service's
		return root + "/package"
	}
	return home
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func legacyFiles(base string, v *format.Version, withheld bool) ([]legacyFile, error) {
	out := []legacyFile{}
	if withheld {
		return out, nil
	}
	canon, err := CanonicalName(v.Package)
	if err != nil {
		return nil, err
	}
	for _, f := range v.Files {
		r, err := factsOf(f)
		if err != nil {
			return nil, err
		}
		e := legacyFile{
			Digests: digests{r.Blake2, f.Digests.MD5, f.Digests.SHA256}, Downloads: -1, Filename: f.Name, MD5: f.Digests.MD5,
			PackageType: r.Filetype, PythonVersion: r.Pyversion, Requires: optional(r.RequiresPython), Size: f.Size,
			UploadTime: f.Created.UTC().Format("2006-01-02T15:04:05"), UploadTimeISO: f.Created.UTC().Format(timeForm),
			URL:    base + "/files/" + canon + "/" + url.PathEscape(v.Name) + "/" + url.PathEscape(f.Name),
			Yanked: v.Yanked,
		}
		if v.Yanked {
			e.YankedReason = optional(v.YankReason)
		}
		out = append(out, e)
	}
	return out, nil
}

// vulnerabilities lists what is known to be wrong with a version, for those
// who audit an installation.
func vulnerabilities(q *format.Request, v *format.Version) ([]vulnerability, error) {
	known, err := q.Server.Advisories(q, []string{v.Package})
	if err != nil {
		return nil, err
	}
	out := []vulnerability{}
	for _, a := range known {
		var fixed []string
		hit := false
		for _, r := range a.Affected {
			if r.Fixed != "" {
				fixed = append(fixed, r.Fixed)
			}
			hit = hit || affects(r, v.Canon)
		}
		if hit {
			out = append(out, vulnerability{
				ID: a.ID, Aliases: orEmpty(a.Aliases), Summary: a.Summary, Details: a.Details, Link: a.URL, Source: "osv", FixedIn: orEmpty(fixed),
			})
		}
	}
	return out, nil
}

// affects tells whether a version is in a range.
func affects(r format.Affected, version string) bool {
	return (r.Introduced == "" || r.Introduced == "0" || compareCanonical(version, r.Introduced) >= 0) &&
		(r.Fixed == "" || compareCanonical(version, r.Fixed) < 0) &&
		(r.Last == "" || compareCanonical(version, r.Last) <= 0)
}
