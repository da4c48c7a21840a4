package rubygem

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// push takes a gem, as the whole body or as a form that brings attestations
// about it too ("RubyGems.org API", Gem Methods).
func (g *RubyGems) push(q *format.Request) error {
	body, bundles, err := received(q)
	if err != nil {
		return err
	}
	v, err := publish(q, body, bundles)
	if err != nil {
		return err
	}
	return q.Text(http.StatusOK, "Successfully registered gem: "+title(v.Package, v.Name)+"\n")
}

// title is how clients name a version to people.
func title(name, version string) string { return name + " (" + version + ")" }

// received gives the gem that a request brings, and the attestations where it
// is a form.
func received(q *format.Request) (body blob.Staged, bundles string, err error) {
	kind, _, _ := mime.ParseMediaType(q.R.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		body, err = q.Receive(0)
		return body, "", err
	}
	form, err := q.Form(format.FormLimits{Parts: 8, Values: maxBundles, Files: 2})
	if err != nil {
		return nil, "", err
	}
	body, bundles = form.File("gem").Body, form.Values.Get("attestations")
	for _, f := range form.Files {
		if f.Body != body {
			f.Body.Discard()
		}
	}
	if body == nil {
		return nil, "", fault.New(fault.Invalid, `the form has no gem: send it as a file in the field "gem"`).At("gem")
	}
	return body, bundles, nil
}

// Upload implements format.Uploading.
func (g *RubyGems) Upload() format.Upload {
	return format.Upload{
		Put: []string{""}, Get: []string{"{package}/{version}"}, Accept: extension,
		Receive: func(q *format.Request, in format.Incoming) (*format.Version, error) { return publish(q, in.Body, "") },
		Locate: func(q *format.Request) (*format.File, error) {
			v, err := q.Reg.Version(q.Context(), q.Param("package"), q.Param("version"))
			if err != nil {
				return nil, err
			}
			return gemOf(v)
		},
	}
}

// gemOf finds the gem among the files of a version.
func gemOf(v *format.Version) (*format.File, error) {
	for _, f := range v.Files {
		if strings.HasSuffix(f.Name, extension) {
			return f, nil
		}
	}
	return nil, fault.New(fault.NotFound, "%s %s has no gem any more", v.Package, v.Name)
}

// publish makes a version of a gem and what is attested about it, and discards
// the body where it refuses it.
func publish(q *format.Request, body blob.Staged, bundles string) (*format.Version, error) {
	rel, err := release(q, body, bundles)
	if err != nil {
		body.Discard()
		return nil, err
	}
	v, err := q.Reg.Publish(q.Context(), rel)
	if !fault.Is(err, fault.Conflict) {
		return v, err
	}
	if _, absent := q.Reg.Version(q.Context(), rel.Package, rel.Version); absent == nil {
		err = fault.Wrap(fault.Conflict, err, "Repushing of gem versions is not allowed. %s already exists; push a new version", title(rel.Package, rel.Version))
	}
	return v, err
}

// record is what indexes need to know of a gem. It is kept with the file, apart
// from the specification, which is long.
type record struct {
	Needs    []need      `json:"needs,omitempty"` // to run
	Ruby     requirement `json:"ruby,omitempty"`
	RubyGems requirement `json:"rubygems,omitempty"`
}

// need is a gem that another needs to run.
type need struct {
	Name        string      `json:"name"`
	Requirement requirement `json:"requirement"`
}

// recordOf reads what was kept about the file of a gem.
func recordOf(f *format.File) (record, error) {
	var r record
	if len(f.Metadata) == 0 {
		return r, nil
	}
	return r, json.Unmarshal(f.Metadata, &r)
}

// release is what a gem makes of itself.
func release(q *format.Request, body blob.Staged, bundles string) (format.Release, error) {
	var none format.Release
	c, err := readGem(q.Context(), body, body.Size())
	if err != nil {
		return none, err
	}
	if err := c.allowedAt(q.Root); err != nil {
		return none, err
	}
	c.Pusher = q.Actor.Name
	about, err := json.Marshal(c.spec)
	if err != nil {
		return none, err
	}
	r := record{Ruby: c.Ruby, RubyGems: c.RubyGems}
	for _, d := range c.Dependencies {
		if !d.Development {
			r.Needs = append(r.Needs, need{d.Name, d.Requirement})
		}
	}
	indexed, err := json.Marshal(r)
	if err != nil {
		return none, err
	}
	summary, _, _ := strings.Cut(strings.TrimSpace(c.Summary), "\n")
	rel := format.Release{
		Package: c.Name, Version: c.version(), Description: summary, Metadata: about, Prerelease: prerelease(c.Number), Readme: c.readme,
		// Clients ask for the file by its name alone. Incident 18 (CVE-2022-29176): the
		// name and the version of a gem were told from one joined string.
		Files: []format.NewFile{{Name: fullName(c.Name, c.version()) + extension, Sole: true, MediaType: "application/octet-stream", Metadata: indexed, Body: body}},
	}
	if bundles != "" {
		f, err := attestations(q, bundles, c.spec, body.Digests().SHA256)
		if err != nil {
			return none, err
		}
		rel.Files = append(rel.Files, f)
	}
	return rel, nil
}

// allowedAt refuses a gem that may be pushed to another host only
// ("Specification Reference", metadata). As in clients, scheme and host count.
func (s *spec) allowedAt(root string) error {
	allowed := s.Metadata["allowed_push_host"]
	if allowed == "" {
		return nil
	}
	here, err := url.Parse(root)
	if err != nil {
		return err
	}
	there, err := url.Parse(allowed)
	if err != nil || !strings.EqualFold(there.Scheme, here.Scheme) || !strings.EqualFold(there.Hostname(), here.Hostname()) {
		return fault.New(fault.Denied, "%s is not allowed by the gemspec, which only allows %.200q as allowed_push_host", root, allowed)
	}
	return nil
}
