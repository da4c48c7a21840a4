package helm

import (
	"mime"
	"net/http"
	"strings"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/version"
)

// Media types of files.
const (
	chartType = "application/gzip"
	proofType = "application/pgp-signature"
)

// sent is what a request brought: a chart, a provenance, or both.
type sent struct{ chart, proof blob.Staged }

func (s sent) discard() {
	for _, b := range []blob.Staged{s.chart, s.proof} {
		if b != nil {
			b.Discard()
		}
	}
}

// postChart takes a chart, and its provenance where it is a form that has one. A
// form may bring a provenance alone, for a chart that is here.
func (h *Helm) postChart(q *format.Request) error {
	return h.post(q, func(b blob.Staged) sent { return sent{chart: b} })
}

// postProof takes the provenance of a chart that is here.
func (h *Helm) postProof(q *format.Request) error {
	return h.post(q, func(b blob.Staged) sent { return sent{proof: b} })
}

// post takes a form where it is one, with its boundary, and else the body as it
// is, whatever the client says of its type: curl says that it is a form.
func (h *Helm) post(q *format.Request, bare func(blob.Staged) sent) error {
	kind, params, err := mime.ParseMediaType(q.R.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		body, err := q.Receive(0)
		if err != nil {
			return err
		}
		return h.answer(q, bare(body), "")
	}
	form, err := q.Form(format.FormLimits{Parts: 10, Values: 64 << 10, Files: 2})
	if err != nil {
		return err
	}
	defer form.Discard()
	in := sent{form.File("chart").Body, form.File("prov").Body}
	for _, f := range form.Files {
		if f.Body != in.chart && f.Body != in.proof {
			return fault.New(fault.Invalid, `the form has another file in the field %.40q; send one chart in "chart", and its provenance in "prov"`, f.Field).At(f.Field)
		}
	}
	return h.answer(q, in, "")
}

// put takes a chart, or a provenance, under the name of its file.
func (h *Helm) put(q *format.Request) error {
	body, err := q.Receive(0)
	if err != nil {
		return err
	}
	file := q.Param("file")
	return h.answer(q, named(file, body), file)
}

// named tells by the name of a file what it is.
func named(file string, body blob.Staged) sent {
	if strings.HasSuffix(file, proofSuffix) {
		return sent{proof: body}
	}
	return sent{chart: body}
}

// answer saves what a native client sent. Whoever may delete may replace what
// is there.
func (h *Helm) answer(q *format.Request, in sent, file string) error {
	force := q.R.URL.Query().Has("force")
	if force {
		if _, err := q.With(forge.DeletePackages); err != nil {
			in.discard()
			return err
		}
	}
	if _, err := h.save(q, in, file, force); err != nil {
		return err
	}
	return q.JSON(http.StatusCreated, struct {
		Saved bool `json:"saved"`
	}{true})
}

// Upload implements format.Uploading.
func (h *Helm) Upload() format.Upload {
	return format.Upload{
		Put:    []string{"{file}"},
		Get:    []string{"{package}/{version}"},
		Accept: ".tgz,.prov",
		Receive: func(q *format.Request, in format.Incoming) (*format.Version, error) {
			file := q.Param("file")
			if file == "" { // the form's; browsers number what was downloaded twice
				return h.save(q, named(in.Name, in.Body), "", false)
			}
			return h.save(q, named(file, in.Body), file, false)
		},
		Locate: func(q *format.Request) (*format.File, error) {
			v, err := q.Reg.Version(q.Context(), q.Param("package"), q.Param("version"))
			if err != nil {
				return nil, err
			}
			if f := archiveOf(v); f != nil {
				return f, nil
			}
			return nil, fault.New(fault.NotFound, "%s %s has no chart any more", v.Package, v.Name)
		},
	}
}

// archiveOf gives the chart of a version; nil where only its provenance is left.
func archiveOf(v *format.Version) *format.File {
	for _, f := range v.Files {
		if strings.HasSuffix(f.Name, chartSuffix) {
			return f
		}
	}
	return nil
}

// save publishes a chart, or adds a provenance to one. What is sent under a name
// has to be what the name says. With force it takes the place of what is there.
func (h *Helm) save(q *format.Request, in sent, file string, force bool) (*format.Version, error) {
	var rel format.Release
	var err error
	switch {
	case in.chart != nil:
		rel, err = chartRelease(q, in, file)
		if force {
			rel.Existing = format.Replace
		}
	case in.proof != nil:
		rel, err = proofRelease(q, in.proof, file)
		if force {
			rel.Existing = format.Update
		}
	default:
		err = fault.New(fault.Invalid, `the form has no file: send the chart in the field "chart"`)
	}
	if err != nil {
		in.discard()
		return nil, err
	}
	return q.Reg.Publish(q.Context(), rel)
}

// chartRelease is what a chart makes of itself.
func chartRelease(q *format.Request, in sent, file string) (format.Release, error) {
	var none format.Release
	c, err := openArchive(q.Context(), in.chart, in.chart.Size())
	if err != nil {
		return none, err
	}
	name := fileName(c.Name, c.Version)
	if file != "" && file != name {
		return none, fault.New(fault.Invalid, "the chart is %s %s: its file has to be called %s, not %.300q", c.Name, c.Version, name, file)
	}
	rel := format.Release{
		Package: c.Name, Version: c.Version, Description: c.Description, Prerelease: version.Prerelease(c.Version),
		Readme: format.Readme{Name: c.readmeName, Text: c.readme},
		Files:  []format.NewFile{{Name: name, MediaType: chartType, Body: in.chart}},
	}
	if in.proof != nil {
		p, err := readProof(in.proof)
		if err == nil {
			err = p.of(c.Name, c.Version, in.chart.Digests().SHA256)
		}
		if err != nil {
			return none, err
		}
		rel.Files = append(rel.Files, proofFile(name, in.proof))
	}
	rel.Metadata, err = c.record()
	return rel, err
}

// proofRelease adds a provenance to its chart.
func proofRelease(q *format.Request, body blob.Staged, file string) (format.Release, error) {
	var none format.Release
	p, err := readProof(body)
	if err != nil {
		return none, err
	}
	name := fileName(p.name, p.version)
	if file != "" && file != name+".prov" {
		return none, fault.New(fault.Invalid, "the provenance is of %s %s: its file has to be called %s.prov, not %.300q", p.name, p.version, name, file)
	}
	chart, err := q.Reg.File(q.Context(), format.FileRef{Package: p.name, Version: p.version, File: name})
	if err != nil {
		return none, err
	}
	if err := p.of(p.name, p.version, chart.Digests.SHA256); err != nil {
		return none, err
	}
	return format.Release{
		Package: chart.Package, Version: chart.Version, Existing: format.Add,
		Files: []format.NewFile{proofFile(chart.Name, body)},
	}, nil
}

func proofFile(chart string, body blob.Staged) format.NewFile {
	return format.NewFile{Name: chart + ".prov", MediaType: proofType, Body: body}
}

func readProof(body blob.Staged) (*proof, error) {
	if body.Size() > maxProof {
		return nil, fault.New(fault.TooLarge, "a provenance has at most %d bytes", maxProof)
	}
	text := make([]byte, body.Size())
	if n, err := body.ReadAt(text, 0); n < len(text) {
		return nil, err
	}
	return parseProof(text)
}
